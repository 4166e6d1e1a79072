"""How the journal keeps what happens to a contract."""

from datetime import datetime

from procurement.contracts.models import SupplyContract
from sunlight.journal.declared import EventType
from sunlight.journal.services import record
from sunlight.scope import Actor


def record_contract(event: EventType, contract: SupplyContract, *, actor: Actor, at: datetime, **more) -> None:
    """The contract's facts but its text, of which the hash stands for all; `more` is what the event says besides."""
    record(
        event,
        subject=contract.id,
        actor=actor,
        at=at,
        parties=[contract.buyer_id, contract.seller_id],
        payload={
            "number": contract.number,
            "buyer": contract.buyer_id,
            "seller": contract.seller_id,
            "state": str(contract.state),
            "valid_from": contract.valid_from,
            "valid_to": contract.valid_to,
            "payment_days": contract.payment_days,
            "text_sha256": contract.text_sha256,
        }
        | more,
        version=contract.version,
    )

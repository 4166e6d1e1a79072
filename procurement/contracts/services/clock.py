"""The clock on signatures: the firm's from the contract on, the hospital's from the firm's signature (GD25-5.10a, A90). Each
runs in the transaction of the step."""

from datetime import datetime

from procurement.contracts.models import SupplyContract
from procurement.contracts.steps import CONTRACT_SIGN
from sunlight.deadlines.services import Step, deadlines_cancel, deadlines_done, deadlines_open
from sunlight.deadlines.words import named
from sunlight.scope import Actor
from sunlight.scope.clock import business_date


def signature_awaited(contract: SupplyContract, *, actor: Actor, at: datetime) -> None:
    """From today whose turn it is owes its signature to the other side."""
    sellers_turn = contract.seller_signed_at is None
    owes, awaits = contract.seller_id, contract.buyer_id
    products = contract.agreements.order_by("id").values_list("price_group__name", flat=True)
    step = Step(
        kind=CONTRACT_SIGN,
        subject_id=contract.id,
        number=contract.number,
        about=named(products),
        region=contract.region,
        buyer_id=contract.buyer_id,
        seller_id=contract.seller_id,
        owes_id=owes if sellers_turn else awaits,
        awaits_id=awaits if sellers_turn else owes,
        started_on=business_date(at),
    )
    deadlines_open(actor=actor, at=at, steps=[step])


def signature_given(contract: SupplyContract, *, actor: Actor, at: datetime) -> None:
    deadlines_done(actor=actor, at=at, kind=CONTRACT_SIGN, subject_ids=[contract.id])


def signatures_given_up(contract: SupplyContract, *, actor: Actor, at: datetime) -> None:
    """A contract that has ended is signed by nobody."""
    deadlines_cancel(actor=actor, at=at, kind=CONTRACT_SIGN, subject_ids=[contract.id])

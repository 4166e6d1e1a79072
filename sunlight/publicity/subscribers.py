"""Messages about publications."""

from datetime import datetime

from sunlight.journal.subscriptions import subscribe
from sunlight.messages.kinds import message_kind
from sunlight.messages.services.messages import message_send
from sunlight.publicity.events import OBJECTION_LODGED
from sunlight.scope import Actor, Role

OBJECTED = message_kind("objection_lodged", "公示收到异议", Role.SUPPLIER_LISTER, Role.SUPPLIER_ADMIN)


@subscribe(OBJECTION_LODGED, name="publicity.objection_lodged")
def objection_lodged(*, event, actor: Actor, at: datetime) -> None:
    """The party concerned learns of the objection, not of its author."""
    facts = event.payload
    message_send(
        actor=actor,
        at=at,
        kind=OBJECTED,
        to=[facts["party"]],
        event=event,
        title=f"公示“{facts['title'][:120]}”收到异议",
        body=facts["text"],
    )

"""Looking into a discrepancy, and releasing the platform's payments again: two people, both on record."""

from datetime import datetime

from sunlight import scope
from sunlight.journal.declared import EventType
from sunlight.journal.services import record, service
from sunlight.kernel import reading
from sunlight.reconciliation.events import DISCREPANCY_LOOKED_INTO, DISCREPANCY_RELEASED, DISCREPANCY_SENT_BACK
from sunlight.reconciliation.models import Discrepancy
from sunlight.reconciliation.queries.discrepancies import lock_discrepancy
from sunlight.reconciliation.workflows import DISCREPANCY
from sunlight.scope import Actor
from sunlight.scope.duties import moved

MOST_NOTE = 1000


@service
def discrepancy_look(*, actor: Actor, at: datetime, discrepancy_id: int, note: str) -> Discrepancy:
    """Keep what the platform's audit found out about a discrepancy. Raises NotThere, IllegalMove, Invalid without a note."""
    row = lock_discrepancy(actor, discrepancy_id)
    row.state = moved(DISCREPANCY, row.state, "look", actor)
    row.look_note = reading.reason(note, label="核查情况", most=MOST_NOTE, field="note")
    row.looked_at, row.looked_by_name = at, actor.user_name[:120]
    return _save(DISCREPANCY_LOOKED_INTO, row, actor, at, row.look_note, "looked", "look_note")


@service
def discrepancy_release(*, actor: Actor, at: datetime, discrepancy_id: int, reason: str) -> Discrepancy:
    """Let the platform pay again as far as this discrepancy goes, by another person of the audit than looked into it, with
    the reason. Raises NotThere, IllegalMove, Forbidden, Invalid without a reason."""
    row = lock_discrepancy(actor, discrepancy_id)
    subject = ("discrepancy", row.id)
    row.state = moved(DISCREPANCY, row.state, "release", actor, earlier={"look": row.looked_by}, subject=subject)
    row.release_reason = reading.reason(reason, label="解除理由", most=MOST_NOTE)
    row.released_at, row.released_by_name = at, actor.user_name[:120]
    return _save(DISCREPANCY_RELEASED, row, actor, at, row.release_reason, "released", "release_reason")


@service
def discrepancy_send_back(*, actor: Actor, at: datetime, discrepancy_id: int, reason: str) -> Discrepancy:
    """Have a discrepancy looked into again, with the reason. Raises NotThere, IllegalMove, Invalid without a reason."""
    row = lock_discrepancy(actor, discrepancy_id)
    row.state = moved(DISCREPANCY, row.state, "send_back", actor)
    reason = reading.reason(reason, label="退回原因", most=MOST_NOTE)
    return _save(DISCREPANCY_SENT_BACK, row, actor, at, reason)


def _save(
    event: EventType, row: Discrepancy, actor: Actor, at: datetime, reason: str, act: str = "", text: str = ""
) -> Discrepancy:
    row.version += 1
    who = (*scope.stamp(row, act, actor), f"{act}_at", f"{act}_by_name", text) if act else ()
    row.save(update_fields=["state", "version", *who])
    record(
        event,
        subject=row.id,
        actor=actor,
        at=at,
        version=row.version,
        platform_id=row.platform_id,
        payload={"number": row.number, "state": str(row.state), "row": row.row_name, "reason": reason},
    )
    return row

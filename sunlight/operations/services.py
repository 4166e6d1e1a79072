"""Putting right what stopped."""

from datetime import datetime

from sunlight.journal.models import Delivery
from sunlight.journal.refusals import Forbidden
from sunlight.journal.services import record, service
from sunlight.operations import queries
from sunlight.scope import Actor, Role


@service
def delivery_retry(*, actor: Actor, at: datetime, delivery_id: int) -> Delivery:
    """Let the relay try a given-up delivery again from the beginning. Its last error stays until it succeeds.
    Raises Forbidden for anybody but the system administrator, NotThere for a delivery that is not given up."""
    if not actor.has(Role.PLATFORM_SYSTEM_ADMIN):
        raise Forbidden("not_your_duty", "只有系统管理员可以重试未送达事件。请联系系统管理员。")
    delivery = queries.lock_dead_letter(actor, delivery_id)
    tried, delivery.attempts = delivery.attempts, 0
    delivery.save(update_fields=["attempts"])
    record(
        "delivery_retried",
        subject=("journal_delivery", delivery.id),
        actor=actor,
        at=at,
        platform_id=delivery.event.platform_id,
        payload={"event": delivery.event_id, "subscriber": delivery.subscriber, "attempts": tried},
    )
    return delivery

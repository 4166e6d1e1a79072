"""Delivering events to their subscribers after commit, each effect once."""

from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from sunlight import scope
from sunlight.journal import subscriptions
from sunlight.journal.events import DELIVERY_RETRIED
from sunlight.journal.models import Delivery
from sunlight.journal.refusals import Forbidden, NotThere
from sunlight.journal.services import record, service
from sunlight.scope import Actor, Role

# After this many a delivery waits for a person.
MOST_ATTEMPTS = 10


def deliver_pending(*, actor: Actor, at: datetime, limit: int = 200) -> int:
    """Deliver up to `limit` waiting events of the actor's platform, each tried once; returns how many were tried. A
    subscriber's effect and the mark that it happened are one transaction; a failure is kept and tried again by the next
    call, at most `MOST_ATTEMPTS` times."""
    tried = last = 0
    while tried < limit:
        with scope.opened(actor):
            waiting = (
                Delivery.objects.select_for_update(skip_locked=True, of=("self",))
                .select_related("event")
                .filter(
                    id__gt=last, delivered_at=None, attempts__lt=MOST_ATTEMPTS, event__platform_id=actor.platform_id
                )
                .order_by("id")
                .first()
            )
            if waiting is None:
                break
            last = waiting.id
            waiting.attempts += 1
            subscriber = subscriptions.by_name(waiting.subscriber)
            try:
                if subscriber is None:
                    raise LookupError(f"no subscriber {waiting.subscriber}")
                with transaction.atomic():
                    subscriber.call(event=waiting.event, actor=actor, at=at)
                waiting.delivered_at = at
            except Exception as error:  # kept with the delivery, where operations sees it
                waiting.last_error = f"{type(error).__name__}: {error}"[:2000]
            waiting.save(update_fields=["attempts", "delivered_at", "last_error"])
        tried += 1
    return tried


def given_up_visible_to(actor: Actor) -> QuerySet:
    """Deliveries given up after `MOST_ATTEMPTS` attempts, on the actor's platforms, newest first."""
    return (
        Delivery.objects.select_related("event")
        .filter(delivered_at=None, attempts__gte=MOST_ATTEMPTS, event__platform_id__in=actor.platform_ids)
        .order_by("-id")
    )


@service
def delivery_retry(*, actor: Actor, at: datetime, delivery_id: int) -> Delivery:
    """Let the relay start over with a delivery that was given up. Its last error stays until it succeeds.
    Raises Forbidden for anybody but the system administrator, NotThere for a delivery that is not given up (any more)."""
    if not actor.has(Role.PLATFORM_SYSTEM_ADMIN):
        raise Forbidden("not_your_duty", "只有系统管理员可以重试未送达事件。请联系系统管理员。")
    delivery = given_up_visible_to(actor).select_for_update(of=("self",)).filter(id=delivery_id).first()
    if delivery is None:
        raise NotThere("这条未送达事件")
    tried, delivery.attempts = delivery.attempts, 0
    delivery.save(update_fields=["attempts"])
    record(
        DELIVERY_RETRIED,
        subject=delivery.id,
        actor=actor,
        at=at,
        platform_id=delivery.event.platform_id,
        payload={"event": delivery.event_id, "subscriber": delivery.subscriber, "attempts": tried},
    )
    return delivery

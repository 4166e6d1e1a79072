"""Delivering events to their subscribers after commit, each effect once."""

from datetime import datetime

from django.db import transaction

from sunlight import scope
from sunlight.journal import subscriptions
from sunlight.journal.models import Delivery
from sunlight.scope import Actor

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

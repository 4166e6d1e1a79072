"""Delivering events to their subscribers after commit, each effect once."""

from datetime import datetime

from django.db import transaction

from sunlight import scope
from sunlight.journal import subscriptions
from sunlight.journal.models import Delivery
from sunlight.scope import Actor


def deliver_pending(*, actor: Actor, at: datetime, limit: int = 200) -> int:
    """Deliver up to `limit` waiting events of the actor's platform; returns how many were. A subscriber's effect and
    the mark that it happened are one transaction; a failure is kept and tried again by the next call."""
    delivered = 0
    while delivered < limit:
        with scope.opened(actor):
            waiting = (
                Delivery.objects.select_for_update(skip_locked=True, of=("self",))
                .select_related("event")
                .filter(delivered_at=None, attempts__lt=10, event__platform_id=actor.platform_id)
                .order_by("id")
                .first()
            )
            if waiting is None:
                return delivered
            waiting.attempts += 1
            subscriber = subscriptions.by_name(waiting.subscriber)
            try:
                with transaction.atomic():
                    if subscriber is not None:
                        subscriber.call(event=waiting.event, actor=actor, at=at)
                waiting.delivered_at = at
            except Exception as error:  # kept with the delivery, where operations sees it
                waiting.last_error = f"{type(error).__name__}: {error}"[:2000]
            waiting.save(update_fields=["attempts", "delivered_at", "last_error"])
        delivered += 1
    return delivered

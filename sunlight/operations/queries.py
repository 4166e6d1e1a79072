"""What waits in the journal: events not yet delivered or sealed, and deliveries given up."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Max, Min, Q, QuerySet

from sunlight import scope
from sunlight.journal.models import Delivery, Event, Seal
from sunlight.journal.refusals import NotThere
from sunlight.scope import Actor
from sunlight.tenancy.queries import open_platform_actors

# The relay tries a delivery this often (journal.relay); after that it waits for a person.
TRIES = 10


@dataclass(frozen=True)
class Backlog:
    """Of all platforms together: deliveries still being tried, deliveries given up, events not yet sealed, and the age
    in seconds of the oldest unsealed one (0 where none waits)."""

    waiting: int = 0
    dead: int = 0
    unsealed: int = 0
    unsealed_age: float = 0.0


def dead_letters_visible_to(actor: Actor) -> QuerySet:
    """Deliveries given up after `TRIES` attempts, on the actor's platforms, newest first."""
    return (
        Delivery.objects.select_related("event")
        .filter(delivered_at=None, attempts__gte=TRIES, event__platform_id__in=actor.platform_ids)
        .order_by("-id")
    )


def lock_dead_letter(actor: Actor, delivery_id: int) -> Delivery:
    """One delivery given up, locked. Raises NotThere, also where it was delivered or retried meanwhile."""
    found = dead_letters_visible_to(actor).select_for_update(of=("self",)).filter(id=delivery_id).first()
    if found is None:
        raise NotThere("这条未送达事件")
    return found


def backlog(at: datetime) -> Backlog:
    """What waits over all open platforms; opens each platform's scope."""
    waiting = dead = unsealed = 0
    oldest: datetime | None = None
    for actor in open_platform_actors():
        with scope.opened(actor):
            undelivered = Delivery.objects.filter(delivered_at=None, event__platform_id=actor.platform_id).aggregate(
                waiting=Count("id", filter=Q(attempts__lt=TRIES)), dead=Count("id", filter=Q(attempts__gte=TRIES))
            )
            # Seals follow ids, so what is not sealed yet lies, but for late commits, behind the last sealed event.
            last = Seal.objects.filter(platform_id=actor.platform_id).aggregate(event=Max("event_id"))["event"] or 0
            behind = Event.objects.filter(platform_id=actor.platform_id, id__gt=last).aggregate(
                count=Count("id"), oldest=Min("recorded_at")
            )
        waiting, dead = waiting + undelivered["waiting"], dead + undelivered["dead"]
        unsealed += behind["count"]
        oldest = min(filter(None, (oldest, behind["oldest"])), default=None)
    age = max(0.0, (at - oldest).total_seconds()) if oldest else 0.0
    return Backlog(waiting, dead, unsealed, age)

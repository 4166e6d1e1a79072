"""What waits in the journal: events not yet delivered or sealed, over all platforms."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Max, Min, Q

from sunlight import scope
from sunlight.journal.models import Delivery, Event, Seal
from sunlight.journal.relay import MOST_ATTEMPTS
from sunlight.tenancy.queries.actors import open_platform_actors


@dataclass(frozen=True)
class Backlog:
    """Of all platforms together: deliveries still being tried, deliveries given up, events not yet sealed, and the age
    in seconds of the oldest unsealed one (0 where none waits)."""

    waiting: int = 0
    dead: int = 0
    unsealed: int = 0
    unsealed_age: float = 0.0


def backlog(at: datetime) -> Backlog:
    """What waits over all open platforms; opens each platform's scope."""
    waiting = dead = unsealed = 0
    oldest: datetime | None = None
    for actor in open_platform_actors():
        with scope.opened(actor):
            undelivered = Delivery.objects.filter(delivered_at=None, event__platform_id=actor.platform_id).aggregate(
                waiting=Count("id", filter=Q(attempts__lt=MOST_ATTEMPTS)),
                dead=Count("id", filter=Q(attempts__gte=MOST_ATTEMPTS)),
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

"""What waits in the journal: events not yet delivered or sealed, over all platforms."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Q

from sunlight import scope
from sunlight.journal import sealer
from sunlight.journal.models import Delivery
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
            behind = [sealer.waiting(platform_id=actor.platform_id, kind=kind) for kind in sealer.KINDS]
        waiting, dead = waiting + undelivered["waiting"], dead + undelivered["dead"]
        unsealed += sum(count for count, _ in behind)
        oldest = min(filter(None, (oldest, *(moment for _, moment in behind))), default=None)
    age = max(0.0, (at - oldest).total_seconds()) if oldest else 0.0
    return Backlog(waiting, dead, unsealed, age)

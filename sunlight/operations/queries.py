"""What waits in the journal, events not yet delivered or sealed, and how its checkpoints stand, over all platforms."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Q

from sunlight import scope
from sunlight.journal import checkpoints, sealer
from sunlight.journal.events import JOURNAL_ALARM
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
            behind = [sealer.waiting(platform_id=actor.platform_id, kind=kind) for kind in sealer.KINDS]
        waiting, dead = waiting + undelivered["waiting"], dead + undelivered["dead"]
        unsealed += sum(count for count, _ in behind)
        oldest = min(filter(None, (oldest, *(moment for _, moment in behind))), default=None)
    age = max(0.0, (at - oldest).total_seconds()) if oldest else 0.0
    return Backlog(waiting, dead, unsealed, age)


@dataclass(frozen=True)
class Outside:
    """Of all platforms together: the age in seconds of the oldest newest checkpoint of those that seal anything (None where one
    has none), the journal's alarms of the last day, and the checkpoints that a chain no longer holds, in words."""

    age: float | None
    alarms: int
    lost: tuple[str, ...]


def outside(at: datetime) -> Outside:
    """How the checkpoints stand; opens each platform's scope. Raises OSError where the file cannot be read."""
    moments: list[datetime | None] = []
    alarms, lost = 0, []
    for actor in open_platform_actors():
        with scope.opened(actor):
            if Seal.objects.filter(platform_id=actor.platform_id).exists():
                last = checkpoints.newest(actor.platform_id)
                moments.append(last.made_at if last else None)
            since = at - checkpoints.ALARM_AGAIN_AFTER
            rung = Event.objects.filter(platform_id=actor.platform_id, name=JOURNAL_ALARM.name, occurred_at__gt=since)
            alarms += rung.count()
            if gone := checkpoints.lost_checkpoint(actor):
                lost.append(f"{actor.platform_code} {gone}")
    oldest = None if None in moments else min(filter(None, moments), default=at)
    return Outside(None if oldest is None else max(0.0, (at - oldest).total_seconds()), alarms, tuple(lost))

"""What the journal kept, read as the platform."""

from sunlight import scope
from sunlight.journal.models import Decision, Event, Refusal


def events(world, name: str) -> list[Event]:
    with scope.opened(world.system):
        return list(Event.objects.filter(name=name).order_by("id"))


def refusal(world) -> Refusal:
    """The last refusal on record."""
    with scope.opened(world.system):
        return Refusal.objects.order_by("-id").first()


def decisions(world, subject_type: str, subject_id: int) -> list[Decision]:
    with scope.opened(world.system):
        return list(Decision.objects.filter(subject_type=subject_type, subject_id=subject_id))

"""What the journal kept, read as the platform."""

from sunlight import scope
from sunlight.journal.models import Decision, Event, Refusal
from sunlight.journal.refusals import Refused


def events(world, name: str) -> list[Event]:
    with scope.opened(world.system):
        return list(Event.objects.filter(name=name).order_by("id"))


def refusal(world) -> Refusal:
    """The last refusal on record."""
    with scope.opened(world.system):
        return Refusal.objects.order_by("-id").first()


def is_kept_rightly(world, refused: Refused) -> bool:
    """Whether the journal kept the refusal last, where it rests on a clause or a right, and nothing of it otherwise."""
    last = refusal(world)
    return (last is not None and last.code == refused.code) == refused.on_record


def decisions(world, subject_type: str, subject_id: int) -> list[Decision]:
    with scope.opened(world.system):
        return list(Decision.objects.filter(subject_type=subject_type, subject_id=subject_id))

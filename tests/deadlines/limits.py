"""What the tests of time limits share: the rows, the nightly run, what it recorded and told."""

from sunlight import scope
from sunlight.deadlines import services
from sunlight.deadlines.models import Deadline
from sunlight.deadlines.subscribers import deadline_passed
from sunlight.journal.models import Event
from sunlight.messages.models import Message


def limits(world, **which) -> list[Deadline]:
    with scope.opened(world.system):
        return list(Deadline.objects.filter(**which).order_by("id"))


def swept(world, on) -> int:
    with scope.opened(world.system):
        return services.deadlines_pass(actor=world.system, at=on)


def events(world) -> list[Event]:
    with scope.opened(world.system):
        return list(Event.objects.filter(name="deadline_passed").order_by("id"))


def told(world, event) -> None:
    for _ in range(2):  # delivered again, nothing is sent again
        with scope.opened(world.system):
            deadline_passed(event=event, actor=world.system, at=event.occurred_at)


def messages(world) -> list[Message]:
    with scope.opened(world.system):
        return list(Message.objects.filter(kind__contains="_passed").order_by("kind"))

"""Which subscribers receive which event. They register at start-up from their app's `subscribers` module; news goes up
only."""

from collections.abc import Callable
from dataclasses import dataclass

from sunlight.journal.declared import EventType, known


@dataclass(frozen=True)
class Subscriber:
    name: str
    events: frozenset[str]
    call: Callable


_subscribers: dict[str, Subscriber] = {}


def subscribe(*events: EventType, name: str):
    """Register a function `(event, actor, at)` to be called once for each of these events, after their commit. Waiting
    deliveries know their subscriber by `name`, so the function may move to another module, but a name must not change.
    Raises Undeclared for an event that nobody declared, ValueError for a name given twice."""
    hears = frozenset(known(event).name for event in events)

    def register(function):
        if name in _subscribers:
            raise ValueError(f"subscriber {name} is registered twice")
        _subscribers[name] = Subscriber(name, hears, function)
        return function

    return register


def of(event: str) -> list[Subscriber]:
    return [s for s in _subscribers.values() if event in s.events]


def by_name(name: str) -> Subscriber | None:
    return _subscribers.get(name)

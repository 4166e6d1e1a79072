"""Who hears of which event. Subscribers register at start-up from their app's `subscribers` module; news goes up only."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Subscriber:
    name: str
    events: frozenset[str]
    call: Callable


_subscribers: dict[str, Subscriber] = {}


def subscribe(*events: str):
    """Register a function `(event, actor, at)` to be called once for each of the named events, after their commit."""

    def register(function):
        name = f"{function.__module__}.{function.__name__}"
        _subscribers[name] = Subscriber(name, frozenset(events), function)
        return function

    return register


def of(event: str) -> list[Subscriber]:
    return [s for s in _subscribers.values() if event in s.events]


def by_name(name: str) -> Subscriber | None:
    return _subscribers.get(name)

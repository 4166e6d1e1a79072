"""What may be recorded: every event with its words and its subject, every key of its payload with a label.

    ORDER = subject("order", "订单", states=OrderState)
    ORDER_CLOSED = event("order_closed", "关闭订单", ORDER)
    labels({"carrier": "承运人"})

Each app declares its own in its `events` module (or the one of its room), read when the journal starts. `record` accepts
nothing else, so an event without words cannot happen.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from sunlight.kernel.states import States

_NAME = re.compile(r"[a-z][a-z0-9_]*")


class Undeclared(Exception):
    """A name that no `events` module declares."""


@dataclass(frozen=True, eq=False)
class Subject:
    """What events and decisions are about. `aliases` are other keys under which payloads name such a row, `states` the
    words of its state; `has_trace` says whether people may ask for its decision trace, and `read_as` by which noun's readers
    they are where it has no page of its own; `is_topic` says whether webhooks may be subscribed to it."""

    name: str
    words: str
    states: type[States] | None = None
    aliases: tuple[str, ...] = ()
    has_trace: bool = True
    is_topic: bool = False
    read_as: str = ""

    @property
    def noun(self) -> str:
        """The noun whose readers may read its trace: those of the page that shows it (`scope.readers`)."""
        return self.read_as or self.name

    @property
    def mentions(self) -> tuple[str, ...]:
        """The keys under which payloads name such a row, in the singular."""
        return (self.name, *self.aliases)


@dataclass(frozen=True, eq=False)
class EventType:
    """An event that may be recorded: its name in the database, its words for people, what it is about, and the labels of
    payload keys that mean something else here than elsewhere."""

    name: str
    words: str
    subject: Subject
    labels: Mapping[str, "Label"] = field(default_factory=dict)


@dataclass(frozen=True)
class Label:
    """How people read a payload key, and its values where they are codes. Where `whole_for` names a noun, only its readers
    see the value whole, everybody else its last characters."""

    words: str
    values: Mapping[str, str] = field(default_factory=dict)
    whole_for: str = ""


SUBJECTS: dict[str, Subject] = {}
EVENTS: dict[str, EventType] = {}
LABELS: dict[str, Label] = {}


def subject(name: str, words: str, **more) -> Subject:
    """Declare what events are about; `more` are the fields of `Subject`. Raises ValueError for a name declared twice."""
    declared = Subject(name, words, **more)
    _keep(SUBJECTS, name, declared)
    return declared


def event(name: str, words: str, about: Subject, labels: Mapping[str, str | Label] | None = None) -> EventType:
    """Declare an event about a subject. Raises ValueError for a name declared twice."""
    declared = EventType(name, words, about, {key: _label(each) for key, each in (labels or {}).items()})
    _keep(EVENTS, name, declared)
    return declared


def labels(words: Mapping[str, str | Label]) -> None:
    """Declare how people read payload keys. A key is declared once, by the lowest app that uses it; an event whose key
    means something else says so itself. Raises ValueError for a key declared twice."""
    for key, each in words.items():
        _keep(LABELS, key, _label(each))


def _label(words: str | Label) -> Label:
    return words if isinstance(words, Label) else Label(words)


def _keep(registry: dict, name: str, declared) -> None:
    if not _NAME.fullmatch(name):
        raise ValueError(f"{name!r} is no name")
    if name in registry:
        raise ValueError(f"{name} is declared twice, as {registry[name].words} and as {declared.words}")
    registry[name] = declared


def known(given: EventType) -> EventType:
    """The event itself. Raises Undeclared for anything but a declared event, a bare string included."""
    if not isinstance(given, EventType) or EVENTS.get(given.name) is not given:
        raise Undeclared(f"{given!r} is no declared event; declare it in the app's events module")
    return given


def label_of(key: str, event_name: str = "") -> Label | None:
    """The label of a payload key, in the singular or plural, with or without `_id`; None for one that nobody declared."""
    own = EVENTS[event_name].labels if event_name in EVENTS else {}
    for each in (key, key.removesuffix("s").removesuffix("_id")):
        if found := own.get(each) or LABELS.get(each) or _mentioned(each):
            return found
    return None


def _mentioned(key: str) -> Label | None:
    return next((Label(each.words) for each in SUBJECTS.values() if key in each.mentions), None)

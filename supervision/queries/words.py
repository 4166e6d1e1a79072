"""What the journal keeps, in words: the contents of a record as people read them, by what the apps declare."""

from collections.abc import Mapping

from sunlight.journal import declared
from sunlight.journal.declared import EVENTS, Label
from sunlight.kernel.masking import tail_of
from sunlight.kernel.money import fen_text
from sunlight.scope import Actor
from sunlight.scope.readers import may_read


def recorded(payload: dict, event_name: str = "") -> list[tuple[str, object]]:
    """The contents of a record under words for people, in their order: amounts in yuan, states by their words."""
    return [_item(key, value, event_name) for key, value in payload.items()]


def covered(payload, actor: Actor, event_name: str = ""):
    """A record's contents with the end alone of what the actor may not see whole (bank accounts)."""
    if isinstance(payload, list):
        return [covered(each, actor, event_name) for each in payload]
    if not isinstance(payload, dict):
        return payload
    return {key: _covered(key, value, actor, event_name) for key, value in payload.items()}


def _covered(key: str, value, actor: Actor, event_name: str):
    label = declared.label_of(key, event_name)
    if label is None or not label.whole_for or may_read(actor, label.whole_for):
        return covered(value, actor, event_name)
    return tail_of(value) if isinstance(value, str) else value


def _item(key: str, value, event_name: str) -> tuple[str, object]:
    label = declared.label_of(key, event_name) or Label(key)
    states = EVENTS[event_name].subject.states if event_name in EVENTS else None
    of_state = states.words() if states and key in ("state", "before") else {}
    return label.words, _value(key, value, event_name, label.values or of_state)


def _value(key: str, value, event_name: str, words: Mapping[str, str]):
    if isinstance(value, dict):
        return dict(_item(inner, each, event_name) for inner, each in value.items())
    if isinstance(value, list):
        return [_value(key, each, event_name, words) for each in value]
    if key.endswith("_fen") and type(value) is int:
        return fen_text(value, grouped=True)
    return words.get(value, value) if isinstance(value, str) else value

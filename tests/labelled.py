"""A record whose keys nobody can read fails the test that made it; so does a decision."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db.models.signals import post_init

from sunlight.journal.declared import label_of
from sunlight.journal.models import Decision, Event
from sunlight.rules import RULES
from tests import happening

# Keys of these values are somebody else's: codes of profiles, members and rules, not payload keys.
FOREIGN = {
    "alert_answer",
    "bank_account",
    "checks",
    "contacts",
    "declared",
    "packs",
    "profile",
    "segments",
    "stakes",
    "statistics",
}
OF_TESTS = {each.name for each in vars(happening).values() if type(each).__name__ == "EventType"}


def unlabelled(payload: dict, event_name: str) -> Iterator[str]:
    """The keys of a payload, at any depth, that have no label."""
    for key, value in payload.items():
        if label_of(key, event_name) is None:
            yield key
        if key not in FOREIGN:
            for inner in value if isinstance(value, list) else [value]:
                if isinstance(inner, dict):
                    yield from unlabelled(inner, event_name)


def _decided(instance, **_) -> None:
    if instance._state.adding and instance.rule in RULES:
        rule = RULES[instance.rule]
        own = {field.name for field in (*rule.facts_record.fields, *rule.outcome_record.fields)}
        without = sorted(key for key in instance.facts if key not in own and label_of(key) is None)
        assert not without, f"{instance.rule}: no label for {without}; declare them in the app's events module"


def _made(instance, **_) -> None:
    if instance._state.adding and instance.name not in OF_TESTS:
        without = sorted(set(unlabelled(instance.payload, instance.name)))
        assert not without, f"{instance.name}: no label for {without}; declare them in the app's events module"


@contextmanager
def every_record_is_labelled():
    """Watch every event and decision that is made meanwhile."""
    post_init.connect(_made, sender=Event, dispatch_uid="tests.labelled")
    post_init.connect(_decided, sender=Decision, dispatch_uid="tests.labelled")
    yield
    for sender in (Event, Decision):
        post_init.disconnect(sender=sender, dispatch_uid="tests.labelled")

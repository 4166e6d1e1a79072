"""Kinds of time limits: each app declares its own key steps, who owes them and who waits.

ORDER_ANSWER = deadline_kind("order_answer", "答复订单", subject_type="order", parameter="deadline.order_answer", …)
"""

from collections.abc import Iterable
from dataclasses import dataclass

from sunlight.messages.kinds import Kind, message_kind
from sunlight.scope.roles import Role


@dataclass(frozen=True)
class DeadlineKind:
    """One key step about a row of `subject_type`, whose readers see it, called `noun`. `parameter` says in how many days,
    `way_out` what whoever owes it does now."""

    key: str
    label: str
    subject_type: str
    noun: str
    parameter: str
    way_out: str
    url_name: str
    owed: Kind
    awaited: Kind


KINDS: dict[str, DeadlineKind] = {}


def deadline_kind(
    key: str,
    label: str,
    *,
    subject_type: str,
    noun: str,
    parameter: str,
    way_out: str,
    owes: Iterable[Role],
    waits: Iterable[Role],
    url_name: str,
) -> DeadlineKind:
    """Declare a key step, with the messages to both sides when it passes: `owes` and `waits` are the roles that get them,
    `url_name` the page of what it is about. Raises ValueError for a key declared twice."""
    if key in KINDS:
        raise ValueError(f"two kinds of time limit are called {key}")
    owed = message_kind(f"{key}_passed", "超过时限，须办理", *owes, url_name=url_name, must_acknowledge=True)
    awaited = message_kind(f"{key}_passed_told", "对方超过时限", *waits, url_name=url_name)
    KINDS[key] = DeadlineKind(key, label, subject_type, noun, parameter, way_out, url_name, owed, awaited)
    return KINDS[key]

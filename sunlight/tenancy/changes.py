"""Kinds of changes that need a second person: each app says at start-up what is done once somebody has confirmed it.

    CHAIN = change_kind("approval_chain", "修改审批流程", apply=_chain_made, shown=_chain_lines)

    change_ask(actor=actor, at=at, kind=CHAIN, organisation_id=…, title="…", facts={…}, told_roles=[…], gaining=[…])

`apply(change, actor, at)` runs in the transaction of the confirmation, as whoever confirms; what it refuses is not confirmed
and goes on waiting. `shown(facts)` are the lines (label, value) that the confirming person reads. Names are kept in the
database: never change one.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sunlight.scope import Actor

Lines = list[tuple[str, Any]]


@dataclass(frozen=True, eq=False)
class ChangeKind:
    """`for_oneself`: people of the organisation ask for it about themselves (a new phone); else administrators do."""

    key: str
    label: str
    apply: Callable[..., None]
    shown: Callable[[dict], Lines]
    for_oneself: bool = False


KINDS: dict[str, ChangeKind] = {}


def change_kind(
    key: str,
    label: str,
    *,
    apply: Callable[..., None],
    shown: Callable[[dict], Lines] = lambda facts: [],
    for_oneself: bool = False,
) -> ChangeKind:
    """Register a kind of change. Raises ValueError for a key taken."""
    if key in KINDS:
        raise ValueError(f"two kinds of change are called {key}")
    KINDS[key] = ChangeKind(key, label, apply, shown, for_oneself)
    return KINDS[key]


def applied(change, *, actor: Actor, at: datetime) -> None:
    """Do what was asked for. `change` is an `AccessChange`."""
    KINDS[change.kind].apply(change=change, actor=actor, at=at)

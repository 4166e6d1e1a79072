"""Approval chains as values: which steps an amount goes through, and who may take one. Pure."""

from collections.abc import Collection, Iterable, Mapping, Sequence, Set
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from sunlight.scope.principal import Human, Principal, PrincipalKind, person

MOST_STEPS = 5
LONGEST_LABEL = 40
MOST_FEN = 10**15


@dataclass(frozen=True, slots=True)
class Step:
    """One step: whoever holds `role`, or only the person `user_id`; asked from `from_fen` on (integer fen)."""

    label: str
    role: str
    from_fen: int = 0
    user_id: int | None = None

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Delegation:
    """A person standing in for another from a day to a day, both included."""

    principal_id: int
    delegate_id: int
    from_date: date
    to_date: date

    def holds(self, on: date) -> bool:
        return self.from_date <= on <= self.to_date


def steps_for(steps: Sequence[Step], amount_fen: int) -> list[Step]:
    """The steps an amount goes through, in order; none where the chain leaves it alone."""
    return [step for step in steps if amount_fen >= step.from_fen]


def steps_of(given: Iterable[Mapping[str, Any]]) -> list[Step]:
    """Steps as the database keeps them."""
    return [Step(row["label"], row["role"], row["from_fen"], row.get("user_id")) for row in given]


def principals(
    step: Step,
    *,
    who: Principal,
    roles: Collection[str],
    holders: Mapping[int, Collection[str]],
    delegations: Iterable[Delegation],
    on: date,
) -> list[Principal]:
    """For whom somebody may take a step on a day: themselves first, then those they stand in for. `holders` are the
    organisation's people with their roles today: who has left delegates nothing."""

    def fits(user_id: int | None, own: Collection[str]) -> bool:
        return step.role in own and step.user_id in (None, user_id)

    # A machine is no named person and nobody's delegate.
    own_id = who.id if who.kind == PrincipalKind.PERSON else None
    found = [who] if fits(own_id, roles) else []
    standing_in = {d.principal_id for d in delegations if own_id and d.delegate_id == own_id and d.holds(on)}
    return found + [person(each) for each in sorted(standing_in) if fits(each, holders.get(each, ()))]


def forbidden(
    people: Set[Principal | Human], *, asked_by: Set[Principal | Human], taken: Set[Principal | Human]
) -> str:
    """Why a step may not be taken: "" where it may, else `own` (nobody approves their own request, nor has it approved in
    their name) or `twice` (nobody takes two steps, in person or through another). `people` are who takes it and for whom,
    `taken` all those of earlier steps."""
    if asked_by & people:
        return "own"
    return "twice" if taken & people else ""

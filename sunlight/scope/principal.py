"""Who acts, as one value: a person, an access token, a client of OAuth or the system; and the columns that keep it.

    Order(placed_at=at, **scope.by(actor, "placed"))                       # a row made
    order.save(update_fields=["state", *scope.stamp(order, "closed", actor)])   # a row changed
    order.placed_by                                                        # Acted, or None where nobody did

A model declares the columns by `placed_by = acted_by()` (`sunlight.scope.fields`).
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol


class PrincipalKind(StrEnum):
    PERSON = "person"
    TOKEN = "token"
    CLIENT = "client"
    SYSTEM = "system"


@dataclass(frozen=True, slots=True)
class Principal:
    """Who acts. Two machines are two principals, and neither is a person with the same number. The system has number 0."""

    kind: PrincipalKind
    id: int

    def __post_init__(self) -> None:
        if self.id < 0 or (self.id == 0) != (self.kind == PrincipalKind.SYSTEM):
            raise ValueError(f"no principal: {self.kind}:{self.id}")

    def __str__(self) -> str:
        return f"{self.kind}:{self.id}"

    @property
    def is_machine(self) -> bool:
        return self.kind in (PrincipalKind.TOKEN, PrincipalKind.CLIENT)


SYSTEM = Principal(PrincipalKind.SYSTEM, 0)


def person(user_id: int) -> Principal:
    return Principal(PrincipalKind.PERSON, user_id)


@dataclass(frozen=True, slots=True)
class Human:
    """A human being, whatever accounts they have and whatever machines they answer for: the number of `tenancy.Person`."""

    id: int


@dataclass(frozen=True, slots=True)
class Acted:
    """Who did something: the principal, the human being who acted or answers for the machine, and the mandate it was
    done under."""

    principal: Principal
    for_person_id: int | None = None
    mandate_id: int | None = None

    @property
    def people(self) -> frozenset[Principal | Human]:
        """Who may not act again where another is asked for: the principal, and the human being behind it. The system is
        nobody."""
        behind = {Human(self.for_person_id)} if self.for_person_id else set()
        return frozenset(({self.principal} | behind) - {SYSTEM})


class Acting(Protocol):
    """Somebody who acts now: an `Actor`, which stands above and imports this module."""

    @property
    def acting(self) -> Acted | None: ...


def columns(attribute: str) -> tuple[str, str, str, str]:
    """The columns behind an attribute: `placed_by_kind, placed_by_id, placed_for_person_id, placed_mandate_id`."""
    act = attribute.removesuffix("_by")
    return f"{attribute}_kind", f"{attribute}_id", f"{act}_for_person_id", f"{act}_mandate_id"


def acted(kind: str | None, id: int | None, for_person_id: int | None = None, mandate_id: int | None = None):
    """What those columns say: an Acted, or None where nobody did it."""
    return None if kind is None else Acted(Principal(PrincipalKind(kind), id), for_person_id, mandate_id)


def values(who: Acting | Acted | None, attribute: str) -> dict[str, Any]:
    """The columns of an attribute with `who` in them; empty ones for None."""
    did = who if who is None or isinstance(who, Acted) else who.acting
    found = (
        (None,) * 4 if did is None else (str(did.principal.kind), did.principal.id, did.for_person_id, did.mandate_id)
    )
    return dict(zip(columns(attribute), found, strict=True))


def by(who: Acting | Acted | None, act: str) -> dict[str, Any]:
    """The columns that say `who` did `act` ("placed"); empty ones for None."""
    return values(who, f"{act}_by")


def stamp(row: Any, act: str, who: Acting | Acted | None) -> tuple[str, ...]:
    """Write on a row that `who` did `act`. Returns the columns, for `update_fields`."""
    written = by(who, act)
    for column, value in written.items():
        setattr(row, column, value)
    return tuple(written)

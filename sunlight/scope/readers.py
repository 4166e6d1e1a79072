"""Who reads what: the roles that may read each noun, declared once in the `readers` module of its app.

    OFFERS = Readers("offer", BARGAINING, SELLERS, WATCHING)

Pages, endpoints, menu, figures and sheets of a noun all ask the same `Readers`; the wall then says which rows they see. A
duty to act is not declared here: the machine's moves and the services say who may do what.
"""

from collections.abc import Iterable

# The administrators keep an organisation's affairs and read them.
from sunlight.scope.roles import ADMINS as ADMINS
from sunlight.scope.roles import OrganisationKind, Role


def _of(*kinds: OrganisationKind) -> frozenset[Role]:
    return frozenset(role for role in Role if role.kind in kinds)


HOSPITALS = _of(OrganisationKind.HOSPITAL)
SUPPLIERS = _of(OrganisationKind.SUPPLIER)
REGULATORS = _of(OrganisationKind.REGULATOR)
# Operator and regulators: all who see a platform as a whole.
OFFICE = _of(OrganisationKind.OPERATOR) | REGULATORS
# Those of the office who follow the trade; reviewers, confirmers and settlers have a part of it as their work.
WATCHING = frozenset({Role.OPERATOR_SUPPORT}) | REGULATORS
EVERY_ROLE = frozenset(Role) - {Role.SYSTEM}

# noun → who reads it
READERS: dict[str, "Readers"] = {}


class Readers(frozenset[Role]):
    """The roles that may read a noun. A noun is a subject of the journal where it is one, by the same name. `faces` are
    names of its pages and endpoints, besides the noun itself in the singular and the plural. Raises ValueError for a noun
    declared twice or read by nobody."""

    noun: str
    faces: tuple[str, ...]

    def __new__(cls, noun: str, *groups: Iterable[Role], faces: tuple[str, ...] = ()) -> "Readers":
        declared = super().__new__(cls, frozenset().union(*groups))
        if noun in READERS or not declared:
            raise ValueError(f"{noun} is declared twice, or nobody may read it")
        declared.noun, declared.faces = noun, (noun, *_plurals(noun), *faces)
        READERS[noun] = declared
        return declared


def _plurals(noun: str) -> tuple[str, ...]:
    return (f"{noun}s", f"{noun.removesuffix('y')}ies") if noun.endswith("y") else (f"{noun}s",)

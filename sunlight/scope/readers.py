"""Who reads what: the roles that may read each noun, declared once in the `readers` module of its app.

    OFFERS = Readers("offer", BARGAINING, SELLERS, WATCHING)

Pages, endpoints, menu, figures, sheets, files and traces of a noun all ask the same `Readers` by `admits`, which asks besides
whether an authority has the noun as its part (`authorities`); the wall then says which rows they see. A duty to act is not
declared here: the machine's moves and the services say who may do what.
"""

from collections.abc import Iterable

from sunlight.scope import authorities
from sunlight.scope.actor import Actor

# The administrators keep an organisation's affairs and read them.
from sunlight.scope.roles import ADMINS as ADMINS
from sunlight.scope.roles import WITHOUT_DUTIES, OrganisationKind, Role


def _of(*kinds: OrganisationKind) -> frozenset[Role]:
    return frozenset(role for role in Role if role.kind in kinds) - WITHOUT_DUTIES


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
    names of its pages and endpoints, besides the noun itself in the singular and the plural; `within` is the noun on whose
    faces one without any of its own is shown. Raises ValueError for a noun declared twice or read by nobody."""

    noun: str
    faces: tuple[str, ...]
    within: str

    def __new__(cls, noun: str, *groups: Iterable[Role], faces: tuple[str, ...] = (), within: str = "") -> "Readers":
        declared = super().__new__(cls, frozenset().union(*groups))
        if noun in READERS or not declared:
            raise ValueError(f"{noun} is declared twice, or nobody may read it")
        declared.noun, declared.faces, declared.within = noun, (noun, *_plurals(noun), *faces), within
        READERS[noun] = declared
        return declared

    def admits(self, actor: Actor) -> bool:
        """Whether the actor may read the noun: a role, and for an authority its part. What everybody reads is nobody's
        part."""
        if actor.roles.isdisjoint(self):
            return False
        return self >= EVERY_ROLE or authorities.sees(actor, self.noun)


def admits(roles: frozenset[Role], actor: Actor) -> bool:
    """Whether the actor is among those a page or an endpoint is for: the readers of a noun, or any of some roles."""
    return roles.admits(actor) if isinstance(roles, Readers) else not actor.roles.isdisjoint(roles)


def may_read(actor: Actor, noun: str) -> bool:
    """Whether the actor may read what is declared under this name; nobody may read what is not declared."""
    return noun in READERS and READERS[noun].admits(actor)


def those(*asked: "Role | Readers") -> frozenset[Role]:
    """Whom a page is for, from what it was declared with: the readers of a noun, or some roles. Raises TypeError for a noun
    with anything beside it: its readers stand in its `readers` module."""
    if len(asked) == 1 and isinstance(asked[0], Readers):
        return asked[0]
    if any(isinstance(each, Readers) for each in asked):
        raise TypeError("a page is for the readers of one noun, or for some roles")
    return frozenset(asked)


def _plurals(noun: str) -> tuple[str, ...]:
    return (f"{noun}s", f"{noun.removesuffix('y')}ies") if noun.endswith("y") else (f"{noun}s",)

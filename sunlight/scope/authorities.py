"""Which authority sees what: 各司其职 (SZ20-4.1). One dated table (`policy/authorities.yaml`) says it; lists, details, menus,
sheets, refusals, traces, files and the API all ask here, through `readers.admits`."""

from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from sunlight.kernel.policy import Law, Value
from sunlight.scope import clock
from sunlight.scope.actor import Actor
from sunlight.scope.law import law
from sunlight.scope.roles import OrganisationKind

KEY = "authority.part"
ALL = "all"


@dataclass(frozen=True)
class Part:
    """An authority's part: the nouns whose rows it sees, the figures of its overview, by which side of the trade it may
    list them, and the kinds of organisations whose refused acts, applications and licences it sees."""

    label: str
    nouns: frozenset[str]
    figures: frozenset[str]
    sides: frozenset[str]
    kinds: frozenset[str]

    def has(self, noun: str) -> bool:
        return ALL in self.nouns or noun in self.nouns


def parts(actor: Actor, on: date) -> dict[str, Part]:
    """authority → its part, by the law the actor is under on a day."""
    return _parts(law(actor, on))


@lru_cache(maxsize=64)
def _parts(stands: Law) -> dict[str, Part]:
    parameter = stands.policy.parameter(KEY)
    stated = stands.at(KEY).value
    return {
        authority: Part(
            parameter.words[authority],
            *(frozenset(part[each]) for each in ("nouns", "figures", "sides", "kinds")),
        )
        for authority, part in stated.items()
    }


def part_of(actor: Actor) -> Part | None:
    """The part of an authority's actor; None for everybody else, and for an authority that the table does not know."""
    if actor.kind is not OrganisationKind.REGULATOR or not actor.region_code:
        return None
    return parts(actor, clock.today(actor.platform_code)).get(actor.authority)


def basis_of(actor: Actor) -> tuple[Value, ...]:
    """What a refusal rests on for what is another authority's part."""
    return law(actor, clock.today(actor.platform_code)).basis(KEY)


def sees(actor: Actor, noun: str) -> bool:
    """Whether a noun is part of what the actor's authority sees. Only authorities are bounded here: what everybody else
    sees, their roles and the wall say."""
    if actor.kind is not OrganisationKind.REGULATOR:
        return True
    part = part_of(actor)
    return part is not None and part.has(noun)


def kinds_of(actor: Actor) -> frozenset[str] | None:
    """The kinds of organisations whose own affairs the actor's authority sees; None where nothing bounds the actor."""
    if actor.kind is not OrganisationKind.REGULATOR:
        return None
    part = part_of(actor)
    return part.kinds if part is not None else frozenset()

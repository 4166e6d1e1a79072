"""Which authority sees which part of the overview: 各司其职 (SZ20-4.1). The table stands in `sunlight.scope.authorities`."""

from dataclasses import dataclass
from datetime import date

from sunlight.journal.refusals import Forbidden
from sunlight.scope import Actor, authorities
from sunlight.scope.roles import OrganisationKind
from sunlight.tenancy.models import Organisation, Registration
from supervision.queries.figures import FIGURES


@dataclass(frozen=True)
class Part:
    """The figures somebody sees, by whom they may list them, and whose refused acts they may count."""

    label: str
    figures: tuple[str, ...]
    by: tuple[str, ...]
    refusals_of: tuple[str, ...]


SIDES, KINDS = ("buyer", "seller"), ("HOSPITAL", "SUPPLIER", "OPERATOR")
OPERATOR = Part("运行机构", tuple(FIGURES), SIDES, KINDS)


def _of(part: authorities.Part) -> Part:
    everything = authorities.ALL in part.figures
    return Part(
        part.label,
        tuple(key for key in FIGURES if everything or key in part.figures),
        tuple(side for side in SIDES if side in part.sides),
        tuple(kind for kind in KINDS if kind in part.kinds),
    )


def part_of(actor: Actor) -> Part:
    """The part `actor` may see. Raises Forbidden for an authority the table does not know and for everybody else."""
    if (part := _found(actor)) is not None:
        return part
    raise Forbidden(
        "not_your_part",
        "监管总览只供监管部门和运行机构查看，且只看本部门职责内的部分。",
        basis=authorities.basis_of(actor),
    )


def figures_of(actor: Actor) -> tuple[str, ...]:
    """The figures that are the actor's part; none for somebody who has none."""
    part = _found(actor)
    return part.figures if part else ()


def _found(actor: Actor) -> Part | None:
    if actor.kind == OrganisationKind.OPERATOR:
        return OPERATOR
    part = authorities.part_of(actor)
    return None if part is None else _of(part)


def watchers_of(figure: str, actor: Actor, on: date) -> list[int]:
    """Ids of the organisations registered on the actor's platform whose part a figure is on a day: the operator and the
    authorities."""
    registered = Registration.objects.filter(platform_id=actor.platform_id, approved_at__isnull=False)
    there = Organisation.objects.filter(id__in=registered.values("organisation_id"))
    parts = authorities.parts(actor, on)
    theirs = [authority for authority, part in parts.items() if figure in _of(part).figures]
    watching = there.filter(kind=OrganisationKind.REGULATOR, authority__in=theirs)
    operating = there.filter(kind=OrganisationKind.OPERATOR)
    return sorted(watching.values_list("id", flat=True)) + sorted(operating.values_list("id", flat=True))

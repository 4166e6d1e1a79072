"""Which authority sees which part of the trade: 各司其职 (SZ20-4.1). One table; nothing else decides it."""

from dataclasses import dataclass

from sunlight.journal.refusals import Forbidden
from sunlight.scope import Actor
from sunlight.scope.roles import OrganisationKind
from sunlight.tenancy.models import Organisation, Registration
from supervision.queries.figures import FIGURES


@dataclass(frozen=True)
class Part:
    """The figures an authority sees, by whom it may list them, and whose refused acts it may count."""

    label: str
    figures: tuple[str, ...]
    by: tuple[str, ...]
    refusals_of: tuple[str, ...]


_ALL = tuple(FIGURES)
_BOTH = ("buyer", "seller")
PARTS: dict[str, Part] = {
    # 医保: prices, purchases, payment: everything.
    "insurance": Part("医保部门", _ALL, _BOTH, ("HOSPITAL", "SUPPLIER", "OPERATOR")),
    # 卫健: how hospitals buy, take and pay.
    "health": Part(
        "卫生健康部门",
        ("ordered", "accepted", "paid", "saved", "offers_made", "offers_agreed", "late_acceptances", "late_payments"),
        ("buyer",),
        ("HOSPITAL",),
    ),
    # 市监: how suppliers answer and supply.
    "market": Part(
        "市场监管部门",
        ("offers_agreed", "offers_declined", "late_answers", "late_deliveries"),
        ("seller",),
        ("SUPPLIER",),
    ),
    # 纪检: everything, to read; nobody changes anything here.
    "discipline": Part("纪检监察机关", _ALL, _BOTH, ("HOSPITAL", "SUPPLIER", "OPERATOR")),
}
OPERATOR = Part("运行机构", _ALL, _BOTH, ("HOSPITAL", "SUPPLIER", "OPERATOR"))


def part_of(actor: Actor) -> Part:
    """The part `actor` may see. Raises Forbidden for an authority the table does not know and for everybody else."""
    if actor.kind == OrganisationKind.OPERATOR:
        return OPERATOR
    if actor.kind == OrganisationKind.REGULATOR and actor.authority in PARTS:
        return PARTS[actor.authority]
    raise Forbidden(
        "not_your_part", "监管总览只供监管部门和运行机构查看，且只看本部门职责内的部分。", clause="SZ20-4.1"
    )


def watchers_of(figure: str, platform_id: int) -> list[int]:
    """Ids of the organisations registered on the platform whose part a figure is: the operator and the authorities."""
    registered = Registration.objects.filter(platform_id=platform_id, approved_at__isnull=False)
    there = Organisation.objects.filter(id__in=registered.values("organisation_id"))
    authorities = [authority for authority, part in PARTS.items() if figure in part.figures]
    watching = there.filter(kind=OrganisationKind.REGULATOR, authority__in=authorities)
    operating = there.filter(kind=OrganisationKind.OPERATOR)
    return sorted(watching.values_list("id", flat=True)) + sorted(operating.values_list("id", flat=True))

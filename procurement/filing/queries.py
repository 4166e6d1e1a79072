"""What a hospital's yearly shares are measured by, read over all platforms: an institution is one, wherever it buys (A15)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Literal

from django.db.models import DecimalField, F, QuerySet, Sum
from django.db.models.functions import Round

from pricing.models import DealFact
from procurement.filing.models import YearBase
from procurement.filing.workflows import YearBaseState
from sunlight.files.uses import file_use
from sunlight.journal.refusals import NotThere
from sunlight.kernel.reading import possible_id
from sunlight.scope import Actor, Role
from sunlight.scope.roles import OrganisationKind


@dataclass(frozen=True, slots=True)
class Base:
    """The year's total that a share is measured by, in fen, and what it is: the approved budget, or what the hospital bought
    on the platforms the year before."""

    amount_fen: int
    source: Literal["budget", "last_year"]
    document: str = ""

    @property
    def words(self) -> str:
        return f"经批准的年度预算（{self.document}）" if self.source == "budget" else "上一年度各平台采购总额"


def base_of(hospital_id: int, year: int, sources: Iterable[str]) -> Base | None:
    """A hospital's total for a year from the first of these sources that has one (A93); None where none has. In the scope
    of `on_all_platforms`."""
    known = {"budget": _budget, "last_year": _last_year}
    return next((base for source in sources if (base := known[source](hospital_id, year)) is not None), None)


def _budget(hospital_id: int, year: int) -> Base | None:
    stated = YearBase.objects.filter(hospital_id=hospital_id, year=year, state=YearBaseState.CONFIRMED).first()
    return None if stated is None else Base(stated.amount_fen, "budget", stated.document)


def _last_year(hospital_id: int, year: int) -> Base | None:
    bought = _bought(hospital_id, year - 1)
    return Base(bought, "last_year") if bought > 0 else None


def _bought(hospital_id: int, year: int) -> int:
    """What a hospital accepted of the orders of a year, in fen."""
    fen = Round(F("price") * F("net_quantity") * 100, output_field=DecimalField(max_digits=24, decimal_places=0))
    rows = DealFact.objects.filter(
        buyer_id=hospital_id, occurred_on__gte=date(year, 1, 1), occurred_on__lte=date(year, 12, 31)
    )
    return int(rows.aggregate(total=Sum(fen))["total"] or 0)


def year_bases_visible_to(actor: Actor) -> QuerySet[YearBase]:
    """A hospital's own statements on its platform, those of all for whoever watches; newest first."""
    rows = YearBase.objects.select_related("hospital", "region", "file").defer("file__content").order_by("-id")
    if actor.kind == OrganisationKind.HOSPITAL:
        return rows.filter(platform_id=actor.platform_id, hospital_id=actor.organisation_id)
    if actor.is_party or not actor.roles:
        return rows.none()
    return rows.filter(platform_id__in=actor.platform_ids)


def year_bases_waiting(actor: Actor) -> int:
    """How many statements wait for confirmation."""
    return year_bases_visible_to(actor).filter(state=YearBaseState.STATED).count()


def access_year_base(actor: Actor, base_id: int) -> YearBase:
    """Raises NotThere."""
    row = year_bases_visible_to(actor).filter(id=possible_id(base_id)).first()
    if row is None:
        raise NotThere("年度采购预算")
    return row


def lock_year_base(base_id: int) -> YearBase:
    return YearBase.objects.select_for_update(of=("self",)).select_related("region").get(id=base_id)


@file_use("year_base", Role.REGULATOR_OFFICER, Role.REGULATOR_CHIEF)
def evidence_of(actor: Actor, base_id: int) -> set[int]:
    """The document that a statement rests on."""
    return {access_year_base(actor, base_id).file_id}

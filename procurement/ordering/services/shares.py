"""The yearly share of products without a reference price, asked before an order is placed (SZ20-5.2.1d).

Two orders that together would break the cap wait for one another, on whichever platforms they are placed: whoever places an
order is alone with the hospital's year until the transaction ends.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from pricing.queries.references import reference_prices
from procurement.filing.queries import Base, base_of
from procurement.filing.rules.caps import cap_check
from procurement.ordering.models import OrderLine, UnreferencedLine
from procurement.ordering.queries.baskets import Basket
from procurement.ordering.queries.shares import unreferenced_fen
from procurement.ordering.services.checks import Checked
from sunlight import scope
from sunlight.journal.refusals import Refused, refused_by
from sunlight.kernel.money import yuan_from_fen
from sunlight.kernel.policy import Law, Value
from sunlight.kernel.rule import Decision
from sunlight.scope import Actor
from sunlight.scope.clock import business_date
from sunlight.tenancy.models import Organisation
from sunlight.tenancy.queries.platforms import on_all_platforms
from sunlight.tenancy.rules import is_public

RATIO = "cap.no_reference.ratio"
References = Callable[..., Mapping[int, Any]]


@dataclass(frozen=True, slots=True)
class Share:
    """A hospital's year of products without a reference price, were these lines ordered. Without a base nothing can be
    judged; `decision` is then None."""

    year: int
    ratio: Value
    used_fen: int
    lines: tuple[Checked, ...] = ()
    base: Base | None = None
    decision: Decision | None = None

    @property
    def amount_fen(self) -> int:
        """What these lines add."""
        return sum(each.amount_fen for each in self.lines)

    @property
    def percent_used(self) -> int:
        """How much of the cap is used after these lines, in percent, at most 100."""
        if self.decision is None or not self.decision.outcome["cap"]:
            return 100
        return min(100, int(100 * self.decision.outcome["used_after"] / self.decision.outcome["cap"]))

    @property
    def refusal(self) -> Refused | None:
        """Why these lines may not be ordered; None where they may."""
        if not self.lines:
            return None
        if self.decision is None:
            return self._without_base()
        return refused_by(self.decision) if self.decision.refused else None

    def _without_base(self) -> Refused:
        return Refused(
            "no_year_base",
            f"无参考价产品全年采购不得超过年度采购总额的 {self.ratio.value:.0%}，本机构尚无 {self.year} 年度采购总额"
            f"（未确认年度采购预算，上一年度也无平台采购），无法核对占比。"
            "请由采购员或财务在“年度采购预算”中申报并经本机构另一人确认，或改选有参考价的产品。",
            basis=self.ratio,
        )

    def items(self) -> list[dict]:
        """The refusal at each line that it is about."""
        found = self.refusal
        if found is None:
            return []
        return [{"field": each.wanted.at("code"), "code": found.code, "message": found.message} for each in self.lines]

    def check(self) -> None:
        """Raises Refused where these lines may not be ordered."""
        found = self.refusal
        if found is not None:
            found.field, found.items = self.lines[0].wanted.at("code"), self.items()
            raise found


def share_of(
    actor: Actor,
    law: Law,
    basket: Basket,
    checked: Collection[Checked],
    *,
    lock: bool = False,
    references: References = reference_prices,
) -> Share | None:
    """The hospital's share with what a basket adds; None where no text caps it or nothing in the basket lacks a reference
    price. `lock` where an order is about to be placed: others of the hospital's wait."""
    ratio = _ratio(law, basket.buyer)
    if ratio is None or not checked:
        return None
    groups = {each.agreement.price_group_id for each in checked}
    referenced = references(region=law.region, price_group_ids=groups, on=law.on)
    lines = tuple(each for each in checked if each.agreement.price_group_id not in referenced)
    if not lines:
        return None
    if lock:
        scope.alone("procurement.unreferenced", basket.buyer.id, law.on.year, shared=True)
    return _share(actor, law, basket.buyer, ratio, lines)


def share_now(*, actor: Actor, at: datetime, hospital: Organisation, year: int | None = None) -> Share | None:
    """The hospital's share as it stands on the day, or at the end of an earlier year; None where no text caps it."""
    today = business_date(at)
    on = today if year in (None, today.year) else date(year, 12, 31)
    law = scope.law(actor, on, region=hospital.region.code)
    ratio = _ratio(law, hospital)
    return None if ratio is None else _share(actor, law, hospital, ratio, ())


def cap_of(*, actor: Actor, at: datetime, hospital: Organisation) -> Value | None:
    """The cap that bound the hospital last and has ended; None where one binds today, or none ever did."""
    law = scope.law(actor, business_date(at), region=hospital.region.code)
    path, values = law.policy.path(law.region), law.policy.parameter(RATIO).values
    if law.find(RATIO) is not None or not is_public(law, hospital.ownership):
        return None
    over = [
        value for value in values if value.region in path and value.valid_to is not None and value.valid_to < law.on
    ]
    return max(over, key=lambda value: value.valid_to, default=None)


def _ratio(law: Law, hospital: Organisation) -> Value | None:
    """The cap where one binds this hospital: caps bind public institutions alone (A19)."""
    return law.find(RATIO) if is_public(law, hospital.ownership) else None


def _share(actor: Actor, law: Law, hospital: Organisation, ratio: Value, lines: tuple[Checked, ...]) -> Share:
    year, sources = law.on.year, law.at("cap.year_total").value
    # A hospital sees one platform; its year is made on all of them.
    with on_all_platforms(actor):
        base, used = base_of(hospital.id, year, sources), unreferenced_fen(hospital.id, year)
    share = Share(year, ratio, used, lines, base)
    if base is None:
        return share
    decision = cap_check(
        law,
        kind="no_reference",
        year_total=yuan_from_fen(base.amount_fen),
        used=yuan_from_fen(used),
        amount=yuan_from_fen(share.amount_fen),
        public=True,
    )
    return Share(year, ratio, used, lines, base, decision)


def share_write(actor: Actor, share: Share | None, lines: Iterable[tuple[Checked, OrderLine]]) -> None:
    """Count the lines without a reference price that were ordered."""
    if share is None:
        return
    counted = {id(each) for each in share.lines}
    with scope.elevated(actor):
        UnreferencedLine.objects.bulk_create(
            UnreferencedLine(order_line=line, hospital_id=line.buyer_id, year=share.year, amount_fen=line.amount_fen)
            for each, line in lines
            if id(each) in counted
        )

"""What an offer is judged by: the facts of the day, put to the rules `bargain.ceiling` and `bargain.decide`.

Nothing here writes. `judge` serves an offer, its trial, the bounds on a product's page and a sheet; `bargain_facts` also
an order, whose basket has read the rows already.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from catalog.models import Listing, PriceGroup
from catalog.queries.sisters import sister_groups
from pricing.models import ListedPrice, PriceInformation, ReferencePrice
from pricing.queries.deals import public_deal_prices
from pricing.queries.published import information_for, listed_prices
from pricing.queries.references import reference_prices
from procurement.bargaining.queries import offers as bargaining
from procurement.bargaining.rules.bargain import (
    Bound,
    bargain_ceiling,
    bargain_decide,
    bounds_name,
    first_deal_limits,
)
from procurement.contracts import queries as contracts
from procurement.contracts.models import PriceAgreement
from sunlight import scope
from sunlight.journal.refusals import Refused, refused_by
from sunlight.kernel.money import price_words
from sunlight.kernel.period import months_back
from sunlight.kernel.policy import Law
from sunlight.kernel.rule import Decision, Effect, Reason
from sunlight.scope import Actor
from sunlight.scope.clock import business_date
from sunlight.tenancy.models import Organisation


@dataclass(frozen=True, slots=True)
class BargainFacts:
    """What the rules are given about one product and its buyer, and in `known` where each price came from."""

    facts: Mapping[str, Any]
    history_prices: Sequence[Decimal]
    known: Mapping[str, Any]

    def decide(self, law: Law, price: Decimal | None) -> Decision:
        """The answer to a price, in CNY a pricing unit; without one, the bounds it would meet."""
        if price is None:
            return bargain_ceiling(law, **self.facts)
        return bargain_decide(law, offer=price, history_prices=self.history_prices, **self.facts)


def bargain_facts(
    *,
    buyer: Organisation,
    listed: ListedPrice | None,
    information: PriceInformation | None,
    own_latest: PriceAgreement | None,
    reference: ReferencePrice | None = None,
    history_prices: Sequence[Decimal] = (),
    others_trading: int | None = None,
    inherited: tuple[int, Decimal] | None = None,
) -> BargainFacts:
    """The facts of an offer, a sheet's line or an order's line, from the rows of the day.

    `history_prices` and `others_trading` matter while a deal is being made (what silence does, A24); an order draws on
    a deal that is made. `inherited` is the line of the price group beside it (A83), with that group, where it has none of
    its own. `reference` is the confirmed reference price (SZ20-5.2.1b). No awards are recorded yet.
    """
    return BargainFacts(
        facts={
            "listed": listed.price if listed else None,
            "reference": reference.price if reference else None,
            "alert_line": inherited[1] if inherited else information.alert_line if information else None,
            "own_latest": own_latest.price if own_latest else None,
            "winner_in_cycle": False,
            "buyer_is_public": buyer.is_public,
            "others_trading": others_trading,
        },
        history_prices=history_prices,
        known={
            "alert_source": "sister" if inherited else information.alert_source if information else "unpublished",
            "price_information_day": information.business_day.isoformat() if information else None,
            "listed_since": listed.valid_from.isoformat() if listed else None,
            "own_latest_contract": own_latest.contract.number if own_latest else None,
        }
        | ({"reference_number": reference.number} if reference else {})
        | ({"alert_line_of": inherited[0]} if inherited else {}),
    )


@dataclass(frozen=True, slots=True)
class Judgement:
    """The rule's answer, where its facts came from, and the months the agreement may run."""

    decision: Decision
    known: Mapping[str, Any]
    months: int

    @property
    def bounds(self) -> tuple[Bound, ...]:
        """Every price that an offer must not exceed today, the lowest first."""
        return (self.decision.outcome or {}).get("bounds", ())

    @property
    def ceiling(self) -> Decimal | None:
        """The lowest bound that applies."""
        return (self.decision.outcome or {}).get("ceiling")

    @property
    def own_latest(self) -> Decimal | None:
        return self.decision.facts["own_latest"]

    @property
    def warnings(self) -> list[Reason]:
        """Reasons that do not refuse but must be seen."""
        return [r for r in self.decision.reasons if r.effect in (Effect.WARN, Effect.INFO)]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is put to the law: a listing, a price (CNY a pricing unit; None to learn the bounds alone), months."""

    listing: Listing
    price: Decimal | None
    months: int


def judge(*, actor: Actor, at: datetime, buyer: Organisation, wanted: Sequence[Wanted]) -> list[Judgement]:
    """Put offers by the hospital `buyer` to the law of its region and the day, in their order; as many queries for three
    hundred as for one."""
    law = scope.law(actor, business_date(at), region=buyer.region.code)
    groups = {each.listing.price_group_id for each in wanted}
    facts = _facts(actor=actor, law=law, buyer=buyer, groups=groups)
    return [_judged(law, facts[each.listing.price_group_id], each) for each in wanted]


def _judged(law: Law, facts: BargainFacts, wanted: Wanted) -> Judgement:
    decision = facts.decide(law, wanted.price)
    most = (decision.outcome or {}).get("most_months") or wanted.months
    return Judgement(decision, facts.known, min(wanted.months, most))


def _facts(*, actor: Actor, law: Law, buyer: Organisation, groups: Collection[int]) -> dict[int, BargainFacts]:
    listed = listed_prices(region=law.region, price_group_ids=groups, on=law.on)
    information = information_for(region=law.region, price_group_ids=groups, on=law.on)
    own = contracts.own_latest_agreements(
        platform_id=actor.platform_id, buyer_id=buyer.id, price_group_ids=groups, on=law.on
    )
    references = references_binding(law, groups)
    without_line = {g for g in groups if g not in information or information[g].alert_line is None}
    inherited = _lines_beside(law, without_line)
    without_line -= inherited.keys()
    if first_deal_limits(law) is None:
        without_line = set()
    history, others = _of_others(actor, law, buyer, groups, without_line)
    return {
        group: bargain_facts(
            buyer=buyer,
            listed=listed.get(group),
            information=information.get(group),
            own_latest=own.get(group),
            reference=references.get(group),
            history_prices=history.get(group, ()),
            others_trading=others.get(group, 0) if group in without_line else None,
            inherited=inherited.get(group),
        )
        for group in groups
    }


def references_binding(law: Law, groups: Collection[int]) -> dict[int, ReferencePrice]:
    """The reference price of each group where the law of the day bounds a price by it (SZ20-5.2.1c); no query elsewhere."""
    if not bounds_name(law, "reference"):
        return {}
    return reference_prices(region=law.region, price_group_ids=groups, on=law.on)


def _lines_beside(law: Law, groups: Collection[int]) -> dict[int, tuple[int, Decimal]]:
    """For groups without an alert line: the lowest line among the groups of the same certificate and code, with the group
    it is of. A maker leaves its line neither by a new unit nor by a new group, unless two reviewers let it (A83)."""
    beside = sister_groups(groups) if groups else {}
    wanted = {each for found in beside.values() for each in found}
    if not wanted:
        return {}
    information = information_for(region=law.region, price_group_ids=wanted, on=law.on)
    lines = {
        group: [
            (row.alert_line, each) for each in found if (row := information.get(each)) and row.alert_line is not None
        ]
        for group, found in beside.items()
    }
    return {group: (min(found)[1], min(found)[0]) for group, found in lines.items() if found}


def _of_others(
    actor: Actor, law: Law, buyer: Organisation, groups: Collection[int], without_line: Collection[int]
) -> tuple[Mapping[int, Sequence[Decimal]], Mapping[int, int]]:
    """Prices that others paid, and the number of other hospitals trading each group without an alert line."""
    months = law.find("bargain.history_months")
    history: Mapping[int, Sequence[Decimal]] = {}
    others: Mapping[int, int] = {}
    if months is None and not without_line:
        return history, others
    # A party may read neither other hospitals' deals nor their offers.
    with scope.elevated(actor):
        if months is not None:
            # The province, not the city: JS20-11B's record is that of the province's platform (A20).
            history = public_deal_prices(
                region=months.region, price_group_ids=groups, after=months_back(law.on, months.value), until=law.on
            )
        if without_line:
            others = bargaining.hospitals_trading(
                platform_id=actor.platform_id,
                region_id=buyer.region_id,
                price_group_ids=without_line,
                except_id=buyer.id,
            )
    return history, others


def permit(judged: Judgement, group: PriceGroup) -> None:
    """Raises the refusal that a judgement amounts to; returns where the offer may be made."""
    decision, subject = judged.decision, ("price_group", group.id)
    if not decision.regulated:
        raise Refused(
            "bargaining_not_regulated",
            f"{decision.law.on} 没有允许 {decision.law.region} 地区在本平台议价采购的规定。请核对所在平台与日期。",
            subject=subject,
            decision=decision.record(),
        )
    if decision.refused:
        refusal = refused_by(decision, subject=subject, way_out=_way_out(judged, group.pricing_unit))
        refusal.field = "price"
        raise refusal


def _way_out(judged: Judgement, unit: str) -> str:
    """What to do after a refusal: stay within the lowest bound, or choose another product."""
    if any(reason.code == "first_deals_full" for reason in judged.decision.breaches):
        return "请选择已有价格预警线的同类产品，或待该产品有三家独立成交后再报价。"
    if judged.ceiling is None:
        return "请核对价格后重新报价。"
    return f"请在 {price_words(judged.ceiling)} 元/{unit} 以内重新报价。"


def lock_price_group(price_group_id: int, region_id: int) -> None:
    """Let one offer for a price group be judged at a time in a region, so that two hospitals do not both take the last
    place of A24; released with the transaction."""
    scope.alone("procurement.offers", region_id, price_group_id, shared=True)

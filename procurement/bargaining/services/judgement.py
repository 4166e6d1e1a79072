"""What an offer, a sheet's line and an order's line are judged by: the facts of the day, put to `bargain.ceiling`,
`bargain.decide` and `first_deal.check`.

Nothing here writes. The facts are built once, by `bargain_facts`, whoever asks: an offer, its trial, the bounds on a
product's page, a sheet, an order and its trial. What one of them would leave out a test finds
(`tests/procurement/test_facts_of_a_decision.py`).
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from catalog.models import Listing, PriceGroup
from catalog.queries.sisters import sister_groups
from pricing.models import ListedPrice, PriceInformation
from pricing.queries.deals import public_deal_prices
from pricing.queries.published import information_for, listed_prices
from pricing.queries.references import reference_prices
from procurement.bargaining.queries import beyond
from procurement.bargaining.queries.beyond import Cleared, FirstDeals, OwnPrice
from procurement.bargaining.rules.bargain import CLEARED, KEPT, Bound, bargain_ceiling, bargain_decide
from procurement.bargaining.rules.first_deal import first_deal_check
from sunlight import scope
from sunlight.journal.refusals import Refused, refused_by
from sunlight.kernel.money import price_words
from sunlight.kernel.period import months_back
from sunlight.kernel.policy import Law
from sunlight.kernel.rule import Decision, Effect, Reason
from sunlight.scope import Actor
from sunlight.scope.clock import business_date
from sunlight.tenancy.models import Organisation
from sunlight.tenancy.queries.platforms import on_all_platforms


@dataclass(frozen=True, slots=True)
class BargainFacts:
    """What the rules are given about one product and its buyer, and in `known` where each price came from."""

    facts: Mapping[str, Any]
    history_prices: Sequence[Decimal]
    known: Mapping[str, Any]
    listed: ListedPrice | None = None
    cleared: Cleared | None = None
    # Of a product that nothing compares with.
    first: FirstDeals | None = None

    def decide(
        self, law: Law, price: Decimal | None, quantity: Decimal | None = None, *, offer_id: int | None = None
    ) -> Decision:
        """The answer to a price, in CNY a pricing unit, for a quantity in it; without a price, the bounds it would meet.
        `offer_id`: the offer whose agreement an order draws on."""
        cleared = self.cleared is not None and self.cleared.covers(quantity, offer_id)
        facts = {**self.facts, "cleared": self.cleared.clearance.price if cleared else None}
        if price is None:
            return bargain_ceiling(law, **facts)
        return bargain_decide(law, offer=price, history_prices=self.history_prices, **facts)

    def first_deal(self, law: Law, price: Decimal | None) -> Decision | None:
        """Who may make the product's first deals, and whether this price was reviewed (A24); None where something compares
        with it, or no text here today limits first deals."""
        if self.first is None:
            return None
        reviewed = self.first.reviewed is not None and (price is None or price <= self.first.reviewed)
        return first_deal_check(law, hospital=self.first.hospital, deals=self.first.deals, reviewed=reviewed)


def clearance_used(decision: Decision) -> bool:
    """Whether a price stands by the authority's clearance alone (A21)."""
    return any(reason.code == CLEARED for reason in decision.reasons)


def bargain_facts(
    *, actor: Actor, law: Law, buyer: Organisation, price_group_ids: Iterable[int], offer_ids: Collection[int] = ()
) -> dict[int, BargainFacts]:
    """The facts of the day for the hospital `buyer` and each of these products; as many queries for three hundred as for
    one. `offer_ids`: the offers whose agreements an order draws on. No awards yet (SZ20-5.2.3)."""
    groups = list(dict.fromkeys(price_group_ids))
    given = {"region": law.region, "price_group_ids": groups, "on": law.on}
    listed = listed_prices(**given)
    # No question where no text of the day bounds a price by it (SZ20-5.2.1c).
    bounded = any("reference" in bound.value["prices"] for bound in law.every("bargain.bounds"))
    references = reference_prices(**given) if bounded else {}
    information = information_for(**given)
    beside = _Beside.of(law, [g for g in groups if _line(information, g) is None or _lowest(information, g) is None])
    incomparable = {g: beside.groups.get(g, ()) for g in groups if beside.comparison(information, g) is None}
    others = _beyond(actor, law, buyer, groups, incomparable, offer_ids)
    return {
        group: _facts(
            group,
            buyer=buyer,
            listed=listed.get(group),
            reference=references.get(group),
            information=information.get(group),
            inherited=None if _line(information, group) is not None else beside.line(group),
            others=others,
        )
        for group in groups
    }


@dataclass(frozen=True, slots=True)
class _Others:
    """What the hospital's own scope on this platform does not show."""

    own_latest: Mapping[int, OwnPrice]
    history: Mapping[int, Sequence[Decimal]]
    cleared: Mapping[int, Cleared]
    first: Mapping[int, FirstDeals]


def _facts(
    group: int,
    *,
    buyer: Organisation,
    listed: ListedPrice | None,
    reference: Decimal | None,
    information: PriceInformation | None,
    inherited: tuple[int, Decimal] | None,
    others: _Others,
) -> BargainFacts:
    """The facts of one product. `inherited` is the line of the price group beside it (A83), with that group, where it has
    none of its own."""
    own_latest, cleared = others.own_latest.get(group), others.cleared.get(group)
    return BargainFacts(
        facts={
            "listed": listed.price if listed else None,
            "reference": reference,
            "alert_line": inherited[1] if inherited else information.alert_line if information else None,
            "own_latest": own_latest.price if own_latest else None,
            "winner_in_cycle": False,
            "buyer_is_public": buyer.is_public,
        },
        history_prices=others.history.get(group, ()),
        known={
            "alert_source": "sister" if inherited else information.alert_source if information else "unpublished",
            "price_information_day": information.business_day.isoformat() if information else None,
            "listed_since": listed.valid_from.isoformat() if listed else None,
            "own_latest_contract": own_latest.contract_number if own_latest else None,
        }
        | ({"alert_line_of": inherited[0]} if inherited else {})
        | ({"clearance": cleared.clearance.number} if cleared else {}),
        listed=listed,
        cleared=cleared,
        first=others.first.get(group),
    )


def _line(information: Mapping[int, PriceInformation], group: int) -> Decimal | None:
    row = information.get(group)
    return row.alert_line if row else None


def _lowest(information: Mapping[int, PriceInformation], group: int) -> Decimal | None:
    row = information.get(group)
    return row.provinces_lowest if row else None


@dataclass(frozen=True, slots=True)
class _Beside:
    """The groups of the same certificate and code beside some, with what is published of them: a maker leaves neither its
    line nor what compares with its product by a new unit or a new group, unless two reviewers let it (A83)."""

    groups: Mapping[int, Sequence[int]]
    information: Mapping[int, PriceInformation]

    @classmethod
    def of(cls, law: Law, price_group_ids: Collection[int]) -> "_Beside":
        groups = sister_groups(price_group_ids) if price_group_ids else {}
        wanted = {each for found in groups.values() for each in found}
        information = information_for(region=law.region, price_group_ids=wanted, on=law.on) if wanted else {}
        return cls(groups, information)

    def line(self, group: int) -> tuple[int, Decimal] | None:
        """The lowest line beside a group, with the group it is of."""
        lines = [(line, each) for each in self.groups.get(group, ()) if (line := _line(self.information, each))]
        return (min(lines)[1], min(lines)[0]) if lines else None

    def comparison(self, information: Mapping[int, PriceInformation], group: int) -> Decimal | None:
        """The lowest price of other provinces of a group, or of one beside it."""
        own = _lowest(information, group)
        beside = [price for each in self.groups.get(group, ()) if (price := _lowest(self.information, each))]
        return own if own is not None else min(beside, default=None)


def _beyond(
    actor: Actor,
    law: Law,
    buyer: Organisation,
    groups: Collection[int],
    incomparable: dict[int, Sequence[int]],
    offer_ids: Collection[int],
) -> _Others:
    history_months, limited = law.find("bargain.history_months"), law.find("first_deal.limited")
    history: Mapping[int, Sequence[Decimal]] = {}
    first: Mapping[int, FirstDeals] = {}
    cleared: Mapping[int, Cleared] = {}
    mine = {"buyer_id": buyer.id, "price_group_ids": groups, "on": law.on}
    # A party may read neither its own trade on another platform nor other hospitals' deals.
    with on_all_platforms(actor):
        own_latest = beyond.own_latest(**mine)
        if history_months is not None:
            # The province, not the city: JS20-11B's record is that of the province's platform (A20).
            after = months_back(law.on, history_months.value)
            history = public_deal_prices(
                region=history_months.region, price_group_ids=groups, after=after, until=law.on
            )
        if law.find("bargain.clearance") is not None:
            cleared = beyond.clearances(**mine, offer_ids=offer_ids)
        if limited is not None and incomparable:
            first = beyond.first_deals(region=limited.region, buyer_id=buyer.id, groups=incomparable, on=law.on)
    return _Others(own_latest, history, cleared, first)


@dataclass(frozen=True, slots=True)
class Judgement:
    """The rules' answers, and where their facts came from."""

    decision: Decision
    known: Mapping[str, Any]
    first_deal: Decision | None = None
    cleared: Cleared | None = None

    @property
    def decisions(self) -> tuple[Decision, ...]:
        return (self.decision,) if self.first_deal is None else (self.decision, self.first_deal)

    @property
    def bounds(self) -> tuple[Bound, ...]:
        """Every price that an offer must not exceed today, the lowest first."""
        return (self.decision.outcome or {}).get("bounds", ())

    @property
    def warned(self) -> tuple[Bound, ...]:
        """Every price of a draft that an offer may exceed and is told so, the lowest first."""
        return (self.decision.outcome or {}).get("warned", ())

    @property
    def ceiling(self) -> Decimal | None:
        """The lowest bound that applies."""
        return (self.decision.outcome or {}).get("ceiling")

    @property
    def own_latest(self) -> Decimal | None:
        return self.decision.facts["own_latest"]

    @property
    def breaches(self) -> list[Reason]:
        """Every reason that refuses."""
        return [reason for each in self.decisions for reason in each.breaches]

    @property
    def warnings(self) -> list[Reason]:
        """Reasons that do not refuse but must be seen; that a price keeps to its bounds is no warning."""
        reasons = [reason for each in self.decisions for reason in each.reasons]
        return [r for r in reasons if r.effect in (Effect.WARN, Effect.INFO) and r.code not in KEPT]

    @property
    def grounds(self) -> list[Reason]:
        """Why a price is allowed."""
        return [reason for reason in self.decision.reasons if reason.code in KEPT]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is put to the law: a listing, a price (CNY a pricing unit; None to learn the bounds alone), a quantity."""

    listing: Listing
    price: Decimal | None
    quantity: Decimal | None = None


def judge(*, actor: Actor, at: datetime, buyer: Organisation, wanted: Sequence[Wanted]) -> list[Judgement]:
    """Put offers by the hospital `buyer` to the law of its region and the day, in their order; as many queries for three
    hundred as for one."""
    law = scope.law(actor, business_date(at), region=buyer.region.code)
    groups = [each.listing.price_group_id for each in wanted]
    facts = bargain_facts(actor=actor, law=law, buyer=buyer, price_group_ids=groups)
    return [judged(law, facts[each.listing.price_group_id], each.price, each.quantity) for each in wanted]


def judged(
    law: Law,
    facts: BargainFacts,
    price: Decimal | None,
    quantity: Decimal | None = None,
    *,
    offer_id: int | None = None,
) -> Judgement:
    """One price put to the law; `offer_id`: the offer whose agreement an order draws on."""
    decision = facts.decide(law, price, quantity, offer_id=offer_id)
    return Judgement(decision, facts.known, facts.first_deal(law, price), facts.cleared)


def permit(judged: Judgement, group: PriceGroup) -> None:
    """Raises the refusal that a judgement amounts to; returns where the offer may be made."""
    decision, subject = judged.decision, ("price_group", group.id)
    if not decision.regulated:
        raise Refused(
            "bargaining_not_regulated",
            f"{decision.law.on} 没有允许 {decision.law.region} 地区在本平台议价采购的规定。请核对所在平台与日期。",
            subject=subject,
            reasons=[reason.to_dict() for reason in decision.reasons],
            decision=decision.record(),
        )
    if judged.breaches:
        raise refusal_of(judged, subject=subject, way_out=_way_out(judged, group.pricing_unit), field="price")


def refusal_of(judged: Judgement, *, subject: tuple[str, int], way_out: str, field: str) -> Refused:
    """The refusal of a price with the reasons of every rule that refused it; its decision is the first of them."""
    refusing = [each for each in judged.decisions if each.refused]
    refusal = refused_by(refusing[0], subject=subject, way_out=way_out)
    if len(refusing) > 1:
        said = "；".join(reason.message for reason in judged.breaches)
        reasons = [reason.to_dict() for each in refusing for reason in each.reasons]
        refusal = Refused(
            refusal.code,
            f"{said}。{way_out}",
            reasons=reasons,
            decision=refusal.decision,
            facts=refusal.facts,
            subject=subject,
        )
    refusal.field = field
    return refusal


def _way_out(judged: Judgement, unit: str) -> str:
    """What to do after a refusal: stay within the lowest bound, have the price reviewed, or choose another product."""
    broken = (judged.first_deal.outcome or {}).get("broken", ()) if judged.first_deal else ()
    if {"hospitals", "months"} & set(broken):
        return "请选择已有价格预警线的同类产品，或待该产品独立成交达到规定笔数后再报价。"
    if judged.decision.refused and judged.ceiling is not None:
        return f"请在 {price_words(judged.ceiling)} 元/{unit} 以内重新报价。"
    if "review" in broken:
        return "请先在产品页申请价格审核，审核通过后再报价。"
    return "请核对价格后重新报价。"


def lock_price_group(price_group_id: int, region_id: int) -> None:
    """Let one offer for a price group be judged at a time in a region, so that two hospitals do not both take the last
    place of A24; released with the transaction."""
    scope.alone("procurement.offers", region_id, price_group_id, shared=True)

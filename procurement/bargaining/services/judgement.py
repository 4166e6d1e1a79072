"""What an offer is judged by: the facts of the day put to `bargain.decide`, and the conditions no fact of it states.

Nothing here writes: `judge` serves the offer itself and the trial calculation on the offer's page, `judge_all` a sheet.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from catalog.models import Listing
from pricing import queries as pricing
from pricing.models import ListedPrice, PriceInformation
from procurement.bargaining.queries import offers as bargaining
from procurement.bargaining.rules.bargain import bargain_decide
from procurement.contracts import queries as contracts
from procurement.contracts.models import PriceAgreement
from sunlight import scope
from sunlight.acts import current_policy
from sunlight.kernel.money import price_words
from sunlight.kernel.period import months_back
from sunlight.kernel.policy import Law, Status, Value
from sunlight.kernel.rule import Decision, Effect, Reason
from sunlight.scope import Actor
from sunlight.scope.clock import business_date

PRICE_LABELS = {
    "reference": "挂网参考价",
    "own_latest": "本机构最新采购价",
    "alert_line": "价格预警线",
    "listed": "挂网价",
}


@dataclass(frozen=True, slots=True)
class Bound:
    """One price an offer must not exceed today, with the clause that says so; CNY a pricing unit."""

    name: str
    label: str
    price: Decimal
    clause: str
    is_draft: bool


@dataclass(frozen=True, slots=True)
class Judgement:
    """The rule's answer to an offer, what more was known, and the months the agreement may run."""

    decision: Decision
    known: dict
    bounds: tuple[Bound, ...]
    months: int
    own_latest: Decimal | None = None

    @property
    def ceiling(self) -> Decimal | None:
        """The lowest bound that applies."""
        return (self.decision.outcome or {}).get("ceiling")

    @property
    def warnings(self) -> list[Reason]:
        """Reasons that do not refuse but must be seen."""
        return [r for r in self.decision.reasons if r.effect in (Effect.WARN, Effect.INFO)]


def judge(*, actor: Actor, at: datetime, buyer, listing, price: Decimal, months: int) -> Judgement:
    """Put an offer of `price` by the hospital `buyer` for `listing` to the law of the buyer's region and the day.

    Price and answer are in CNY a pricing unit. All bounds bind a voluntary participant too (A19: it is bound by the
    platform's rules for what it trades there); only caps and bans on buying elsewhere are for public institutions alone.
    """
    return judge_all(actor=actor, at=at, buyer=buyer, wanted=[Wanted(listing, price, months)])[0]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is put to the law: a listing, a price (CNY a pricing unit), months."""

    listing: Listing
    price: Decimal
    months: int


def judge_all(*, actor: Actor, at: datetime, buyer, wanted: Sequence[Wanted]) -> list[Judgement]:
    """As `judge` for many at once, in their order; as many queries for three hundred as for one."""
    law = current_policy().law(region=buyer.region.code, on=business_date(at), drafts=actor.drafts)
    groups = {each.listing.price_group_id for each in wanted}
    facts = _facts(actor=actor, law=law, buyer=buyer, groups=groups)
    return [_judged(law, facts, buyer, each) for each in wanted]


@dataclass(frozen=True, slots=True)
class _Facts:
    """What is known of the groups asked for, each by group; `others` only of groups without an alert line."""

    listed: Mapping[int, ListedPrice]
    information: Mapping[int, PriceInformation]
    own: Mapping[int, PriceAgreement]
    history: Mapping[int, list[Decimal]]
    others: Mapping[int, int]
    limits: Value | None

    def prices(self, group: int) -> dict[str, Decimal | None]:
        """The comparison prices of the day. The spine keeps no reference prices (SZ20-5.2.1b)."""
        listed, information, own = self.listed.get(group), self.information.get(group), self.own.get(group)
        return {
            "listed": listed.price if listed else None,
            "reference": None,
            "alert_line": information.alert_line if information else None,
            "own_latest": own.price if own else None,
        }

    def known(self, group: int) -> dict[str, str | None]:
        """Where each price came from."""
        listed, information, own = self.listed.get(group), self.information.get(group), self.own.get(group)
        return {
            "alert_source": information.alert_source if information else "unpublished",
            "price_information_day": information.business_day.isoformat() if information else None,
            "listed_since": listed.valid_from.isoformat() if listed else None,
            "own_latest_contract": own.contract.number if own else None,
        }


def _facts(*, actor: Actor, law: Law, buyer, groups: Collection[int]) -> _Facts:
    information = pricing.information_for(region=law.region, price_group_ids=groups, on=law.on)
    without_line = [g for g in groups if g not in information or information[g].alert_line is None]
    binds = any("alert_line" in bound.value["prices"] for bound in law.every("bargain.bounds"))
    limits = law.find("bargain.first_deals") if binds and without_line else None
    months = law.find("bargain.history_months")
    history: Mapping[int, list[Decimal]] = {}
    others: Mapping[int, int] = {}
    if limits is not None or months is not None:
        # A party may read neither other hospitals' deals nor their offers.
        with scope.elevated(actor):
            if months is not None:
                # The province, not the city: JS20-11B's record is that of the province's platform (A20).
                history = pricing.public_deal_prices(
                    region=months.region,
                    price_group_ids=groups,
                    after=months_back(law.on, months.value),
                    until=law.on,
                )
            if limits is not None:
                others = bargaining.hospitals_trading(
                    platform_id=actor.platform_id,
                    region_id=buyer.region_id,
                    price_group_ids=without_line,
                    except_id=buyer.id,
                )
    return _Facts(
        listed=pricing.listed_prices(region=law.region, price_group_ids=groups, on=law.on),
        information=information,
        own=contracts.own_latest_agreements(
            platform_id=actor.platform_id, buyer_id=buyer.id, price_group_ids=groups, on=law.on
        ),
        history=history,
        others=others,
        limits=limits,
    )


def _judged(law: Law, facts: _Facts, buyer, wanted: Wanted) -> Judgement:
    group = wanted.listing.price_group_id
    prices = facts.prices(group)
    decision = bargain_decide(
        law, offer=wanted.price, winner_in_cycle=False, history_prices=facts.history.get(group, []), **prices
    )
    if not buyer.is_public:
        decision = _with(decision, _voluntary())
    limits = facts.limits if prices["alert_line"] is None else None
    if limits is not None:
        decision = _with(decision, _first_deals(limits, facts.others.get(group, 0)))
    return Judgement(
        decision=decision,
        known=facts.known(group) | {"buyer_is_public": buyer.is_public},
        bounds=_bounds(law, prices),
        months=min(wanted.months, limits.value["months"]) if limits else wanted.months,
        own_latest=prices["own_latest"],
    )


def _with(decision: Decision, reason: Reason) -> Decision:
    allowed = False if reason.effect is Effect.REFUSE else decision.allowed
    return replace(decision, reasons=(*decision.reasons, reason), allowed=allowed)


def _bounds(law: Law, prices: dict) -> tuple[Bound, ...]:
    """Every comparison price that binds today, the lowest first."""
    found = []
    for bound in law.every("bargain.bounds"):
        needed = bound.value.get("only_with")
        if needed and prices[needed] is None:
            continue
        found += [
            Bound(name, PRICE_LABELS[name], prices[name], bound.clause, bound.status is Status.DRAFT)
            for name in bound.value["prices"]
            if prices[name] is not None
        ]
    return tuple(sorted(found, key=lambda b: b.price))


def _voluntary() -> Reason:
    return Reason(
        "ASSUMPTION-A19",
        Effect.INFO,
        "voluntary_participant",
        str(Status.IN_FORCE),
        "本机构为自愿参加机构：在平台上的交易同样适用平台的价格上限（依据 ASSUMPTION-A19）",
    )


def _first_deals(limits: Value, others: int) -> Reason:
    """A product without an alert line is open to so many hospitals, for so many months, and is marked (A24)."""
    hospitals, months = limits.value["hospitals"], limits.value["months"]
    full = others >= hospitals
    return Reason(
        limits.clause,
        Effect.REFUSE if full else Effect.WARN,
        "first_deals_full" if full else "first_deals",
        str(limits.status),
        f"该产品尚无价格预警线：首批成交须经价格复核，最多 {hospitals} 家医疗机构，协议期限不超过 {months} 个月"
        f"（现有其他 {others} 家，依据 {limits.clause}）",
    )


def lock_price_group(price_group_id: int, region_id: int) -> None:
    """Let one offer for a price group be judged at a time in a region, so that two hospitals do not both take the last
    place of A24; released with the transaction."""
    scope.alone("procurement.offers", region_id, price_group_id)


def way_out(judgement: Judgement, unit: str) -> str:
    """What to do after a refusal: stay within the lowest bound, or choose another product."""
    if any(reason.code == "first_deals_full" for reason in judgement.decision.breaches):
        return "请选择已有价格预警线的同类产品，或待该产品有三家独立成交后再报价。"
    if judgement.ceiling is None:
        return "请核对价格后重新报价。"
    return f"请在 {price_words(judgement.ceiling)} 元/{unit} 以内重新报价。"

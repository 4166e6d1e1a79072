"""Offers: made under the law of the day, answered by the manufacturer or by its silence."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from catalog.models import Listing, PriceGroup
from catalog.queries import trading
from catalog.queries.categories import closed_groups
from pricing.queries.declared import units_of
from pricing.queries.view import Position, price_view
from procurement.bargaining.events import OFFER_DECLINED, OFFER_MADE, OFFER_WITHDRAWN
from procurement.bargaining.models.offers import Offer
from procurement.bargaining.queries import offers as queries
from procurement.bargaining.queries import products
from procurement.bargaining.services.answering import (
    accept_offers,
    answer_day,
    answer_offer,
    offer_record,
    parties_may_trade,
    silence_clause,
)
from procurement.bargaining.services.clearing import clearance_draw
from procurement.bargaining.services.judgement import (
    Judgement,
    Wanted,
    clearance_used,
    judge,
    lock_price_group,
    permit,
)
from procurement.bargaining.workflows import OFFER, OfferState
from procurement.channels.services.channels import channel_permit, channels
from procurement.contracts.services.consents import AT_LISTED, sign_by_consent
from procurement.contracts.services.terms import payment_days_of
from sunlight import scope
from sunlight.journal.refusals import Conflict, Forbidden, Invalid
from sunlight.journal.services import decide, service
from sunlight.kernel import reading
from sunlight.kernel.money import MAX_QUANTITY, MoneyError, amount_fen, quantity_text
from sunlight.kernel.policy import Law
from sunlight.kernel.rule import Decision
from sunlight.kernel.units import Units
from sunlight.numbering import platform_number
from sunlight.scope import Actor, Role
from sunlight.scope.clock import business_date
from sunlight.scope.duties import moved
from sunlight.tenancy.models import Organisation

MOST_AT_ONCE = 100
SILENCE = {
    "auto_confirm": "自动确认成交",
    "link_price": "报价失效，挂网价公示后联动至该成交价",
    "withdraw": "报价自动撤回",
}


@service
def offer_make(
    *,
    actor: Actor,
    at: datetime,
    price: object,
    quantity: object,
    price_group_id: int | None = None,
    listing_id: int | None = None,
    months: object = 12,
    payment_days: object = None,
) -> Offer:
    """Offer `price` (CNY a pricing unit, text) for `quantity` (`2000`, or in packs `40 盒`) of a listed price group,
    `months` long, paid within `payment_days` from acceptance (the law's term where nothing is said), all as typed.

    Judged by `bargain.decide` under the law of the hospital's region on the day of `at`; the decision is kept with the
    offer. Refused: above a bound (SZ20-5.2.1c, SZ24-3.3c, SZ24-3.4c, GD25-2.2a, JS20-11), bought elsewhere than the
    law says (`purchase.channel`), a product or party that may not trade, a second open offer. Where silence would confirm at once (JS20-11A) the offer is accepted by the system.
    """
    if not actor.has(Role.HOSPITAL_BUYER):
        raise Forbidden("not_a_buyer", "只有医疗机构的采购员可以报价。请由本单位采购员操作。")
    on = business_date(at)
    listing = _listing(actor, on, price_group_id, listing_id)
    group = listing.price_group
    buyer = products.organisation(actor.organisation_id)
    law = scope.law(actor, on, region=buyer.region.code)
    term = payment_days_of(law, payment_days)
    most = longest_agreement(actor, on, buyer)
    typed_price, typed_quantity, typed_months = parse_terms(group, price, quantity, months, most)
    parties_may_trade(
        platform_id=actor.platform_id,
        buyer_id=buyer.id,
        seller_id=listing.manufacturer_id,
        price_group_ids=[group.id],
        on=on,
    )
    channel = _channel(actor, on, buyer, group.id)
    lock_price_group(group.id, buyer.region_id)
    if queries.open_offers_of(actor, [group.id]):
        raise Conflict(
            "offer_already_open",
            "本机构对该产品已有待答复的报价。请等待企业答复，或先撤回原报价再重新报价。",
            field="price_group",
        )
    wanted = Wanted(listing, typed_price, typed_quantity)
    (judged,) = judge(actor=actor, at=at, buyer=buyer, wanted=[wanted])
    _permit(channel, judged, group)
    offer = _offer_row(actor=actor, at=at, buyer=buyer, wanted=wanted, months=typed_months, judged=judged)
    offer.payment_days = term
    offer.save(force_insert=True)
    _decided(offer, channel, judged, actor=actor, at=at)
    offer_record(OFFER_MADE, offer, actor=actor, at=at)
    if offer.on_silence == "auto_confirm":
        note = f"按挂网价报价，系统自动确认（依据 {silence_clause(offer)}）"
        with scope.elevated(actor):  # no hospital accepts an offer, its own least of all
            contract = accept_offers([offer], actor=actor.as_system(), at=at, note=note)
            sign_by_consent(contract, law.at(AT_LISTED), actor=actor.as_system(), at=at)
    return offer


def _channel(actor: Actor, on: date, buyer: Organisation, group_id: int) -> Decision:
    """The answer of `purchase.channel`: whether the hospital may buy the product on this platform."""
    law = scope.law(actor, on, region=buyer.region.code)
    return channels(law, buyer=buyer, platform_code=actor.platform_code, price_group_ids=[group_id])[group_id]


def _permit(channel: Decision, judged: Judgement, group: PriceGroup) -> None:
    """Raises Refused where nobody may bargain here, the product may not be bought on this platform, or the price is above
    a bound, in this order."""
    if judged.decision.regulated:
        _category_open(judged.decision.law, group.id)
        channel_permit(channel, group.id)
    permit(judged, group)


def _category_open(law: Law, group_id: int) -> None:
    """Raises Refused for a product whose category is not open yet (SZ20-5.3.1)."""
    closed = closed_groups(law, [group_id])
    if group_id in closed:
        raise closed[group_id]


def _decided(offer: Offer, channel: Decision, judged: Judgement, *, actor: Actor, at: datetime) -> None:
    """Keep what the offer rests on, and draw on the clearance that it stands by."""
    known = judged.known | {"quantity": quantity_text(offer.quantity), "months": offer.agreement_months}
    parties = [offer.buyer_id, offer.seller_id]
    decide(channel, subject=("offer", offer.id), actor=actor, at=at, parties=parties)
    for each in judged.decisions:
        decide(each, subject=("offer", offer.id), actor=actor, at=at, parties=parties, facts=known)
    if clearance_used(judged.decision):
        clearance_draw(judged.cleared.clearance.id, "OFFER", {offer.id: offer.quantity}, actor=actor, at=at)


def _listing(actor: Actor, on: date, price_group: object, listing: object) -> Listing:
    """The tradable listing that was chosen, by its price group or by itself. Raises Unreadable, Invalid, Refused."""
    group_id = reading.row_id(price_group, "price_group", "产品（计价组）", required=False)
    listing_id = reading.row_id(listing, "listing", "挂网产品", required=False)
    if group_id is None and listing_id is None:
        raise Invalid("missing", "请指定要报价的产品（price_group 或 listing）。", field="price_group")
    return trading.tradable_listing(
        platform_id=actor.platform_id, on=on, price_group_id=group_id, listing_id=listing_id
    )


def _offer_row(
    *, actor: Actor, at: datetime, buyer: Organisation, wanted: Wanted, months: int, judged: Judgement
) -> Offer:
    on, outcome, listing = business_date(at), judged.decision.outcome, wanted.listing
    due_on, provisional = answer_day(
        region=buyer.region.code, drafts=actor.drafts, start=on, days=outcome["answer_working_days"]
    )
    return Offer(
        number=platform_number(on),
        platform_id=actor.platform_id,
        region=buyer.region,
        buyer=buyer,
        seller=listing.manufacturer,
        listing=listing,
        price_group=listing.price_group,
        price=wanted.price,
        quantity=wanted.quantity,
        agreement_months=months,
        state=OfferState.OPEN,
        law_date=on,
        basis=outcome["basis"] or "",
        on_silence=outcome["on_silence"],
        answer_due_on=due_on,
        answer_due_provisional=provisional,
        made_at=at,
        **scope.by(actor, "made"),
        client_address=actor.client.address[:64],
        client_agent=actor.client.agent[:300],
    )


def longest_agreement(actor: Actor, on: date, buyer: Organisation) -> int:
    """The longest term of an agreement in months (A100)."""
    return scope.law(actor, on, region=buyer.region.code).at("bargain.agreement_months").value


def parse_terms(
    group: PriceGroup, price: object, quantity: object, months: object, most_months: int
) -> tuple[Decimal, Decimal, int]:
    """Price and quantity as typed, in the pricing unit, and the months. Raises Unreadable that names every field."""
    read = reading.Collected()
    typed_price = read(reading.price, price)
    typed_quantity = read(read_quantity, units_of([group])[group.id], quantity, typed_price)
    typed_months = read(read_months, months, most_months)
    read.check()
    return typed_price, typed_quantity, typed_months


def read_months(months: object, most: int) -> int:
    """The months an agreement shall run, as a number or as typed. Raises Unreadable."""
    return reading.whole(months, "months", "协议期限（月）", least=1, most=most, code="bad_months")


def read_quantity(units: Units, quantity: object, price: Decimal | None) -> Decimal:
    """A quantity as typed, `2000` or `40 盒`, in the pricing unit; with a price their amount must have a place too.
    Raises Unreadable."""
    try:
        typed = units.parse(quantity)
        if typed > MAX_QUANTITY:
            raise MoneyError("too_large", f"数量不得大于 {MAX_QUANTITY:f}")
        if typed == 0:
            raise MoneyError("zero", "数量必须大于 0")
        if price is not None:
            amount_fen(price, typed)
    except MoneyError as error:
        raise reading.Unreadable(error.code, f"{error.message}。", "quantity") from error
    return typed


@service
def offers_accept(
    *, actor: Actor, at: datetime, offer_ids: Iterable[int], payment_days: int | None = None, note: str = ""
):
    """Accept one or several open offers of one hospital: one supply contract, to be signed by both, holds them all.
    `payment_days` may promise the hospital a term, never a longer one than the law's."""
    note = reading.text(note, "note", "说明", most=500, required=False)
    offers = _to_answer(actor, at, offer_ids, "accept")
    if len({(offer.platform_id, offer.buyer_id) for offer in offers}) > 1:
        raise Invalid(
            "several_hospitals", "一份合同只能包含同一家医疗机构的报价。请按医疗机构分别接受。", field="offers"
        )
    first, on = offers[0], business_date(at)
    groups = [offer.price_group_id for offer in offers]
    listings = trading.tradable_listings(platform_id=first.platform_id, on=on).filter(price_group_id__in=groups)
    in_trade = set(listings.values_list("price_group_id", flat=True))
    if stopped := next((group for group in groups if group not in in_trade), None):
        raise trading.not_tradable(platform_id=first.platform_id, price_group_id=stopped, on=on)
    parties_may_trade(
        platform_id=first.platform_id,
        buyer_id=first.buyer_id,
        seller_id=first.seller_id,
        price_group_ids=groups,
        on=on,
    )
    return accept_offers(offers, actor=actor, at=at, note=note, payment_days=payment_days)


@service
def offer_accept(*, actor: Actor, at: datetime, offer_id: int, payment_days: int | None = None, note: str = ""):
    """Accept one open offer; gives its contract."""
    return offers_accept(actor=actor, at=at, offer_ids=[offer_id], payment_days=payment_days, note=note)


@service
def offer_decline(*, actor: Actor, at: datetime, offer_id: int, reason: str) -> Offer:
    """Decline an open offer with a reason the hospital reads."""
    reason = reading.reason(reason, label="拒绝理由")
    (offer,) = _to_answer(actor, at, [offer_id], "decline")
    return answer_offer(offer, OfferState.DECLINED, OFFER_DECLINED, actor=actor, at=at, note=reason)


@service
def offer_withdraw(*, actor: Actor, at: datetime, offer_id: int) -> Offer:
    """Take an open offer back."""
    (offer,) = queries.lock_offers(actor, [offer_id])
    state = moved(OFFER, offer.state, "withdraw", actor)
    return answer_offer(offer, state, OFFER_WITHDRAWN, actor=actor, at=at, note="医疗机构撤回")


def _to_answer(actor: Actor, at: datetime, offer_ids: Iterable[int], move: str) -> list[Offer]:
    """The firm's offers, locked, each open and within its answer time."""
    wanted = sorted({reading.row_id(each, "offers", "报价") for each in offer_ids})
    if not wanted:
        raise Invalid("nothing_chosen", "没有选择任何报价。请至少勾选一条。", field="offers")
    if len(wanted) > MOST_AT_ONCE:
        raise Invalid("too_many", f"一次最多处理 {MOST_AT_ONCE} 条报价。", field="offers")
    offers = queries.lock_offers(actor, wanted)
    for offer in offers:
        moved(OFFER, offer.state, move, actor)
        if offer.answer_due_on and business_date(at) > offer.answer_due_on:
            raise Conflict(
                "answer_time_over",
                f"报价 {offer.number} 的答复期限（{offer.answer_due_on}）已过，{SILENCE[offer.on_silence]}。"
                "请等待系统处理，或由医疗机构重新报价。",
            )
    return offers


@dataclass(frozen=True, slots=True)
class Trial:
    """An offer that was not made: the terms as understood and the judgement."""

    judged: Judgement
    units: Units
    price: Decimal
    quantity: Decimal
    position: Position | None

    @property
    def amount_fen(self) -> int:
        return amount_fen(self.price, self.quantity)

    @property
    def described(self) -> str:
        """The quantity in packs and in the pricing unit."""
        return self.units.describe(self.quantity)


def offer_trial(
    *, actor: Actor, at: datetime, price_group_id: int, price: object, quantity: object = "1", months: object = 12
) -> Trial:
    """What would become of an offer, without making one: nothing is written and a refusal is not kept. Raises
    Unreadable for terms that cannot be read, NotThere and Refused for a product that may not be traded. Whether the
    parties may trade, or an offer is open already, only `offer_make` asks."""
    on = business_date(at)
    listing = trading.tradable_listing(platform_id=actor.platform_id, on=on, price_group_id=price_group_id)
    group = listing.price_group
    buyer = products.organisation(actor.organisation_id)
    typed_price, typed_quantity, _ = parse_terms(group, price, quantity, months, longest_agreement(actor, on, buyer))
    wanted = Wanted(listing, typed_price, typed_quantity)
    (judged,) = judge(actor=actor, at=at, buyer=buyer, wanted=[wanted])
    if judged.decision.regulated:
        _category_open(judged.decision.law, group.id)
        channel_permit(_channel(actor, on, buyer, group.id), group.id)
    view = price_view(price_group_id=group.id, region=buyer.region.code, on=on, drafts=actor.drafts, price=typed_price)
    return Trial(judged, units_of([group])[group.id], typed_price, typed_quantity, view.position)


def offer_bounds(*, actor: Actor, at: datetime, listing: Listing) -> Judgement:
    """The bounds that an offer for a listing would meet today, before anybody has named a price."""
    buyer = products.organisation(actor.organisation_id)
    (judged,) = judge(actor=actor, at=at, buyer=buyer, wanted=[Wanted(listing, None)])
    return judged

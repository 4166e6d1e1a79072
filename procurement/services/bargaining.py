"""Offers: made under the law of the day, answered by the manufacturer or by its silence."""

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal

from pricing import queries as pricing
from procurement.models import Offer
from procurement.queries import bargaining as queries
from procurement.queries import products
from procurement.services import contracts
from procurement.services.judgement import ceiling_text, judge, lock_price_group
from procurement.workflows import OFFER, OfferState
from sunlight.acts import current_policy
from sunlight.blocks.numbering import platform_number
from sunlight.journal.refusals import Conflict, Forbidden, Invalid, Refused, refused_by
from sunlight.journal.services import decide, record, service
from sunlight.kernel.money import MoneyError, amount_fen, parse_price, price_text, quantity_text
from sunlight.kernel.rules import deadline_working_days
from sunlight.scope import Actor, Role
from sunlight.scope.clock import business_date
from sunlight.scope.duties import moved
from sunlight.tenancy import queries as tenancy

LONGEST_MONTHS = 36
MOST_AT_ONCE = 100
SILENCE = {"auto_confirm": "自动确认成交", "link_price": "按该成交价联动并成交", "withdraw": "报价自动撤回"}


@service
def offer_make(
    *,
    actor: Actor,
    at: datetime,
    price: object,
    quantity: object,
    price_group_id: int | None = None,
    listing_id: int | None = None,
    months: int = 12,
) -> Offer:
    """Offer `price` (CNY a pricing unit, text) for `quantity` (`2000`, or in packs `40 盒`) of a listed price group.

    Judged by `bargain.decide` under the law of the hospital's region on the day of `at`; the decision is kept with the
    offer. Refused: above a bound (SZ20-5.2.1c, SZ24-3.3c, SZ24-3.4c, GD25-2.2a, JS20-11), a product or party that may
    not trade, a second open offer. Where silence would confirm at once (JS20-11A) the offer is accepted by the system.
    """
    if not actor.has(Role.HOSPITAL_BUYER):
        raise Forbidden("not_a_buyer", "只有医疗机构的采购员可以报价。请由本单位采购员操作。")
    on = business_date(at)
    listing = products.access_tradable(
        platform_id=actor.platform_id, price_group_id=price_group_id, listing_id=listing_id, on=on
    )
    group = listing.price_group
    typed_price, typed_quantity = parse_terms(group, price, quantity, months)
    buyer = products.organisation(actor.organisation_id)
    _parties_may_trade(platform_id=actor.platform_id, buyer_id=buyer.id, seller_id=listing.manufacturer_id, on=on)
    lock_price_group(group.id, buyer.region_id)
    if queries.open_offers_of(actor, [group.id]):
        raise Conflict(
            "offer_already_open",
            "本机构对该产品已有待答复的报价。请等待企业答复，或先撤回原报价再重新报价。",
            field="price_group",
        )
    judged = judge(actor=actor, at=at, buyer=buyer, listing=listing, price=typed_price, months=months)
    _permit(judged, group)
    outcome = judged.decision.outcome
    due_on, provisional = _answer_day(
        region=buyer.region.code, start=on, days=outcome["answer_working_days"]
    )
    offer = Offer.objects.create(
        platform_id=actor.platform_id,
        region=buyer.region,
        buyer=buyer,
        seller=listing.manufacturer,
        number=platform_number(on),
        listing=listing,
        price_group=group,
        price=typed_price,
        quantity=typed_quantity,
        agreement_months=judged.months,
        state=OfferState.OPEN,
        law_date=on,
        basis=outcome["basis"] or "",
        on_silence=outcome["on_silence"],
        answer_due_on=due_on,
        answer_due_provisional=provisional,
        made_at=at,
        made_by_id=actor.user_id,
        client_address=actor.client.address[:64],
        client_agent=actor.client.agent[:300],
    )
    parties = [offer.buyer_id, offer.seller_id]
    decide(
        judged.decision,
        subject=("offer", offer.id),
        actor=actor,
        at=at,
        parties=parties,
        facts=judged.known | {"quantity": quantity_text(typed_quantity), "months": judged.months},
    )
    _recorded("offer_made", offer, actor=actor, at=at)
    if offer.on_silence == "auto_confirm":
        clause = _silence_clause(offer)
        _accept([offer], actor=actor.as_system(), at=at, note=f"按挂网价报价，系统自动确认（依据 {clause}）")
    return offer


def parse_terms(group, price: object, quantity: object, months: object) -> tuple[Decimal, Decimal]:
    """Price and quantity as typed, in the pricing unit. Raises Invalid that names the field."""
    try:
        typed_price = parse_price(price)
    except MoneyError as error:
        raise Invalid(error.code, f"{error.message}。", field="price") from error
    try:
        typed_quantity = pricing.units_of([group])[group.id].parse(quantity)
        amount_fen(typed_price, typed_quantity)
    except MoneyError as error:
        raise Invalid(error.code, f"{error.message}。", field="quantity") from error
    if isinstance(months, bool) or not isinstance(months, int) or not 1 <= months <= LONGEST_MONTHS:
        raise Invalid("bad_months", f"协议期限须为 1 至 {LONGEST_MONTHS} 个月的整数。", field="months")
    return typed_price, typed_quantity


def _parties_may_trade(*, platform_id: int, buyer_id: int, seller_id: int, on: date) -> None:
    if tenancy.trading_status(platform_id=platform_id, organisation_id=buyer_id, on=on) != "ACTIVE":
        raise Refused("buyer_may_not_trade", "本机构在该平台的交易资格未生效或已停用。请联系平台运营机构。")
    if tenancy.trading_status(platform_id=platform_id, organisation_id=seller_id, on=on) != "ACTIVE":
        raise Refused(
            "seller_may_not_trade", "该产品的生产企业当前不能在平台交易。请选择可替代产品，或向医疗保障部门反映。"
        )


def _permit(judged, group) -> None:
    """Raises the refusal a judgement amounts to; returns where the offer may be made."""
    decision, subject = judged.decision, ("price_group", group.id)
    if not decision.regulated:
        raise Refused(
            "bargaining_not_regulated",
            f"{decision.law.on} 没有允许 {decision.law.region} 地区在本平台议价采购的规定。请核对所在平台与日期。",
            subject=subject,
            decision=decision.record(),
        )
    if decision.refused or judged.first_deals_full:
        refusal = refused_by(decision, subject=subject, way_out=_way_out(judged, group))
        refusal.field = "price" if decision.refused else ""
        raise refusal


def _way_out(judged, group) -> str:
    if judged.decision.refused:
        return ceiling_text(judged, group.pricing_unit)
    return "请选择已有价格预警线的同类产品，或待该产品有三家独立成交后再报价。"


def _answer_day(*, region: str, start: date, days: int | None) -> tuple[date | None, bool]:
    """The day an offer must be answered by, to its end (A17); None where no answer is awaited."""
    if days is None:
        return None, False
    law = current_policy().law(region=region, on=start)
    outcome = deadline_working_days(law, start=start, days=days).outcome
    return outcome["deadline"], outcome["provisional"]


@service
def offers_accept(
    *, actor: Actor, at: datetime, offer_ids: Iterable[int], payment_days: int | None = None, note: str = ""
):
    """Accept one or several open offers of one hospital: one supply contract, to be signed by both, holds them all.
    `payment_days` may promise the hospital a term, never a longer one than the law's."""
    offers = _to_answer(actor, at, offer_ids, "accept")
    if len({(offer.platform_id, offer.buyer_id) for offer in offers}) > 1:
        raise Invalid("several_hospitals", "一份合同只能包含同一家医疗机构的报价。请按医疗机构分别接受。", field="offers")
    for offer in offers:
        products.access_tradable(
            platform_id=offer.platform_id, price_group_id=offer.price_group_id, listing_id=None, on=business_date(at)
        )
    first = offers[0]
    _parties_may_trade(
        platform_id=first.platform_id, buyer_id=first.buyer_id, seller_id=first.seller_id, on=business_date(at)
    )
    return _accept(offers, actor=actor, at=at, note=note, payment_days=payment_days)


@service
def offer_accept(*, actor: Actor, at: datetime, offer_id: int, payment_days: int | None = None, note: str = ""):
    """Accept one open offer; gives its contract."""
    return offers_accept(actor=actor, at=at, offer_ids=[offer_id], payment_days=payment_days, note=note)


@service
def offer_decline(*, actor: Actor, at: datetime, offer_id: int, reason: str) -> Offer:
    """Decline an open offer with a reason the hospital reads."""
    reason = _text(reason, "reason", "拒绝理由")
    (offer,) = _to_answer(actor, at, [offer_id], "decline")
    return _answered(offer, OfferState.DECLINED, "offer_declined", actor=actor, at=at, note=reason)


@service
def offer_withdraw(*, actor: Actor, at: datetime, offer_id: int) -> Offer:
    """Take an open offer back."""
    (offer,) = queries.lock_offers(actor, [offer_id])
    state = moved(OFFER, offer.state, "withdraw", actor)
    return _answered(offer, state, "offer_withdrawn", actor=actor, at=at, note="医疗机构撤回")


def _to_answer(actor: Actor, at: datetime, offer_ids: Iterable[int], move: str) -> list[Offer]:
    """The firm's offers, locked, each open and within its answer time."""
    wanted = sorted(set(offer_ids))
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


def _accept(offers: list[Offer], *, actor: Actor, at: datetime, note: str, payment_days: int | None = None):
    for offer in offers:
        state = moved(OFFER, offer.state, "accept", actor)
        _answered(offer, state, "offer_accepted", actor=actor, at=at, note=note)
    return contracts.contract_of(offers, actor=actor, at=at, payment_days=payment_days)


def _answered(offer: Offer, state, event: str, *, actor: Actor, at: datetime, note: str, **more) -> Offer:
    offer.state, offer.answered_at, offer.answered_by_id = state, at, actor.user_id
    offer.answer_note = note[:500]
    offer.version += 1
    offer.save(update_fields=["state", "answered_at", "answered_by_id", "answer_note", "version"])
    _recorded(event, offer, actor=actor, at=at, **more)
    return offer


def _recorded(event: str, offer: Offer, *, actor: Actor, at: datetime, **more) -> None:
    record(
        event,
        subject=("offer", offer.id),
        actor=actor,
        at=at,
        parties=[offer.buyer_id, offer.seller_id],
        payload={
            "number": offer.number,
            "buyer": offer.buyer_id,
            "seller": offer.seller_id,
            "listing": offer.listing_id,
            "price_group": offer.price_group_id,
            "price": price_text(offer.price),
            "quantity": quantity_text(offer.quantity),
            "months": offer.agreement_months,
            "state": str(offer.state),
            "basis": offer.basis,
            "on_silence": offer.on_silence,
            "answer_due_on": offer.answer_due_on,
            "answer_due_provisional": offer.answer_due_provisional,
            "note": offer.answer_note,
        }
        | more,
        version=offer.version,
    )


def _text(value: object, field: str, label: str) -> str:
    text = value.strip() if isinstance(value, str) else ""
    if not text:
        raise Invalid("missing", f"请填写{label}。", field=field)
    if len(text) > 500:
        raise Invalid("too_long", f"{label}不能超过 500 个字。", field=field)
    return text


@service
def offers_sweep(*, actor: Actor, at: datetime, limit: int = 100) -> int:
    """What silence does to open offers whose answer day has ended (24:00 Asia/Shanghai, A17): withdrawn (A14,
    JS20-11C) or linked (JS20-11B, A20). One chunk of at most `limit`; gives how many were looked at."""
    if not actor.has(Role.SYSTEM):
        raise Forbidden("not_the_system", "只有系统可以处理逾期报价。")
    on = business_date(at)
    due = queries.due_offers(actor, on, limit)
    for offer in due:
        if not _moved_by_calendar(offer, on, actor=actor, at=at):
            _silent(offer, actor=actor, at=at)
    return len(due)


def _silence_clause(offer: Offer) -> str:
    """The clause that says what silence does to this offer, by the law of its day."""
    law = current_policy().law(region=offer.region.code, on=offer.law_date)
    key = {"listed": "bargain.at_listed.on_silence", "history": "bargain.at_history.on_silence"}.get(
        offer.basis, "bargain.on_silence"
    )
    return law.at(key).clause


def _moved_by_calendar(offer: Offer, on: date, *, actor: Actor, at: datetime) -> bool:
    """Whether a provisional answer day lies later since the year's calendar was published; it is then kept anew."""
    if not offer.answer_due_provisional:
        return False
    law = current_policy().law(region=offer.region.code, on=offer.law_date)
    key = "bargain.at_history.answer_days" if offer.basis == "history" else "bargain.answer_days"
    start = business_date(offer.made_at)
    due_on, provisional = _answer_day(region=offer.region.code, start=start, days=law.at(key).value)
    if due_on < on:
        return False
    offer.answer_due_on, offer.answer_due_provisional = due_on, provisional
    offer.version += 1
    offer.save(update_fields=["answer_due_on", "answer_due_provisional", "version"])
    _recorded("offer_due_day_moved", offer, actor=actor, at=at, clause="ASSUMPTION-A17")
    return True


def _silent(offer: Offer, *, actor: Actor, at: datetime) -> None:
    clause = _silence_clause(offer)
    until = f"企业至 {offer.answer_due_on} 24 时未答复"
    if offer.on_silence == "link_price" and _may_link(offer, at):
        _link(offer, clause, until, actor=actor, at=at)
        return
    state = moved(OFFER, offer.state, "lapse", actor)
    note = f"{until}，报价自动撤回（依据 {clause}）"
    _answered(offer, state, "offer_lapsed", actor=actor, at=at, note=note, clause=clause)


def _may_link(offer: Offer, at: datetime) -> bool:
    try:
        products.access_tradable(
            platform_id=offer.platform_id, price_group_id=offer.price_group_id, listing_id=None, on=business_date(at)
        )
        _parties_may_trade(
            platform_id=offer.platform_id, buyer_id=offer.buyer_id, seller_id=offer.seller_id, on=business_date(at)
        )
    except Refused:
        return False
    return True


def _link(offer: Offer, clause: str, until: str, *, actor: Actor, at: datetime) -> None:
    """JS20-11B: the deal stands at the existing price, and the listed price is due to follow it after publicity (A20):
    said as an event for the price side, which alone changes listed prices."""
    _accept([offer], actor=actor, at=at, note=f"{until}，按已有成交价联动成交（依据 {clause}）")
    record(
        "price_notice_due",
        subject=("offer", offer.id),
        actor=actor,
        at=at,
        parties=[offer.buyer_id, offer.seller_id],
        payload={
            "listing": offer.listing_id,
            "price_group": offer.price_group_id,
            "price": price_text(offer.price),
            "clauses": [clause, "ASSUMPTION-A20", "ASSUMPTION-A9"],
        },
        version=offer.version,
    )

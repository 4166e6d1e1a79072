"""What the manufacturer's silence does to an offer whose answer day has ended."""

from datetime import date, datetime

from catalog.queries import trading
from pricing.queries.deals import public_deals_at
from procurement.bargaining.events import OFFER_DUE_DAY_MOVED, OFFER_LAPSED, PRICE_NOTICE_DUE
from procurement.bargaining.models.offers import Offer
from procurement.bargaining.queries import offers as queries
from procurement.bargaining.services.answering import answer_day, answer_offer, offer_record, silence_clause
from procurement.bargaining.workflows import OFFER
from sunlight import scope
from sunlight.journal.refusals import Forbidden, Refused
from sunlight.journal.services import record, service
from sunlight.kernel.money import price_text, price_words
from sunlight.kernel.period import months_back
from sunlight.kernel.policy import Value
from sunlight.scope import Actor, Role
from sunlight.scope.clock import business_date
from sunlight.scope.duties import moved


@service
def offers_sweep(*, actor: Actor, at: datetime, limit: int = 100) -> int:
    """What silence does to open offers whose answer day has ended (24:00 Asia/Shanghai, A17): withdrawn (A14,
    JS20-11C), or lapsed with the listed price due to follow (JS20-11B, A20). One chunk of at most `limit`; gives how many were looked at."""
    if not actor.has(Role.SYSTEM):
        raise Forbidden("not_the_system", "只有系统可以处理逾期报价。")
    on = business_date(at)
    due = queries.due_offers(actor, on, limit)
    for offer in due:
        if not _moved_by_calendar(offer, on, actor=actor, at=at):
            _silent(offer, actor=actor, at=at)
    return len(due)


def _moved_by_calendar(offer: Offer, on: date, *, actor: Actor, at: datetime) -> bool:
    """Whether a provisional answer day lies later since the year's calendar was published; it is then updated."""
    if not offer.answer_due_provisional:
        return False
    law = scope.law(actor, offer.law_date, region=offer.region.code)
    key = "bargain.at_history.answer_days" if offer.basis == "history" else "bargain.answer_days"
    start = business_date(offer.made_at)
    due_on, provisional = answer_day(region=offer.region.code, drafts=actor.drafts, start=start, days=law.at(key).value)
    if due_on < on:
        return False
    offer.answer_due_on, offer.answer_due_provisional = due_on, provisional
    offer.version += 1
    offer.save(update_fields=["answer_due_on", "answer_due_provisional", "version"])
    offer_record(OFFER_DUE_DAY_MOVED, offer, actor=actor, at=at, clause=law.at("workdays.calendar").clause)
    return True


def _silent(offer: Offer, *, actor: Actor, at: datetime) -> None:
    """The offer lapses; no contract arises from silence. An offer at a real deal price moves the listed price (JS20-11B)."""
    clause = silence_clause(offer)
    state = moved(OFFER, offer.state, "lapse", actor)
    until = f"企业至 {offer.answer_due_on} 24 时未答复"
    record_of_deal = _deal_shown(offer, actor, at) if offer.on_silence == "link_price" else None
    if record_of_deal is None:
        note = f"{until}，报价自动撤回（依据 {clause}）"
        answer_offer(offer, state, OFFER_LAPSED, actor=actor, at=at, note=note, clause=clause)
        return
    note = f"{until}，报价失效，不产生合同；该价格为真实成交价，平台启动挂网价联动，公示后生效（依据 {clause}）"
    answer_offer(offer, state, OFFER_LAPSED, actor=actor, at=at, note=note, clause=clause)
    record(
        PRICE_NOTICE_DUE,
        subject=offer.id,
        actor=actor,
        at=at,
        parties=[offer.buyer_id, offer.seller_id],
        payload={
            "number": offer.number,
            "listing": offer.listing_id,
            "price_group": offer.price_group_id,
            "price": price_text(offer.price),
            "evidence": record_of_deal,
            "clauses": [clause, *(value.clause for value in _linked_by(offer, actor))],
        },
        version=offer.version,
    )


def _linked_by(offer: Offer, actor: Actor) -> list[Value]:
    """What makes an existing price history (A20), and what a linked price waits for (A9), by the law of the offer's day."""
    law = scope.law(actor, offer.law_date, region=offer.region.code)
    return [found for key in ("bargain.history_months", "publicity.days") if (found := law.find(key)) is not None]


def _deal_shown(offer: Offer, actor: Actor, at: datetime) -> str | None:
    """The platform's own record of a deal at the offer's price in the months before the offer, which counts as the
    hospital's (A20), in words; None where there is none any more, or the product is not in trade."""
    law = scope.law(actor, offer.law_date, region=offer.region.code)
    months = law.find("bargain.history_months")
    if months is None:
        return None
    try:
        trading.tradable_listing(
            platform_id=offer.platform_id, on=business_date(at), price_group_id=offer.price_group_id
        )
    except Refused:
        return None
    found = public_deals_at(
        region=months.region,
        price_group_id=offer.price_group_id,
        price=offer.price,
        after=months_back(offer.law_date, months.value),
        until=offer.law_date,
    )
    if not found.count:
        return None
    return f"本地区公立医疗机构近 {months.value} 个月按 {price_words(offer.price)} 元成交 {found.count} 笔，最近一笔 {found.last}"

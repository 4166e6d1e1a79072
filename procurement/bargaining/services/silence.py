"""What the manufacturer's silence does to an offer whose answer day has ended."""

from datetime import date, datetime

from catalog.queries import trading
from procurement.bargaining.events import OFFER_DUE_DAY_MOVED, OFFER_LAPSED, PRICE_NOTICE_DUE
from procurement.bargaining.models.offers import Offer
from procurement.bargaining.queries import offers as queries
from procurement.bargaining.services.answering import (
    accept_offers,
    answer_day,
    answer_offer,
    offer_record,
    parties_may_trade,
    silence_clause,
)
from procurement.bargaining.workflows import OFFER
from sunlight import scope
from sunlight.journal.refusals import Forbidden, Refused
from sunlight.journal.services import record, service
from sunlight.kernel.money import price_text
from sunlight.kernel.policy import Value
from sunlight.scope import Actor, Role
from sunlight.scope.clock import business_date
from sunlight.scope.duties import moved


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
    clause = silence_clause(offer)
    until = f"企业至 {offer.answer_due_on} 24 时未答复"
    if offer.on_silence == "link_price" and _may_link(offer, at):
        _link(offer, clause, until, actor=actor, at=at)
        return
    state = moved(OFFER, offer.state, "lapse", actor)
    note = f"{until}，报价自动撤回（依据 {clause}）"
    answer_offer(offer, state, OFFER_LAPSED, actor=actor, at=at, note=note, clause=clause)


def _may_link(offer: Offer, at: datetime) -> bool:
    try:
        trading.tradable_listing(
            platform_id=offer.platform_id, on=business_date(at), price_group_id=offer.price_group_id
        )
        parties_may_trade(
            platform_id=offer.platform_id,
            buyer_id=offer.buyer_id,
            seller_id=offer.seller_id,
            price_group_ids=[offer.price_group_id],
            on=business_date(at),
        )
    except Refused:
        return False
    return True


def _linked_by(offer: Offer, actor: Actor) -> list[Value]:
    """What makes an existing price history (A20), and what a linked price waits for (A9), by the law of the offer's day."""
    law = scope.law(actor, offer.law_date, region=offer.region.code)
    return [found for key in ("bargain.history_months", "publicity.days") if (found := law.find(key)) is not None]


def _link(offer: Offer, clause: str, until: str, *, actor: Actor, at: datetime) -> None:
    """JS20-11B: the deal stands at the existing price, and the listed price is due to follow it after publicity (A20):
    recorded as an event for pricing, which alone changes listed prices."""
    accept_offers([offer], actor=actor, at=at, note=f"{until}，按已有成交价联动成交（依据 {clause}）")
    record(
        PRICE_NOTICE_DUE,
        subject=offer.id,
        actor=actor,
        at=at,
        parties=[offer.buyer_id, offer.seller_id],
        payload={
            "listing": offer.listing_id,
            "price_group": offer.price_group_id,
            "price": price_text(offer.price),
            "clauses": [clause, *(value.clause for value in _linked_by(offer, actor))],
        },
        version=offer.version,
    )

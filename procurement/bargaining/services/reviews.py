"""Price reviews: the operator looks at the price of a product that nothing compares with, before its first deals (A24)."""

from datetime import datetime
from decimal import Decimal

from catalog.queries import trading
from procurement.bargaining.events import PRICE_REVIEW_PASSED, PRICE_REVIEW_REFUSED, PRICE_REVIEW_REQUESTED
from procurement.bargaining.models.reviews import PriceReview
from procurement.bargaining.queries import products
from procurement.bargaining.queries import reviews as queries
from procurement.bargaining.services.judgement import bargain_facts
from procurement.bargaining.workflows import PRICE_REVIEW, PriceReviewState
from sunlight import scope
from sunlight.journal.declared import EventType
from sunlight.journal.refusals import Conflict, Forbidden, same_version
from sunlight.journal.services import decide, record, service
from sunlight.kernel import reading
from sunlight.kernel.money import price_text
from sunlight.numbering import platform_number
from sunlight.scope import Actor, Role
from sunlight.scope.clock import business_date
from sunlight.scope.duties import moved


@service
def price_review_request(
    *, actor: Actor, at: datetime, price_group_id: object, price: object, reason: object
) -> PriceReview:
    """Ask the operator to review a price (CNY a pricing unit, as typed) of a product under the limits of first deals; the
    rule's answer is kept with the request. Raises Unreadable, Forbidden, NotThere or Refused for a product that may not be
    traded, Conflict where no review is needed or one waits."""
    if not actor.has(Role.HOSPITAL_BUYER):
        raise Forbidden("not_a_buyer", "只有医疗机构的采购员可以申请价格审核。请由本单位采购员操作。")
    group_id, typed_price, why = _read(price_group_id, price, reason)
    on = business_date(at)
    listing = trading.tradable_listing(platform_id=actor.platform_id, on=on, price_group_id=group_id)
    buyer = products.organisation(actor.organisation_id)
    law = scope.law(actor, on, region=buyer.region.code)
    facts = bargain_facts(actor=actor, law=law, buyer=buyer, price_group_ids=[group_id])[group_id]
    answer = facts.first_deal(law, typed_price)
    if answer is None or not answer.regulated or not answer.outcome["limited"]:
        raise Conflict("no_review_needed", "该产品今天不受首批成交限制，无需价格审核，可以直接报价。")
    if "review" not in answer.outcome["broken"] and answer.facts["reviewed"]:
        raise Conflict("reviewed_already", "该产品不高于此价的价格已经审核通过，可以直接报价。", field="price")
    if queries.waiting_of(actor, group_id):
        raise Conflict("review_waits", "本机构对该产品已有待审核的价格。请等待平台运营机构审核。", field="price_group")
    made = PriceReview.objects.create(
        number=platform_number(on),
        platform_id=actor.platform_id,
        region=buyer.region,
        buyer=buyer,
        seller_id=listing.manufacturer_id,
        listing=listing,
        price_group=listing.price_group,
        price=typed_price,
        reason=why,
        law_date=on,
        requested_at=at,
        **scope.by(actor, "requested"),
    )
    decide(answer, subject=("price_review", made.id), actor=actor, at=at, parties=[made.buyer_id, made.seller_id])
    _record(PRICE_REVIEW_REQUESTED, made, actor, at)
    return made


def _read(price_group: object, price: object, reason: object) -> tuple[int, Decimal, str]:
    read = reading.Collected()
    group_id = read(reading.row_id, price_group, "price_group", "产品（计价组）")
    typed = read(reading.price, price)
    why = read(reading.reason, reason, label="申请理由")
    read.check()
    return group_id, typed, why


@service
def price_review_pass(
    *, actor: Actor, at: datetime, price_review_id: int, reason: object, version: int | None = None
) -> PriceReview:
    """The operator finds the price fair, with its reason: it and every lower price of the product may be dealt at (A101)."""
    return _decided("pass", PRICE_REVIEW_PASSED, price_review_id, reason, version, actor=actor, at=at)


@service
def price_review_refuse(
    *, actor: Actor, at: datetime, price_review_id: int, reason: object, version: int | None = None
) -> PriceReview:
    """The operator finds the price not fair, with its reason."""
    return _decided("refuse", PRICE_REVIEW_REFUSED, price_review_id, reason, version, actor=actor, at=at)


def _decided(
    move: str,
    event: EventType,
    price_review_id: int,
    reason: object,
    version: int | None,
    *,
    actor: Actor,
    at: datetime,
) -> PriceReview:
    row = queries.lock_price_review(actor, price_review_id)
    same_version(row.version, version)
    row.state = PriceReviewState(moved(PRICE_REVIEW, row.state, move, actor))
    row.decision_note = reading.reason(reason, label="审核意见")
    row.decided_at = at
    row.version += 1
    who = scope.stamp(row, "decided", actor)
    row.save(update_fields=["state", "decision_note", "decided_at", *who, "version"])
    _record(event, row, actor, at)
    return row


def _record(event: EventType, row: PriceReview, actor: Actor, at: datetime) -> None:
    record(
        event,
        subject=row.id,
        actor=actor,
        at=at,
        parties=[row.buyer_id, row.seller_id],
        payload={
            "number": row.number,
            "buyer": row.buyer_id,
            "seller": row.seller_id,
            "listing": row.listing_id,
            "price_group": row.price_group_id,
            "price": price_text(row.price),
            "state": str(row.state),
            "reason": row.reason,
            "note": row.decision_note,
        },
        version=row.version,
    )

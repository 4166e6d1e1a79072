"""Notices that lower a listed price: opened by what the law follows, published for objection, in force from the first day
(JS20-11B, A20, A30). Never upward, and no contract arises from any of it."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from catalog.models import Listing
from catalog.workflows import ListingState
from pricing.events import PRICE_NOTICE_EFFECTIVE, PRICE_NOTICE_ENDED, PRICE_NOTICE_OPENED
from pricing.models import ListedPrice, PriceNotice
from pricing.queries.notices import lock_notice, under_notice
from pricing.queries.published import listed_price
from pricing.rules.linked import GROUNDS, OutsidePrice, price_linked
from pricing.services.listed import listed_price_open
from pricing.services.references import OBJECTIONS
from pricing.workflows import NOTICE, NoticeState
from sunlight import scope
from sunlight.journal.declared import EventType
from sunlight.journal.refusals import Forbidden
from sunlight.journal.services import decide, record, service
from sunlight.kernel.money import price_text, price_words
from sunlight.kernel.rule import Decision
from sunlight.numbering import platform_number
from sunlight.publicity.services import publicity_open
from sunlight.publicity.workflows import PublicationState
from sunlight.scope import Actor, Role
from sunlight.scope.clock import business_date
from sunlight.scope.duties import moved


@service
def price_notice_open(
    *,
    actor: Actor,
    at: datetime,
    listing_id: int,
    deal_price: Decimal | None = None,
    outside_prices: Sequence[OutsidePrice] = (),
    ground_number: str = "",
    evidence: str = "",
    kind: str = "LINKAGE",
) -> PriceNotice | None:
    """Put before the public what rule `price.linked` lowers a listing's price to, by the system: a real deal whose offer
    the firm left unanswered (JS20-11B; `ground_number` is the offer's, `evidence` the record of the deal in words) or prices
    elsewhere. None where nothing is lower, or a price as low is under notice already."""
    if not actor.has(Role.SYSTEM):
        raise Forbidden("not_the_system", "挂网价联动由系统按规定发起。")
    listing = Listing.objects.select_related("price_group__certificate", "manufacturer", "region").get(id=listing_id)
    scope.alone("pricing.notices", listing.region_id, listing.price_group_id)
    law = scope.law(actor, business_date(at), region=listing.region.code)
    current = listed_price(region=law.region, price_group_id=listing.price_group_id, on=law.on)
    if current is None:
        return None
    decision = price_linked(law, listed=current.price, outside_prices=list(outside_prices), deal_price=deal_price)
    if not _is_news(decision, listing):
        decide(decision, subject=("listing", listing.id), actor=actor, at=at, parties=[listing.manufacturer_id])
        return None
    row = PriceNotice.objects.create(
        number=platform_number(law.on),
        kind=kind,
        platform_id=actor.platform_id,
        region=listing.region,
        listing=listing,
        price_group=listing.price_group,
        manufacturer=listing.manufacturer,
        old_price=current.price,
        new_price=decision.outcome["new_price"],
        ground=decision.outcome["ground"],
        ground_number=ground_number,
        ground_facts={
            "deal_price": price_text(deal_price) if deal_price is not None else None,
            "outside_prices": [{"province": p.province, "price": price_text(p.price)} for p in outside_prices],
            "evidence": evidence,
        },
        clause=decision.reasons[0].clause,
        opened_at=at,
    )
    _publish(row, current, actor, at)
    _decided(decision, row, actor, at)
    _record(PRICE_NOTICE_OPENED, row, actor, at, ends_on=row.publication.ends_on)
    return row


def _is_news(decision: Decision, listing: Listing) -> bool:
    """Whether something is lower, and no price as low is under notice already."""
    new = (decision.outcome or {}).get("new_price")
    if new is None:
        return False
    lowest = under_notice(region_id=listing.region_id, price_group_id=listing.price_group_id).first()
    return lowest is None or new < lowest.new_price


def _publish(row: PriceNotice, current: ListedPrice, actor: Actor, at: datetime) -> None:
    row.publication = publicity_open(
        actor=actor,
        at=at,
        kind="linked_price",
        subject=("price_notice", row.id),
        party=row.manufacturer_id,
        title=f"挂网价联动公示：{row.price_group.name}",
        body="对联动的依据或价格有异议的，可在公示期内提出并提供证明。公示期满无异议的，挂网价自次日起下调；本公示不产生任何合同。",
        facts=_shown(row, current),
    )
    row.save(update_fields=["publication"])


@service
def price_notice_conclude(*, actor: Actor, at: datetime, notice_id: int, outcome: str, note: str = "") -> PriceNotice:
    """What the end of its publication does to a notice, by the system: unopposed or maintained, the listed price falls from
    its first day on, where it is still higher; otherwise the price stays."""
    row = lock_notice(notice_id)
    if row.state != NoticeState.PUBLISHED:
        return row
    law = scope.law(actor, business_date(at), region=row.region.code)
    current = listed_price(region=law.region, price_group_id=row.price_group_id, on=law.on)
    decision = price_linked(law, listed=current.price if current else Decimal(0), **_asked(row, outcome))
    first = (decision.outcome or {}).get("first_day")
    move, note = _next(row, outcome, note, current, first)
    changes: dict[str, Any] = {"state": moved(NOTICE, row.state, move, actor), "ended_note": note[:500]}
    if move == "take_effect":
        # The rule's day, or today where an objection took longer to answer: nothing binds backwards.
        changes["effective_on"] = max(first, law.on)
    for field, value in changes.items():
        setattr(row, field, value)
    row.version += 1
    row.save(update_fields=[*changes, "version"])
    _decided(decision, row, actor, at)
    if move == "take_effect":
        listed_price_open(
            actor=actor,
            at=at,
            region_id=row.region_id,
            price_group_id=row.price_group_id,
            price=row.new_price,
            valid_from=row.effective_on,
            source="LINKAGE",
            source_number=row.number,
        )
    _record(PRICE_NOTICE_EFFECTIVE if move == "take_effect" else PRICE_NOTICE_ENDED, row, actor, at)
    return row


def _asked(row: PriceNotice, outcome: str) -> dict[str, Any]:
    """What the rule is asked with at the end: what it was asked with at the beginning, and the publication."""
    facts = row.ground_facts
    return {
        "outside_prices": [OutsidePrice(each["province"], Decimal(each["price"])) for each in facts["outside_prices"]],
        "deal_price": Decimal(facts["deal_price"]) if facts["deal_price"] else None,
        "published_on": row.publication.starts_on,
        "objection": OBJECTIONS.get(outcome, "none"),
    }


def _next(row: PriceNotice, outcome: str, note: str, current: ListedPrice | None, first) -> tuple[str, str]:
    """The move that the end of a publication makes, and what is said of it."""
    if outcome == PublicationState.UPHELD:
        return "oppose", note
    if outcome == PublicationState.WITHDRAWN:
        return "withdraw", note
    if row.listing.state not in (ListingState.LISTED, ListingState.SUSPENDED) or current is None:
        return "overtake", "产品已不在挂网，挂网价不再调整"
    if first is None and current.price > row.new_price:
        return "overtake", "公示期满时本地区已没有挂网价联动的规定，不再调整"
    if first is None:
        return "overtake", f"现行挂网价 {price_words(current.price)} 元已不高于拟调整的价格，不再调整"
    return "take_effect", note


def _shown(row: PriceNotice, current: ListedPrice) -> list[tuple[str, str]]:
    """What the public reads. Not whose deal or offer it was."""
    group = row.price_group
    return [
        ("产品", group.name),
        ("生产企业", row.manufacturer.name),
        ("注册备案号", group.certificate.number),
        ("计价单位", group.pricing_unit),
        ("现行挂网价（元）", price_words(current.price)),
        ("拟调整为（元）", price_words(row.new_price)),
        ("联动依据", GROUNDS[row.ground]),
        ("交易记录", row.ground_facts.get("evidence") or "—"),
        ("公告编号", row.number),
    ]


def _decided(decision: Decision, row: PriceNotice, actor: Actor, at: datetime) -> None:
    decide(decision, subject=("price_notice", row.id), actor=actor, at=at, parties=[row.manufacturer_id])


def _record(event: EventType, row: PriceNotice, actor: Actor, at: datetime, **more) -> None:
    record(
        event,
        subject=row.id,
        actor=actor,
        at=at,
        version=row.version,
        parties=[row.manufacturer_id],
        payload={
            "number": row.number,
            "kind": row.kind,
            "region_id": row.region_id,
            "listing": row.listing_id,
            "price_group_id": row.price_group_id,
            "manufacturer_id": row.manufacturer_id,
            "name": row.price_group.name,
            "old_price": row.old_price,
            "new_price": row.new_price,
            "ground": row.ground,
            "ground_number": row.ground_number,
            "clause": row.clause,
            "publication": row.publication_id,
            "effective_on": row.effective_on,
            "state": row.state,
            "note": row.ended_note,
            **more,
        },
    )

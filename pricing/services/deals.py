"""Deal facts: one for each accepted order line; what was accepted and returned moves its net quantity."""

from datetime import datetime
from decimal import Decimal

from pricing.models import DealFact
from sunlight.journal.refusals import Conflict, Forbidden, Invalid, NotThere
from sunlight.journal.services import record, service
from sunlight.scope import Actor, Role
from sunlight.scope.clock import business_date
from sunlight.tenancy.models import HospitalLevel, Organisation


@service
def deal_fact_record(
    *,
    actor: Actor,
    at: datetime,
    platform_id: int,
    region_id: int,
    price_group_id: int,
    national_code_id: int,
    buyer_id: int,
    seller_id: int,
    order_line_number: str,
    price: Decimal,
    quantity: Decimal,
    distributor_id: int | None = None,
    is_gift: bool = False,
) -> DealFact:
    """The deal of an order line on the day its supplier accepted: unit price (CNY), quantity in the pricing unit. It
    counts in lines and statistics only once something is accepted (`deal_fact_net`). Called by procurement in the
    transaction of the acceptance; the same line with the same facts again gives the row there is.

    Raises Conflict for a line that stands with other facts.
    """
    kept = DealFact.objects.filter(order_line_number=order_line_number).first()
    if kept is not None:
        if (kept.price, kept.quantity, kept.buyer_id, kept.price_group_id) == (
            price,
            quantity,
            buyer_id,
            price_group_id,
        ):
            return kept
        raise Conflict("deal_fact_exists", f"订单行 {order_line_number} 已登记成交，且内容不同。请核对订单。")
    buyer = Organisation.objects.only("level", "is_public").get(id=buyer_id)
    fact = DealFact.objects.create(
        platform_id=platform_id,
        region_id=region_id,
        price_group_id=price_group_id,
        national_code_id=national_code_id,
        buyer_id=buyer_id,
        seller_id=seller_id,
        distributor_id=distributor_id,
        order_line_number=order_line_number,
        hospital_level=buyer.level or HospitalLevel.UNRATED.value,
        is_public=buyer.is_public,
        is_gift=is_gift,
        price=price,
        quantity=quantity,
        net_quantity=Decimal(0),
        occurred_on=business_date(at),
        recorded_at=at,
        changed_at=at,
    )
    _record("deal_fact_recorded", fact, actor, at)
    return fact


@service
def deal_fact_net(*, actor: Actor, at: datetime, order_line_number: str, net_quantity: Decimal) -> DealFact:
    """Set what of an order line was accepted and not returned, in the pricing unit; at 0 the deal leaves lines and
    statistics. Called by procurement on acceptance, reversal and return; the same figure again changes nothing.

    Raises NotThere for an unknown line, Invalid for less than 0 or more than was ordered.
    """
    fact = _locked(order_line_number)
    if not 0 <= net_quantity <= fact.quantity:
        raise Invalid(
            "net_quantity_out_of_range",
            f"净数量 {net_quantity} 须在 0 至订单数量 {fact.quantity} 之间，请核对验收与退货数量。",
            field="net_quantity",
        )
    if fact.net_quantity == net_quantity:
        return fact
    fact.net_quantity = net_quantity
    return _changed("deal_fact_netted", fact, actor, at, ["net_quantity"])


@service
def deal_fact_exclude(*, actor: Actor, at: datetime, order_line_number: str, reason: str) -> DealFact:
    """Take a deal out of lines and statistics after review, with the reason; the deal itself is kept.

    Raises Forbidden for others than the operator's confirmer, Invalid without a reason, Conflict where it is out already.
    """
    if not actor.has(Role.OPERATOR_CONFIRMER):
        raise Forbidden("role_missing", "只有承办机构的价格确认员可以剔除成交记录。请联系承办机构。")
    reason = reason.strip()
    if not reason or len(reason) > 300:
        raise Invalid("reason_missing", "请填写剔除理由（300 字以内），理由与原记录一并保存。", field="reason")
    fact = _locked(order_line_number)
    if fact.excluded_at is not None:
        raise Conflict("already_excluded", f"该成交已于 {fact.excluded_at:%Y-%m-%d} 剔除：{fact.exclusion_reason}。")
    fact.excluded_at, fact.exclusion_reason = at, reason
    return _changed("deal_fact_excluded", fact, actor, at, ["excluded_at", "exclusion_reason"])


def _locked(order_line_number: str) -> DealFact:
    fact = DealFact.objects.select_for_update().filter(order_line_number=order_line_number).first()
    if fact is None:
        raise NotThere("成交记录")
    return fact


def _changed(event: str, fact: DealFact, actor: Actor, at: datetime, fields: list[str]) -> DealFact:
    fact.changed_at = at
    fact.version += 1
    fact.save(update_fields=[*fields, "changed_at", "version"])
    _record(event, fact, actor, at)
    return fact


def _record(event: str, fact: DealFact, actor: Actor, at: datetime) -> None:
    record(
        event,
        subject=("deal_fact", fact.id),
        actor=actor,
        at=at,
        parties=[fact.buyer_id, fact.seller_id, fact.distributor_id],
        version=fact.version,
        payload={
            "order_line_number": fact.order_line_number,
            "region": fact.region_id,
            "price_group": fact.price_group_id,
            "national_code": fact.national_code_id,
            "buyer": fact.buyer_id,
            "seller": fact.seller_id,
            "distributor": fact.distributor_id,
            "hospital_level": fact.hospital_level,
            "is_public": fact.is_public,
            "is_gift": fact.is_gift,
            "price": fact.price,
            "quantity": fact.quantity,
            "net_quantity": fact.net_quantity,
            "occurred_on": fact.occurred_on,
            "excluded_at": fact.excluded_at,
            "exclusion_reason": fact.exclusion_reason,
        },
    )

"""Deal facts: one for each accepted order line; what was accepted and returned moves its net quantity."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from decimal import Decimal

from pricing.events import DEAL_FACT_EXCLUDED, DEAL_FACT_NETTED, DEAL_FACT_RECORDED, DEAL_FACT_REDELIVERED
from pricing.models import DealFact
from sunlight import scope
from sunlight.journal.declared import EventType
from sunlight.journal.refusals import Conflict, Forbidden, Invalid, NotThere
from sunlight.journal.services import record_all, service
from sunlight.kernel import reading
from sunlight.kernel.money import quantity_text
from sunlight.scope import Actor, Role
from sunlight.scope.clock import business_date
from sunlight.tenancy.models import HospitalLevel, Organisation

# Distinguishes two deals of one order line; the distributor may change before dispatch.
_LASTING = (
    "platform_id",
    "price_group_id",
    "national_code_id",
    "buyer_id",
    "seller_id",
    "price",
    "quantity",
    "is_gift",
)


@dataclass(frozen=True, slots=True)
class Deal:
    """An order line as its supplier accepted it: unit price (CNY), quantity in the pricing unit."""

    platform_id: int
    region_id: int
    price_group_id: int
    national_code_id: int
    buyer_id: int
    seller_id: int
    order_line_number: str
    price: Decimal
    quantity: Decimal
    distributor_id: int | None = None
    is_gift: bool = False
    # Why it never counts in lines and statistics; "" where it does.
    exclusion_reason: str = ""


@service
def deal_facts_record(*, actor: Actor, at: datetime, deals: Sequence[Deal]) -> list[DealFact]:
    """The deals of order lines on the day their supplier accepted them. They count in lines and statistics only once
    something is accepted (`deal_facts_net`). Called by procurement in the transaction of the acceptance; the same line
    with the same facts again gives the row there is. As many statements for many lines as for one.

    Raises Conflict for a line that stands with other facts.
    """
    numbers = [deal.order_line_number for deal in deals]
    facts = {fact.order_line_number: fact for fact in DealFact.objects.filter(order_line_number__in=numbers)}
    for deal in deals:
        kept = facts.get(deal.order_line_number)
        if kept is not None and any(getattr(kept, name) != getattr(deal, name) for name in _LASTING):
            raise Conflict("deal_fact_exists", f"订单行 {deal.order_line_number} 已登记成交，且内容不同。请核对订单。")
    new = [deal for deal in deals if deal.order_line_number not in facts]
    buyers = Organisation.objects.only("level", "is_public").in_bulk({deal.buyer_id for deal in new})
    made = [
        DealFact(
            **asdict(deal),
            hospital_level=buyers[deal.buyer_id].level or HospitalLevel.UNRATED.value,
            is_public=buyers[deal.buyer_id].is_public,
            net_quantity=Decimal(0),
            occurred_on=business_date(at),
            excluded_at=at if deal.exclusion_reason else None,
            recorded_at=at,
            changed_at=at,
        )
        for deal in new
    ]
    # Lines and limits rest on deals, so no statement in a party's own scope may write one.
    with scope.elevated(actor):
        made = DealFact.objects.bulk_create(made)
    record_all(DEAL_FACT_RECORDED, [_event(fact) for fact in made], actor=actor, at=at)
    facts.update({fact.order_line_number: fact for fact in made})
    return [facts[number] for number in numbers]


@service
def deal_fact_record(*, actor: Actor, at: datetime, **deal) -> DealFact:
    """As `deal_facts_record` for one line; takes the fields of `Deal`."""
    return deal_facts_record(actor=actor, at=at, deals=[Deal(**deal)])[0]


@service
def deal_facts_net(*, actor: Actor, at: datetime, net_quantities: Mapping[str, Decimal]) -> list[DealFact]:
    """Set, by order line number, what was accepted and not returned, in the pricing unit; at 0 the deal leaves lines and
    statistics. Called by procurement on acceptance, reversal and return; the same figure again changes nothing. Returns
    the deals changed, in as many statements for many lines as for one.

    Raises NotThere for an unknown line, Invalid for less than 0 or more than was ordered.
    """
    facts = _locked(actor, net_quantities)
    for fact in facts:
        wanted = net_quantities[fact.order_line_number]
        if not 0 <= wanted <= fact.quantity:
            raise Invalid(
                "net_quantity_out_of_range",
                f"订单行 {fact.order_line_number} 的净数量 {wanted} 须在 0 至订单数量"
                f" {quantity_text(fact.quantity)} 之间，请核对验收与退货数量。",
                field="net_quantity",
            )
    changed = [fact for fact in facts if fact.net_quantity != net_quantities[fact.order_line_number]]
    for fact in changed:
        fact.net_quantity = net_quantities[fact.order_line_number]
    return _changed(DEAL_FACT_NETTED, changed, actor, at, ["net_quantity"])


@service
def deal_fact_net(*, actor: Actor, at: datetime, order_line_number: str, net_quantity: Decimal) -> DealFact:
    """As `deal_facts_net` for one line; gives its deal."""
    deal_facts_net(actor=actor, at=at, net_quantities={order_line_number: net_quantity})
    return DealFact.objects.get(order_line_number=order_line_number)


@service
def deal_facts_redeliver(
    *, actor: Actor, at: datetime, order_line_numbers: Iterable[str], distributor_id: int | None
) -> list[DealFact]:
    """Another distributor delivers what these order lines sold, or the manufacturer itself (None)."""
    facts = _locked(actor, order_line_numbers)
    for fact in facts:
        fact.distributor_id = distributor_id
    return _changed(DEAL_FACT_REDELIVERED, facts, actor, at, ["distributor"])


@service
def deal_fact_exclude(*, actor: Actor, at: datetime, order_line_number: str, reason: str) -> DealFact:
    """Take a deal out of lines and statistics after review, with the reason; the deal itself is kept.

    Raises Forbidden for others than the operator's confirmer, Invalid without a reason, Conflict where it is out already.
    """
    if not actor.has(Role.OPERATOR_CONFIRMER):
        raise Forbidden("role_missing", "只有承办机构的价格确认员可以剔除成交记录。请联系承办机构。")
    reason = reading.reason(reason, label="剔除理由", most=300, way_out="，理由与原记录一并保存")
    fact = _locked(actor, [order_line_number])[0]
    if fact.excluded_at is not None:
        raise Conflict("already_excluded", f"该成交已于 {fact.excluded_at:%Y-%m-%d} 剔除：{fact.exclusion_reason}。")
    fact.excluded_at, fact.exclusion_reason = at, reason
    return _changed(DEAL_FACT_EXCLUDED, [fact], actor, at, ["excluded_at", "exclusion_reason"])[0]


def _locked(actor: Actor, order_line_numbers: Iterable[str]) -> list[DealFact]:
    wanted = set(order_line_numbers)
    mine = set(DealFact.objects.filter(order_line_number__in=wanted).values_list("id", flat=True))
    with scope.elevated(actor):
        facts = list(DealFact.objects.select_for_update().filter(id__in=mine).order_by("id"))
    if len(facts) != len(wanted):
        raise NotThere("成交记录")
    return facts


def _changed(event: EventType, facts: list[DealFact], actor: Actor, at: datetime, fields: list[str]) -> list[DealFact]:
    for fact in facts:
        fact.changed_at = at
        fact.version += 1
    with scope.elevated(actor):
        DealFact.objects.bulk_update(facts, [*fields, "changed_at", "version"])
    record_all(event, [_event(fact) for fact in facts], actor=actor, at=at)
    return facts


def _event(fact: DealFact) -> dict:
    return {
        "subject": fact.id,
        "parties": [fact.buyer_id, fact.seller_id, fact.distributor_id],
        "version": fact.version,
        "payload": {
            "order_line_number": fact.order_line_number,
            "region_id": fact.region_id,
            "price_group_id": fact.price_group_id,
            "national_code_id": fact.national_code_id,
            "buyer_id": fact.buyer_id,
            "seller_id": fact.seller_id,
            "distributor_id": fact.distributor_id,
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
    }

"""What becomes of an order before goods are sent: answered by the manufacturer, cancelled. Delivery points."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, time
from functools import partial

from pricing.services.deals import deal_fact_record
from procurement.bargaining.queries.clearing import cleared_lines
from procurement.bargaining.services.clearing import clearance_give_back
from procurement.ordering.events import (
    DELIVERY_POINT_ADDED,
    DELIVERY_POINT_CHANGED,
    ORDER_ACCEPTED,
    ORDER_CANCELLED,
    ORDER_DECLINED,
)
from procurement.ordering.models import DeliveryPoint, Order, OrderLine
from procurement.ordering.queries import authorisations
from procurement.ordering.queries import orders as queries
from procurement.ordering.queries.terms import delivery_term
from procurement.ordering.services.appointing import appointed, appointment_permit
from procurement.ordering.services.authorisations import deliverable
from procurement.ordering.services.placing import order_payload
from procurement.ordering.steps import ORDER_ANSWER
from procurement.ordering.workflows import ORDER, OrderState
from sunlight import scope
from sunlight.deadlines.services import deadlines_cancel, deadlines_done
from sunlight.journal.declared import EventType
from sunlight.journal.refusals import Conflict, Forbidden, Invalid, NotThere, Refused
from sunlight.journal.services import decide, record, service
from sunlight.kernel import reading
from sunlight.scope import Actor, Role
from sunlight.scope.clock import SHANGHAI, business_date
from sunlight.scope.duties import moved
from sunlight.tenancy.models import Organisation
from sunlight.tenancy.queries.restrictions import permissions_of

POINT_KEEPERS = (Role.HOSPITAL_ADMIN, Role.HOSPITAL_BUYER)
POINT_FIELDS = {"code": 20, "name": 100, "address": 300, "contact_name": 60, "contact_phone": 40}
POINT_LABELS = {
    "code": "收货点编号",
    "name": "收货点名称",
    "address": "地址",
    "contact_name": "联系人",
    "contact_phone": "联系电话",
}
END_OF_DAY = time(23, 59, 59)
# A deal that the authority let pass raises nobody else's ceiling (A102).
NOT_FOR_OTHERS = "监管部门放行的成交，不计入价格预警线与价格统计"


@service
def delivery_point_add(
    *, actor: Actor, at: datetime, code: str, name: str, address: str, contact_name: str, contact_phone: str
) -> DeliveryPoint:
    """A place of the hospital where goods arrive. Its administrator or buyer adds it; codes are unique in the hospital."""
    _keeps_points(actor)
    facts = _point_facts(code=code, name=name, address=address, contact_name=contact_name, contact_phone=contact_phone)
    if queries.delivery_points_of(actor).filter(code=facts["code"]).exists():
        raise Conflict(
            "a_delivery_point_code_once", f"收货点编号 {facts['code']} 已被使用，请换一个编号。", field="code"
        )
    point = DeliveryPoint.objects.create(
        platform_id=actor.platform_id, hospital_id=actor.organisation_id, is_active=True, **facts
    )
    _record_point(DELIVERY_POINT_ADDED, point, actor, at)
    return point


@service
def delivery_point_change(
    *, actor: Actor, at: datetime, delivery_point_id: int, is_active: bool | None = None, **facts: str
) -> DeliveryPoint:
    """Change what a delivery point says, or open and close it; orders placed before keep pointing at it."""
    _keeps_points(actor)
    point = queries.access_delivery_point(actor, delivery_point_id)
    point = DeliveryPoint.objects.select_for_update().get(id=point.id)
    changed = _point_facts(**facts)
    if is_active is not None:
        changed["is_active"] = is_active
    if not changed:
        raise Invalid("nothing_to_change", "没有要修改的内容。")
    for name, value in changed.items():
        setattr(point, name, value)
    point.save(update_fields=list(changed))
    _record_point(DELIVERY_POINT_CHANGED, point, actor, at)
    return point


def _keeps_points(actor: Actor) -> None:
    if not actor.has(*POINT_KEEPERS):
        raise Forbidden("not_your_duty", "只有医院管理员或采购员可以维护收货点。请联系本单位管理员。")


def _point_facts(**facts: str) -> dict[str, str]:
    read, kept = reading.Collected(), {}
    for name, value in facts.items():
        if name not in POINT_FIELDS:
            raise Invalid("unknown_field", "没有这个字段。", field=name)
        kept[name] = read(reading.text, value, name, POINT_LABELS[name], most=POINT_FIELDS[name])
    read.check()
    return kept


def _record_point(event: EventType, point: DeliveryPoint, actor: Actor, at: datetime) -> None:
    payload = {field: getattr(point, field) for field in (*POINT_FIELDS, "is_active")}
    record(event, subject=point.id, actor=actor, at=at, payload=payload)


@service
def order_accept(
    *,
    actor: Actor,
    at: datetime,
    order_id: int,
    distributor_id: int | None = None,
    delivers_itself: bool = False,
    note: str = "",
) -> Order:
    """The manufacturer accepts: the deal facts are born with today's price, delivery is due by `delivery.overdue`
    (GD25-5.10b, A8; the decision is kept) or elsewhere by the contract, the distributor is set from its standing authorisations, or the authorised one it names, or none where it delivers itself
    (SZ20-6.4, SZ24-3.6, GD25-5.10c)."""
    order, lines = _answered(actor, order_id, "accept")
    day = business_date(at)
    seller, groups = order.seller_id, {line.price_group_id for line in lines}
    permissions = permissions_of(platform_id=order.platform_id, organisation_ids=[seller], on=day)
    permissions.may_sell(seller, groups, subject=("order", order.id))
    order.distributor = choose_carrier(actor, order, lines, at, distributor_id, delivers_itself)
    if order.distributor is None:
        permissions.may_deliver(seller, groups, field="distributor", subject=("order", order.id))
    due, decision = delivery_term(scope.law(actor, day, region=order.region.code), order, confirmed_on=day)
    order.delivery_due_at = datetime.combine(due, END_OF_DAY, SHANGHAI)
    note = reading.text(note, "note", "说明", most=500, required=False)
    _keep_answer(order, actor, at, note, ["distributor", "delivery_due_at"])
    for line in lines:
        line.distributor_id = order.distributor_id
    OrderLine.objects.bulk_update(lines, ["distributor"])
    cleared = cleared_lines([line.id for line in lines])
    for line in lines:
        deal_fact_record(
            actor=actor,
            at=at,
            platform_id=line.platform_id,
            region_id=line.region_id,
            price_group_id=line.price_group_id,
            national_code_id=line.national_code_id,
            buyer_id=line.buyer_id,
            seller_id=line.seller_id,
            distributor_id=line.distributor_id,
            order_line_number=line.number,
            exclusion_reason=NOT_FOR_OTHERS if line.id in cleared else "",
            price=line.price,
            quantity=line.quantity,
        )
    parties = [order.buyer_id, order.seller_id, order.distributor_id]
    decide(decision, subject=("order", order.id), actor=actor, at=at, parties=parties)
    record_order(ORDER_ACCEPTED, order, lines, actor, at)
    return order


@service
def orders_accept(*, actor: Actor, at: datetime, order_ids: Collection[int]) -> list[Order]:
    """`order_accept` for several orders at once, by the standing authorisations: all of them or none."""
    if not order_ids:
        raise Invalid("no_orders", "请先勾选要确认的订单。", field="orders")
    ids = {reading.row_id(each, "orders", "订单") for each in order_ids}
    return [order_accept(actor=actor, at=at, order_id=order_id) for order_id in sorted(ids)]


@service
def order_decline(*, actor: Actor, at: datetime, order_id: int, reason: str) -> Order:
    """The manufacturer declines, with its reason; it is kept as a fact of its supply duty (SZ20-6.4). The plan lines may
    be ordered again."""
    return _end_unanswered(actor, at, order_id, "decline", reason, ORDER_DECLINED)


@service
def order_cancel(*, actor: Actor, at: datetime, order_id: int, reason: str) -> Order:
    """The hospital's buyer takes the order back before the manufacturer accepts. The plan lines may be ordered again."""
    return _end_unanswered(actor, at, order_id, "cancel", reason, ORDER_CANCELLED)


def lock_to_move(actor: Actor, order_id: int, move: str) -> tuple[Order, list[OrderLine]]:
    """The order, locked and in the state `move` leads to, with its lines. Raises NotThere, Conflict."""
    order = queries.lock_order(queries.access_order(actor, order_id).id)
    order.state = moved(ORDER, order.state, move, actor)
    return order, queries.lock_lines(order)


def _answered(actor: Actor, order_id: int, move: str) -> tuple[Order, list[OrderLine]]:
    order, lines = lock_to_move(actor, order_id, move)
    if move in ("accept", "decline") and order.seller_id != actor.organisation_id:
        raise NotThere("订单")
    return order, lines


def _keep_answer(order: Order, actor: Actor, at: datetime, note: str, fields: Collection[str] = ()) -> None:
    order.answered_at, order.answer_note = at, note
    order.version += 1
    who = scope.stamp(order, "answered", actor)
    order.save(update_fields=["state", "answered_at", *who, "answer_note", "version", *fields])
    # Taken back by the hospital, no answer is owed; else this is the answer.
    end = deadlines_cancel if order.state == OrderState.CANCELLED else deadlines_done
    end(actor=actor, at=at, kind=ORDER_ANSWER, subject_ids=[order.id])


def _end_unanswered(actor: Actor, at: datetime, order_id: int, move: str, reason: str, event: EventType) -> Order:
    order, lines = _answered(actor, order_id, move)
    _keep_answer(order, actor, at, end_reason(reason))
    OrderLine.objects.filter(order=order).update(is_live=False)
    clearance_give_back("ORDER_LINE", [line.id for line in lines], actor=actor)
    record_order(event, order, lines, actor, at)
    return order


def end_reason(text: object) -> str:
    """Why an order ends, as typed. Raises Unreadable."""
    return reading.reason(text, way_out="，原因将保存在订单中")


def choose_carrier(
    actor: Actor,
    order: Order,
    lines: Sequence[OrderLine],
    at: datetime,
    distributor_id: int | None,
    delivers_itself: bool,
) -> Organisation | None:
    """Who delivers: the one named if authorised for every line, else the one all lines' authorisations name."""
    distributor_id = reading.row_id(distributor_id, "distributor", "配送企业", required=False)
    if delivers_itself and distributor_id is not None:
        raise Invalid("distributor_or_itself", "自行配送与指定配送企业只能选一项。", field="distributor")
    groups = {line.price_group_id for line in lines}
    if delivers_itself:
        _appoint(actor, order, groups, at, None)
        return None
    day = business_date(at)
    standing = authorisations.standing(platform_id=order.platform_id, manufacturer_ids=[order.seller_id], on=day)[
        order.seller_id
    ]
    where = {"hospital_id": order.buyer_id, "region_code": order.region.code}
    if distributor_id is None:
        found = _resolved(standing, groups, where)
    elif authorisations.may_deliver(standing, distributor_id=distributor_id, price_group_ids=groups, **where):
        found = distributor_id
    else:
        raise Refused(
            "not_authorised",
            "该企业没有本订单全部产品的有效配送授权。请先在“配送授权”中授权，或改选已授权的企业。",
            field="distributor",
            basis=scope.law(actor, day, region=order.region.code).basis("distributor.appointer"),
            subject=("order", order.id),
        )
    if found is not None:
        deliverable(actor, found, day, groups)
    _appoint(actor, order, groups, at, found)
    return Organisation.objects.get(id=found) if found is not None else None


def _appoint(actor: Actor, order: Order, groups: Collection[int], at: datetime, distributor_id: int | None) -> None:
    """Put the choice to the law of the buyer's region, and keep the answer with the order. Raises Refused."""
    law = scope.law(actor, business_date(at), region=order.region.code)
    decision = appointed(law, platform_id=order.platform_id, distributor_id=distributor_id, price_group_ids=groups)
    subject = ("order", order.id)
    appointment_permit(decision, subject)
    if decision.regulated:
        parties = [order.buyer_id, order.seller_id, distributor_id]
        decide(decision, subject=subject, actor=actor, at=at, parties=parties)


def _resolved(standing: Iterable, groups: Collection[int], where: dict) -> int | None:
    resolve = partial(authorisations.authorised_distributor, standing, **where)
    named = {group: resolve(price_group_id=group) for group in sorted(groups)}
    if len(set(named.values())) == 1:
        return next(iter(named.values()))
    # Several products, several distributors: one that may deliver them all, the first by number, or the maker decides.
    for candidate in sorted({each for each in named.values() if each is not None}):
        if authorisations.may_deliver(standing, distributor_id=candidate, price_group_ids=groups, **where):
            return candidate
    raise Refused(
        "distributors_differ",
        "本订单各产品的授权配送企业不同。请在确认时选择一家对全部产品有授权的配送企业，或选择自行配送。",
        field="distributor",
    )


def record_order(event: EventType, order: Order, lines: Iterable[OrderLine], actor: Actor, at: datetime) -> None:
    """Record an event of an order, which its parties receive."""
    parties = [order.buyer_id, order.seller_id, order.distributor_id]
    record_order_to(order, event, order_payload(order, lines), parties, actor, at)


def record_order_to(order: Order, event: EventType, payload: dict, parties: list, actor: Actor, at: datetime) -> None:
    """Record an event of an order with more to say, or for more than its parties."""
    record(event, subject=order.id, actor=actor, at=at, parties=parties, version=order.version, payload=payload)

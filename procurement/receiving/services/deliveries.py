"""Dispatching goods: by the authorised distributor, or by the manufacturer that delivers itself, and nobody else."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from procurement.ordering.models import Order, OrderLine
from procurement.ordering.queries import orders
from procurement.ordering.services.authorisations import deliverable
from procurement.ordering.workflows import OrderState
from procurement.receiving.events import DELIVERY_CANCELLED, DELIVERY_DISPATCHED
from procurement.receiving.models import Delivery, DeliveryLine
from procurement.receiving.queries import deliveries as queries
from procurement.receiving.rules.udi import GROUP_SEPARATOR, Udi, UdiError, udi_contradictions, udi_parse
from procurement.receiving.workflows import DELIVERY, DeliveryState
from sunlight import scope
from sunlight.journal.declared import EventType
from sunlight.journal.refusals import Conflict, Forbidden, Invalid, NotThere, Refused
from sunlight.journal.services import record, service
from sunlight.kernel import reading
from sunlight.kernel.money import quantity_text
from sunlight.kernel.policy import Law
from sunlight.numbering import platform_number
from sunlight.scope import Actor, Role
from sunlight.scope.clock import business_date
from sunlight.scope.duties import moved

MOST_LINES = 500
MOST_CODES = 1000
HEAD = {"note_number": ("送货单号", 40), "carrier": ("承运单位", 100), "waybill": ("运单号", 60)}
LOT = {
    "lot": ("批号", 60),
    "serial": ("序列号", 60),
    "sterilisation_lot": ("灭菌批号", 60),
    "udi": ("UDI", 254),
    "udi_di": ("UDI-DI", 60),
    "udi_pi": ("UDI-PI", 120),
}


@dataclass(frozen=True, slots=True)
class CheckedLot:
    """One lot to send, as checked."""

    order_line: OrderLine
    quantity: Decimal
    lot: str
    produced_on: date | None = None
    expires_on: date | None = None
    sterilisation_lot: str = ""
    serial: str = ""
    udi: Udi = field(default_factory=lambda: Udi("", ""))
    traceability_codes: tuple[str, ...] = ()


@service
def delivery_dispatch(
    *,
    actor: Actor,
    at: datetime,
    order_id: int,
    lines: Sequence[Mapping],
    note_number: str = "",
    carrier: str = "",
    waybill: str = "",
    expected_on: date | str | None = None,
) -> Delivery:
    """Send goods of an accepted order, lot by lot.

    A line: order_line (id), quantity (pricing unit), lot, and optionally produced_on, expires_on, sterilisation_lot,
    serial, udi (barcode text) or udi_di and udi_pi, traceability_codes (GD25-5.11b). What the UDI says must agree with
    the line. Only the shipper of whoever delivers the order may (SZ24-3.6, JS20-36).

    Raises Forbidden for others, Invalid at the field, Refused for expired goods or more than is open, Conflict where the
    order is not accepted or must come in one delivery.
    """
    order = orders.lock_order(orders.access_order(actor, order_id).id)
    _shipper_of(actor, order)
    day = business_date(at)
    if order.state != OrderState.ACCEPTED:
        raise Conflict(
            "order_not_accepted",
            f"订单状态为“{order.get_state_display()}”，不能发货。只有企业已确认且未到齐的订单可以发货。",
            subject=("order", order.id),
        )
    given = {"note_number": note_number, "carrier": carrier, "waybill": waybill, "expected_on": expected_on}
    head, typed = _read(given, lines)
    expected_on = head["expected_on"]
    if expected_on is not None and expected_on < day:
        raise Invalid("expected_in_the_past", "预计到货日不得早于今天。", field="expected_on")
    open_lines = {line.id: line for line in orders.lock_lines(order)}
    law = scope.law(actor, day, region=order.region.code)
    shipped = [_checked_lot(each, open_lines, max(day, expected_on or day), law) for each in typed]
    deliverable(actor, orders.carrier_id(order), day, {each.order_line.price_group_id for each in shipped})
    _within_order(order, open_lines, shipped)
    delivery = Delivery.objects.create(
        number=platform_number(day),
        platform_id=order.platform_id,
        region_id=order.region_id,
        buyer_id=order.buyer_id,
        seller_id=order.seller_id,
        distributor_id=order.distributor_id,
        order=order,
        state=DeliveryState.DISPATCHED,
        **head,
        dispatched_at=at,
        **scope.by(actor, "dispatched"),
    )
    made = DeliveryLine.objects.bulk_create(
        _line(delivery, line_no, each) for line_no, each in enumerate(shipped, start=1)
    )
    OrderLine.objects.bulk_update(open_lines.values(), ["delivered_quantity"])
    _record(DELIVERY_DISPATCHED, delivery, made, actor, at)
    return delivery


@service
def delivery_cancel(*, actor: Actor, at: datetime, delivery_id: int, reason: str) -> Delivery:
    """Take back a delivery that has not been accepted; its quantities may be sent again."""
    seen = queries.access_delivery(actor, delivery_id)
    order = orders.lock_order(seen.order_id)
    _shipper_of(actor, order)
    delivery = queries.lock_delivery(seen.id)
    delivery.state = moved(DELIVERY, delivery.state, "cancel", actor)
    reason = reading.reason(reason, label="取消原因")
    open_lines = {line.id: line for line in orders.lock_lines(order)}
    lines = list(delivery.lines.all())
    for line in lines:
        open_lines[line.order_line_id].delivered_quantity -= line.quantity
    OrderLine.objects.bulk_update(open_lines.values(), ["delivered_quantity"])
    delivery.cancelled_at, delivery.cancel_reason = at, reason
    delivery.version += 1
    delivery.save(update_fields=["state", "cancelled_at", "cancel_reason", "version"])
    _record(DELIVERY_CANCELLED, delivery, lines, actor, at)
    return delivery


def _shipper_of(actor: Actor, order: Order) -> None:
    if not actor.has(Role.SUPPLIER_SHIPPER):
        raise Forbidden("not_a_shipper", "只有配送专员可以发货或取消发货。请由本企业配送专员操作。")
    if actor.organisation_id != orders.carrier_id(order):
        law = scope.law(actor, order.law_date, region=order.region.code)
        raise Forbidden(
            "not_the_distributor",
            "本订单由生产企业授权的配送企业配送，贵企业不能发货。如须更换，请由生产企业在发货前更换配送企业。",
            basis=law.basis("distributor.appointer"),
            subject=("order", order.id),
        )


@dataclass(frozen=True, slots=True)
class _Typed:
    """One lot as read, before its order line and the law were looked at."""

    where: str
    order_line: int
    quantity: Decimal
    lot: str
    serial: str
    sterilisation_lot: str
    udi: str
    udi_di: str
    udi_pi: str
    produced_on: date | None
    expires_on: date | None
    traceability_codes: tuple[str, ...]


def _read(given: Mapping, lines: Sequence[Mapping]) -> tuple[dict, list[_Typed]]:
    """Head and lines of what is sent. Raises Unreadable with all that cannot be read."""
    read = reading.Collected()
    head = {
        name: read(reading.text, given[name], name, label, most=most, required=False)
        for name, (label, most) in HEAD.items()
    }
    head["expected_on"] = read(reading.day, given["expected_on"], "expected_on", "预计到货日", required=False)
    typed = _typed(read, lines)
    read.check()
    return head, typed


def _typed(read: reading.Collected, lines: Sequence[Mapping]) -> list[_Typed]:
    if not lines or isinstance(lines, str | Mapping):
        raise Invalid("no_lines", "请至少填写一行发货明细。", field="lines")
    if len(lines) > MOST_LINES:
        raise Invalid("too_many_lines", f"一次最多 {MOST_LINES} 行，请分次发货。", field="lines")
    return [_line_typed(read, f"lines[{i}]", line) for i, line in enumerate(lines)]


def _line_typed(read: reading.Collected, where: str, line: Mapping) -> _Typed:
    def day(name: str, label: str) -> date | None:
        return read(reading.day, line.get(name), f"{where}.{name}", label, required=False)

    texts = {
        name: read(
            reading.text,
            line.get(name),
            f"{where}.{name}",
            label,
            most=most,
            required=False,
            separator=GROUP_SEPARATOR if name == "udi" else "",
        )
        for name, (label, most) in LOT.items()
    }
    return _Typed(
        where=where,
        order_line=read(reading.row_id, line.get("order_line"), f"{where}.order_line", "订单行"),
        quantity=read(reading.quantity, line.get("quantity"), f"{where}.quantity"),
        produced_on=day("produced_on", "生产日期"),
        expires_on=day("expires_on", "有效期"),
        traceability_codes=read(_codes, line.get("traceability_codes"), f"{where}.traceability_codes"),
        **texts,
    )


def _checked_lot(typed: _Typed, open_lines: Mapping[int, OrderLine], arrives_on: date, law: Law) -> CheckedLot:
    where = typed.where
    order_line = open_lines.get(typed.order_line)
    if order_line is None:
        raise NotThere("本订单的该订单行", field=f"{where}.order_line")
    udi = _udi(typed)
    produced_on, expires_on = typed.produced_on, typed.expires_on
    wrong = udi_contradictions(udi, lot=typed.lot, serial=typed.serial, produced_on=produced_on, expires_on=expires_on)
    if wrong:
        name, message = wrong[0]
        raise Invalid("udi_disagrees", message, field=f"{where}.{name}", facts={"udi_di": udi.di, "udi_pi": udi.pi})
    lot = typed.lot or udi.lot
    if not lot:
        raise Invalid("lot_missing", "请填写批号，或扫描带批号的 UDI。", field=f"{where}.lot")
    produced_on, expires_on = produced_on or udi.produced_on, expires_on or udi.expires_on
    _in_date(where, lot, produced_on, expires_on, arrives_on, law)
    return CheckedLot(
        order_line=order_line,
        quantity=typed.quantity,
        lot=lot,
        produced_on=produced_on,
        expires_on=expires_on,
        sterilisation_lot=typed.sterilisation_lot,
        serial=typed.serial or udi.serial,
        udi=udi,
        traceability_codes=typed.traceability_codes,
    )


def _udi(typed: _Typed) -> Udi:
    if not typed.udi:
        return Udi("", typed.udi_di, typed.udi_pi)
    try:
        udi = udi_parse(typed.udi, lot=typed.lot)
    except UdiError as error:
        raise Invalid(error.code, error.message, field=f"{typed.where}.udi") from error
    if len(udi.di) > 60 or len(udi.pi) > 120:
        raise Invalid("udi_too_long", "UDI 过长，请核对条码。", field=f"{typed.where}.udi")
    return udi


def _in_date(
    where: str, lot: str, produced_on: date | None, expires_on: date | None, arrives_on: date, law: Law
) -> None:
    if produced_on and produced_on > law.on:
        raise Invalid("produced_in_the_future", "生产日期不得晚于今天，请核对实物标签。", field=f"{where}.produced_on")
    if produced_on and expires_on and expires_on <= produced_on:
        raise Invalid("expires_before_made", "有效期不得早于生产日期，请核对实物标签。", field=f"{where}.expires_on")
    if expires_on and expires_on <= arrives_on:
        raise Refused(
            "lot_expired",
            f"批号 {lot} 的有效期至 {expires_on}，到货时已过期，不能发货。请改发效期内的批号。",
            field=f"{where}.expires_on",
            basis=law.basis("delivery.in_date"),
        )


def _within_order(order: Order, open_lines: Mapping[int, OrderLine], shipped: Iterable[CheckedLot]) -> None:
    """Adds the quantities to the order's lines. Raises Refused above what is open, Conflict for part of an order that
    must be delivered at once."""
    for index, each in enumerate(shipped):
        line = open_lines[each.order_line.id]
        left = line.quantity - line.delivered_quantity
        if each.quantity > left:
            raise Refused(
                "above_ordered",
                f"发货数量 {quantity_text(each.quantity)} 超过订单行 {line.line_no} 的未发数量 {quantity_text(left)}。请减少数量。",
                field=f"lines[{index}].quantity",
                subject=("order", order.id),
            )
        line.delivered_quantity += each.quantity
    if not order.several_deliveries and any(line.delivered_quantity < line.quantity for line in open_lines.values()):
        raise Conflict(
            "one_delivery_only",
            "医院要求本订单一次送齐，请补足全部订单行后再发货。",
            field="lines",
            subject=("order", order.id),
        )


def _codes(value: object, name: str) -> tuple[str, ...]:
    given = value or ()
    if isinstance(given, str) or len(given) > MOST_CODES:
        raise reading.Unreadable("bad_codes", f"追溯码应为最多 {MOST_CODES} 个的列表。", field=name)
    codes = tuple(reading.text(each, name, "追溯码", most=60, required=False) for each in given)
    if len(set(codes)) != len(codes) or "" in codes:
        raise reading.Unreadable("bad_codes", "追溯码不得为空或重复，请核对扫描结果。", field=name)
    return codes


def _line(delivery: Delivery, line_no: int, each: CheckedLot) -> DeliveryLine:
    return DeliveryLine(
        delivery=delivery,
        order_line=each.order_line,
        line_no=line_no,
        quantity=each.quantity,
        lot=each.lot,
        produced_on=each.produced_on,
        expires_on=each.expires_on,
        sterilisation_lot=each.sterilisation_lot,
        serial=each.serial,
        udi_di=each.udi.di,
        udi_pi=each.udi.pi,
        barcode_type=each.udi.barcode_type,
        traceability_codes=list(each.traceability_codes),
    )


def _record(event: EventType, delivery: Delivery, lines: Iterable[DeliveryLine], actor: Actor, at: datetime) -> None:
    record(
        event,
        subject=delivery.id,
        actor=actor,
        at=at,
        parties=[delivery.buyer_id, delivery.seller_id, delivery.distributor_id],
        version=delivery.version,
        payload={
            "number": delivery.number,
            "order": delivery.order_id,
            "state": delivery.state,
            "note_number": delivery.note_number,
            "carrier": delivery.carrier,
            "waybill": delivery.waybill,
            "expected_on": delivery.expected_on,
            "cancel_reason": delivery.cancel_reason,
            "lines": [
                {
                    "line_no": line.line_no,
                    "order_line": line.order_line_id,
                    "quantity": line.quantity,
                    "lot": line.lot,
                    "produced_on": line.produced_on,
                    "expires_on": line.expires_on,
                    "sterilisation_lot": line.sterilisation_lot,
                    "serial": line.serial,
                    "udi_di": line.udi_di,
                    "udi_pi": line.udi_pi,
                    "barcode_type": line.barcode_type,
                    "traceability_codes": line.traceability_codes,
                }
                for line in lines
            ],
        },
    )

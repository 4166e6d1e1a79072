"""Taking goods in: confirmed by a receiver who did not order, reversed by a second one until invoiced."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from pricing.services.deals import deal_fact_net
from procurement.ordering.models import Order, OrderLine
from procurement.ordering.queries import orders
from procurement.ordering.workflows import ORDER, OrderState
from procurement.receiving.events import ACCEPTANCE_CONFIRMED, ACCEPTANCE_REVERSED
from procurement.receiving.models import Acceptance, AcceptanceLine, Delivery, DeliveryLine
from procurement.receiving.queries import deliveries as queries
from procurement.receiving.services.clock import invoice_awaited, invoice_given_up, invoices_counted
from procurement.receiving.workflows import ACCEPTANCE, DELIVERY, AcceptanceState
from sunlight import scope
from sunlight.journal.declared import EventType
from sunlight.journal.refusals import Conflict, Forbidden, Invalid, NotThere, Refused
from sunlight.journal.services import record, service
from sunlight.kernel import reading
from sunlight.kernel.money import amount_fen, quantity_text
from sunlight.kernel.policy import Law
from sunlight.kernel.reading import possible_id
from sunlight.numbering import platform_number
from sunlight.scope import Actor, Role
from sunlight.scope.clock import business_date
from sunlight.scope.duties import moved
from sunlight.tenancy.services.mandates import mandated

NOTHING = Decimal("0.000")


@dataclass(frozen=True, slots=True)
class LineResult:
    """The answer to one delivery line; quantities in the pricing unit."""

    delivery_line: DeliveryLine
    accepted: Decimal
    rejected: Decimal
    reason: str


@service
def acceptance_confirm(
    *, actor: Actor, at: datetime, delivery_id: int, arrived_on: date | str, lines: Sequence[Mapping], note: str = ""
) -> Acceptance:
    """Accept a delivery. Each of its lines is answered: {"delivery_line": id, "accepted", "rejected", "reason"},
    accepted and rejected together what was delivered, a rejection with its reason. Deal facts hear of it in the same
    transaction, the listing once it is invoiced (A16); payment runs from today (SZ20-6.2b, A22), shown from arrival too (A25).

    Raises Forbidden for others than a receiver and for whoever placed the order, Conflict where it was answered before,
    Invalid at the line.
    """
    seen = queries.access_delivery(actor, delivery_id)
    order = orders.lock_order(seen.order_id)
    delivery = queries.lock_delivery(seen.id)
    delivery.state = moved(
        DELIVERY,
        delivery.state,
        "accept",
        actor,
        earlier={"order": order.placed_by},
        subject=("delivery", delivery.id),
    )
    day = business_date(at)
    read = reading.Collected()
    arrived_on = read(reading.day, arrived_on, "arrived_on", "到货日期")
    note = read(reading.text, note, "note", "说明", most=500, required=False)
    answers = _answers(read, lines)
    read.check()
    _arrived(delivery, arrived_on, day)
    law = scope.law(actor, day, region=order.region.code)
    taken = _taken_of(answers, list(delivery.lines.all()), arrived_on, law)
    acceptance = _create(actor, at, day, order, delivery, arrived_on, note)
    made = AcceptanceLine.objects.bulk_create(
        AcceptanceLine(
            acceptance=acceptance,
            delivery_line=each.delivery_line,
            accepted_quantity=each.accepted,
            rejected_quantity=each.rejected,
            rejection_reason=each.reason,
        )
        for each in taken
    )
    order_lines = {line.id: line for line in orders.lock_lines(order)}
    for each in taken:
        line = order_lines[each.delivery_line.order_line_id]
        line.accepted_quantity += each.accepted
        # What is rejected goes back and may be sent again.
        line.delivered_quantity -= each.rejected
    _moved_quantities(actor, at, order_lines.values(), {each.delivery_line.order_line_id for each in taken})
    delivery.version += 1
    delivery.save(update_fields=["state", "version"])
    _complete(actor, order, order_lines.values())
    _record(ACCEPTANCE_CONFIRMED, acceptance, order, delivery, made, order_lines, actor, at)
    accepted = [order_lines[each.delivery_line.order_line_id] for each in taken if each.accepted]
    invoice_awaited(acceptance, accepted, actor=actor, at=at)
    return acceptance


@service
def acceptance_reverse(*, actor: Actor, at: datetime, acceptance_id: int, reason: str) -> Acceptance:
    """Undo a wrong acceptance: everything moves back and the delivery waits again. A second receiver does it, with the
    reason, until a line of it is invoiced; after that only a return and a red invoice help (design: correction)."""
    seen = queries.access_acceptance(actor, acceptance_id)
    order = orders.lock_order(seen.delivery.order_id)
    delivery = queries.lock_delivery(seen.delivery_id)
    acceptance = queries.lock_acceptance(seen.id)
    subject = ("acceptance", acceptance.id)
    actor = mandated(actor, ACCEPTANCE, "reverse", fen=lambda: _worth_fen(acceptance), subject=subject, at=at)
    acceptance.state = moved(
        ACCEPTANCE,
        acceptance.state,
        "reverse",
        actor,
        earlier={"accept": acceptance.accepted_by},
        subject=subject,
    )
    reason = reading.reason(reason, label="冲销原因")
    lines = list(AcceptanceLine.objects.select_for_update(of=("self",)).filter(acceptance=acceptance).order_by("id"))
    if any(line.invoiced_quantity > 0 for line in lines):
        raise Conflict(
            "already_invoiced",
            "该验收单已开具发票，不能冲销。请走退货并由配送企业开具红字发票。",
            subject=subject,
        )
    delivery.state = moved(DELIVERY, delivery.state, "reopen", actor)
    order_lines = {line.id: line for line in orders.lock_lines(order)}
    _move_back(lines, {line.id: line for line in delivery.lines.all()}, order_lines)
    acceptance.reversed_at, acceptance.reversal_reason = at, reason
    acceptance.version += 1
    who = scope.stamp(acceptance, "reversed", actor)
    acceptance.save(update_fields=["state", "reversed_at", *who, "reversal_reason", "version"])
    touched = {line.order_line_id for line in delivery.lines.all()}
    _moved_quantities(actor, at, order_lines.values(), touched)
    delivery.version += 1
    delivery.save(update_fields=["state", "version"])
    if order.state == OrderState.DELIVERED:
        order.state = moved(ORDER, order.state, "reopen", actor.as_system())
        order.version += 1
        order.save(update_fields=["state", "version"])
    _record(ACCEPTANCE_REVERSED, acceptance, order, delivery, lines, order_lines, actor, at)
    invoice_given_up(acceptance, actor=actor, at=at)
    return acceptance


def _worth_fen(acceptance: Acceptance) -> int:
    """What was accepted costs, in integer fen: what a machine's mandate to reverse it is measured by."""
    lines = AcceptanceLine.objects.filter(acceptance=acceptance).select_related("delivery_line__order_line")
    return sum(amount_fen(each.delivery_line.order_line.price, each.accepted_quantity) for each in lines)


@service
def acceptance_invoiced(*, actor: Actor, at: datetime, amounts: Mapping[int, Decimal]) -> list[AcceptanceLine]:
    """Book what was invoiced of acceptance lines: {line id: ± quantity in the pricing unit}. Called by settlement in the
    transaction of the invoice or of its voiding, as the finance of whoever shipped (or the system).

    Raises NotThere for lines of others or reversed ones, Refused for more than was accepted or less than nothing.
    """
    if not actor.has(Role.SUPPLIER_FINANCE, Role.SYSTEM):
        raise Forbidden("not_your_duty", "只有配送企业财务可以登记开票数量。")
    lines = list(
        AcceptanceLine.objects.select_for_update(of=("self",))
        .filter(id__in=[possible_id(each) for each in amounts], acceptance__state=AcceptanceState.CONFIRMED)
        .select_related("acceptance", "delivery_line")
        .order_by("id")
    )
    if len(lines) != len(amounts) or not all(_shipped_by(actor, line.acceptance) for line in lines):
        raise NotThere("可开票的验收明细", field="lines")
    order_lines = {
        line.id: line
        for line in OrderLine.objects.select_for_update(of=("self",))
        .filter(id__in={line.delivery_line.order_line_id for line in lines})
        .order_by("id")
    }
    for line in lines:
        change = amounts[line.id]
        line.invoiced_quantity += change
        if not 0 <= line.invoiced_quantity <= line.accepted_quantity:
            left = line.accepted_quantity - (line.invoiced_quantity - change)
            raise Refused(
                "above_accepted",
                f"开票数量超过已验收未开票数量 {quantity_text(left)}。请按验收数量开票。",
                field="lines",
                subject=("acceptance", line.acceptance_id),
                facts={"acceptance_line": line.id, "change": str(change)},
            )
        order_lines[line.delivery_line.order_line_id].invoiced_quantity += change
    AcceptanceLine.objects.bulk_update(lines, ["invoiced_quantity"])
    OrderLine.objects.bulk_update(order_lines.values(), ["invoiced_quantity"])
    invoices_counted({line.acceptance_id for line in lines}, actor=actor, at=at)
    return lines


def _shipped_by(actor: Actor, acceptance: Acceptance) -> bool:
    shipper = acceptance.distributor_id or acceptance.seller_id
    return actor.has(Role.SYSTEM) or actor.organisation_id == shipper


def _arrived(delivery: Delivery, arrived_on: date, day: date) -> None:
    if not business_date(delivery.dispatched_at) <= arrived_on <= day:
        raise Invalid("bad_arrival", "到货日须在发货日与今天之间，请更正。", field="arrived_on")


@dataclass(frozen=True, slots=True)
class _Answer:
    """The answer to one delivery line as read."""

    where: str
    delivery_line: int
    accepted: Decimal
    rejected: Decimal
    reason: str


def _answers(read: reading.Collected, lines: Sequence[Mapping]) -> list[_Answer]:
    if isinstance(lines, str | Mapping) or not lines:
        raise Invalid("no_lines", "请逐行填写验收数量。", field="lines")
    return [
        _Answer(
            where=(where := f"lines[{index}]"),
            delivery_line=read(reading.row_id, answer.get("delivery_line"), f"{where}.delivery_line", "配送明细行"),
            accepted=read(_quantity, answer.get("accepted"), f"{where}.accepted"),
            rejected=read(_quantity, answer.get("rejected"), f"{where}.rejected"),
            reason=read(reading.text, answer.get("reason"), f"{where}.reason", "拒收原因", most=300, required=False),
        )
        for index, answer in enumerate(lines)
    ]


def _taken_of(
    answers: Sequence[_Answer], delivered: Sequence[DeliveryLine], arrived_on: date, law: Law
) -> list[LineResult]:
    by_id = {line.id: line for line in delivered}
    taken: dict[int, LineResult] = {}
    for answer in answers:
        line = by_id.get(answer.delivery_line)
        if line is None:
            raise NotThere("本配送单的该明细行", field=f"{answer.where}.delivery_line")
        if line.id in taken:
            raise Invalid("line_twice", "同一明细行填写了两次，请合并。", field=f"{answer.where}.delivery_line")
        taken[line.id] = _line_result(line, answer, arrived_on, law)
    missing = [str(line.line_no) for line in delivered if line.id not in taken]
    if missing:
        raise Invalid(
            "lines_missing", f"第 {'、'.join(missing)} 行尚未填写验收数量。每一行都须验收或拒收。", field="lines"
        )
    return [taken[line.id] for line in delivered]


def _line_result(line: DeliveryLine, answer: _Answer, arrived_on: date, law: Law) -> LineResult:
    where, accepted, rejected, reason = answer.where, answer.accepted, answer.rejected, answer.reason
    if accepted + rejected != line.quantity:
        raise Invalid(
            "not_all_answered",
            f"第 {line.line_no} 行：验收 {quantity_text(accepted)} 加拒收 {quantity_text(rejected)}"
            f" 应等于到货数量 {quantity_text(line.quantity)}，请更正。",
            field=f"{where}.accepted",
        )
    if rejected:
        reading.reason(reason, label=f"第 {line.line_no} 行的拒收原因", most=300, field=f"{where}.reason")
    if accepted and line.expires_on and line.expires_on <= arrived_on:
        raise Refused(
            "lot_expired",
            f"第 {line.line_no} 行批号 {line.lot} 到货时已过有效期（{line.expires_on}），不能验收，请全部拒收。",
            field=f"{where}.accepted",
            basis=law.basis("delivery.in_date"),
        )
    return LineResult(line, accepted, rejected, reason if rejected else "")


def _quantity(typed: object, name: str) -> Decimal:
    """Zero or more; what is left out is zero."""
    if typed is None or typed == "" or (not isinstance(typed, bool) and str(typed).strip().strip("0") in ("", ".")):
        return NOTHING
    return reading.quantity(typed, name)


def _create(
    actor: Actor, at: datetime, day: date, order: Order, delivery: Delivery, arrived_on: date, note: str
) -> Acceptance:
    return Acceptance.objects.create(
        number=platform_number(day),
        platform_id=order.platform_id,
        region_id=order.region_id,
        buyer_id=order.buyer_id,
        seller_id=order.seller_id,
        distributor_id=delivery.distributor_id,
        delivery=delivery,
        state=AcceptanceState.CONFIRMED,
        accepted_on=day,
        arrived_on=arrived_on,
        accepted_at=at,
        **scope.by(actor, "accepted"),
        note=note,
    )


def _move_back(
    lines: Iterable[AcceptanceLine], delivered: Mapping[int, DeliveryLine], order_lines: Mapping[int, OrderLine]
) -> None:
    for line in lines:
        order_line = order_lines[delivered[line.delivery_line_id].order_line_id]
        order_line.accepted_quantity -= line.accepted_quantity
        order_line.delivered_quantity += line.rejected_quantity
        if order_line.delivered_quantity > order_line.quantity:
            raise Conflict(
                "rejected_part_sent_again",
                "拒收的部分已由配送企业重新发货，不能冲销。请先由配送企业取消重新发货的配送单。",
            )


def _moved_quantities(actor: Actor, at: datetime, order_lines: Iterable[OrderLine], touched: set[int]) -> None:
    """Updates the running quantities and reports to pricing what now counts of each deal."""
    changed = [line for line in order_lines if line.id in touched]
    OrderLine.objects.bulk_update(changed, ["delivered_quantity", "accepted_quantity"])
    for line in changed:
        deal_fact_net(actor=actor, at=at, order_line_number=line.number, net_quantity=line.accepted_quantity)


def _complete(actor: Actor, order: Order, order_lines: Iterable[OrderLine]) -> None:
    if order.state == OrderState.ACCEPTED and all(line.accepted_quantity == line.quantity for line in order_lines):
        order.state = moved(ORDER, order.state, "complete", actor.as_system())
        order.version += 1
        order.save(update_fields=["state", "version"])


def _record(
    event: EventType,
    acceptance: Acceptance,
    order: Order,
    delivery: Delivery,
    lines: Iterable[AcceptanceLine],
    order_lines: Mapping[int, OrderLine],
    actor: Actor,
    at: datetime,
) -> None:
    delivered = {line.id: line for line in delivery.lines.all()}

    def line_facts(line: AcceptanceLine) -> dict:
        lot = delivered[line.delivery_line_id]
        order_line = order_lines[lot.order_line_id]
        return {
            "id": line.id,
            "delivery_line": lot.id,
            "order_line": order_line.id,
            "order_line_number": order_line.number,
            "code": order_line.national_code.code,
            "lot": lot.lot,
            "accepted_quantity": line.accepted_quantity,
            "rejected_quantity": line.rejected_quantity,
            "rejection_reason": line.rejection_reason,
            "price": order_line.price,
            "accepted_fen": amount_fen(order_line.price, line.accepted_quantity),
            "payment_days": order_line.payment_days,
        }

    record(
        event,
        subject=acceptance.id,
        actor=actor,
        at=at,
        parties=[acceptance.buyer_id, acceptance.seller_id, acceptance.distributor_id],
        version=acceptance.version,
        payload={
            "number": acceptance.number,
            "state": acceptance.state,
            "delivery": delivery.id,
            "delivery_number": delivery.number,
            "order": order.id,
            "order_number": order.number,
            "order_state": order.state,
            "buyer": acceptance.buyer_id,
            "seller": acceptance.seller_id,
            "distributor": acceptance.distributor_id,
            "accepted_on": acceptance.accepted_on,
            "arrived_on": acceptance.arrived_on,
            "reversal_reason": acceptance.reversal_reason,
            "lines": [line_facts(line) for line in lines],
        },
    )

"""Orders with what was sent and taken of them, deliveries and acceptances, as people read them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Count, Min, QuerySet

from pricing.queries.declared import units_of
from procurement.ordering.models import Order
from procurement.ordering.queries.terms import delivery_facts
from procurement.ordering.queries.views import LineView, line_views
from procurement.ordering.rules.delivering import delivery_overdue
from procurement.ordering.workflows import OrderState
from procurement.receiving.models import AcceptanceLine, DeliveryLine
from procurement.receiving.queries import deliveries, lateness
from procurement.receiving.queries.orders import order_in_full, orders_to_ship
from procurement.receiving.workflows import DeliveryState
from sunlight import scope
from sunlight.kernel.money import amount_fen, quantity_text
from sunlight.kernel.rule import Decision
from sunlight.kernel.units import Units
from sunlight.scope import Actor
from sunlight.scope.clock import business_date


@dataclass(frozen=True, slots=True)
class LotView:
    """A delivery line with its answer, where it was accepted."""

    line: DeliveryLine
    units: Units
    answer: AcceptanceLine | None = None

    @property
    def quantity_text(self) -> str:
        return self.units.describe(self.line.quantity)

    @property
    def plain_quantity(self) -> str:
        """As a form shows it: `100`, `2.5`."""
        return quantity_text(self.line.quantity)


@dataclass(frozen=True, slots=True)
class Step:
    """One entry of an order's timeline."""

    at: datetime
    kind: str
    label: str
    detail: str = ""
    row: Any = None


@dataclass(frozen=True, slots=True)
class OrderView:
    order: Order
    lines: tuple[LineView, ...]
    steps: tuple[Step, ...]
    # What the rule says of its term today, where any text has one.
    decision: Decision | None

    @property
    def payment_days(self) -> int | None:
        """Days from acceptance within which the hospital pays, by the contracts the lines draw on: the shortest."""
        return min((each.line.payment_days for each in self.lines if each.line.payment_days), default=None)


def order_view(actor: Actor, order_id: int, today: date) -> OrderView:
    """One order with everything its page shows. Raises NotThere."""
    order = order_in_full(actor, order_id, today)
    lines = line_views(order.lines.all())
    return OrderView(order, lines, tuple(_steps(order)), _judged(actor, order, today))


def _judged(actor: Actor, order: Order, today: date) -> Decision | None:
    """What `delivery.overdue` says today of an order that waits for goods, or got them; None where no text has the rule."""
    if order.day is None:
        return None
    law = scope.law(actor, today, region=order.region.code)
    decision = delivery_overdue(law, **delivery_facts(order), delivered_on=order.done_on)
    return decision if decision.regulated else None


def lot_views(lines: Iterable[DeliveryLine], answers: Iterable[AcceptanceLine] = ()) -> tuple[LotView, ...]:
    """Delivery lines with their units and answers, in one query for the packs."""
    lines = list(lines)
    groups = {line.order_line.price_group_id: line.order_line.price_group for line in lines}
    units = units_of(groups.values())
    given = {answer.delivery_line_id: answer for answer in answers}
    return tuple(LotView(line, units[line.order_line.price_group_id], given.get(line.id)) for line in lines)


def accepted_fen(answers: Iterable[AcceptanceLine]) -> int:
    """What was accepted, line by line in fen."""
    return sum(amount_fen(answer.delivery_line.order_line.price, answer.accepted_quantity) for answer in answers)


def _steps(order: Order) -> list[Step]:
    """What happened to an order, the earliest first."""
    steps = [Step(order.placed_at, "order", "医院下单")]
    if order.answered_at:
        label = {OrderState.DECLINED: "企业拒绝", OrderState.CANCELLED: "医院撤单"}.get(order.state, "企业确认")
        steps.append(Step(order.answered_at, "order", label, order.answer_note))
    for delivery in order.deliveries.all():
        note = f"随货单号 {delivery.note_number}" if delivery.note_number else ""
        steps.append(Step(delivery.dispatched_at, "delivery", f"发货 {delivery.number}", note, delivery))
        if delivery.state == DeliveryState.CANCELLED:
            steps.append(Step(delivery.cancelled_at, "delivery", f"取消配送 {delivery.number}", delivery.cancel_reason))
        for acceptance in delivery.acceptances.all():
            steps.append(
                Step(acceptance.accepted_at, "acceptance", f"验收 {acceptance.number}", acceptance.note, acceptance)
            )
            if acceptance.reversed_at:
                label = f"冲销验收 {acceptance.number}"
                steps.append(Step(acceptance.reversed_at, "reversal", label, acceptance.reversal_reason))
    if order.closed_at:
        steps.append(Step(order.closed_at, "order", "关闭未到部分", order.close_reason))
    return sorted(steps, key=lambda step: step.at)


def shipping_figures(actor: Actor) -> tuple[int, date | None]:
    """How many orders this organisation has to send, and the first day they are due."""
    waiting: QuerySet[Order] = orders_to_ship(actor)
    first = waiting.order_by().aggregate(first=Min("delivery_due_at"))["first"]
    return waiting.count(), business_date(first) if first else None


def receiving_figures(actor: Actor, today: date) -> tuple[int, date | None]:
    """How many deliveries wait for acceptance, and the first day one should be accepted by."""
    waiting = lateness.with_acceptance(deliveries.deliveries_on_the_way(actor), today).order_by()
    found = waiting.aggregate(count=Count("id"), first=Min("day"))
    return found["count"], found["first"]

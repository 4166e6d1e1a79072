"""Orders, deliveries and acceptances as people read them: quantities in packs, what is open, what is late."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Count, Min, QuerySet

from pricing import queries as pricing
from procurement.ordering.models import Order, OrderLine
from procurement.ordering.queries import authorisations, orders
from procurement.ordering.rules.authorising import Authorised
from procurement.receiving.models import AcceptanceLine, Delivery, DeliveryLine
from procurement.receiving.queries import deliveries
from procurement.workflows import DeliveryState, OrderState
from sunlight.acts import current_policy
from sunlight.kernel.money import amount_fen, quantity_text
from sunlight.kernel.units import Units
from sunlight.kernel.workdays import official
from sunlight.scope import Actor
from sunlight.scope.clock import SHANGHAI, business_date
from sunlight.tenancy.models import Organisation


@dataclass(frozen=True, slots=True)
class LineView:
    """An order line with its quantities in packs and in the pricing unit."""

    line: OrderLine
    units: Units

    @property
    def open_quantity(self) -> Decimal:
        """What has not been sent."""
        return self.line.quantity - self.line.delivered_quantity

    @property
    def quantity_text(self) -> str:
        return self.units.describe(self.line.quantity)

    @property
    def open_text(self) -> str:
        return self.units.describe(self.open_quantity)


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
    is_overdue: bool


def order_view(actor: Actor, order_id: int, today: date) -> OrderView:
    """One order with everything its page shows. Raises NotThere."""
    order = orders.order_in_full(actor, order_id)
    lines = line_views(order.lines.all())
    return OrderView(order, lines, tuple(_steps(order)), orders.overdue(order, today))


def line_views(lines: Iterable[OrderLine]) -> tuple[LineView, ...]:
    """Lines with their units, in one query for the packs."""
    lines = list(lines)
    units = pricing.units_of({line.price_group_id: line.price_group for line in lines}.values())
    return tuple(LineView(line, units[line.price_group_id]) for line in lines)


def lot_views(lines: Iterable[DeliveryLine], answers: Iterable[AcceptanceLine] = ()) -> tuple[LotView, ...]:
    """Delivery lines with their units and answers, in one query for the packs."""
    lines = list(lines)
    groups = {line.order_line.price_group_id: line.order_line.price_group for line in lines}
    units = pricing.units_of(groups.values())
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


def distributors_for(order: Order, lines: Iterable[OrderLine], today: date) -> list[Organisation]:
    """Distributors the manufacturer has authorised for every line of an order, by name. To be read by the manufacturer."""
    standing: list[Authorised] = authorisations.standing(
        platform_id=order.platform_id, manufacturer_ids=[order.seller_id], on=today
    )[order.seller_id]
    groups = {line.price_group_id for line in lines}
    able = {
        each.distributor_id
        for each in standing
        if authorisations.may_deliver(
            standing,
            distributor_id=each.distributor_id,
            price_group_ids=groups,
            hospital_id=order.buyer_id,
            region_code=order.region.code,
        )
    }
    return list(Organisation.objects.filter(id__in=able).order_by("name"))


@dataclass(frozen=True, slots=True)
class OnTheWay:
    """A delivery that waits for acceptance, and the day by which it should be accepted (A25)."""

    delivery: Delivery
    accept_by: date
    is_late: bool
    ordered_by_actor: bool


def on_the_way(actor: Actor, found: Iterable[Delivery], today: date) -> list[OnTheWay]:
    """Deliveries with the day by which they should be accepted: working days after the expected arrival, or dispatch."""
    days = current_policy().find("acceptance.working_days", region=actor.region_code, on=today)
    rows = []
    for delivery in found:
        start = delivery.expected_on or business_date(delivery.dispatched_at)
        by = official().shift(start, days.value).on if days else start + timedelta(days=3)
        mine = actor.user_id is not None and delivery.order.placed_by_id == actor.user_id
        rows.append(OnTheWay(delivery, by, by < today, mine))
    return rows


def order_figures(actor: Actor) -> tuple[int, date | None]:
    """How many orders wait for this manufacturer's answer, and the nearest day the hospital wants the goods."""
    waiting = orders.orders_to_answer(actor)
    return waiting.count(), waiting.aggregate(first=Min("latest_arrival_on"))["first"]


def overdue_among(rows: QuerySet[Order], today: date) -> QuerySet[Order]:
    """Those whose accepted goods have not all come by the end of their day."""
    midnight = datetime.combine(today, time(), SHANGHAI)
    return rows.filter(state=OrderState.ACCEPTED, delivery_due_at__lt=midnight)


def overdue_figures(actor: Actor, today: date) -> tuple[int, date | None]:
    """How many of this hospital's orders have not all come by their day (GD25-5.10b), and the longest overdue day."""
    late = overdue_among(orders.orders_visible_to(actor), today)
    found = late.order_by().aggregate(count=Count("id"), first=Min("delivery_due_at"))
    return found["count"], business_date(found["first"]) if found["first"] else None


def has_delivery_point(actor: Actor) -> bool:
    """Whether the hospital has a place where goods may arrive."""
    return orders.delivery_points_of(actor).filter(is_active=True).exists()


def shipping_figures(actor: Actor) -> tuple[int, date | None]:
    """How many orders this organisation has to send, and the first day they are due."""
    waiting: QuerySet[Order] = orders.orders_to_ship(actor)
    first = waiting.order_by().aggregate(first=Min("delivery_due_at"))["first"]
    return waiting.count(), business_date(first) if first else None


def receiving_figures(actor: Actor, today: date) -> tuple[int, date | None]:
    """How many deliveries wait for acceptance, and the first day one should be accepted by."""
    waiting = deliveries.deliveries_on_the_way(actor)
    first = on_the_way(actor, waiting[:1], today)
    return waiting.count(), first[0].accept_by if first else None

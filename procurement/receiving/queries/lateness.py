"""Late deliveries and late acceptances, each defined once. Pages, lists, figures, matters, messages and the API all ask here;
in SQL the same as `delivery.overdue` and `acceptance.overdue` of an order or delivery answer.

An order is late if its goods are not all there by its day. Goods are there from the day the acceptance says that they
arrived; not accepted yet, from the day the deliverer expected, else the day they were sent (A106). What is rejected goes back
and is missing again. A delivery is accepted late if not by the n-th working day after it arrived (A25), never accepted too.

`day`, `done_on` (None while it is not), `days_late` in calendar days up to today, `is_open` (late and not done),
`was_late` (whatever became of it), `missing_fen`.
"""

from collections.abc import Iterable
from datetime import date, datetime, time

from django.db.models import (
    BigIntegerField,
    BooleanField,
    Case,
    Count,
    DateField,
    Exists,
    F,
    Func,
    IntegerField,
    Max,
    Min,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    Value,
    When,
)
from django.db.models.functions import Cast, Coalesce, Greatest, Least, TruncDate

from procurement.ordering.models import Order, OrderLine
from procurement.ordering.queries.orders import orders_visible_to
from procurement.ordering.workflows import OrderState
from procurement.receiving.models import Acceptance, AcceptanceLine, Delivery, DeliveryLine
from procurement.receiving.queries.dated import days_by_law
from procurement.receiving.queries.deliveries import access_delivery, deliveries_visible_to
from procurement.receiving.queries.workdays import NthWorkday
from procurement.receiving.workflows import AcceptanceState, DeliveryState
from sunlight.scope import Actor
from sunlight.scope.clock import SHANGHAI


def shanghai_day(field: str) -> TruncDate:
    """The business day of a moment."""
    return TruncDate(field, tzinfo=SHANGHAI, output_field=DateField())


class DaysBetween(Func):
    """Whole calendar days from the second day to the first."""

    template, arg_joiner = "(%(expressions)s)", " - "
    output_field = IntegerField()


def days_late(done: str, day: str, today: date) -> Greatest:
    """Calendar days by which what was done, or today while it is not, lies after the day it had to be."""
    until = Least(Coalesce(F(done), Value(today, DateField())), Value(today, DateField()))
    return Greatest(DaysBetween(until, F(day)), Value(0), output_field=IntegerField())


def fen_of(quantity) -> Cast:
    """Order line price × quantity in fen, rounded half up."""
    return Cast(Func(quantity * Value(100), function="round"), BigIntegerField())


def _fen_but(nothing: Q, sums: QuerySet) -> Case:
    """A sum in fen, 0 under a condition."""
    fen = Coalesce(Subquery(sums, output_field=BigIntegerField()), 0)
    return Case(When(nothing, then=Value(0)), default=fen, output_field=BigIntegerField())


# Deliveries: the day of arrival.
def _taken_on() -> Subquery:
    """The day on which goods arrived that were accepted, as the acceptance says."""
    rows = Acceptance.objects.filter(delivery=OuterRef("pk"), state=AcceptanceState.CONFIRMED)
    return Subquery(rows.order_by().values("arrived_on")[:1])


def expected() -> Coalesce:
    """The day goods arrive while nobody has said when they did (A106)."""
    return Coalesce("expected_on", shanghai_day("dispatched_at"))


def arriving(rows: QuerySet[Delivery]) -> QuerySet[Delivery]:
    """Deliveries with `stated_on` (None unless accepted) and `came_on`, the day they arrived or are expected."""
    return rows.annotate(stated_on=_taken_on()).annotate(came_on=Coalesce("stated_on", expected()))


# Orders.
def with_delivery(rows: QuerySet[Order], today: date) -> QuerySet[Order]:
    """Orders with what they are late by (`delivery.overdue`); `day` is None while they are not confirmed."""
    unsent = OrderLine.objects.filter(order=OuterRef("pk"), quantity__gt=F("delivered_quantity"))
    taken = AcceptanceLine.objects.filter(acceptance__delivery=OuterRef("pk"), accepted_quantity__gt=0)
    kept = Q(stated_on=None) | Exists(taken.filter(acceptance__state=AcceptanceState.CONFIRMED))
    came = (
        arriving(Delivery.objects.filter(order=OuterRef("pk")))
        .exclude(state=DeliveryState.CANCELLED)
        .filter(kept)
        .order_by()
        .values("order")
        .annotate(last=Max("came_on"))
        .values("last")
    )
    ended = Q(state__in=[OrderState.PLACED, OrderState.DECLINED, OrderState.CANCELLED])
    done = Case(
        When(state=OrderState.CLOSED, then=shanghai_day("closed_at")),
        When(Exists(unsent), then=Value(None, DateField())),
        default=Subquery(came, output_field=DateField()),
        output_field=DateField(),
    )
    day = Case(When(ended, then=Value(None, DateField())), default=shanghai_day("delivery_due_at"))
    return judged(rows.annotate(day=day, done_on=done), today)


def judged(rows: QuerySet, today: date) -> QuerySet:
    """Rows with `day` and `done_on`, and what follows of them: `days_late`, `is_open`, `was_late`."""
    past, undone = Q(day__lt=today), Q(done_on=None) | Q(done_on__gt=today)
    late = past & (undone | Q(done_on__gt=F("day")))
    return rows.annotate(
        days_late=Coalesce(days_late("done_on", "day", today), 0),
        is_open=_flag(past & undone),
        was_late=_flag(late),
    )


def _flag(condition: Q) -> Case:
    return Case(When(condition, then=Value(True)), default=Value(False), output_field=BooleanField())


def deliveries_late(rows: QuerySet[Order], today: date) -> QuerySet[Order]:
    """The orders whose goods are past their day and not all there."""
    # The state alone bounds the rows before anything is added up.
    midnight = datetime.combine(today, time(), SHANGHAI)
    waiting = rows.filter(state=OrderState.ACCEPTED, delivery_due_at__lt=midnight)
    return with_delivery(waiting, today).filter(is_open=True)


def missing_of(rows: QuerySet[Order], today: date) -> QuerySet[Order]:
    """Orders with `missing_fen`: what of them is not there, at its price; nothing of a closed one."""
    under_way = (
        DeliveryLine.objects.filter(order_line=OuterRef("pk"), delivery__state=DeliveryState.DISPATCHED)
        .annotate(expected=Coalesce("delivery__expected_on", shanghai_day("delivery__dispatched_at")))
        .filter(expected__gt=today)
        .order_by()
        .values("order_line")
        .annotate(sum=Sum("quantity"))
        .values("sum")
    )
    coming = Coalesce(Subquery(under_way), Value(0) * F("quantity"))
    lines = (
        OrderLine.objects.filter(order=OuterRef("pk"))
        .annotate(missing=F("quantity") - F("delivered_quantity") + coming)
        .order_by()
        .values("order")
        .annotate(fen=Sum(fen_of(F("price") * F("missing"))))
        .values("fen")
    )
    return rows.annotate(missing_fen=_fen_but(Q(state=OrderState.CLOSED), lines))


def delivery_lateness(actor: Actor, orders: Iterable[Order], today: date) -> list[Order]:
    """The same orders as rows with their lateness, in their order, in one query."""
    wanted = [order.id for order in orders]
    found = with_delivery(orders_visible_to(actor).filter(id__in=wanted), today).in_bulk()
    return [found[each] for each in wanted]


def late_orders(actor: Actor, today: date) -> tuple[int, date | None]:
    """How many of the orders the actor sees are late, and the longest missed day (GD25-5.10b)."""
    return _counted(deliveries_late(orders_visible_to(actor), today))


# Acceptances.
def accept_by(arrived: str) -> NthWorkday:
    """The last day to accept goods that arrived on the day in a field; NULL where no text states a term."""
    return NthWorkday(F(arrived), days_by_law("acceptance.working_days", day=arrived))


def with_acceptance(rows: QuerySet[Delivery], today: date) -> QuerySet[Delivery]:
    """Deliveries with what their acceptance is late by (`acceptance.overdue`); cancelled ones have no `day`."""
    accepted = Acceptance.objects.filter(delivery=OuterRef("pk"), state=AcceptanceState.CONFIRMED).order_by()
    day = Case(
        When(state=DeliveryState.CANCELLED, then=Value(None, DateField())),
        default=accept_by("came_on"),
        output_field=DateField(),
    )
    return judged(arriving(rows).annotate(day=day, done_on=Subquery(accepted.values("accepted_on")[:1])), today)


def acceptances_late(rows: QuerySet[Delivery], today: date) -> QuerySet[Delivery]:
    """The deliveries that arrived and were not accepted by their day (A25)."""
    # Nothing that came today or later is late yet.
    return with_acceptance(rows.filter(state=DeliveryState.DISPATCHED), today).filter(is_open=True)


def worth_of(rows: QuerySet[Delivery]) -> QuerySet[Delivery]:
    """Deliveries with `worth_fen`, what was sent at its price, and `missing_fen`: the same while nobody accepted it."""
    lines = (
        DeliveryLine.objects.filter(delivery=OuterRef("pk"))
        .order_by()
        .values("delivery")
        .annotate(fen=Sum(fen_of(F("order_line__price") * F("quantity"))))
        .values("fen")
    )
    answered = ~Q(state=DeliveryState.DISPATCHED)
    return rows.annotate(worth_fen=_fen_but(Q(pk=None), lines), missing_fen=_fen_but(answered, lines))


def acceptance_lateness(actor: Actor, deliveries: Iterable[Delivery], today: date) -> list[Delivery]:
    """The same deliveries as rows with their lateness, in their order, in one query."""
    wanted = [delivery.id for delivery in deliveries]
    found = with_acceptance(deliveries_visible_to(actor).filter(id__in=wanted), today).in_bulk()
    return [found[each] for each in wanted]


def delivery_in_full(actor: Actor, delivery_id: int, today: date) -> Delivery:
    """A delivery with its lines and its lateness. Raises NotThere."""
    found = access_delivery(actor, delivery_id)
    (late,) = acceptance_lateness(actor, [found], today)
    for name in ("day", "done_on", "days_late", "is_open", "was_late"):
        setattr(found, name, getattr(late, name))
    return found


def late_acceptances(actor: Actor, today: date) -> tuple[int, date | None]:
    """How many deliveries the actor sees arrived and are not accepted in time, and the longest missed day."""
    return _counted(acceptances_late(deliveries_visible_to(actor), today))


def _counted(rows: QuerySet) -> tuple[int, date | None]:
    found = rows.order_by().aggregate(count=Count("id"), first=Min("day"))
    return found["count"], found["first"]

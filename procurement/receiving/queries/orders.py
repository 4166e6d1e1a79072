"""Orders with their goods."""

from datetime import date

from django.db.models import F, Prefetch, QuerySet

from procurement.ordering.models import Order, OrderLine
from procurement.ordering.queries.orders import orders_visible_to
from procurement.ordering.workflows import OrderState
from procurement.receiving.models import Acceptance, Delivery
from procurement.receiving.queries import lateness
from procurement.receiving.queries.deliveries import DELIVERY_LINES
from procurement.receiving.workflows import DeliveryState
from sunlight.journal.refusals import NotThere
from sunlight.kernel.reading import possible_id
from sunlight.scope import Actor


def order_in_full(actor: Actor, order_id: int, today: date) -> Order:
    """An order with lines, deliveries and acceptances loaded in a constant number of queries, and its lateness and that of
    its deliveries on a day. Raises NotThere."""
    acceptances = Acceptance.objects.prefetch_related("lines").order_by("id")
    deliveries = lateness.with_acceptance(Delivery.objects.order_by("id"), today).prefetch_related(
        Prefetch("lines", DELIVERY_LINES),
        Prefetch("acceptances", acceptances),
    )
    order = (
        lateness.with_delivery(orders_visible_to(actor), today)
        .filter(id=possible_id(order_id))
        .select_related("delivery_point", "region")
        .prefetch_related(
            Prefetch(
                "lines",
                OrderLine.objects.select_related("national_code", "price_group").order_by("line_no"),
            ),
            Prefetch("deliveries", deliveries),
        )
        .first()
    )
    if order is None:
        raise NotThere("订单")
    return order


def open_deliveries(order: Order) -> QuerySet[Delivery]:
    """Deliveries of the order that were not cancelled."""
    return Delivery.objects.filter(order=order).exclude(state=DeliveryState.CANCELLED)


def orders_to_ship(actor: Actor) -> QuerySet[Order]:
    """Accepted orders this organisation delivers and that are not delivered in full."""
    orders = orders_visible_to(actor).filter(state=OrderState.ACCEPTED)
    mine = orders.filter(distributor_id=actor.organisation_id) | orders.filter(
        distributor_id=None, seller_id=actor.organisation_id
    )
    unshipped = OrderLine.objects.filter(quantity__gt=F("delivered_quantity")).values("order_id")
    return mine.filter(id__in=unshipped).order_by("delivery_due_at", "id")

"""Sending goods and counting them, for the tests of shipping and receiving."""

from pricing.models import DealFact
from procurement.ordering.models import OrderLine
from procurement.receiving.services import deliveries
from sunlight import scope
from sunlight.scope import Role

SHIPPER, RECEIVER, FINANCE = Role.SUPPLIER_SHIPPER, Role.HOSPITAL_RECEIVER, Role.SUPPLIER_FINANCE


def call(world, at, service, key, role, *, person="", **facts):
    actor = world.actor(key, role, person=person)
    with scope.opened(actor):
        return service(actor=actor, at=at, **facts)


def ship(world, at, order, *lines, key="distributor", role=SHIPPER, **facts):
    return call(world, at, deliveries.delivery_dispatch, key, role, order_id=order.id, lines=list(lines), **facts)


def numbers(world, order) -> tuple[str, str, str, str]:
    """delivered, accepted, invoiced of the order's one line, and what counts of the deal."""
    with scope.opened(world.system):
        line = OrderLine.objects.get(order=order)
        deal = DealFact.objects.get(order_line_number=line.number)
        quantities = (line.delivered_quantity, line.accepted_quantity, line.invoiced_quantity, deal.net_quantity)
    return tuple(f"{q.normalize():f}" for q in quantities)

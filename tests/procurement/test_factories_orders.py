"""The trade line from agreement to acceptance stands."""

from decimal import Decimal

from procurement.ordering.models import OrderLine
from procurement.ordering.workflows import OrderState
from sunlight import scope
from tests.factories import orders


def test_the_line_from_agreement_to_acceptance(world):
    taken = orders.acceptance(world)
    with scope.opened(world.system):
        line = OrderLine.objects.select_related("order").get(order__deliveries=taken.delivery_id)
        assert line.order.state == OrderState.DELIVERED
        assert line.order.distributor_id == world.distributor.id
        assert (line.quantity, line.delivered_quantity, line.accepted_quantity) == (Decimal(100),) * 3
        assert (line.price, line.amount_fen) == (Decimal("90.0000"), 900_000)

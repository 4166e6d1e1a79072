"""Records once, as events, what nobody did by its day: accepted orders whose goods have not arrived (GD25-5.10b)."""

from datetime import datetime

from procurement.ordering.events import ORDER_OVERDUE, ORDERS_FOUND_OVERDUE
from procurement.ordering.models import Order
from procurement.ordering.queries.views import overdue_among
from sunlight import scope
from sunlight.journal.queries import was_recorded
from sunlight.journal.services import record, record_all, service
from sunlight.scope import Actor
from sunlight.scope.clock import business_date


@service
def orders_overdue_record(*, actor: Actor, at: datetime, limit: int = 100) -> int:
    """Record `order_overdue` for accepted orders past their delivery day and not all there, once each, and one
    `orders_found_overdue` for those who watch; by the system, for its platform. Returns the number recorded."""
    # Two that run at once would both find nothing recorded: the second waits and sees.
    scope.alone("procurement.orders_remind", actor.platform_id)
    unrecorded = Order.objects.filter(~was_recorded(ORDER_OVERDUE), platform_id=actor.platform_id)
    late = list(overdue_among(unrecorded, business_date(at)).order_by("delivery_due_at", "id")[:limit])
    if not late:
        return 0
    record_all(
        ORDER_OVERDUE,
        [
            {
                "subject": order.id,
                "parties": [order.buyer_id, order.seller_id, order.distributor_id],
                "version": order.version,
                "payload": {
                    "number": order.number,
                    "buyer": order.buyer_id,
                    "seller": order.seller_id,
                    "distributor": order.distributor_id,
                    "delivery_due_on": business_date(order.delivery_due_at),
                },
            }
            for order in late
        ],
        actor=actor,
        at=at,
    )
    record(
        ORDERS_FOUND_OVERDUE,
        subject=actor.platform_id,
        actor=actor,
        at=at,
        payload={"count": len(late), "orders": [order.id for order in late]},
    )
    return len(late)

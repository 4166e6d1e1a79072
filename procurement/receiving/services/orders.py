"""What becomes of an order once goods may be on their way: another distributor before the first is sent, the rest closed."""

from datetime import datetime

from pricing.services.deals import deal_facts_redeliver
from procurement.ordering.events import ORDER_CLOSED, ORDER_DISTRIBUTOR_CHANGED
from procurement.ordering.models import Order, OrderLine
from procurement.ordering.queries import orders
from procurement.ordering.services.appointing import appointed_by_others, with_reasons
from procurement.ordering.services.authorisations import deliverable
from procurement.ordering.services.orders import (
    choose_carrier,
    end_reason,
    lock_to_move,
    record_order,
    record_order_to,
)
from procurement.ordering.services.placing import order_payload
from procurement.ordering.workflows import OrderState
from procurement.receiving.queries.orders import open_deliveries
from procurement.receiving.workflows import DeliveryState
from sunlight import scope
from sunlight.journal.refusals import Conflict, Forbidden, Refused
from sunlight.journal.services import service
from sunlight.kernel import reading
from sunlight.scope import Actor, Role
from sunlight.scope.clock import business_date


@service
def order_close(*, actor: Actor, at: datetime, order_id: int, reason: str) -> Order:
    """The hospital does not want the rest. Refused while goods are on their way."""
    order, lines = lock_to_move(actor, order_id, "close")
    reason = end_reason(reason)
    if open_deliveries(order).filter(state=DeliveryState.DISPATCHED).exists():
        raise Conflict(
            "delivery_on_the_way",
            "仍有配送单在途，不能关闭订单。请先验收或由配送企业取消该配送单。",
            subject=("order", order.id),
        )
    order.closed_at, order.close_reason = at, reason
    order.version += 1
    who = scope.stamp(order, "closed", actor)
    order.save(update_fields=["state", "closed_at", *who, "close_reason", "version"])
    record_order(ORDER_CLOSED, order, lines, actor, at)
    return order


@service
def order_distributor_change(
    *, actor: Actor, at: datetime, order_id: int, distributor_id: int | None, reason: str = ""
) -> Order:
    """The manufacturer gives an accepted order to another distributor it has authorised, or delivers itself (None);
    only before the first dispatch, and nobody else (SZ24-3.6, GD25-5.10c)."""
    order = orders.access_order(actor, order_id)
    order = orders.lock_order(order.id)
    lines = orders.lock_lines(order)
    if order.seller_id != actor.organisation_id or not actor.has(Role.SUPPLIER_SELLER):
        raise _only_the_manufacturer(actor, at, order)
    if order.state != OrderState.ACCEPTED or open_deliveries(order).exists():
        raise Conflict(
            "already_dispatched",
            "只有已确认且尚未发货的订单可以更换配送企业。请先由原配送企业取消在途的配送单。",
            subject=("order", order.id),
        )
    reason = reading.text(reason, "reason", "原因", most=500, required=False)
    before = order.distributor_id
    order.distributor = choose_carrier(actor, order, lines, at, distributor_id, distributor_id is None)
    if order.distributor is None:
        deliverable(actor, order.seller_id, business_date(at), {line.price_group_id for line in lines})
    if order.distributor_id == before:
        raise Conflict("same_distributor", "该订单已由这家企业配送，无须更换。", subject=("order", order.id))
    order.version += 1
    order.save(update_fields=["distributor", "version"])
    for line in lines:
        line.distributor_id = order.distributor_id
    OrderLine.objects.bulk_update(lines, ["distributor"])
    deal_facts_redeliver(
        actor=actor, at=at, order_line_numbers=[line.number for line in lines], distributor_id=order.distributor_id
    )
    payload = order_payload(order, lines) | {"distributor_before": before, "reason": reason}
    parties = [order.buyer_id, order.seller_id, order.distributor_id, before]
    record_order_to(order, ORDER_DISTRIBUTOR_CHANGED, payload, parties, actor, at)
    return order


def _only_the_manufacturer(actor: Actor, at: datetime, order: Order) -> Refused:
    law = scope.law(actor, business_date(at), region=order.region.code)
    return with_reasons(
        Forbidden,
        "only_the_manufacturer_chooses",
        "配送企业只能由生产企业的销售专员选定或更换。请联系生产企业办理。",
        appointed_by_others(law, actor, is_makers=actor.organisation_id == order.seller_id),
    )

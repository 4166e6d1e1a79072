"""Orders and delivery points as their parties may see them."""

from collections.abc import Iterable
from datetime import date

from django.db.models import QuerySet, Sum

from procurement.contracts.models import PriceAgreement
from procurement.ordering.models import DeliveryPoint, Order, OrderLine
from procurement.ordering.workflows import OrderState
from sunlight.journal.refusals import NotThere
from sunlight.kernel.reading import possible_id
from sunlight.scope import Actor
from sunlight.scope.prepared import Given, Prepared
from sunlight.scope.roles import OrganisationKind

_DELIVERY_POINT = Prepared(
    lambda: DeliveryPoint.objects.filter(
        platform_id=Given("platform"), hospital_id=Given("hospital"), id=Given("id")
    ).order_by()
)


def orders_visible_to(actor: Actor) -> QuerySet[Order]:
    """Orders `actor` may see, with their parties."""
    return Order.objects.visible_to(actor).select_related("buyer", "seller", "distributor")


def access_order(actor: Actor, order_id: int) -> Order:
    """Raises NotThere for an order that does not exist or is not the actor's."""
    order = orders_visible_to(actor).filter(id=possible_id(order_id)).first()
    if order is None:
        raise NotThere("订单")
    return order


def ordered_fen(actor: Actor, *, buyer_id: int, seller_ids: Iterable[int], after: date) -> int:
    """What a hospital ordered of these suppliers after a day, in fen; what was declined or cancelled does not count."""
    rows = Order.objects.filter(
        platform_id=actor.platform_id, buyer_id=buyer_id, seller_id__in=list(seller_ids), law_date__gt=after
    )
    found = rows.exclude(state__in=[OrderState.DECLINED, OrderState.CANCELLED]).aggregate(fen=Sum("amount_fen"))
    return int(found["fen"] or 0)


def lock_order(order_id: int) -> Order:
    """The order, locked until the transaction ends; its lines are locked after it, by id."""
    return Order.objects.select_for_update(of=("self",)).select_related("buyer", "seller", "region").get(id=order_id)


def lock_lines(order: Order) -> list[OrderLine]:
    return list(
        OrderLine.objects.select_for_update(of=("self",))
        .filter(order=order)
        .select_related("national_code")
        .order_by("id")
    )


def lines_of(order: Order) -> list[OrderLine]:
    """The order's lines with what they name, by line number."""
    return list(
        OrderLine.objects.filter(order=order).select_related("national_code", "price_group").order_by("line_no")
    )


def listing_ids(lines: Iterable[OrderLine]) -> list[int]:
    """The listings under which these lines were agreed, each once."""
    agreements = {line.agreement_id for line in lines}
    if not agreements:
        return []
    rows = PriceAgreement.objects.filter(id__in=agreements).order_by("listing_id")
    return list(rows.values_list("listing_id", flat=True).distinct())


def carrier_id(order: Order) -> int:
    """Who delivers, invoices and is paid: the authorised distributor, or the manufacturer where it delivers itself."""
    return order.distributor_id or order.seller_id


def delivery_points_of(actor: Actor) -> QuerySet[DeliveryPoint]:
    """The hospital's own delivery points, by code."""
    if actor.kind != OrganisationKind.HOSPITAL:
        return DeliveryPoint.objects.none()
    return DeliveryPoint.objects.filter(platform_id=actor.platform_id, hospital_id=actor.organisation_id).order_by(
        "code"
    )


def access_delivery_point(actor: Actor, point_id: int) -> DeliveryPoint:
    """Raises NotThere."""
    if actor.kind != OrganisationKind.HOSPITAL:
        raise NotThere("收货点", field="delivery_point")
    mine = {"platform": actor.platform_id, "hospital": actor.organisation_id}
    point = _DELIVERY_POINT.first(**mine, id=possible_id(point_id))
    if point is None:
        raise NotThere("收货点", field="delivery_point")
    return point


def orders_to_answer(actor: Actor) -> QuerySet[Order]:
    """Orders that wait for this manufacturer's answer."""
    return orders_visible_to(actor).filter(seller_id=actor.organisation_id, state=OrderState.PLACED)

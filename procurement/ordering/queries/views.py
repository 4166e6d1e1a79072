"""Orders as people read them: quantities in packs, what is open, what is late."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Min

from pricing.queries.declared import units_of
from procurement.ordering.models import Order, OrderLine
from procurement.ordering.queries import authorisations, orders
from procurement.ordering.rules.authorising import Authorised
from sunlight.kernel.units import Units
from sunlight.scope import Actor
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


def line_views(lines: Iterable[OrderLine]) -> tuple[LineView, ...]:
    """Lines with their units, in one query for the packs."""
    lines = list(lines)
    units = units_of({line.price_group_id: line.price_group for line in lines}.values())
    return tuple(LineView(line, units[line.price_group_id]) for line in lines)


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


def order_figures(actor: Actor) -> tuple[int, date | None]:
    """The number of orders waiting for this manufacturer's answer, and the nearest day on which a hospital wants the
    goods."""
    waiting = orders.orders_to_answer(actor)
    return waiting.count(), waiting.aggregate(first=Min("latest_arrival_on"))["first"]


def has_delivery_point(actor: Actor) -> bool:
    """Whether the hospital has a place where goods may arrive."""
    return orders.delivery_points_of(actor).filter(is_active=True).exists()

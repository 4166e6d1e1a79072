"""Orders, deliveries and acceptances, made by the real services on top of `catalog.listed`, `pricing.priced` and
`procurement.agreed`.

`agreement(world)` · `point(world)` · `placed(world)` · `accepted_order(world)` · `delivered(world)` · `acceptance(world)`:
each makes what it needs below itself, or takes it; the later ones return the row of their own step.
"""

from datetime import date, datetime, timedelta
from decimal import Decimal

from catalog.models import ListedSpecification
from procurement.contracts.models import PriceAgreement
from procurement.ordering.models import DeliveryPoint, DistributionAuthorisation, Order, OrderLine
from procurement.ordering.services import authorisations, orders, placing
from procurement.ordering.services.placing import BasketFacts
from procurement.receiving.models import Acceptance, Delivery, DeliveryLine
from procurement.receiving.services import acceptances, deliveries
from sunlight import scope
from sunlight.scope import Role
from sunlight.scope.clock import business_date
from tests.factories import catalog, pricing, procurement


def agreement(world, *, price="90.0000", quantity="100000", listing=None, at=None, **more) -> PriceAgreement:
    """A price agreement in force for a listing that is listed at 120 and has an alert line of 100."""
    if listing is None:
        listing = catalog.listed(world, listed_on=date(2019, 1, 1), **more)
        pricing.priced(world, listing, at=at)
    return procurement.agreed(world, listing, price=price, quantity=quantity, at=at)


def codes(agreed: PriceAgreement) -> list[str]:
    """The specifications that may be ordered at an agreed price."""
    rows = ListedSpecification.objects.filter(listing_id=agreed.listing_id).order_by("national_code__code")
    return list(rows.values_list("national_code__code", flat=True))


def point(world, *, hospital="hospital", code="01") -> DeliveryPoint:
    """A delivery point of a hospital; the same one for the same code."""
    keeper = world.actor(hospital, Role.HOSPITAL_ADMIN)
    with scope.opened(keeper):
        found = DeliveryPoint.objects.filter(hospital_id=keeper.organisation_id, code=code).first()
        return found or orders.delivery_point_add(
            actor=keeper,
            at=scope.now(),
            code=code,
            name="中心库房",
            address="测试路 1 号",
            contact_name="库管员",
            contact_phone="0755-26000000",
        )


def authorised(world, *, maker="maker", distributor="distributor", at=None, **limits) -> DistributionAuthorisation:
    """An authorisation of a distributor for a year; the default one where no limits are given."""
    seller = world.actor(maker, Role.SUPPLIER_SELLER)
    at = at or scope.now()
    today = business_date(at)
    with scope.opened(seller):
        return authorisations.authorisation_make(
            actor=seller,
            at=at,
            distributor_id=world.organisations[distributor].id,
            valid_from=limits.pop("valid_from", today),
            valid_to=limits.pop("valid_to", today + timedelta(days=365)),
            is_default=limits.pop("is_default", not limits),
            **limits,
        )


def line(agreed: PriceAgreement, quantity="100", *, specification: int = 0, **more) -> dict:
    """A line of `order_place` for one of the specifications under an agreement. Needs an open scope."""
    return {"code": codes(agreed)[specification], "quantity": quantity, "agreement_id": agreed.id} | more


def placed(
    world, agreed: PriceAgreement | None = None, *, quantity="100", at: datetime | None = None, **terms
) -> Order:
    """An order of one line (or of `lines`) by the hospital's buyer."""
    agreed = agreed or agreement(world, at=at)
    where = terms.pop("delivery_point_id", None) or point(world).id
    buyer = world.actor("hospital", Role.HOSPITAL_BUYER)
    with scope.opened(buyer):
        lines = terms.pop("lines", None) or [line(agreed, quantity)]
        made = placing.order_place(
            actor=buyer, at=at or scope.now(), facts=BasketFacts(lines=lines, delivery_point_id=where, **terms)
        )
        return made[0]


def accepted_order(world, order: Order | None = None, *, distributor="distributor", at=None, **more) -> Order:
    """An order its manufacturer accepted; delivered by the default distributor, or by itself for `distributor=None`."""
    order = order or placed(world, at=at, **more)
    if distributor is not None:
        with scope.opened(world.system):
            known = DistributionAuthorisation.objects.filter(manufacturer=order.seller, is_default=True).exists()
        if not known:
            authorised(world, distributor=distributor, at=at)
    seller = world.actor("maker", Role.SUPPLIER_SELLER)
    with scope.opened(seller):
        return orders.order_accept(
            actor=seller, at=at or scope.now(), order_id=order.id, delivers_itself=distributor is None
        )


def delivered(
    world,
    order: Order | None = None,
    *,
    quantities=None,
    lot="LOT2026A",
    expires_on: date | None = None,
    at=None,
    **more,
) -> Delivery:
    """A delivery of all lines of an accepted order, or of `quantities` by line in order; valid for two years."""
    order = order or accepted_order(world, at=at, **more)
    with scope.opened(world.system):
        rows = list(OrderLine.objects.filter(order=order).order_by("line_no"))
        carrier = next(
            key for key, o in world.organisations.items() if o.id == (order.distributor_id or order.seller_id)
        )
    shipper = world.actor(carrier, Role.SUPPLIER_SHIPPER)
    at = at or scope.now()
    wanted = quantities or [row.quantity - row.delivered_quantity for row in rows]
    with scope.opened(shipper):
        return deliveries.delivery_dispatch(
            actor=shipper,
            at=at,
            order_id=order.id,
            lines=[
                {
                    "order_line": row.id,
                    "quantity": str(quantity),
                    "lot": lot,
                    "expires_on": expires_on or business_date(at) + timedelta(days=730),
                }
                for row, quantity in zip(rows, wanted, strict=False)
                if Decimal(quantity) > 0
            ],
            note_number="SH0001",
        )


def acceptance(world, delivery: Delivery | None = None, *, rejected=None, at=None, **more) -> Acceptance:
    """A confirmed acceptance of everything, or with `rejected` quantities by line in order (reason 外包装破损)."""
    delivery = delivery or delivered(world, at=at, **more)
    with scope.opened(world.system):
        rows = list(DeliveryLine.objects.filter(delivery=delivery).order_by("line_no"))
    refused = [Decimal(each) for each in (rejected or [])] + [Decimal(0)] * len(rows)
    receiver = world.actor("hospital", Role.HOSPITAL_RECEIVER)
    at = at or scope.now()
    with scope.opened(receiver):
        return acceptances.acceptance_confirm(
            actor=receiver,
            at=at,
            delivery_id=delivery.id,
            arrived_on=business_date(at),
            lines=[
                {
                    "delivery_line": row.id,
                    "accepted": str(row.quantity - back),
                    "rejected": str(back),
                    "reason": "外包装破损" if back else "",
                }
                for row, back in zip(rows, refused, strict=False)
            ],
        )

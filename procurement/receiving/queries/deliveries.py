"""Deliveries and acceptances as their parties may see them."""

from collections.abc import Collection
from decimal import Decimal

from django.db.models import F, OuterRef, Prefetch, Q, QuerySet, Subquery

from procurement.ordering.models import OrderLine
from procurement.receiving.models import Acceptance, AcceptanceLine, Delivery, DeliveryLine
from procurement.receiving.workflows import AcceptanceState, DeliveryState
from sunlight.journal.refusals import NotThere
from sunlight.kernel.reading import possible_id
from sunlight.scope import Actor

DELIVERY_LINES = DeliveryLine.objects.select_related("order_line__national_code", "order_line__price_group").order_by(
    "line_no"
)
_ACCEPTANCE_LINES = AcceptanceLine.objects.select_related(
    "delivery_line__order_line__national_code", "delivery_line__order_line__price_group"
).order_by("delivery_line__line_no")


def deliveries_visible_to(actor: Actor) -> QuerySet[Delivery]:
    """Deliveries `actor` may see, with order and parties."""
    return Delivery.objects.visible_to(actor).select_related("order", "buyer", "seller", "distributor")


def access_delivery(actor: Actor, delivery_id: int) -> Delivery:
    """A delivery with its lines. Raises NotThere."""
    found = (
        deliveries_visible_to(actor)
        .filter(id=possible_id(delivery_id))
        .select_related("order__delivery_point")
        .prefetch_related(Prefetch("lines", DELIVERY_LINES))
        .first()
    )
    if found is None:
        raise NotThere("配送单")
    return found


def lock_delivery(delivery_id: int) -> Delivery:
    return (
        Delivery.objects.select_for_update(of=("self",))
        .prefetch_related(Prefetch("lines", DELIVERY_LINES))
        .get(id=delivery_id)
    )


def deliveries_on_the_way(actor: Actor) -> QuerySet[Delivery]:
    """Deliveries that wait for acceptance, the earliest expected first."""
    return (
        deliveries_visible_to(actor)
        .filter(state=DeliveryState.DISPATCHED)
        .order_by(F("expected_on").asc(nulls_last=True), "id")
    )


def by_any_number(rows: QuerySet[Delivery], text: str) -> QuerySet[Delivery]:
    """Those that bear a number as typed or scanned: the delivery's own, its note's, its waybill's or its order's."""
    number = text[:60]
    return rows.filter(
        Q(number=number) | Q(note_number=number) | Q(waybill=number) | Q(order__number=number) if number else Q()
    )


def acceptances_of(delivery: Delivery) -> list[Acceptance]:
    """The acceptances of a delivery, reversed ones too, the earliest first."""
    return list(Acceptance.objects.filter(delivery=delivery).order_by("id"))


def acceptances_visible_to(actor: Actor) -> QuerySet[Acceptance]:
    """Acceptances `actor` may see, with delivery, order and parties."""
    return Acceptance.objects.visible_to(actor).select_related("delivery__order", "buyer", "seller", "distributor")


def access_acceptance(actor: Actor, acceptance_id: int) -> Acceptance:
    """An acceptance with its lines. Raises NotThere."""
    found = (
        acceptances_visible_to(actor)
        .filter(id=possible_id(acceptance_id))
        .prefetch_related(Prefetch("lines", _ACCEPTANCE_LINES))
        .first()
    )
    if found is None:
        raise NotThere("验收单")
    return found


def lock_acceptance(acceptance_id: int) -> Acceptance:
    return Acceptance.objects.select_for_update(of=("self",)).get(id=acceptance_id)


def acceptance_lines_to_invoice(actor: Actor) -> QuerySet[AcceptanceLine]:
    """Lines that the actor's organisation shipped and has yet to invoice: accepted above invoiced, the oldest first.
    Unit price, tax included, and payment days stand on `delivery_line.order_line`."""
    shipped = AcceptanceLine.objects.filter(
        acceptance__platform_id=actor.platform_id,
        acceptance__state=AcceptanceState.CONFIRMED,
        accepted_quantity__gt=F("invoiced_quantity"),
    )
    mine = shipped.filter(acceptance__distributor_id=actor.organisation_id) | shipped.filter(
        acceptance__distributor_id=None, acceptance__seller_id=actor.organisation_id
    )
    return mine.select_related(
        "acceptance__buyer",
        "acceptance__delivery__order",
        "delivery_line__order_line__national_code",
        "delivery_line__order_line__price_group",
    ).order_by("id")


def acceptance_for_settlement(acceptance_line_ids: Collection[int], *, lock: bool = False) -> dict[int, AcceptanceLine]:
    """Acceptance lines by id with all that an invoice is matched against: the acceptance (days, parties), the order line
    (unit price, payment days of the contract) and its specification. Lines the scope does not show are absent. With
    `lock` nobody else invoices a part of the same order lines before this transaction ends."""
    if lock:
        # Lines before order lines, each in order of id, as `acceptance_invoiced` locks them.
        rows = AcceptanceLine.objects.select_for_update(of=("self",)).filter(id__in=list(acceptance_line_ids))
        # Asked aside, not joined: whoever invoices has no right to lock the delivery's lines.
        ordered = Subquery(DeliveryLine.objects.filter(id=OuterRef("delivery_line_id")).values("order_line_id"))
        found = set(rows.order_by("id").values_list(ordered, flat=True))
        list(OrderLine.objects.select_for_update().filter(id__in=found).order_by("id").values_list("id", flat=True))
    lines = AcceptanceLine.objects.filter(id__in=list(acceptance_line_ids)).select_related(
        "acceptance__buyer",
        "acceptance__delivery__order",
        "delivery_line__order_line__national_code",
        "delivery_line__order_line__price_group",
    )
    return {line.id: line for line in lines}


def to_invoice(line: AcceptanceLine) -> Decimal:
    """What of an accepted line has not been invoiced, in the pricing unit."""
    return line.accepted_quantity - line.invoiced_quantity

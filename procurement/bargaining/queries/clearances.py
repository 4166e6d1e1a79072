"""What may be read of clearances (A21)."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import QuerySet

from procurement.bargaining.models.clearances import Clearance, ClearanceUse
from procurement.bargaining.models.offers import Offer
from procurement.bargaining.queries.beyond import drawn_of
from procurement.bargaining.workflows import ClearanceState
from sunlight.journal.refusals import NotThere
from sunlight.kernel.money import quantity_text
from sunlight.scope import Actor

_ROWS = ("buyer", "buyer__region", "seller", "region", "platform", "price_group", "price_group__certificate")


def clearances_visible_to(actor: Actor) -> QuerySet[Clearance]:
    """Clearances for `actor`, of its products, or of the regions it supervises, newest first. What an officer proposes
    the parties see once it is decided."""
    rows = Clearance.objects.visible_to(actor).select_related(*_ROWS).order_by("-id")
    return rows.exclude(state=ClearanceState.PROPOSED) if actor.is_party else rows


def access_clearance(actor: Actor, clearance_id: int) -> Clearance:
    """The clearance if `actor` may see it. Raises NotThere."""
    found = clearances_visible_to(actor).filter(id=clearance_id).first()
    if found is None:
        raise NotThere("该放行")
    return found


def lock_clearance(actor: Actor, clearance_id: int) -> Clearance:
    """As `access_clearance`, the row locked. Raises NotThere."""
    access_clearance(actor, clearance_id)
    return Clearance.objects.select_for_update(of=("self",)).select_related(*_ROWS).get(id=clearance_id)


def left_of(rows: Iterable[Clearance]) -> dict[int, Decimal]:
    """What is left of each clearance, in the pricing unit, in one query."""
    rows = list(rows)
    drawn = drawn_of([row.id for row in rows])
    return {row.id: row.quantity - drawn.get(row.id, Decimal(0)) for row in rows}


def uses_of(clearance_id: int) -> list[ClearanceUse]:
    """What was drawn of a clearance, in order."""
    return list(ClearanceUse.objects.filter(clearance_id=clearance_id).order_by("id"))


def clearance_of_offer(actor: Actor, offer: Offer) -> Clearance | None:
    """The clearance that an offer stands by, where the actor may see it."""
    rows = clearances_visible_to(actor).filter(uses__source_kind="OFFER", uses__source_id=offer.id)
    return rows.first()


@dataclass(frozen=True, slots=True)
class ClearanceRow:
    """A clearance with what is left of its quantity, in the pricing unit."""

    clearance: Clearance
    left: Decimal

    @property
    def quantity(self) -> str:
        return f"{quantity_text(self.clearance.quantity)} {self.clearance.price_group.pricing_unit}"

    @property
    def left_text(self) -> str:
        return f"{quantity_text(self.left)} {self.clearance.price_group.pricing_unit}"


def clearance_rows(rows: Iterable[Clearance]) -> list[ClearanceRow]:
    """Clearances with what is left of each, in one query."""
    rows = list(rows)
    left = left_of(rows)
    return [ClearanceRow(row, left[row.id]) for row in rows]

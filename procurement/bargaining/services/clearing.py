"""What offers and orders draw of a clearance (A21, A102). Each runs inside a service's transaction."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal

from django.db.models import F

from procurement.bargaining.models.clearances import Clearance, ClearanceUse
from procurement.bargaining.queries import beyond
from procurement.bargaining.workflows import ClearanceState
from sunlight.journal.refusals import Conflict
from sunlight.kernel.money import quantity_text
from sunlight.scope import Actor
from sunlight.tenancy.queries.platforms import on_all_platforms


def clearance_draw(
    clearance_id: int, source_kind: str, quantities: Mapping[int, Decimal], *, actor: Actor, at: datetime
) -> None:
    """Take quantities (in the pricing unit, by the id of the offer or order line) from a clearance. Raises Conflict where
    another took them first."""
    # No party writes a use, and the clearance may stand on another platform of the region.
    with on_all_platforms(actor):
        row = Clearance.objects.select_for_update().get(id=clearance_id)
        left = row.quantity - beyond.drawn_of([row.id]).get(row.id, Decimal(0))
        if row.state != ClearanceState.GRANTED or sum(quantities.values()) > left:
            raise Conflict(
                "clearance_used_up",
                f"放行 {row.number} 剩余数量 {quantity_text(max(left, Decimal(0)))}，不足以覆盖本次数量。"
                "请减少数量，或请监管部门另行放行。",
                field="quantity",
            )
        ClearanceUse.objects.bulk_create(
            ClearanceUse(clearance=row, source_kind=source_kind, source_id=source_id, quantity=quantity, drawn_at=at)
            for source_id, quantity in quantities.items()
        )


def clearance_give_back(source_kind: str, source_ids: Iterable[int], *, actor: Actor) -> None:
    """What these offers or order lines drew is there again: nothing came of them."""
    with on_all_platforms(actor):
        ClearanceUse.objects.filter(source_kind=source_kind, source_id__in=list(source_ids)).update(
            given_back=F("quantity")
        )

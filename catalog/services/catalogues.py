"""Which catalogue a listing stands in: limit with a reference price, alternative without (SZ20-5.2.1a, SZ20-5.2.1e)."""

from datetime import datetime

from catalog.events import LISTING_CATALOGUED
from catalog.models import Listing
from catalog.workflows import STANDING
from sunlight import scope
from sunlight.journal.refusals import Forbidden
from sunlight.journal.services import record, service
from sunlight.scope import Actor, Role
from sunlight.scope.clock import business_date


@service
def catalogue_set(
    *, actor: Actor, at: datetime, price_group_id: int, region: str, catalogue: str, number: str = ""
) -> list[Listing]:
    """Put a product's standing listings of a region (code) and of those above it into a catalogue, by the system; `number`
    is the reference price's that moved it. Nothing moves where the law of the day knows no catalogues (SZ24-3.5c). Returns
    the listings moved."""
    if not actor.has(Role.SYSTEM):
        raise Forbidden("not_the_system", "目录随参考价由系统调整。")
    law = scope.law(actor, business_date(at), region=region)
    known = law.find("catalog.catalogues")
    if known is None or catalogue not in known.value:
        return []
    rows = Listing.objects.select_for_update(of=("self",)).filter(
        price_group_id=price_group_id, region__code__in=law.policy.path(region), state__in=STANDING
    )
    moved = list(rows.exclude(catalogue=catalogue).order_by("id"))
    for row in moved:
        before, row.catalogue = row.catalogue, catalogue
        row.version += 1
        row.save(update_fields=["catalogue", "version"])
        record(
            LISTING_CATALOGUED,
            subject=row.id,
            actor=actor,
            at=at,
            version=row.version,
            parties=[row.manufacturer_id],
            payload={"catalogue": catalogue, "before": before, "number": number, "clause": known.clause},
        )
    return moved

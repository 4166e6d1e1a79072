"""Deliveries and sales under a listing: their last days decide its zone and whether it stays listed (SZ24-3.5a, JS20-14a)."""

from datetime import date, datetime

from django.db.models.functions import Greatest

from catalog.models import Listing
from sunlight import scope
from sunlight.journal.refusals import Invalid, NotThere
from sunlight.journal.services import service
from sunlight.scope import Actor
from sunlight.scope.clock import business_date


@service
def delivery_record(*, actor: Actor, at: datetime, listing_id: int, delivered_on: date) -> None:
    """A delivery under the listing counts from this day on for its zone (SZ24-3.5a). Called by procurement in its own
    transaction; the date only ever rises. Raises NotThere."""
    _raise_date(actor, at, listing_id, "last_delivered_on", delivered_on)


@service
def sale_record(*, actor: Actor, at: datetime, listing_id: int, sold_on: date) -> None:
    """A sale under the listing, likewise (JS20-14a)."""
    _raise_date(actor, at, listing_id, "last_sold_on", sold_on)


def _raise_date(actor: Actor, at: datetime, listing_id: int, field: str, day: date) -> None:
    if day > business_date(at):
        raise Invalid("day_in_future", f"日期 {day} 晚于今天，请核对。", field=field)
    with scope.elevated(actor):
        # GREATEST leaves NULL out, so the first date simply stands.
        if not Listing.objects.filter(id=listing_id).update(**{field: Greatest(field, day)}):
            raise NotThere("这条挂网记录")

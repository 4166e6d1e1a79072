"""Net deliveries and sales under a listing: their last days decide its zone and whether it stays listed (SZ24-3.5a, JS20-14a,
A16). Called by settlement in the transaction of the invoice."""

from datetime import date, datetime

from django.db.models.functions import Greatest

from catalog.models import Listing
from sunlight import scope
from sunlight.journal.refusals import Invalid, NotThere
from sunlight.journal.services import service
from sunlight.scope import Actor
from sunlight.scope.clock import business_date


@service
def turnover_raise(*, actor: Actor, at: datetime, listing_id: int, delivered_on: date, sold_on: date) -> None:
    """A delivery and a sale under the listing count from these days on, where none later did. Raises NotThere, Invalid for a
    day in the future."""
    # GREATEST leaves NULL out, so the first date simply stands.
    _write(actor, at, listing_id, delivered_on, sold_on, by=lambda field, day: Greatest(field, day))


@service
def turnover_set(
    *, actor: Actor, at: datetime, listing_id: int, delivered_on: date | None, sold_on: date | None
) -> None:
    """The last days of a net delivery and of a net sale under the listing are these, earlier ones than before too, None where
    none is left. Raises NotThere, Invalid for a day in the future."""
    _write(actor, at, listing_id, delivered_on, sold_on, by=lambda field, day: day)


def _write(actor: Actor, at: datetime, listing_id: int, delivered_on, sold_on, *, by) -> None:
    days = {"last_delivered_on": delivered_on, "last_sold_on": sold_on}
    for field, day in days.items():
        if day is not None and day > business_date(at):
            raise Invalid("day_in_future", f"日期 {day} 晚于今天，请核对。", field=field)
    with scope.elevated(actor):
        changed = {field: by(field, day) for field, day in days.items()}
        if not Listing.objects.filter(id=listing_id).update(**changed):
            raise NotThere("这条挂网记录")

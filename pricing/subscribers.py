"""News from the catalogue: a listing listed opens its listed price."""

from datetime import datetime

from catalog.models import Listing
from pricing.services import listed_price_open
from sunlight.journal.subscriptions import subscribe
from sunlight.scope import Actor


@subscribe("listing_listed")
def open_listed_price(*, event, actor: Actor, at: datetime) -> None:
    """The declared price of the listing stands listed in its region from the day it was listed (GD25-2.2a)."""
    listing = Listing.objects.get(id=event.subject_id)
    listed_price_open(
        actor=actor,
        at=at,
        region_id=listing.region_id,
        price_group_id=listing.price_group_id,
        price=listing.declared_price,
        valid_from=listing.listed_on,
        source="LISTING",
        source_number=listing.number,
    )

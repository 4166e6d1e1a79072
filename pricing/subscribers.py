"""News from the catalogue: a listing listed opens its listed price. News for makers: a declaration sent back."""

from datetime import datetime

from catalog.events import (
    CERTIFICATE_RENEWED,
    LISTING_DELISTED,
    LISTING_EXTENDED,
    LISTING_LISTED,
    LISTING_RESTORED,
    LISTING_SUSPENDED,
)
from catalog.models import Listing
from pricing.events import DECLARATION_REJECTED, LISTED_PRICE_OPENED
from pricing.services.feeds import codes_announce
from pricing.services.listed import listed_price_open
from sunlight.journal.subscriptions import subscribe
from sunlight.messages.kinds import message_kind
from sunlight.messages.services.messages import message_send
from sunlight.scope import Actor, Role
from sunlight.sheets.events import IMPORT_FINISHED

DECLARATION_REFUSED = message_kind(
    "declaration_rejected", "省外价格申报被退回", Role.SUPPLIER_LISTER, url_name="pricing:declaration"
)


@subscribe(LISTING_LISTED, name="pricing.open_listed_price")
def open_listed_price(*, event, actor: Actor, at: datetime) -> None:
    """The declared price of the listing is listed in its region from the day it was listed (GD25-2.2a)."""
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


@subscribe(DECLARATION_REJECTED, name="pricing.declaration_refused")
def declaration_refused(*, event, actor: Actor, at: datetime) -> None:
    """The maker learns why its declared prices were sent back."""
    message_send(
        actor=actor,
        at=at,
        kind=DECLARATION_REFUSED,
        to=[event.payload["manufacturer_id"]],
        event=event,
        title=f"省外价格申报 {event.payload['number']} 被退回",
        body=event.payload["note"],
        subject=(event.subject_type, event.subject_id),
    )


@subscribe(
    LISTING_LISTED,
    LISTING_EXTENDED,
    LISTING_SUSPENDED,
    LISTING_RESTORED,
    LISTING_DELISTED,
    LISTED_PRICE_OPENED,
    CERTIFICATE_RENEWED,
    IMPORT_FINISHED,
    name="pricing.announce_codes",
)
def announce_codes(*, event, actor: Actor, at: datetime) -> None:
    """Hospitals' own systems learn which codes changed (SZ20-5.1.1)."""
    codes_announce(actor=actor, at=at, event=event)

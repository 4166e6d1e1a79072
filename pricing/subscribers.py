"""News from the catalogue: a listing listed opens its listed price. News for makers: a declaration sent back."""

from datetime import datetime
from decimal import Decimal

from catalog.events import (
    CERTIFICATE_RENEWED,
    LISTING_DELISTED,
    LISTING_EXTENDED,
    LISTING_LISTED,
    LISTING_RESTORED,
    LISTING_SUSPENDED,
)
from catalog.models import Listing
from catalog.services.catalogues import catalogue_set
from pricing.events import (
    DECLARATION_REJECTED,
    LISTED_PRICE_OPENED,
    PRICE_NOTICE_EFFECTIVE,
    PRICE_NOTICE_ENDED,
    PRICE_NOTICE_OPENED,
)
from pricing.queries.references import references_in_force
from pricing.services.feeds import codes_announce
from pricing.services.listed import listed_price_open
from pricing.services.notices import price_notice_conclude
from pricing.services.references import reference_conclude
from sunlight.journal.subscriptions import subscribe
from sunlight.kernel.money import price_words
from sunlight.messages.kinds import message_kind
from sunlight.messages.services.messages import message_send
from sunlight.publicity.events import PUBLICITY_ENDED
from sunlight.scope import Actor, Role
from sunlight.scope.clock import business_date
from sunlight.sheets.events import IMPORT_FINISHED

DECLARATION_REFUSED = message_kind(
    "declaration_rejected", "省外价格申报被退回", Role.SUPPLIER_LISTER, url_name="pricing:declaration"
)
NOTICE_TOLD = message_kind(
    "price_notice", "挂网价调整公告", Role.SUPPLIER_LISTER, Role.SUPPLIER_SELLER, url_name="pricing:notice"
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


@subscribe(LISTING_LISTED, name="pricing.place_in_catalogue")
def place_in_catalogue(*, event, actor: Actor, at: datetime) -> None:
    """What is listed stands in the limit catalogue if it has a reference price, else in the alternative one
    (SZ20-5.2.1a)."""
    listing = Listing.objects.select_related("region").get(id=event.subject_id)
    region = listing.region.code
    group = listing.price_group_id
    found = references_in_force(region=region, price_group_ids=[group], on=business_date(at)).get(group)
    catalogue_set(
        actor=actor,
        at=at,
        price_group_id=group,
        region=region,
        catalogue="limit" if found else "alternative",
        number=found.number if found else "",
    )


@subscribe(PUBLICITY_ENDED, name="pricing.publicity_ended")
def publicity_ended(*, event, actor: Actor, at: datetime) -> None:
    """A reference price or a notice that waited for its publication takes effect, or falls."""
    facts = event.payload
    ended = {"outcome": facts["outcome"], "note": facts["note"]}
    if facts["subject_type"] == "reference_price":
        reference_conclude(actor=actor, at=at, reference_id=facts["subject_id"], **ended)
    if facts["subject_type"] == "price_notice":
        price_notice_conclude(actor=actor, at=at, notice_id=facts["subject_id"], **ended)


@subscribe(PRICE_NOTICE_OPENED, PRICE_NOTICE_EFFECTIVE, PRICE_NOTICE_ENDED, name="pricing.notice_told")
def notice_told(*, event, actor: Actor, at: datetime) -> None:
    """The maker learns that its listed price is to fall, from when it has fallen, or that it stays."""
    facts = event.payload
    old, new = (price_words(Decimal(facts[key])) for key in ("old_price", "new_price"))
    change = f"挂网价由 {old} 元调整为 {new} 元"
    if event.name == PRICE_NOTICE_OPENED.name:
        word, body = "开始公示", f"{change}，公示至 {facts['ends_on']}。对依据有异议的，请在公示期内提出并提供证明。"
    elif event.name == PRICE_NOTICE_EFFECTIVE.name:
        word, body = "生效", f"{change}，自 {facts['effective_on']} 起执行。"
    else:
        word, body = "未生效，挂网价不变", facts["note"]
    message_send(
        actor=actor,
        at=at,
        kind=NOTICE_TOLD,
        to=[facts["manufacturer_id"]],
        event=event,
        title=f"{facts['name'][:100]} 挂网价调整公告 {facts['number']} {word}",
        body=f"{body}（依据 {facts['clause']}）",
        subject=(event.subject_type, event.subject_id),
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

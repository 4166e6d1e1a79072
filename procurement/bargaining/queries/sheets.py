"""Sheets of offers to be: a hospital's own, and which products the texts in them name."""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime

from django.db.models import Count, Q, QuerySet

from catalog.queries import trading
from procurement.bargaining.models.sheets import OfferSheet, OfferSheetRow
from procurement.bargaining.workflows import OfferSheetState
from sunlight.journal.refusals import NotThere
from sunlight.scope import Actor
from sunlight.scope.roles import OrganisationKind

_FULL = re.compile(r"C\d{26}|CJ[0-9A-Z]{20}")
_GENERIC = re.compile(r"C\d{19}")
_NUMBER = re.compile(r"\d{20}")
_FILLED = Q(rows__product__gt="") | Q(rows__quantity__gt="") | Q(rows__price__gt="") | Q(rows__remark__gt="")


def sheets_visible_to(actor: Actor) -> QuerySet[OfferSheet]:
    """A hospital's own sheets, newest first, with the number of `filled` and `sent` lines; nothing for others: a draft
    is nobody else's to see."""
    rows = (
        OfferSheet.objects.select_related("region", "buyer")
        .annotate(filled=Count("rows", filter=_FILLED), sent=Count("rows", filter=Q(rows__offer__isnull=False)))
        .order_by("-id")
    )
    if actor.kind is not OrganisationKind.HOSPITAL:
        return rows.none()
    return rows.filter(platform_id=actor.platform_id, buyer_id=actor.organisation_id)


def access_sheet(actor: Actor, sheet_id: int) -> OfferSheet:
    """One of the hospital's own sheets. Raises NotThere."""
    found = sheets_visible_to(actor).filter(id=sheet_id).first()
    if found is None:
        raise NotThere("这张议价表")
    return found


def lock_sheet(actor: Actor, sheet_id: int) -> OfferSheet:
    """The same, locked: whoever writes into a sheet takes turns. Raises NotThere."""
    access_sheet(actor, sheet_id)
    return OfferSheet.objects.select_for_update(of=("self",)).select_related("region", "buyer").get(id=sheet_id)


def rows_of(sheet_id: int) -> list[OfferSheetRow]:
    """A sheet's lines in order, each with its product and what was sent."""
    rows = OfferSheetRow.objects.filter(sheet_id=sheet_id).select_related("price_group", "offer")
    return list(rows.order_by("position"))


def lock_row(actor: Actor, row_id: int) -> OfferSheetRow:
    """One line of an open sheet of the hospital, locked. Raises NotThere."""
    found = (
        OfferSheetRow.objects.filter(
            id=row_id,
            sheet__platform_id=actor.platform_id,
            sheet__buyer_id=actor.organisation_id,
            sheet__state=OfferSheetState.OPEN,
        )
        .select_for_update(of=("self",))
        .select_related("sheet")
        .first()
    )
    if found is None:
        raise NotThere("议价表的这一行")
    return found


def rows_to_send(sheet: OfferSheet, since: datetime | None) -> QuerySet[OfferSheetRow]:
    """Filled lines not sent yet, in order; with `since` those not tried from that moment on."""
    rows = OfferSheetRow.objects.filter(sheet=sheet, offer=None).order_by("position")
    rows = rows.filter(Q(product__gt="") | Q(quantity__gt="") | Q(price__gt=""))
    return rows if since is None else rows.filter(Q(tried_at=None) | Q(tried_at__lt=since))


def products_named(*, platform_id: int, texts: Iterable[str], on: date) -> dict[str, set[int]]:
    """The tradable price groups that each text names: a full code, a 20-digit code, a listing's number, a registration
    number or a whole name. In two queries however many texts; nothing found is an empty set."""
    asked = {text: _narrow(text) for text in texts if text.strip()}
    keys = set(asked.values())
    full = {key for key in keys if _FULL.fullmatch(key)}
    by_code: dict[int, set[str]] = defaultdict(set)
    if full:
        specifications = trading.tradable_specifications(platform_id=platform_id, on=on)
        rows = specifications.filter(national_code__code__in=full)
        for listing_id, code in rows.values_list("listing_id", "national_code__code"):
            by_code[listing_id].add(code)
    names = {text.strip() for text in asked} | {unicodedata.normalize("NFKC", text).strip() for text in asked}
    listings = trading.tradable_listings(platform_id=platform_id, on=on).filter(
        Q(id__in=list(by_code))
        | Q(price_group__generic_code__in=[key for key in keys if _GENERIC.fullmatch(key)])
        | Q(number__in=[key for key in keys if _NUMBER.fullmatch(key)])
        | Q(price_group__name__in=names)
        | Q(price_group__certificate__number__in=names)
    )
    found: dict[str, set[int]] = defaultdict(set)
    for listing in listings.order_by() if keys else ():
        group = listing.price_group
        said = {group.generic_code, listing.number, group.name, group.certificate.number}
        for key in {_narrow(each) for each in said} | by_code.get(listing.id, set()):
            found[key].add(group.id)
    return {text: found.get(key, set()) for text, key in asked.items()}


def _narrow(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).split()).upper()

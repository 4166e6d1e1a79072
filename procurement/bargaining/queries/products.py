"""What a hospital may buy on its platform, with the prices it decides by."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import Q, QuerySet

from catalog.models import Listing
from catalog.queries import trading
from pricing.queries.declared import units_of
from pricing.queries.view import PriceView, price_views
from procurement.bargaining.models.offers import Offer
from procurement.bargaining.queries import beyond
from procurement.bargaining.queries import offers as bargaining
from procurement.contracts import queries as contracts
from procurement.contracts.models import PriceAgreement
from sunlight import scope
from sunlight.kernel.units import Units
from sunlight.scope import Actor
from sunlight.tenancy.models import Organisation
from sunlight.tenancy.queries.platforms import on_all_platforms

_CODE = re.compile(r"C[0-9A-Z]{2,26}")
_INITIALS = re.compile(r"[A-Z]{2,}")
LONGEST_SEARCH = 100


@dataclass(frozen=True, slots=True)
class ProductRow:
    """A listing as a buyer sees it; prices in CNY a pricing unit. `specifications` is the number that may be
    traded."""

    listing: Listing
    units: Units
    specifications: int
    prices: PriceView
    own_latest: beyond.OwnPrice | None
    agreement: PriceAgreement | None
    open_offer: Offer | None


def organisation(organisation_id: int) -> Organisation:
    """An organisation with its region."""
    return Organisation.objects.select_related("region").get(id=organisation_id)


def tradable_names(*, platform_id: int, price_group_ids: Iterable[int], on: date) -> dict[int, str]:
    """The names of those of these price groups that may be traded on a platform on a day, in one query."""
    rows = trading.tradable_listings(platform_id=platform_id, on=on).filter(price_group_id__in=list(price_group_ids))
    return dict(rows.order_by().values_list("price_group_id", "price_group__name"))


def tradable(actor: Actor, price_group_ids: Iterable[int], on: date) -> list[Listing]:
    """The listings under which those of these price groups may be traded that may be."""
    rows = trading.tradable_listings(platform_id=actor.platform_id, on=on)
    return list(rows.filter(price_group_id__in=list(price_group_ids)))


def search(platform_id: int, text: str, on: date) -> QuerySet[Listing]:
    """Tradable listings found by Chinese words (all must occur in the product's, maker's or certificate's name), by the
    beginning of a code, or by pinyin initials; all of them for an empty text. Newest first."""
    rows = trading.tradable_listings(platform_id=platform_id, on=on)
    for word in unicodedata.normalize("NFKC", text[:LONGEST_SEARCH]).replace("\x00", "").split():
        upper = word.upper()
        found = (
            Q(price_group__name__icontains=word)
            | Q(manufacturer__name__icontains=word)
            | Q(price_group__certificate__number__icontains=word)
        )
        if _CODE.fullmatch(upper):
            found |= Q(price_group__generic_code__startswith=upper[:20])
            if len(upper) > 20:
                tradable_here = trading.tradable_specifications(platform_id=platform_id, on=on)
                specified = tradable_here.filter(national_code__code__startswith=upper)
                found = Q(id__in=specified.values("listing_id"))
        if _INITIALS.fullmatch(upper):
            found |= Q(price_group__initials__icontains=word) | Q(manufacturer__name_initials__icontains=word)
        rows = rows.filter(found)
    return rows


def first_to_buy(actor: Actor, listings: QuerySet[Listing], on: date) -> QuerySet[Listing]:
    """Of what was found, first what the law of the day says is bought first: products with a reference price
    (SZ20-5.2.1c)."""
    catalogues = scope.law(actor, on).find("catalog.catalogues")
    if catalogues is None or "limit" not in catalogues.value:
        return listings
    return listings.annotate(comes_first=Q(catalogue="limit")).order_by("-comes_first", "-id")


def rows_for(actor: Actor, listings: Iterable[Listing], on: date) -> list[ProductRow]:
    """What the buyer's list shows of these listings: a fixed number of queries however many there are."""
    listings = list(listings)
    groups = [listing.price_group_id for listing in listings]
    region = organisation(actor.organisation_id).region.code
    units = units_of([listing.price_group for listing in listings])
    prices = price_views(region=region, price_group_ids=groups, on=on, drafts=actor.drafts)
    with on_all_platforms(actor):
        own = beyond.own_latest(buyer_id=actor.organisation_id, price_group_ids=groups, on=on)
    agreed = {a.price_group_id: a for a in contracts.agreements_in_force(actor, on).filter(price_group_id__in=groups)}
    offers = bargaining.open_offers_of(actor, groups)
    counts = trading.tradable_counts(
        platform_id=actor.platform_id, listing_ids=[listing.id for listing in listings], on=on
    )
    return [
        ProductRow(
            listing=listing,
            units=units[listing.price_group_id],
            specifications=counts.get(listing.id, 0),
            prices=prices[listing.price_group_id],
            own_latest=own.get(listing.price_group_id),
            agreement=agreed.get(listing.price_group_id),
            open_offer=offers.get(listing.price_group_id),
        )
        for listing in listings
    ]


def product(actor: Actor, price_group_id: int, on: date) -> ProductRow:
    """One product as `rows_for` shows it. Raises NotThere or Refused as `trading.tradable_listing`."""
    listing = trading.tradable_listing(platform_id=actor.platform_id, price_group_id=price_group_id, on=on)
    return rows_for(actor, [listing], on)[0]

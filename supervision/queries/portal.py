"""What anybody may read without logging in (SZ20-5.3.5): listings in force with their listed price and alert line."""

from collections.abc import Iterable
from datetime import date

from django.db.models import Q, QuerySet

from catalog.models import Listing, PlatformListing
from catalog.queries.regions import listing_regions
from catalog.workflows import ListingState
from pricing.models import PricePublication
from pricing.queries.published import information_for, listed_prices
from sunlight.journal.refusals import NotThere
from sunlight.tenancy.models import Platform
from sunlight.tenancy.queries.platforms import open_platforms

FEED_ROWS = 100


def platform_shown(code: str) -> tuple[Platform, list[Platform]]:
    """The platform asked for, or the first with something listed and price information published, and all that are open. Raises NotThere."""
    platforms = open_platforms()
    if code:
        chosen = next((each for each in platforms if each.code == code), None)
    else:
        trading = set(PlatformListing.objects.filter(closed_on=None).values_list("platform_id", flat=True).distinct())
        published_regions = set(PricePublication.objects.values_list("region_id", flat=True).distinct())
        fullest = sorted(platforms, key=lambda each: (each.id not in trading, each.region_id not in published_regions))
        chosen = fullest[0] if fullest else None
    if chosen is None:
        raise NotThere("这个平台")
    return chosen, platforms


def listings_published(platform: Platform, on: date, text: str = "") -> QuerySet:
    """Listings open for trade on a platform on a day in which every word of `text` is found (product, maker, certificate, number,
    pinyin initials). The same rows for everybody: those who log in see no more here."""
    opened = PlatformListing.objects.filter(platform=platform, closed_on=None).values("listing_id")
    listed = {"state": ListingState.LISTED, "listed_on__isnull": False, "region__code__in": listing_regions(on)}
    rows = Listing.objects.filter(**listed, id__in=opened)
    for word in text.split():
        rows = rows.filter(
            Q(price_group__name__icontains=word)
            | Q(price_group__initials__istartswith=word)
            | Q(manufacturer__name__icontains=word)
            | Q(price_group__certificate__number__icontains=word)
            | Q(number=word)
        )
    return rows.select_related("price_group__certificate", "manufacturer", "region")


def priced(platform: Platform, listings: Iterable[Listing], on: date) -> list[dict]:
    """Each listing with the listed price and the alert line that hold on `on` (None where there is none), in two queries."""
    listings = list(listings)
    where = {"region": platform.region.code, "price_group_ids": [row.price_group_id for row in listings], "on": on}
    prices, information = listed_prices(**where), information_for(**where)
    return [
        {
            "listing": row,
            "price": prices.get(row.price_group_id),
            "information": information.get(row.price_group_id),
        }
        for row in listings
    ]


def feed(platform: Platform, *, after: int, on: date) -> dict:
    """Listings after an id, at most 100, as plain JSON values; prices are text in yuan per pricing unit. `next` is the
    id to continue after, None at the end."""
    rows = list(listings_published(platform, on).filter(id__gt=after).order_by("id")[: FEED_ROWS + 1])
    shown = rows[:FEED_ROWS]
    return {
        "platform": platform.code,
        "region": platform.region.code,
        "on": on.isoformat(),
        "items": [_item(each) for each in priced(platform, shown, on)],
        "next": shown[-1].id if len(rows) > FEED_ROWS else None,
    }


def _item(each: dict) -> dict:
    listing, price, information = each["listing"], each["price"], each["information"]
    return {
        "number": listing.number,
        "name": listing.price_group.name,
        "manufacturer": listing.manufacturer.name,
        "certificate": listing.price_group.certificate.number,
        "pricing_unit": listing.price_group.pricing_unit,
        "listed_on": listing.listed_on.isoformat(),
        "listed_price": str(price.price) if price else None,
        "listed_price_from": price.valid_from.isoformat() if price else None,
        "alert_line": str(information.alert_line) if information and information.alert_line is not None else None,
        "alert_line_day": information.business_day.isoformat() if information else None,
    }

"""Listed prices and published price information of a region on a day. Regions are given by code (CN-GD-SZ)."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.db.models import Exists, Model, OuterRef, Q, QuerySet
from django.db.models.functions import Length

from catalog.queries.regions import listing_regions
from pricing.models import ListedPrice, PriceDistribution, PriceInformation, PricePublication
from sunlight import scope
from sunlight.scope.prepared import Given, Prepared
from sunlight.tenancy.models import Region

_LISTED = Prepared(
    lambda: (
        ListedPrice.objects.select_related("region")
        .filter(
            Q(valid_to=None) | Q(valid_to__gte=Given("on")),
            region__code__in=Given("regions"),
            price_group_id__in=Given("groups"),
            valid_from__lte=Given("on"),
        )
        .order_by("valid_from", "id")
    )
)
_INFORMATION = Prepared(
    lambda: (
        PriceInformation.objects.select_related("region")
        .filter(
            region_id=_nearest_that_publishes(PriceInformation, Given("regions")),
            price_group_id__in=Given("groups"),
            business_day__lte=Given("on"),
        )
        .order_by("price_group_id", "-business_day")
        .distinct("price_group_id")
    )
)


def _nearest_that_publishes(model: type[Model], regions: Any) -> QuerySet:
    """Of a path of regions the nearest for which figures were ever published: those of a city's hospital are its own
    region's where it publishes (SZ24-3.3a), else those above it (JS20-12). Its id, as a sub-query."""
    published = Exists(model.objects.filter(region=OuterRef("id")))
    rows = Region.objects.filter(published, code__in=regions).order_by(Length("code").desc())
    return rows.values("id")[:1]


def listed_prices(*, region: str, price_group_ids: Iterable[int], on: date) -> dict[int, ListedPrice]:
    """The listed price of each group that binds in `region` on a day, in one query: of the nearest region on the path
    whose listings hold that day; from 2025-12-01 in all Guangdong the province's alone (GD25-2.2a). Groups without one are
    absent."""
    holding = listing_regions(on)
    path = [code for code in scope.policy().path(region) if code in holding]
    rows = _LISTED.rows(regions=path, groups=list(price_group_ids), on=on)
    found: dict[int, ListedPrice] = {}
    for row in rows:
        kept = found.get(row.price_group_id)
        # Of one region the latest; of two regions the nearest.
        if kept is None or path.index(row.region.code) <= path.index(kept.region.code):
            found[row.price_group_id] = row
    return found


def listed_price(*, region: str, price_group_id: int, on: date) -> ListedPrice | None:
    """As `listed_prices` for one group; None where it has no listed price on that day."""
    return listed_prices(region=region, price_group_ids=[price_group_id], on=on).get(price_group_id)


def information_for(*, region: str, price_group_ids: Iterable[int], on: date) -> dict[int, PriceInformation]:
    """The information in force on a day for each group: its latest row of that day or before, of the nearest region on the
    path that publishes figures, in one query. The row says which region it is of."""
    path = scope.policy().path(region)
    rows = _INFORMATION.rows(regions=path, groups=list(price_group_ids), on=on)
    return {row.price_group_id: row for row in rows}


def distributions_for(*, region: str, price_group_ids: Iterable[int], on: date) -> dict[int, PriceDistribution]:
    """The published distribution in force on a day for each group, of the nearest region on the path that publishes, in one
    query; groups without one are absent."""
    path = scope.policy().path(region)
    rows = (
        PriceDistribution.objects.select_related("region")
        .filter(
            region_id=_nearest_that_publishes(PriceDistribution, path),
            price_group_id__in=list(price_group_ids),
            business_day__lte=on,
        )
        .order_by("price_group_id", "-business_day")
        .distinct("price_group_id")
    )
    return {row.price_group_id: row for row in rows}


def last_publication(region: str) -> PricePublication | None:
    """The last complete run over a region."""
    return PricePublication.objects.filter(region__code=region).order_by("-id").first()

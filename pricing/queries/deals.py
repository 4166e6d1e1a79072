"""Deal facts as the platform reads them. Call it in a scope of the platform: a party sees only its own."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.db.models import Count, Max, QuerySet

from pricing.models import DealFact, PriceInformation, ProvincePrice
from pricing.queries.published import last_publication
from sunlight.tenancy.queries.platforms import regions_under

# A row is looked at again this long after its moment: its transaction may have ended after the run's.
LATE_COMMIT = timedelta(minutes=15)


def deal_fact(order_line_number: str) -> DealFact | None:
    """The deal of an order line, where the scope shows it."""
    return DealFact.objects.filter(order_line_number=order_line_number).first()


def counted_deals(
    *, region: str, price_group_ids: Iterable[int], after: date, before: date, known_until: datetime
) -> dict[int, list[DealFact]]:
    """The deals by group that figures rest on: of the region and those below it, on whichever platform, on days in
    (`after`, `before`), recorded by `known_until`, with something accepted and not returned, no gift, not excluded."""
    rows = (
        DealFact.objects.filter(
            region_id__in=regions_under(region),
            price_group_id__in=list(price_group_ids),
            occurred_on__gt=after,
            occurred_on__lt=before,
            recorded_at__lte=known_until,
            net_quantity__gt=0,
            is_gift=False,
            excluded_at=None,
        )
        .only("price_group_id", "price", "net_quantity", "hospital_level", "is_public", "occurred_on")
        .order_by("occurred_on", "id")
    )
    found: dict[int, list[DealFact]] = defaultdict(list)
    for row in rows:
        found[row.price_group_id].append(row)
    return found


def price_groups_to_publish(*, region: str, business_day: date) -> list[int]:
    """Ids of the groups whose figures may differ from those published: on the first run of a day every group that has a
    price or a deal (windows move), later those with something new since the run before."""
    last = last_publication(region)
    deals = DealFact.objects.filter(region_id__in=regions_under(region))
    prices = ProvincePrice.objects.filter(region__code=region)
    if last is None or last.business_day < business_day:
        published = PriceInformation.objects.filter(region__code=region)
    else:
        since = last.known_until - LATE_COMMIT
        deals = deals.filter(changed_at__gt=since)
        prices = prices.filter(confirmed_at__gt=since)
        published = PriceInformation.objects.none()
    ids: set[int] = set()
    for rows in (deals, prices, published):
        ids.update(rows.order_by().values_list("price_group_id", flat=True).distinct())
    return sorted(ids)


def own_deals(
    *, platform_id: int, buyer_id: int, price_group_ids: Iterable[int], after: date
) -> dict[int, list[DealFact]]:
    """A hospital's own deals of each group after a day, the newest first, in one query: its own rows, nothing counted."""
    rows = (
        DealFact.objects.filter(
            platform_id=platform_id,
            buyer_id=buyer_id,
            price_group_id__in=list(price_group_ids),
            occurred_on__gt=after,
            is_gift=False,
            excluded_at=None,
        )
        .only("price_group_id", "price", "quantity", "net_quantity", "occurred_on", "order_line_number")
        .order_by("-occurred_on", "-id")
    )
    found: dict[int, list[DealFact]] = defaultdict(list)
    for row in rows:
        found[row.price_group_id].append(row)
    return found


@dataclass(frozen=True, slots=True)
class DealsAt:
    """How many deals stand at a price, and the day of the last; None where there are none."""

    count: int
    last: date | None


def public_deals_at(*, region: str, price_group_id: int, price: Decimal, after: date, until: date) -> DealsAt:
    """The deals of `public_deal_prices` at one price: the platform's own record of them (A20)."""
    found = _public_deals(region, [price_group_id], after, until).filter(price=price)
    told = found.aggregate(count=Count("id"), last=Max("occurred_on"))
    return DealsAt(told["count"], told["last"])


def _public_deals(region: str, price_group_ids: Iterable[int], after: date, until: date) -> QuerySet[DealFact]:
    return DealFact.objects.filter(
        region_id__in=regions_under(region),
        price_group_id__in=list(price_group_ids),
        occurred_on__gt=after,
        occurred_on__lte=until,
        is_public=True,
        net_quantity__gt=0,
        is_gift=False,
        excluded_at=None,
    )


def public_deal_prices(
    *, region: str, price_group_ids: Iterable[int], after: date, until: date
) -> dict[int, list[Decimal]]:
    """The distinct prices public hospitals of a region (code) paid for each group on days in (`after`, `until`], CNY a
    pricing unit, low to high, in one query (A20): deals that count, no gift, not excluded."""
    rows = _public_deals(region, price_group_ids, after, until).order_by("price_group_id", "price")
    found: dict[int, list[Decimal]] = defaultdict(list)
    for group, price in rows.values_list("price_group_id", "price").distinct():
        found[group].append(price)
    return found

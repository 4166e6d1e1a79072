"""Listed prices: opened by the listing, one at a time, each with its days (GD25-2.2a)."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from catalog.events import LISTING_LISTED
from pricing import subscribers
from pricing.models import ListedPrice
from pricing.queries.published import listed_price
from pricing.services.listed import listed_price_open
from sunlight import scope
from sunlight.journal import relay
from sunlight.journal.refusals import Invalid
from sunlight.journal.services import record
from sunlight.tenancy.models import Region
from tests.factories.catalog import listed

AT = datetime(2026, 3, 2, 2, tzinfo=UTC)
DAY = date(2026, 3, 2)


@pytest.fixture
def listing(world):
    return listed(world, listed_on=DAY)


def open_price(world, listing, price, day, *, region=None, source_number="1"):
    with scope.opened(world.system):
        return listed_price_open(
            actor=world.system,
            at=AT,
            region_id=region or listing.region_id,
            price_group_id=listing.price_group_id,
            price=Decimal(price),
            valid_from=day,
            source_number=source_number,
        )


def rows(world):
    with scope.opened(world.system):
        return [(r.price, r.valid_from, r.valid_to) for r in ListedPrice.objects.order_by("id")]


def found(world, listing, on, region="CN-GD-SZ"):
    with scope.opened(world.system):
        row = listed_price(region=region, price_group_id=listing.price_group_id, on=on)
    return row and row.price


@pytest.mark.clause("GD25-2.2a", on="rule")
def test_a_listing_listed_opens_its_listed_price_once(world, listing):
    assert subscribers.open_listed_price
    with scope.opened(world.system):
        record(LISTING_LISTED, subject=listing.id, actor=world.system, at=AT, payload={})
        record(LISTING_LISTED, subject=listing.id, actor=world.system, at=AT, payload={})
    while relay.deliver_pending(actor=world.system, at=AT):
        continue
    assert rows(world) == [(Decimal("120.0000"), DAY, None)]
    assert found(world, listing, DAY) == Decimal("120.0000")
    assert found(world, listing, DAY - timedelta(days=1)) is None
    assert found(world, listing, DAY, region="CN-JS") is None


@pytest.mark.clause("GD25-2.2a", on="rule")
def test_the_next_price_ends_the_one_before(world, listing):
    open_price(world, listing, "120", DAY)
    open_price(world, listing, "110", DAY + timedelta(days=10), source_number="2")
    assert rows(world) == [
        (Decimal("120.0000"), DAY, DAY + timedelta(days=9)),
        (Decimal("110.0000"), DAY + timedelta(days=10), None),
    ]
    assert [found(world, listing, DAY + timedelta(days=n)) for n in (9, 10)] == [
        Decimal("120.0000"),
        Decimal("110.0000"),
    ]


def test_of_two_prices_of_one_day_the_later_holds(world, listing):
    open_price(world, listing, "120", DAY)
    open_price(world, listing, "110", DAY, source_number="2")
    assert found(world, listing, DAY) == Decimal("110.0000")
    assert len(rows(world)) == 2


def test_a_price_is_not_opened_before_the_one_that_stands(world, listing):
    open_price(world, listing, "120", DAY)
    with pytest.raises(Invalid) as refused:
        open_price(world, listing, "110", DAY - timedelta(days=1), source_number="2")
    assert refused.value.code == "later_listed_price"
    assert rows(world) == [(Decimal("120.0000"), DAY, None)]


LAST_CITY_DAY, FIRST_PROVINCE_DAY = date(2025, 11, 30), date(2025, 12, 1)


@pytest.mark.clause("GD25-2.2a", on="rule")
def test_the_citys_price_ends_the_day_the_provinces_alone_holds(world, listing):
    begun = date(2025, 3, 3)
    open_price(world, listing, "120", begun)
    with scope.opened(world.system):
        city = Region.objects.get(code="CN-GD-SZ").id
    open_price(world, listing, "115", begun, region=city)
    assert found(world, listing, LAST_CITY_DAY) == Decimal("115.0000")
    # The higher one too: the province's holds, whichever is lower.
    assert found(world, listing, FIRST_PROVINCE_DAY) == Decimal("120.0000")
    assert found(world, listing, date(2030, 12, 1)) == Decimal("120.0000")
    assert found(world, listing, FIRST_PROVINCE_DAY, region="CN-GD") == Decimal("120.0000")


@pytest.mark.clause("GD25-2.2a", on="rule")
def test_a_price_of_the_city_alone_is_none_from_that_day(world, listing):
    with scope.opened(world.system):
        city = Region.objects.get(code="CN-GD-SZ").id
    open_price(world, listing, "115", date(2025, 3, 3), region=city)
    assert found(world, listing, LAST_CITY_DAY) == Decimal("115.0000")
    assert found(world, listing, FIRST_PROVINCE_DAY) is None


def test_elsewhere_the_nearest_region_whose_listings_hold_sets_the_price(world, listing):
    day = date(2022, 3, 1)
    with scope.opened(world.system):
        regions = dict(Region.objects.values_list("code", "id"))
    open_price(world, listing, "100", day, region=regions["CN-JS"])
    open_price(world, listing, "90", day, region=regions["CN-JS-NJ"])
    assert found(world, listing, day, region="CN-JS-NJ") == Decimal("100.0000")
    assert found(world, listing, date(2020, 4, 30), region="CN-JS-NJ") is None

"""The city's purchases among the nine segments, published without who bought."""

from datetime import UTC, date, datetime, timedelta

import pytest

from pricing.queries.published import distributions_for
from pricing.services.nightly import nightly_run
from pricing.services.publication import price_information_publish
from sunlight import scope
from sunlight.scope import Role
from tests.factories.catalog import listed
from tests.factories.pricing import deal, priced

DAY = date(2026, 3, 2)
AT = datetime(2026, 3, 2, 2, tzinfo=UTC)
BUYERS = ("hospital", "other_hospital", "private_hospital")


def read(world, listing, on=DAY):
    buyer = world.actor("hospital", Role.HOSPITAL_BUYER)
    with scope.opened(buyer):
        group = listing.price_group_id
        return distributions_for(region="CN-GD-SZ", price_group_ids=[group], on=on).get(group)


@pytest.fixture
def listing(world):
    made = listed(world)
    for buyer, price, quantity in zip(BUYERS, ("80", "90", "96"), ("10", "10", "20"), strict=True):
        deal(world, made, buyer=buyer, price=price, quantity=quantity, on=DAY - timedelta(days=30))
    deal(world, made, price="110", quantity="10", on=DAY - timedelta(days=20))
    return made


@pytest.mark.clause("SZ24-3.3a", "SZ24-3.3b", on="rule")
def test_shares_of_the_quantity_by_segment(world, listing):
    priced(world, listing, {"320000": "100"}, at=AT)
    found = read(world, listing)
    # Lines by the deals at or below 100: lowest 80, weighted median 90, nine tenths 96, top 100.
    assert (found.institutions, found.deals, found.business_day) == (3, 4, DAY)
    assert found.bands == [
        {"band": 1, "deals": 1, "share": "20.0"},
        {"band": 3, "deals": 1, "share": "20.0"},
        {"band": 6, "deals": 1, "share": "40.0"},
        {"band": 10, "deals": 1, "share": "20.0"},
    ]


def test_deals_of_more_than_twelve_months_ago_do_not_count(world, listing):
    deal(world, listing, price="90", quantity="1000", on=DAY - timedelta(days=400))
    priced(world, listing, {"320000": "100"}, at=AT)
    assert (read(world, listing).deals, read(world, listing).bands[-1]["share"]) == (4, "20.0")


def test_fewer_than_three_institutions_are_not_told_apart(world):
    made = listed(world)
    for price in ("80", "90", "96"):
        deal(world, made, price=price, on=DAY - timedelta(days=30))
    priced(world, made, {"320000": "100"}, at=AT)
    assert (read(world, made).institutions, read(world, made).bands) == (1, [])


def test_the_night_writes_the_same(world, listing):
    priced(world, listing, {"320000": "100"}, at=AT)
    by_rule = read(world, listing).bands
    later = AT + timedelta(days=1)
    deal(world, listing, price="96", quantity="50", on=DAY)
    nightly_run(
        actor=world.system, at=later, region="CN-GD-SZ", business_day=DAY + timedelta(days=1), known_until=later
    )
    by_night = read(world, listing, DAY + timedelta(days=1))
    assert read(world, listing).bands == by_rule
    assert (by_night.business_day, by_night.deals) == (DAY + timedelta(days=1), 5)
    assert sum(float(band["share"]) for band in by_night.bands) == pytest.approx(100, abs=0.2)
    with scope.opened(world.system):
        price_information_publish(
            actor=world.system,
            at=later,
            region="CN-GD-SZ",
            price_group_ids=[listing.price_group_id],
            business_day=DAY + timedelta(days=1),
        )
    assert read(world, listing, DAY + timedelta(days=1)).bands == by_night.bands

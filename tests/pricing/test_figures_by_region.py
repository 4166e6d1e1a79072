"""Whose figures a hospital sees: those of the nearest region on its path that publishes (JS20-12, SZ24-3.3a)."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from pricing.queries.published import distributions_for, information_for
from pricing.services.publication import price_information_publish
from sunlight import scope
from sunlight.scope import Role
from tests.api_client import ApiClient, logged_in
from tests.factories.catalog import listed
from tests.factories.pricing import deal, priced
from tests.pricing.test_web import text
from tests.regional import at as moment
from tests.regional import elsewhere

DAY, MOMENT = date(2026, 3, 2), moment("2026-03-02")


@pytest.fixture
def clock(settings):
    settings.SANDBOX_CLOCKS = dict.fromkeys(("gd-sz", "gd", "js"), (MOMENT, MOMENT, 0))


def product(world, region, *prices):
    made = listed(world, "120", region=region, listed_on=date(2025, 12, 1))
    for price in prices:
        deal(world, made, price=price, on=date(2026, 2, 2))
    priced(world, made, {"110000": "118"} if world.platform.code == "gd-sz" else {}, at=MOMENT)
    return made


def figures(world, region, listing):
    with scope.opened(world.actor("hospital", Role.HOSPITAL_BUYER)):
        found = information_for(region=region, price_group_ids=[listing.price_group_id], on=DAY)
    row = found.get(listing.price_group_id)
    return row and (row.region.code, row.statistics["outcome"]["levels"]["all"]["count"])


@pytest.mark.clause("JS20-12", on="page")
@pytest.mark.parametrize("city", ["CN-JS-NJ", "CN-JS-NT"])
def test_a_citys_hospital_in_jiangsu_sees_the_provinces_figures_and_colours(db, clock, city):
    world = elsewhere("js", city)
    listing = product(world, "CN-JS", "80", "90", "110")
    assert figures(world, city, listing) == ("CN-JS", 3)
    page = text(logged_in(world.actor("hospital", Role.HOSPITAL_BUYER)).get(f"/products/{listing.price_group_id}/"))
    assert "红黄蓝三色区域" in page and "蓝色区域" in page and "84.00" in page
    assert "江苏省的数据" in page and "JS20-12" in page
    buyer = ApiClient(world, "hospital", Role.HOSPITAL_BUYER)
    status, answer = buyer.get("/api/v1/price-information/", price_group=listing.price_group_id, price="115")
    assert (status, answer["figures_region"]) == (200, "CN-JS")
    assert answer["statistics"]["levels"]["all"]["lowest"] == "80.0000"


@pytest.mark.clause("JS20-12", on="rule")
def test_before_the_measures_no_colours_are_drawn(db, settings):
    early = moment("2020-04-30")
    settings.SANDBOX_CLOCKS = {"js": (early, early, 0)}
    world = elsewhere("js", "CN-JS-NJ")
    made = listed(world, "120", region="CN-JS", listed_on=date(2020, 1, 6))
    deal(world, made, price="80", on=date(2020, 4, 1))
    priced(world, made, {}, at=early)
    page = text(logged_in(world.actor("hospital", Role.HOSPITAL_BUYER)).get(f"/products/{made.price_group_id}/"))
    assert "红黄蓝三色区域" not in page


@pytest.mark.clause("SZ24-3.3a", on="page")
def test_shenzhens_own_figures_stay_shenzhens(world, clock):
    listing = product(world, "CN-GD", "80", "90")
    guangzhou = elsewhere("gd", "CN-GD")
    deal(guangzhou, listing, buyer=guangzhou.organisations["hospital"], price="60", on=date(2026, 2, 3))
    # The province counts every deal in it, the city its own.
    with scope.opened(guangzhou.system):
        price_information_publish(
            actor=guangzhou.system, at=MOMENT, region="CN-GD", price_group_ids=[listing.price_group_id]
        )
    assert figures(world, "CN-GD-SZ", listing) == ("CN-GD-SZ", 2)
    assert figures(guangzhou, "CN-GD", listing) == ("CN-GD", 3)
    page = text(logged_in(world.actor("hospital", Role.HOSPITAL_BUYER)).get(f"/products/{listing.price_group_id}/"))
    assert "深圳市的数据" in page and "SZ24-3.3a" in page
    for figure in ("80.00", "90.00", "85.00"):
        assert figure in page
    assert "60.00" not in page


def test_a_region_that_publishes_falls_back_on_nobody(world, clock):
    product(world, "CN-GD", "80")
    other = listed(world, "120", region="CN-GD", listed_on=date(2025, 12, 1))
    guangzhou = elsewhere("gd", "CN-GD")
    deal(guangzhou, other, buyer=guangzhou.organisations["hospital"], price="60", on=date(2026, 2, 3))
    with scope.opened(guangzhou.system):
        price_information_publish(
            actor=guangzhou.system, at=MOMENT, region="CN-GD", price_group_ids=[other.price_group_id]
        )
    assert figures(world, "CN-GD-SZ", other) is None
    assert figures(guangzhou, "CN-GD", other) == ("CN-GD", 1)


def test_many_groups_of_a_path_are_read_in_one_query_and_so_are_distributions(db, clock):
    world = elsewhere("js", "CN-JS-NJ")
    made = [product(world, "CN-JS", "80", "90", "110") for _ in range(3)]
    ids = [each.price_group_id for each in made]
    with scope.opened(world.actor("hospital", Role.HOSPITAL_BUYER)):
        for query in (information_for, distributions_for):
            with CaptureQueriesContext(
                connection,
            ) as asked:
                found = query(region="CN-JS-NJ", price_group_ids=ids, on=DAY)
            assert len(asked) == 1
            assert {row.region.code for row in found.values()} == {"CN-JS"} and len(found) == 3
    assert found[ids[0]].deals == 3 and Decimal(found[ids[0]].institutions) >= 1

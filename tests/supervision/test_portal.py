"""信息公开: published listings and prices for everybody, the same for everybody, cached."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from catalog.models import Listing, PlatformListing
from sunlight import scope
from sunlight.scope import Role
from supervision.queries import portal as queries
from tests.api_client import logged_in
from tests.factories import catalog, pricing


def text(response) -> str:
    return response.content.decode()


@pytest.fixture
def listing(world):
    made = catalog.listed(world, listed_on=date(2019, 1, 1))
    pricing.priced(world, made)
    return made


@pytest.mark.clause("SZ20-5.3.5", on="rule")
def test_anybody_reads_listed_price_and_alert_line(world, listing, client):
    page = client.get("/portal/")
    assert page.status_code == 200
    assert listing.number in text(page) and "120.00" in text(page) and "100.00" in text(page)
    assert "/supervision/acts/SZ20/" in text(page)
    assert "/portal/" in text(client.get("/login/"))


@pytest.mark.clause("SZ20-5.3.5", on="rule")
def test_the_feed_says_the_same_as_data(world, listing, client):
    answer = client.get("/portal/feed.json").json()
    assert (answer["platform"], answer["region"], answer["next"]) == ("gd-sz", "CN-GD-SZ", None)
    (item,) = answer["items"]
    assert item["number"] == listing.number and item["manufacturer"] == world.maker.name
    assert (item["listed_price"], item["alert_line"]) == ("120.0000", "100.0000")


@pytest.mark.parametrize("state", ["DRAFT", "SUBMITTED", "REJECTED", "SUSPENDED", "DELISTED"])
def test_what_is_not_listed_is_not_published_even_to_its_maker(world, listing, client, state):
    with scope.opened(world.system):
        Listing.objects.filter(id=listing.id).update(state=state)
    maker = logged_in(world.actor("maker", Role.SUPPLIER_LISTER))
    for browser in (client, maker):
        assert browser.get("/portal/feed.json?platform=gd-sz").json()["items"] == []
        assert listing.number not in text(browser.get("/portal/?platform=gd-sz"))


def test_a_listing_closed_on_the_platform_is_gone(world, listing, client):
    with scope.opened(world.system):
        PlatformListing.objects.filter(listing=listing).update(closed_on=date(2026, 1, 1))
    assert client.get("/portal/feed.json?platform=gd-sz").json()["items"] == []


def test_everybody_gets_the_same_bytes_without_cookies(world, listing, client):
    public = client.get("/portal/")
    member = logged_in(world.actor("hospital", Role.HOSPITAL_BUYER)).get("/portal/")
    assert public.content == member.content
    assert not public.cookies and "csrf" not in text(public)


@pytest.mark.parametrize("where", ["/portal/", "/portal/feed.json"])
def test_what_did_not_change_is_not_sent_again(world, listing, client, where):
    first = client.get(where)
    assert first["Cache-Control"] == "public, max-age=300"
    again = client.get(where, headers={"If-None-Match": first["ETag"]})
    assert again.status_code == 304 and again.content == b""
    pricing.priced(world, catalog.listed(world, listed_on=date(2019, 1, 1)))
    changed = client.get(where, headers={"If-None-Match": first["ETag"]})
    assert changed.status_code == 200 and changed["ETag"] != first["ETag"]


def test_search_finds_by_maker_and_number_and_says_when_nothing_is_found(world, listing, client):
    for word in (world.maker.name, listing.number, listing.price_group.name[:3]):
        assert listing.number in text(client.get("/portal/", {"q": word}))
    assert "没有找到挂网产品" in text(client.get("/portal/", {"q": "无此产品"}))
    assert client.get("/portal/", {"q": "%_'\x00" + "x" * 5000}).status_code == 200


def test_what_cannot_be_asked_is_told(world, client):
    for after in ("x", "-1", "9" * 40, "٣"):
        wrong = client.get("/portal/feed.json", {"after": after})
        assert wrong.status_code == 422 and wrong.json()["error"]["field"] == "after"
    assert client.get("/portal/feed.json", {"platform": "nowhere"}).status_code == 404
    assert client.get("/portal/", {"platform": "nowhere"}).status_code == 404


def test_the_feed_goes_on_where_it_stopped(world, client, monkeypatch):
    monkeypatch.setattr(queries, "FEED_ROWS", 2)
    made = [catalog.listed(world, listed_on=date(2019, 1, 1)).number for _ in range(5)]
    where, seen = "/portal/feed.json", []
    while where:
        answer = client.get(where).json()
        seen += [item["number"] for item in answer["items"]]
        where = answer["next"]
    assert seen == made


def test_the_portal_asks_as_often_for_ten_listings_as_for_one(world, client):
    counts = []
    for number in (1, 9):
        for _ in range(number):
            pricing.priced(world, catalog.listed(world, listed_on=date(2019, 1, 1)))
        with CaptureQueriesContext(connection) as ran:
            assert client.get("/portal/").status_code == 200
            assert client.get("/portal/feed.json").status_code == 200
        counts.append(len(ran))
    assert counts[0] == counts[1]

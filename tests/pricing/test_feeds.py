"""The code feed: what changed since a cursor, by the platform's sealed sequence (SZ20-5.1.1)."""

import threading
from datetime import date

import pytest
from django.core.management import call_command
from django.db import connection

from catalog.events import LISTING_LISTED
from catalog.models import ListedSpecification
from catalog.services import listings as catalog
from catalog.services.releases import national_release_import
from pricing.services.listed import listed_price_open
from pricing.tasks import bring_code_feeds_up
from sunlight import scope
from sunlight.journal.services import record
from sunlight.scope import Role
from sunlight.tenancy.tasks import deliver_events, seal_events
from tests import world as worlds
from tests.api_client import ApiClient
from tests.factories.catalog import listed
from tests.factories.pricing import priced

PATH = "/api/v1/feeds/codes/"


def turn() -> None:
    """What beat does: deliver, seal, and bring the feeds up; twice, because an announcement is an event too."""
    for _ in range(2):
        while deliver_events():
            continue
    seal_events()
    bring_code_feeds_up()


def announced(world, listing) -> None:
    """As after `listing_listed`, for a listing that the factory made."""
    with scope.opened(world.system):
        record(LISTING_LISTED, subject=listing.id, actor=world.system, at=scope.now(), payload={})


def codes_of(listing) -> list[str]:
    rows = ListedSpecification.objects.filter(listing=listing).order_by("national_code_id")
    return list(rows.values_list("national_code__code", flat=True))


@pytest.fixture
def hospital(world):
    return ApiClient(world, "hospital", Role.HOSPITAL_BUYER)


@pytest.fixture
def listing(world):
    made = listed(world, "120")
    priced(world, made, {})
    announced(world, made)
    turn()
    return made


@pytest.mark.clause("SZ20-5.1.1", on="rule")
def test_a_hospital_learns_codes_listings_and_prices(world, hospital, listing):
    with scope.opened(world.system):
        codes = codes_of(listing)
    status, page = hospital.get(PATH)
    assert (status, [row["code"] for row in page["results"]], page["has_more"]) == (200, codes, False)
    row = page["results"][0]
    assert (row["is_gone"], row["is_retired"], row["pricing_unit"]) == (False, False, "个")
    assert row["listed_price"]["price"] == "120.0000"
    assert (row["listing"]["number"], row["listing"]["state"]) == (listing.number, "LISTED")
    assert row["listing"]["manufacturer"] == {"credit_code": world.maker.credit_code, "name": world.maker.name}
    assert {"registration_number", "specification", "model", "udi_di"} <= set(row)

    # Nothing new: the cursor stands.
    status, again = hospital.get(PATH, after=page["next"])
    assert (status, again["results"], again["next"]) == (200, [], page["next"])

    # A new listed price brings the codes once more, with the price of now.
    with scope.opened(world.system):
        listed_price_open(
            actor=world.system,
            at=scope.now(),
            region_id=listing.region_id,
            price_group_id=listing.price_group_id,
            price="110.0000",
            valid_from=scope.today(),
        )
    turn()
    status, changed = hospital.get(PATH, after=page["next"])
    assert [(row["code"], row["listed_price"]["price"]) for row in changed["results"]] == [
        (c, "110.0000") for c in codes
    ]
    # Who begins anew reads each code once, at its last change.
    assert [row["code"] for row in hospital.get(PATH)[1]["results"]] == codes


@pytest.mark.clause("SZ20-5.1.1", on="rule")
def test_retired_replaced_and_delisted_codes_leave_a_tombstone(world, hospital, listing):
    cursor = hospital.get(PATH)[1]["next"]
    with scope.opened(world.system):
        first, *rest = codes_of(listing)
        national_release_import(
            actor=world.system, at=scope.now(), name="停用表.csv", content=f"27位码,原码状态\n{first},停用\n".encode()
        )
    turn()
    status, page = hospital.get(PATH, after=cursor)
    assert [(row["code"], row["is_gone"], row["is_retired"]) for row in page["results"]] == [(first, True, True)]
    with scope.opened(world.system):
        catalog.listing_delist(actor=world.system, at=scope.now(), listing_id=listing.id, reason="企业申请撤网")
    turn()
    status, page = hospital.get(PATH, after=page["next"])
    assert {(row["code"], row["is_gone"], row["listing"]["state"]) for row in page["results"]} == {
        (code, True, "DELISTED") for code in (first, *rest)
    }
    assert page["results"][0]["listing"]["closed_on"] == scope.today().isoformat()


def test_pages_are_cut_also_within_one_event(world, hospital, listing):
    with scope.opened(world.system):
        other = listed(world, "80", specifications=3)
    announced(world, other)
    turn()
    whole = [row["code"] for row in hospital.get(PATH)[1]["results"]]
    seen, cursor, more = [], "", True
    while more:
        _, page = hospital.get(PATH, limit="1", **({"after": cursor} if cursor else {}))
        assert len(page["results"]) == 1
        seen += [row["code"] for row in page["results"]]
        cursor, more = page["next"], page["has_more"]
    assert seen == whole
    assert len(seen) >= 4


def test_a_cursor_that_is_none_is_refused(hospital, listing):
    for bad in ("x", "1", "1-", "-1-1", "1-1-1", "9" * 30, "１-１"):
        status, problem = hospital.get(PATH, after=bad)
        assert (status, problem["field"]) == (422, "after")
    assert hospital.get(PATH, after="999999-1")[1]["code"] == "cursor_ahead"


def test_applications_are_nobodys_business_and_platforms_keep_apart(world, hospital):
    """A draft names no code in the feed, and another platform's feed tells nothing of ours."""
    made = listed(world, "120", state="DRAFT", listed_on=None, open_on_platform=False)
    announced(world, made)
    turn()
    assert hospital.get(PATH)[1]["results"] == []
    here = listed(world, "90")
    announced(world, here)
    turn()
    assert len(hospital.get(PATH)[1]["results"]) > 0
    from sunlight.tenancy.queries.actors import open_platform_actors

    gd = next(a for a in open_platform_actors() if a.platform_code == "gd")
    from pricing.queries.feeds import changes_after

    with scope.opened(gd):
        assert changes_after(gd, "", 50).rows == []


def test_the_feed_can_be_filled_once_more(world, hospital):
    made = listed(world, "120", listed_on=date(2025, 1, 1))
    call_command("code_feed_fill", platform="gd-sz", verbosity=0)
    turn()
    with scope.opened(world.system):
        assert [row["code"] for row in hospital.get(PATH)[1]["results"]] == codes_of(made)


def test_what_commits_late_is_never_passed_over(own_database):
    """Two connections: an older event commits after a reader has gone past a newer one."""
    world = worlds.build()
    hospital = ApiClient(world, "hospital", Role.HOSPITAL_BUYER)
    late, early = listed(world, "120"), listed(world, "90")
    with scope.opened(world.system):
        codes = {each.id: codes_of(each) for each in (late, early)}
    written, go_on = threading.Event(), threading.Event()

    def first():
        try:
            with scope.opened(world.system):
                from pricing.services.feeds import codes_announce

                event = record(LISTING_LISTED, subject=late.id, actor=world.system, at=scope.now(), payload={})
                codes_announce(actor=world.system, at=scope.now(), event=event)
                written.set()
                assert go_on.wait(20)
        finally:
            connection.close()

    thread = threading.Thread(target=first)
    thread.start()
    try:
        assert written.wait(20)
        announced(world, early)
        turn()
        page = hospital.get(PATH)[1]
        assert [row["code"] for row in page["results"]] == codes[early.id]
    finally:
        go_on.set()
        thread.join(20)
    turn()
    assert [row["code"] for row in hospital.get(PATH, after=page["next"])[1]["results"]] == codes[late.id]

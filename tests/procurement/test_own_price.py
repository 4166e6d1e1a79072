"""Never above one's own latest price (SZ24-3.4c): the institution's, over all platforms, codes and listings."""

from datetime import date

import pytest

from catalog.models import ListedSpecification, Listing, NationalCode
from catalog.workflows import ListingState
from procurement.bargaining.queries import beyond, products
from procurement.bargaining.services import offers as bargaining
from procurement.ordering.services.placing import BasketFacts, order_place, order_trial
from sunlight import scope
from sunlight.journal.refusals import Refused
from sunlight.scope import Role
from sunlight.tenancy.queries.actors import open_platform_actors
from sunlight.tenancy.queries.platforms import platform_by_code
from tests.factories import orders
from tests.factories.catalog import listed
from tests.factories.pricing import priced
from tests.factories.procurement import agreed
from tests.procurement.bargaining import act, counts, make, shanghai
from tests.world import World

SINCE = date(2019, 1, 1)
AT, EARLIER = shanghai("2026-03-02 10:00"), shanghai("2025-06-02 10:00")


def _product(world, **more):
    listing = listed(world, "120", listed_on=SINCE, **more)
    priced(world, listing, {"320000": "100"}, at=AT)
    return listing


def _on_platform(world, code: str) -> World:
    """The same organisations on another platform."""
    system = next(each for each in open_platform_actors() if each.platform_code == code)
    with scope.opened(system):
        return World(platform=platform_by_code(code), system=system, organisations=world.organisations)


def _refused(world, listing, price, **more) -> Refused:
    before = counts(world)
    with pytest.raises(Refused) as caught:
        make(world, listing, price, AT, **more)
    assert counts(world) == before
    return caught.value


@pytest.mark.clause("SZ24-3.4c", on="trade")
def test_a_price_agreed_on_another_platform_is_ones_own(world):
    listing = _product(world)
    elsewhere = _on_platform(world, "gd")
    agreed(elsewhere, listing, price="60", at=EARLIER)
    refusal = _refused(world, listing, "60.0001")
    assert refusal.clauses == ["SZ24-3.4c"]
    assert "本机构最新采购价 60.00 元" in refusal.message
    # Another hospital's price on that platform is not one's own; nor is it shown.
    assert make(world, listing, "95", AT, key="other_hospital").state == "OPEN"
    buyer = world.actor("hospital", Role.HOSPITAL_BUYER)
    with scope.opened(buyer):
        shown = products.product(buyer, listing.price_group_id, date(2026, 3, 2)).own_latest
    assert (str(shown.price), shown.platform_id) == ("60.0000", elsewhere.platform.id)
    assert make(world, listing, "60", AT).state == "OPEN"


def test_the_latest_of_all_platforms_counts_and_not_the_lowest(world):
    listing = _product(world)
    agreed(_on_platform(world, "gd"), listing, price="60", at=EARLIER)
    agreed(world, listing, price="80", at=shanghai("2025-09-01 10:00"))
    assert _refused(world, listing, "80.0001").clauses == ["SZ24-3.4c"]
    assert make(world, listing, "80", AT).state == "OPEN"


@pytest.mark.clause("SZ24-3.4c", on="trade")
def test_an_order_meets_the_price_of_another_platform_too(world):
    listing = _product(world)
    dear = agreed(world, listing, price="90", at=EARLIER)
    agreed(_on_platform(world, "gd"), listing, price="60", at=shanghai("2025-09-01 10:00"))
    point, buyer = orders.point(world), world.actor("hospital", Role.HOSPITAL_BUYER)
    with scope.opened(world.system):
        lines = [orders.line(dear)]
    with scope.opened(buyer):
        trial = order_trial(actor=buyer, at=AT, lines=lines)
    assert [fault["code"] for fault in trial.faults] == ["above_own_latest"]
    with pytest.raises(Refused) as caught:
        act(buyer, order_place, AT, facts=BasketFacts(lines, point.id))
    assert caught.value.clauses == ["SZ24-3.4c"]


def _sold_as(world, listing, code):
    """Give a listing this code as its specification."""
    with scope.opened(world.system):
        ListedSpecification.objects.filter(listing=listing).update(national_code=code)


def _code(world, listing) -> NationalCode:
    with scope.opened(world.system):
        return NationalCode.objects.get(
            id__in=ListedSpecification.objects.filter(listing=listing).values("national_code_id")
        )


@pytest.mark.clause("SZ24-3.4c", on="trade")
def test_a_new_code_does_not_begin_a_new_price(world):
    """转码: old → middle → new; the price of the old code stands."""
    old, middle, new = _product(world), _product(world), _product(world)
    with scope.opened(world.system):
        for before, after in ((old, middle), (middle, new)):
            NationalCode.objects.filter(id=_code(world, before).id).update(
                is_retired=True, replaced_by=_code(world, after).code
            )
    agreed(world, old, price="70", at=EARLIER)
    assert _refused(world, new, "70.0001").clauses == ["SZ24-3.4c"]
    assert make(world, new, "70", AT).state == "OPEN"


@pytest.mark.clause("SZ24-3.4c", on="trade")
def test_a_new_listing_of_the_same_specification_does_not_begin_a_new_price(world):
    before, after = _product(world), _product(world)
    _sold_as(world, after, _code(world, before))
    with scope.opened(world.system):
        Listing.objects.filter(id=before.id).update(state=ListingState.DELISTED, ended_on=date(2026, 1, 5))
    agreed(world, before, price="70", at=EARLIER)
    assert _refused(world, after, "70.0001").clauses == ["SZ24-3.4c"]
    assert make(world, after, "70", AT).state == "OPEN"


@pytest.mark.parametrize("other", [{"unit": "盒"}, {"maker": "other_maker"}], ids=["another unit", "another maker"])
def test_what_cannot_be_compared_is_no_price_of_ones_own(world, other):
    before, after = _product(world, **other), _product(world)
    with scope.opened(world.system):
        NationalCode.objects.filter(id=_code(world, before).id).update(replaced_by=_code(world, after).code)
    agreed(world, before, price="70", at=EARLIER)
    assert make(world, after, "99", AT).state == "OPEN"


def test_the_wall_stands_again_after_looking(world):
    """Looking beyond the own platform leaves nothing open."""
    listing = _product(world)
    there = agreed(_on_platform(world, "gd"), listing, price="60", at=EARLIER)
    buyer = world.actor("hospital", Role.HOSPITAL_BUYER)
    with scope.opened(buyer):
        bargaining.offer_bounds(actor=buyer, at=AT, listing=listing)
        assert beyond.own_latest(buyer_id=buyer.organisation_id, price_group_ids=[there.price_group_id], on=SINCE) == {}
        asked = {"buyer_id": buyer.organisation_id, "price_group_ids": [there.price_group_id], "on": date(2026, 3, 2)}
        assert beyond.own_latest(**asked) == {}

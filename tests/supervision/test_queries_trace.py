"""The decision trace: who may read why a product is listed."""

import pytest

from catalog.events import LISTING_LISTED
from sunlight import scope
from sunlight.journal.refusals import NotThere
from sunlight.journal.services import record
from sunlight.scope import Role
from supervision.queries.trace import related, trace
from tests.factories import catalog


def recorded(world, listing):
    """A listing's last move as its service records it, of which only the maker is a party."""
    reviewer = world.actor("operator", Role.OPERATOR_REVIEWER)
    with scope.opened(reviewer):
        record(
            LISTING_LISTED,
            subject=listing.id,
            actor=reviewer,
            at=scope.now(),
            parties=[world.organisations["maker"].id],
            payload={"note": "CANARY", "price_group": listing.price_group_id},
            version=2,
        )


def test_a_buyer_sees_why_a_product_is_listed_but_not_what_the_record_holds(world):
    listing = catalog.listed(world)
    recorded(world, listing)
    buyer = world.actor("hospital", Role.HOSPITAL_BUYER)
    with scope.opened(buyer):
        steps = trace(buyer, "listing", listing.id)
        assert [(step.kind, step.title, step.body.payload) for step in steps] == [("event", "listing_listed", {})]
        assert related(buyer, steps) == []


def test_another_maker_finds_no_trace_of_the_listing(world):
    listing = catalog.listed(world)
    recorded(world, listing)
    stranger = world.actor("other_maker", Role.SUPPLIER_LISTER)
    with scope.opened(stranger), pytest.raises(NotThere):
        trace(stranger, "listing", listing.id)


def test_rows_without_a_trace_of_their_own_are_not_offered_as_related(world):
    listing = catalog.listed(world)
    recorded(world, listing)
    maker = world.actor("maker", Role.SUPPLIER_LISTER)
    with scope.opened(maker):
        steps = trace(maker, "listing", listing.id)
        assert steps[0].body.payload["price_group"] == listing.price_group_id
        assert related(maker, steps) == []

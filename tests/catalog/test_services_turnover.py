from datetime import timedelta

import pytest

from catalog.queries.listings import access_listing, zone_of
from catalog.services import turnover
from sunlight import scope
from sunlight.journal.refusals import Invalid, NotThere
from sunlight.scope import Role
from sunlight.scope.clock import business_date
from tests.factories.catalog import listed as made_listing


@pytest.mark.clause("SZ24-3.5a", on="rule")
def test_delivery_date_only_rises_and_decides_the_zone(world):
    today = business_date(scope.now())
    listing = made_listing(world, listed_on=today - timedelta(days=1200))
    hospital = world.actor("hospital", Role.HOSPITAL_RECEIVER)

    def zone():
        with scope.opened(world.system):
            row = access_listing(world.system, listing.id)
            return row.last_delivered_on, zone_of(row, on=today).outcome["zone"]

    assert zone() == (None, "inactive")
    for day in (today - timedelta(days=5), today - timedelta(days=9)):
        with scope.opened(hospital):
            turnover.delivery_record(actor=hospital, at=scope.now(), listing_id=listing.id, delivered_on=day)
    assert zone() == (today - timedelta(days=5), "active")
    with scope.opened(hospital):
        turnover.sale_record(actor=hospital, at=scope.now(), listing_id=listing.id, sold_on=today)
        with pytest.raises(Invalid):
            turnover.delivery_record(
                actor=hospital, at=scope.now(), listing_id=listing.id, delivered_on=today + timedelta(days=1)
            )
        with pytest.raises(NotThere):
            turnover.delivery_record(actor=hospital, at=scope.now(), listing_id=0, delivered_on=today)

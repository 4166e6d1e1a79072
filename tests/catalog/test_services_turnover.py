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
def test_delivery_date_rises_by_a_sale_falls_by_a_return_and_decides_the_zone(world):
    today = business_date(scope.now())
    listing = made_listing(world, listed_on=today - timedelta(days=1200))
    hospital = world.actor("hospital", Role.HOSPITAL_RECEIVER)

    def zone():
        with scope.opened(world.system):
            row = access_listing(world.system, listing.id)
            return row.last_delivered_on, zone_of(row, on=today).outcome["zone"]

    assert zone() == (None, "inactive")

    def sold(service, *, delivered_on, sold_on=today, listing_id=listing.id):
        with scope.opened(hospital):
            service(actor=hospital, at=scope.now(), listing_id=listing_id, delivered_on=delivered_on, sold_on=sold_on)

    for day in (today - timedelta(days=5), today - timedelta(days=9)):
        sold(turnover.turnover_raise, delivered_on=day)
    assert zone() == (today - timedelta(days=5), "active")
    sold(turnover.turnover_set, delivered_on=today - timedelta(days=900))
    assert zone() == (today - timedelta(days=900), "inactive")
    sold(turnover.turnover_set, delivered_on=None, sold_on=None)
    assert zone() == (None, "inactive")
    with pytest.raises(Invalid):
        sold(turnover.turnover_raise, delivered_on=today + timedelta(days=1))
    with pytest.raises(NotThere):
        sold(turnover.turnover_raise, delivered_on=today, listing_id=0)
    assert zone() == (None, "inactive")

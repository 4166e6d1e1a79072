"""The worlds of other regions are whole."""

import pytest

from sunlight import scope
from sunlight.scope import Role
from tests.regional import PLACES, at, elsewhere

PLATFORMS = {"CN-GD-SZ": "gd-sz", "CN-GD": "gd", "CN-JS": "js", "CN-JS-NJ": "js", "CN-HB": "hb", "CN-HB-XN": "hb"}


@pytest.mark.parametrize("region", sorted(PLATFORMS))
def test_a_hospital_of_a_region_is_under_its_law(db, region):
    world = elsewhere(PLATFORMS[region], region)
    buyer = world.actor("hospital", Role.HOSPITAL_BUYER)
    assert world.hospital.region.code == region
    assert buyer.region_code == world.platform.region.code
    assert world.hospital.name.startswith(PLACES[region][0])
    law = scope.law(buyer, at("2026-03-02").date(), region=region)
    assert (law.region, law.drafts) == (region, "binding")

"""A price group beside another of its certificate and code does not leave the line of that one."""

from datetime import date

import pytest

from catalog.models import Listing
from sunlight import scope
from sunlight.journal.refusals import Refused
from sunlight.scope import Role
from tests.factories.catalog import listed
from tests.factories.procurement import reviewed
from tests.procurement.bargaining import make

SINCE = date(2019, 1, 1)


@pytest.mark.clause("ASSUMPTION-A83", "SZ24-3.3c", on="rule")
def test_a_group_beside_another_does_not_leave_its_alert_line(world, product, at):
    """A sister group of the same certificate and code has no line of its own: the offer is held to the one beside it."""
    group = product.price_group
    beside = listed(world, "120", listed_on=SINCE, certificate=group.certificate)
    with scope.opened(world.system):
        sister = beside.price_group
        sister.generic_code, sister.variant = group.generic_code, "小号"
        sister.save(update_fields=["generic_code", "variant"])
    with pytest.raises(Refused) as refused:
        make(world, beside, "100.0001", at)
    assert "SZ24-3.3c" in refused.value.clauses and "100.00" in refused.value.message
    assert make(world, beside, "100", at).state == "OPEN"
    # Two reviewers let it have a price of its own: then the first deals are limited as of any product without a line.
    with scope.opened(world.system):
        reviewer = world.actor("operator", Role.OPERATOR_REVIEWER)
        Listing.objects.filter(id=beside.id).update(endorsed_at=at, **scope.by(reviewer, "endorsed"))
    with pytest.raises(Refused) as refused:
        make(world, beside, "110", at, key="other_hospital")
    assert refused.value.code == "first_deal_review"
    reviewed(world, beside, price="110", at=at)
    assert make(world, beside, "110", at, key="other_hospital").state == "OPEN"

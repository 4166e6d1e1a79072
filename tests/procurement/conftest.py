"""A fixed day for bargaining: Monday 2026-03-02, when SZ20, SZ24 (draft, binding) and GD25 are all in force."""

from datetime import UTC, date, datetime

import pytest

from tests.factories.catalog import listed
from tests.factories.pricing import priced

AT = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)


@pytest.fixture
def at(settings):
    """The moment every face reads on gd-sz in this test."""
    settings.SANDBOX_CLOCKS = {"gd-sz": (datetime.now(UTC), AT, 0)}
    return AT


@pytest.fixture
def product(world, at):
    """A listing at 120 with an alert line of 100, tradable since 2019."""
    listing = listed(world, "120", listed_on=date(2019, 1, 1))
    priced(world, listing, {"320000": "100"}, at=at)
    return listing

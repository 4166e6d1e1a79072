"""A fixed day for prices: Monday 2026-03-02, 10:00 in Shenzhen; SZ24 (draft, binding) and GD25 are in force."""

from datetime import UTC, datetime

import pytest

AT = datetime(2026, 3, 2, 2, tzinfo=UTC)


@pytest.fixture
def at(settings):
    """The moment every face reads on gd-sz in this test."""
    settings.SANDBOX_CLOCKS = {"gd-sz": (datetime.now(UTC), AT, 0)}
    return AT

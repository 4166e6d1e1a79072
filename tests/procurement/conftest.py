"""A fixed day for bargaining: Monday 2026-03-02, when SZ20, SZ24 (draft, binding) and GD25 are all in force."""

import copy
from contextlib import contextmanager
from datetime import UTC, date, datetime

import pytest
from django.test import override_settings

from tests.factories import orders, procurement
from tests.factories.catalog import listed
from tests.factories.pricing import priced

AT = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)


def clocks() -> dict:
    return {"gd-sz": (datetime.now(UTC), AT, 0)}


@pytest.fixture
def at(settings):
    """The moment every face reads on gd-sz in this test."""
    settings.SANDBOX_CLOCKS = clocks()
    return AT


@pytest.fixture(scope="module")
def made(shared_rows):
    """As `held`, on the fixed day."""

    @contextmanager
    def making():
        with override_settings(SANDBOX_CLOCKS=clocks()), shared_rows() as world:
            yield world

    return making


@pytest.fixture(scope="module")
def made_product(made):
    with made() as world:
        listing = listed(world, "120", listed_on=date(2019, 1, 1))
        priced(world, listing, {"320000": "100"}, at=AT)
    return listing


@pytest.fixture
def product(made_product, db, at):
    """A listing at 120 with an alert line of 100, tradable since 2019."""
    return copy.deepcopy(made_product)


@pytest.fixture(scope="module")
def made_agreement(made, made_product):
    with made() as world:
        return procurement.agreed(world, copy.deepcopy(made_product), price="90", quantity="100000", at=AT)


@pytest.fixture
def agreed(made_agreement, db, at):
    """The product agreed with the hospital at 90, as much of it as anybody may want."""
    return copy.deepcopy(made_agreement)


@pytest.fixture(scope="module")
def made_order(made, made_agreement):
    with made() as world:
        return orders.placed(world, copy.deepcopy(made_agreement), at=AT)


@pytest.fixture(scope="module")
def made_accepted_order(made, made_order):
    with made() as world:
        return orders.accepted_order(world, copy.deepcopy(made_order), at=AT)

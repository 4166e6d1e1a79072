"""Two people at the same moment, with real commits: one effect."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from threading import Barrier

import pytest
from django.db import connections

from procurement.bargaining.models.offers import Offer
from procurement.bargaining.services import offers as services
from procurement.contracts.models import SupplyContract
from procurement.contracts.services import contracts
from sunlight import scope
from sunlight.journal.refusals import Refused
from sunlight.scope import Role
from tests import world as worlds
from tests.factories.catalog import listed
from tests.factories.pricing import priced
from tests.procurement.bargaining import accept, make, shanghai, sweep

AT = shanghai("2026-03-02 10:00")


def _together(*calls):
    """Each call in a thread and connection of its own, let go at the same moment: its result or its refusal."""
    start = Barrier(len(calls))

    def run(call):
        try:
            start.wait(10)
            return call()
        except Refused as refusal:
            return refusal
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls))


@pytest.fixture
def world(own_database):
    return worlds.build()


@pytest.fixture
def product(world):
    listing = listed(world, "120", listed_on=date(2019, 1, 1))
    priced(world, listing, {"320000": "100"}, at=AT)
    return listing


def _by(actor, service, **facts):
    def call():
        with scope.opened(actor):
            return service(actor=actor, at=AT, **facts)

    return call


def test_parallel_moves_have_one_effect(world, product):
    buyer = world.actor("hospital", Role.HOSPITAL_BUYER)
    seller = world.actor("maker", Role.SUPPLIER_SELLER)
    terms = {"price_group_id": product.price_group_id, "price": "99", "quantity": "10"}

    answers = _together(*[_by(buyer, services.offer_make, **terms)] * 4)
    (made,) = [each for each in answers if isinstance(each, Offer)]
    assert {each.code for each in answers if each is not made} == {"offer_already_open"}

    answers = _together(
        _by(seller, services.offer_accept, offer_id=made.id),
        _by(seller, services.offer_accept, offer_id=made.id),
        _by(buyer, services.offer_withdraw, offer_id=made.id),
    )
    assert sum(not isinstance(each, Refused) for each in answers) == 1
    with scope.opened(world.system):
        state = Offer.objects.get().state
        assert SupplyContract.objects.count() == (1 if state == "ACCEPTED" else 0)

    if state != "ACCEPTED":
        accept(world, [make(world, product, "99", AT)], AT)
    with scope.opened(world.system):
        contract = SupplyContract.objects.get()
    sign = _by(seller, contracts.contract_sign, contract_id=contract.id, text_sha256=contract.text_sha256)
    answers = _together(sign, sign)
    assert sorted(type(each).__name__ for each in answers) == ["Conflict", "SupplyContract"]


def test_two_sweeps_at_once_let_an_offer_lapse_once(world, product):
    make(world, product, "99", AT)
    late = shanghai("2026-03-10 00:00")
    assert sorted(_together(lambda: sweep(world, late), lambda: sweep(world, late))) == [0, 1]

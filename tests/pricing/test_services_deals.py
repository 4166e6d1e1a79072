"""Deal facts: one an order line, written by the parties of the order, counted by what was kept."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from catalog.models import ListedSpecification
from pricing.models import DealFact
from pricing.services.deals import (
    Deal,
    deal_fact_exclude,
    deal_fact_net,
    deal_fact_record,
    deal_facts_net,
    deal_facts_record,
)
from sunlight import scope
from sunlight.journal.models import Event, Refusal
from sunlight.journal.refusals import Conflict, Forbidden, Invalid, NotThere
from sunlight.scope import Role
from tests.factories.catalog import listed
from tests.factories.pricing import deal

AT = datetime(2026, 3, 2, 2, tzinfo=UTC)
NUMBER = "20260302000000000001"


@pytest.fixture
def listing(world):
    return listed(world)


@pytest.fixture
def facts(world, listing):
    with scope.opened(world.system):
        code = ListedSpecification.objects.get(listing=listing).national_code_id
    return {
        "platform_id": world.platform.id,
        "region_id": world.hospital.region_id,
        "price_group_id": listing.price_group_id,
        "national_code_id": code,
        "buyer_id": world.hospital.id,
        "seller_id": world.maker.id,
        "distributor_id": world.distributor.id,
        "order_line_number": NUMBER,
        "price": Decimal("80.0000"),
        "quantity": Decimal("10.000"),
    }


def record(actor, facts, **changes):
    with scope.opened(actor):
        return deal_fact_record(actor=actor, at=AT, **facts | changes)


def net(actor, quantity, number=NUMBER):
    with scope.opened(actor):
        return deal_fact_net(actor=actor, at=AT, order_line_number=number, net_quantity=Decimal(quantity))


def the_only(world):
    with scope.opened(world.system):
        return DealFact.objects.get()


def test_the_seller_records_a_deal_that_counts_for_nothing_yet(world, facts):
    record(world.actor("maker", Role.SUPPLIER_SELLER), facts)
    fact = the_only(world)
    assert (fact.price, fact.quantity, fact.net_quantity) == (Decimal("80.0000"), Decimal("10.000"), Decimal(0))
    assert (fact.hospital_level, fact.is_public, fact.occurred_on) == ("tertiary", True, date(2026, 3, 2))
    with scope.opened(world.system):
        (event,) = Event.objects.filter(name="deal_fact_recorded")
    assert sorted(event.parties) == sorted([world.hospital.id, world.maker.id, world.distributor.id])


def test_one_row_an_order_line(world, facts):
    seller = world.actor("maker", Role.SUPPLIER_SELLER)
    assert record(seller, facts).id == record(seller, facts).id
    with pytest.raises(Conflict) as refused:
        record(seller, facts, price=Decimal("81.0000"))
    assert refused.value.code == "deal_fact_exists"
    assert the_only(world).price == Decimal("80.0000")


def test_the_buyer_nets_what_it_accepted(world, facts):
    record(world.actor("maker", Role.SUPPLIER_SELLER), facts)
    receiver = world.actor("hospital", Role.HOSPITAL_RECEIVER)
    assert net(receiver, "7.5").net_quantity == Decimal("7.5")
    assert net(receiver, "7.5").version == 2
    assert net(receiver, "0").version == 3
    with scope.opened(world.system):
        told = [e.payload["net_quantity"] for e in Event.objects.filter(name="deal_fact_netted").order_by("id")]
    assert told == ["7.5", "0"]


@pytest.mark.parametrize("quantity", ["-0.001", "10.001"])
def test_net_stays_within_what_was_ordered(world, facts, quantity):
    record(world.actor("maker", Role.SUPPLIER_SELLER), facts)
    with pytest.raises(Invalid) as refused:
        net(world.actor("hospital", Role.HOSPITAL_RECEIVER), quantity)
    assert refused.value.field == "net_quantity"
    assert the_only(world).version == 1
    with scope.opened(world.system):
        assert not Refusal.objects.exists()


@pytest.mark.parametrize(
    ("key", "role"),
    [
        ("other_hospital", Role.HOSPITAL_RECEIVER),
        ("other_maker", Role.SUPPLIER_SELLER),
        ("other_distributor", Role.SUPPLIER_SHIPPER),
    ],
)
def test_a_stranger_neither_sees_nor_nets_a_deal(world, facts, key, role):
    record(world.actor("maker", Role.SUPPLIER_SELLER), facts)
    stranger = world.actor(key, role)
    with scope.opened(stranger):
        assert not DealFact.objects.exists()
    with pytest.raises(NotThere):
        net(stranger, "5")
    assert the_only(world).net_quantity == Decimal(0)


def test_an_exclusion_keeps_the_deal_and_its_reason(world, listing):
    fact = deal(world, listing, on=date(2026, 3, 1))
    confirmer = world.actor("operator", Role.OPERATOR_CONFIRMER)

    def exclude(actor, reason):
        with scope.opened(actor):
            return deal_fact_exclude(actor=actor, at=AT, order_line_number=fact.order_line_number, reason=reason)

    with pytest.raises(Invalid):
        exclude(confirmer, "  ")
    for key, role in (("hospital", Role.HOSPITAL_BUYER), ("operator", Role.OPERATOR_REVIEWER)):
        with pytest.raises(Forbidden):
            exclude(world.actor(key, role), "录入错误")
    assert the_only(world).excluded_at is None
    exclude(confirmer, "单位录入错误，经核实")
    kept = the_only(world)
    assert (kept.excluded_at, kept.exclusion_reason, kept.net_quantity) == (
        AT,
        "单位录入错误，经核实",
        Decimal("10.000"),
    )
    with pytest.raises(Conflict):
        exclude(confirmer, "再次")


def test_many_lines_are_recorded_and_netted_at_once(world, facts):
    seller = world.actor("maker", Role.SUPPLIER_SELLER)

    def deals(first, count):
        return [Deal(**facts | {"order_line_number": f"{n:020d}"}) for n in range(first, first + count)]

    counts = []
    for first, count in ((1, 1), (100, 10)):
        with scope.opened(seller), CaptureQueriesContext(connection) as made:
            deal_facts_record(actor=seller, at=AT, deals=deals(first, count))
            deal_facts_net(
                actor=seller,
                at=AT,
                net_quantities={d.order_line_number: Decimal(1) for d in deals(first, count)},
            )
        counts.append(len(made))
    assert counts[0] == counts[1]

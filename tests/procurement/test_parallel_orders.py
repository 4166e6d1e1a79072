"""Two requests at the same moment: one effect, one clear refusal."""

import os
import threading
from decimal import Decimal

import pytest
from django.db import connections

from procurement.ordering.models import Order, OrderLine, UnreferencedLine
from procurement.ordering.services.approvals import order_submit
from procurement.ordering.services.placing import BasketFacts, order_place
from sunlight import scope
from sunlight.journal.refusals import Refused
from sunlight.kernel.money import amount_fen
from sunlight.scope import Role
from tests import databases
from tests import world as worlds
from tests.confirming import chain_in_force
from tests.factories import filing, orders
from tests.regional import at


@pytest.fixture
def own_database(django_db_setup, django_db_blocker):
    """A database of its own, in which transactions commit."""
    with django_db_blocker.unblock(), databases.copy_of(databases.template(), f"sun_parallel_{os.getpid()}"):
        yield


def together(calls) -> list:
    """The outcomes of calls made at once, each on its own connection: a result or the refusal."""
    outcomes, ready = [], threading.Barrier(len(calls))

    def run(call):
        try:
            ready.wait(timeout=10)
            outcomes.append(call())
        except Refused as refusal:
            outcomes.append(refusal)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(call,)) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert len(outcomes) == len(calls)
    return outcomes


def test_one_plan_line_and_one_quantity_are_taken_once(own_database):
    world = worlds.build()
    agreed = orders.agreement(world, quantity="300")
    where = orders.point(world)
    buyer = world.actor("hospital", Role.HOSPITAL_BUYER)
    with scope.opened(world.system):
        usual = orders.line(agreed)

    def place(**line):
        def call():
            with scope.opened(buyer):
                facts = BasketFacts([usual | line], where.id, plan_number="P1")
                return order_place(actor=buyer, at=scope.now(), facts=facts)

        return call

    outcomes = together([place(plan_line="1")] * 3)
    assert sorted(getattr(o, "code", "placed") for o in outcomes) == ["a_plan_line_is_ordered_once"] * 2 + ["placed"]
    outcomes = together([place(plan_line="2", quantity="150"), place(plan_line="3", quantity="150")])
    assert sorted(getattr(o, "code", "placed") for o in outcomes) == ["above_agreed_quantity", "placed"]
    with scope.opened(world.system):
        assert (Order.objects.count(), OrderLine.objects.count()) == (2, 2)


@pytest.mark.clause("ASSUMPTION-A84", on="rule")
def test_orders_at_once_are_counted_one_after_the_other_by_the_chain(own_database):
    world = worlds.build()
    # An agreement each, so that nothing but the count has them wait for one another.
    agreed = [orders.agreement(world, quantity="1000") for _ in range(5)]
    where = orders.point(world)
    buyer = world.actor("hospital", Role.HOSPITAL_BUYER)
    world.actor("hospital", Role.HOSPITAL_APPROVER)
    with scope.opened(world.system):
        boxes = [orders.line(each) | {"quantity": "50"} for each in agreed]
        price_fen = amount_fen(agreed[0].price, Decimal(50))
    step = {"label": "采购科", "role": "HOSPITAL_APPROVER", "from_fen": 3 * price_fen}
    chain_in_force(world, [step], scope.now())

    def submit(box):
        def call():
            with scope.opened(buyer):
                return order_submit(actor=buyer, at=scope.now(), facts=BasketFacts([box], where.id))

        return call

    outcomes = together([submit(box) for box in boxes])
    assert sorted(len(each.orders) for each in outcomes) == [0, 0, 0, 1, 1]
    with scope.opened(world.system):
        assert Order.objects.count() == 2


@pytest.mark.clause("SZ20-5.2.1d", on="trade")
def test_two_orders_that_together_break_the_cap_pass_once(own_database):
    """Agreements of their own, so that nothing but the hospital's year has them wait for one another."""
    world = worlds.build()
    day = at("2024-03-04")
    filing.budget(world, "100000")
    agreed = [orders.agreement(world, quantity="100000", at=day) for _ in range(4)]
    where = orders.point(world)
    buyer = world.actor("hospital", Role.HOSPITAL_BUYER)
    with scope.opened(world.system):
        boxes = [orders.line(each, "100") for each in agreed]

    def place(line):
        def call():
            with scope.opened(buyer):
                return order_place(actor=buyer, at=day, facts=BasketFacts([line], where.id))

        return call

    # Each takes 9 000 of the 15 000 there are.
    outcomes = together([place(line) for line in boxes])
    assert sorted(getattr(o, "code", "placed") for o in outcomes) == ["above_cap"] * 3 + ["placed"]
    with scope.opened(world.system):
        assert (Order.objects.count(), UnreferencedLine.objects.count()) == (1, 1)

"""A hospital's chain counts what was ordered of the same supplier within days, so that splitting does not pass (A84)."""

from datetime import timedelta

import pytest

from procurement.ordering.models import Order
from procurement.ordering.services.approvals import order_submit
from procurement.ordering.services.orders import order_cancel
from procurement.ordering.services.placing import BasketFacts, order_place
from sunlight import scope
from sunlight.journal.refusals import Refused
from sunlight.scope.clock import business_date
from tests.factories import catalog, pricing, procurement
from tests.factories import orders as factories
from tests.procurement.test_services_approval import Desk

# A box of 50 is 4,500 CNY.
BOX, SIX_BOXES = 450_000, 2_700_000


@pytest.fixture
def roomy(world, at, product):
    """As `desk`, with enough agreed for many orders."""
    return Desk(world, at, procurement.agreed(world, product, price="90", quantity="1000", at=at))


def from_fen(*amounts) -> list:
    people = [("采购科", "HOSPITAL_APPROVER"), ("院领导", "HOSPITAL_ADMIN")]
    return [{"label": p[0], "role": p[1], "from_fen": fen} for p, fen in zip(people, amounts, strict=False)]


@pytest.mark.clause("ASSUMPTION-A84", on="rule")
def test_six_orders_of_one_do_not_pass_below_the_chain(roomy):
    """A chain from the price of six boxes: five orders of a box pass, the sixth is looked at with those before it."""
    roomy.chain(from_fen(SIX_BOXES))
    submitted = [roomy.submit(quantity="50") for _ in range(6)]
    assert [bool(each.orders) for each in submitted] == [True] * 5 + [False]
    request = submitted[-1].request
    assert (request.amount_fen, request.counted_fen) == (BOX, SIX_BOXES)
    with pytest.raises(Refused) as refused:
        roomy.does(roomy.buyer, order_place, facts=roomy.facts(quantity="50"))
    assert refused.value.code == "approval_needed" and refused.value.clauses == ["ASSUMPTION-A84"]
    assert "合计 27,000.00 元" in refused.value.message
    assert len(roomy.kept(Order)) == 5
    assert roomy.decide(roomy.approver, request).state == "APPROVED"
    assert len(roomy.kept(Order)) == 6


@pytest.mark.clause("ASSUMPTION-A84", on="rule")
def test_after_the_window_or_once_cancelled_an_order_counts_no_more(roomy):
    roomy.chain(from_fen(SIX_BOXES))
    for _ in range(5):
        roomy.submit(quantity="50")

    def on(days):
        at = roomy.at + timedelta(days=days)
        return roomy.does(roomy.buyer, order_submit, facts=roomy.facts(quantity="50"), at=at)

    assert on(6).request and on(7).orders
    first = roomy.kept(Order)[0]
    roomy.does(roomy.buyer, order_cancel, order_id=first.id, reason="下错了")
    assert on(0).request  # the one of day 7 counts from now on, whatever clock asks
    second = roomy.kept(Order)[1]
    roomy.does(roomy.buyer, order_cancel, order_id=second.id, reason="下错了")
    assert on(0).orders


@pytest.mark.clause("ASSUMPTION-A84", on="rule")
def test_what_was_ordered_while_a_request_waited_counts_when_it_is_approved(roomy):
    """Two requests that each stay below the second step: together they do not."""
    roomy.chain(from_fen(BOX, 2 * BOX))
    first, second = roomy.submit(quantity="50").request, roomy.submit(quantity="50").request
    assert [len(each.steps) for each in (first, second)] == [1, 1]
    assert roomy.decide(roomy.approver, first).state == "APPROVED"
    with pytest.raises(Refused) as refused:
        roomy.decide(roomy.approver, second)
    assert refused.value.code == "approved_for_less" and "院领导" in refused.value.message
    assert len(roomy.kept(Order)) == 1


def test_another_supplier_s_orders_do_not_count(roomy, world, at):
    roomy.chain(from_fen(2 * BOX))
    other = catalog.listed(world, maker="other_maker", listed_on=business_date(at) - timedelta(days=30))
    pricing.priced(world, other, at=at)
    agreed = procurement.agreed(world, other, price="90", quantity="1000", at=at)
    with scope.opened(world.system):
        line = factories.line(agreed)
    assert roomy.submit(quantity="50").orders
    theirs = BasketFacts(lines=[line | {"quantity": "50"}], delivery_point_id=roomy.point.id)
    assert roomy.does(roomy.buyer, order_submit, facts=theirs).orders
    assert roomy.submit(quantity="50").request

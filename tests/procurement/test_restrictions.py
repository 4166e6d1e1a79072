"""Who is barred from an act is refused it in every place alike, and is let do all others."""

import copy

import pytest

from procurement.bargaining.models.offers import Offer
from procurement.bargaining.services import sheets
from procurement.bargaining.services.sheet_verdicts import Verdict, sheet_lines
from procurement.bargaining.services.sheets import Change
from procurement.ordering.models import DistributionAuthorisation, OrderLine
from procurement.ordering.services import placing
from procurement.receiving.services import orders as received
from sunlight import scope
from sunlight.journal.refusals import Refused
from sunlight.scope import Role
from sunlight.scope.clock import business_date
from sunlight.tenancy.services.restrictions import restriction_lift
from sunlight.tenancy.standing import TradeAct
from tests.factories import orders as made
from tests.factories.catalog import listed
from tests.factories.pricing import priced
from tests.factories.procurement import agreed as agreed_price
from tests.factories.standing import barred
from tests.procurement.bargaining import accept, act, make, now_of, shanghai
from tests.procurement.goods import ship

LIST, BID, BUY, SELL, DELIVER = TradeAct
BUYER, SELLER = Role.HOSPITAL_BUYER, Role.SUPPLIER_SELLER


@pytest.fixture
def order(made_order, db, at):
    return copy.deepcopy(made_order)


def placed(world, at, agreed, **line):
    where = made.point(world)
    with scope.opened(world.system):
        usual = made.line(agreed)
    actor = world.actor("hospital", BUYER)
    return act(actor, placing.order_place, at, facts=placing.BasketFacts([usual | line], where.id))


def tried(world, at, agreed):
    with scope.opened(world.system):
        usual = made.line(agreed)
    return act(world.actor("hospital", BUYER), placing.order_trial, at, lines=[usual])


def verdict(world, at, product):
    buyer = world.actor("hospital", BUYER)
    sheet = act(buyer, sheets.sheet_open, at, name="三月耗材")
    change = Change({"product": product.price_group.generic_code, "quantity": "100", "price": "89"}, 0, None)
    act(buyer, sheets.sheet_row_write, at, sheet_id=sheet.id, position=1, change=change)
    with scope.opened(buyer):
        (line,) = sheet_lines(actor=buyer, at=at, sheet=sheet)
    return line.verdict, " ".join(remark.text for remark in line.remarks)


def refusals_of_sale(world, at, product, agreed, offer, order) -> dict[str, Refused]:
    """What each place that sells answers."""
    answers = {}
    for place, call in {
        "offer": lambda: make(world, product, "89", at),
        "answer": lambda: accept(world, [offer], at),
        "order": lambda: placed(world, at, agreed),
        "order accepted": lambda: made.accepted_order(world, order, distributor=None, at=at),
    }.items():
        with pytest.raises(Refused) as caught:
            call()
        answers[place] = caught.value
    return answers


def test_who_may_not_sell_is_refused_in_every_place_alike(world, at, product, agreed, order):
    offer = make(world, product, "89", at, key="other_hospital")
    barred(world, "maker", SELL, at=at)
    answers = refusals_of_sale(world, at, product, agreed, offer, order)
    assert {refusal.code for refusal in answers.values()} == {"seller_barred"}
    one_sentence = answers["offer"].message
    assert all(one_sentence in refusal.message for refusal in answers.values())
    assert verdict(world, at, product) == (Verdict.BARRED, one_sentence)
    assert [fault["code"] for fault in tried(world, at, agreed).faults] == ["seller_barred"]


def test_who_may_not_buy_is_refused_in_every_place_alike(world, at, product, agreed):
    barred(world, "hospital", BUY, at=at)
    answers = []
    for call in (
        lambda: make(world, product, "89", at),
        lambda: placed(world, at, agreed),
        lambda: tried(world, at, agreed),
    ):
        with pytest.raises(Refused) as caught:
            call()
        answers.append(caught.value)
    assert {(refusal.code, refusal.message) for refusal in answers} == {("buyer_barred", answers[0].message)}
    assert verdict(world, at, product) == (Verdict.BARRED, answers[0].message)


def test_who_may_not_deliver_still_sells_but_neither_carries_nor_is_authorised(world, at, product, agreed, order):
    offer = make(world, product, "89", at, key="other_hospital")
    barred(world, "maker", DELIVER, at=at)
    accept(world, [offer], at)
    assert make(world, product, "88", at).state == "OPEN"
    placed(world, at, agreed)
    with pytest.raises(Refused) as caught:
        made.accepted_order(world, order, distributor=None, at=at)
    assert (caught.value.code, caught.value.field) == ("distributor_barred", "distributor")
    accepted = made.accepted_order(world, order, at=at)
    assert accepted.distributor_id == world.distributor.id
    with pytest.raises(Refused) as caught:
        act(world.actor("maker", SELLER), received.order_distributor_change, at, order_id=order.id, distributor_id=None)
    assert caught.value.code == "distributor_barred"
    barred(world, "distributor", DELIVER, at=at)
    with scope.opened(world.system):
        line = OrderLine.objects.get(order=accepted)
    for call in (
        lambda: made.authorised(world, at=at, hospital_id=world.hospital.id),
        lambda: ship(world, at, accepted, {"order_line": line.id, "quantity": "1", "lot": "A"}),
    ):
        with pytest.raises(Refused) as caught:
            call()
        assert caught.value.code == "distributor_barred"


def test_a_maker_that_delivers_itself_and_may_not_does_not_ship(world, at, order):
    accepted = made.accepted_order(world, order, distributor=None, at=at)
    barred(world, "maker", DELIVER, at=at)
    with scope.opened(world.system):
        line = OrderLine.objects.get(order=accepted)
    with pytest.raises(Refused) as caught:
        ship(world, at, accepted, {"order_line": line.id, "quantity": "1", "lot": "A"}, key="maker")
    assert caught.value.code == "distributor_barred"


@pytest.mark.parametrize("other", [LIST, BID, BUY])
def test_other_acts_of_a_supplier_hinder_neither_sale_nor_delivery(world, at, product, agreed, order, other):
    barred(world, "maker", other, at=at)
    make(world, product, "89", at)
    placed(world, at, agreed)
    made.accepted_order(world, order, distributor=None, at=at)


def test_a_restriction_of_one_product_leaves_the_others(world, at, product, agreed, order):
    other = listed(world, "120", listed_on=product.listed_on)
    priced(world, other, {"320000": "100"}, at=at)
    also_agreed = agreed_price(world, other, price="90", quantity="1000", at=at)
    offers = [make(world, each, "89", at, key="other_hospital") for each in (product, other)]
    group = [product.price_group_id]
    (restriction,) = barred(world, "maker", SELL, at=at, price_group_ids=group)
    for call in (
        lambda: make(world, product, "89", at),
        lambda: accept(world, offers[:1], at),
        lambda: placed(world, at, agreed),
        lambda: made.accepted_order(world, order, distributor=None, at=at),
    ):
        with pytest.raises(Refused, match="不得销售所涉产品"):
            call()
    assert verdict(world, at, product)[0] is Verdict.BARRED
    make(world, other, "89", at)
    accept(world, offers[1:], at)
    placed(world, at, also_agreed)
    with scope.opened(world.system):
        restriction_lift(actor=world.system, at=at, restriction_ids=[restriction.id], reason="整改合格")
    placed(world, at, agreed)
    barred(world, "hospital", BUY, at=at, price_group_ids=group)
    barred(world, "distributor", DELIVER, at=at, price_group_ids=group)
    with pytest.raises(Refused, match="不得采购所涉产品"):
        placed(world, at, agreed)
    placed(world, at, also_agreed)
    with pytest.raises(Refused, match="不得配送所涉产品"):
        made.authorised(world, at=at, price_group_id=product.price_group_id)
    made.authorised(world, at=at, price_group_id=other.price_group_id)
    # The default is for all products: which of them it may carry is asked of each order.
    made.authorised(world, at=at)
    with pytest.raises(Refused, match="不得配送所涉产品"):
        made.accepted_order(world, order, at=at)


def test_the_day_before_and_the_day_after_orders_are_taken(world, at, agreed):
    day = business_date(at)
    barred(world, "maker", SELL, at=at, from_date=day.replace(day=3), to_date=day.replace(day=4))
    assert placed(world, at, agreed)
    for day in ("2026-03-03 00:00", "2026-03-04 23:59"):
        with pytest.raises(Refused):
            placed(world, shanghai(day), agreed)
    assert placed(world, shanghai("2026-03-05 00:00"), agreed)


def test_a_regions_restriction_holds_on_a_platform_of_its_subtree(world, at, product):
    barred(world, "maker", SELL, at=at, region_code="CN-JS")
    make(world, product, "89", at, key="other_hospital")
    barred(world, "maker", SELL, at=at, region_code="CN-GD")
    with pytest.raises(Refused) as caught:
        make(world, product, "89", at)
    assert caught.value.code == "seller_barred"


def test_nothing_is_left_of_what_was_refused(world, at, product, agreed, order):
    barred(world, "maker", SELL, DELIVER, at=at)
    with pytest.raises(Refused):
        made.accepted_order(world, order, distributor=None, at=at)
    with pytest.raises(Refused):
        make(world, product, "89", at)
    assert now_of(world, order).state == "PLACED"
    with scope.opened(world.system):
        assert not DistributionAuthorisation.objects.exists()
        assert not Offer.objects.filter(state="OPEN").exists()

"""Answers to orders, their distributors, and the standing authorisations behind them."""

import copy
from datetime import date, timedelta
from decimal import Decimal

import pytest

from pricing.models import DealFact
from procurement.ordering.models import DeliveryPoint, DistributionAuthorisation, Order, OrderLine
from procurement.ordering.services import authorisations
from procurement.ordering.services import orders as services
from procurement.ordering.workflows import AUTHORISATION, ORDER, AuthorisationState, OrderState
from procurement.receiving.services import deliveries
from procurement.receiving.services import orders as goods
from sunlight import scope
from sunlight.journal.refusals import Conflict, Forbidden, Invalid, NotThere, Refused
from sunlight.kernel.machine import IllegalMove
from sunlight.scope import Actor, Role
from sunlight.scope.clock import SHANGHAI, business_date
from sunlight.scope.duties import moved
from sunlight.tenancy.standing import TradeAct
from tests.factories import catalog, orders, procurement
from tests.factories.standing import barred
from tests.procurement import kept

SELLER, BUYER = Role.SUPPLIER_SELLER, Role.HOSPITAL_BUYER


@pytest.fixture
def order(made_order, db, at):
    return copy.deepcopy(made_order)


def call(world, at, service, key, role, **facts):
    actor = world.actor(key, role)
    with scope.opened(actor):
        return service(actor=actor, at=at, **facts)


def row(world, order) -> Order:
    with scope.opened(world.system):
        return Order.objects.select_related("distributor").get(id=order.id)


def untouched(world, order, before) -> bool:
    now = row(world, order)
    return (now.version, now.state, now.distributor_id) == (before.version, before.state, before.distributor_id)


@pytest.mark.clause("SZ20-6.4", "GD25-5.10a", "ASSUMPTION-A8", on="rule")
def test_acceptance_makes_the_deal_and_sets_deadline_and_distributor(world, at, order):
    orders.authorised(world, at=at)
    accepted = call(world, at, services.order_accept, "maker", SELLER, order_id=order.id, note="三日内送达")
    assert (accepted.state, accepted.distributor_id, accepted.version) == (OrderState.ACCEPTED, world.distributor.id, 2)
    assert accepted.delivery_due_at.astimezone(SHANGHAI).isoformat() == "2026-03-05T23:59:59+08:00"
    with scope.opened(world.system):
        line = OrderLine.objects.get(order=order)
        deal = DealFact.objects.get(order_line_number=line.number)
    assert (deal.price, deal.quantity, deal.net_quantity) == (Decimal("90"), Decimal("100"), Decimal(0))
    assert (deal.occurred_on, deal.hospital_level, deal.is_public) == (date(2026, 3, 2), "tertiary", True)
    assert line.distributor_id == world.distributor.id
    (event,) = kept.events(world, "order_accepted")
    assert event.subject_version == 2 and world.distributor.id in event.parties


@pytest.mark.clause("ASSUMPTION-A8", "GD25-5.10b", on="trade")
def test_an_urgent_order_is_due_by_the_end_of_the_next_day(world, at, product):
    """24 hours, counted in days (A42)."""
    agreed = procurement.agreed(world, product, price="90", at=at)
    order = orders.placed(world, agreed, at=at, is_urgent=True)
    due = orders.accepted_order(world, order, distributor=None, at=at).delivery_due_at
    assert due.astimezone(SHANGHAI).isoformat() == "2026-03-03T23:59:59+08:00"


@pytest.mark.clause("SZ20-6.4", "JS20-35", on="rule")
def test_without_an_authorisation_the_manufacturer_delivers_itself(world, at, order):
    assert call(world, at, services.order_accept, "maker", SELLER, order_id=order.id).distributor_id is None


@pytest.mark.clause("SZ20-6.4", on="rule")
def test_a_declined_order_keeps_its_reason_and_frees_its_plan_line(world, at, product):
    agreed = procurement.agreed(world, product, price="90", at=at)
    with scope.opened(world.system):
        line = orders.line(agreed, plan_number="P1", plan_line="1")
    order = orders.placed(world, agreed, at=at, lines=[line])
    with pytest.raises(Invalid):
        call(world, at, services.order_decline, "maker", SELLER, order_id=order.id, reason="  ")
    declined = call(world, at, services.order_decline, "maker", SELLER, order_id=order.id, reason="停产")
    assert (declined.state, declined.answer_note) == (OrderState.DECLINED, "停产")
    assert kept.events(world, "order_declined")[0].payload["answer_note"] == "停产"
    again = orders.placed(world, agreed, at=at, lines=[line])
    assert again.id != order.id
    cancelled = call(world, at, services.order_cancel, "hospital", BUYER, order_id=again.id, reason="重复")
    assert cancelled.state == OrderState.CANCELLED
    assert orders.placed(world, agreed, at=at, lines=[line]).state == OrderState.PLACED


MOVES = {
    "accept": services.order_accept,
    "decline": services.order_decline,
    "cancel": services.order_cancel,
    "close": goods.order_close,
}
PEOPLE = {
    Role.HOSPITAL_BUYER: "hospital",
    Role.HOSPITAL_RECEIVER: "hospital",
    Role.SUPPLIER_SELLER: "maker",
    Role.SUPPLIER_SHIPPER: "maker",
}


@pytest.mark.parametrize("machine", [ORDER, AUTHORISATION], ids=lambda m: m.name)
def test_every_other_move_is_refused(machine):
    for move in machine.table:
        for state in machine.states:
            for role in Role:
                actor = Actor(kind=role.kind, platform_id=1, roles=frozenset({role}))
                if machine.may(state, move.name, role):
                    assert moved(machine, state, move.name, actor) == move.to_state
                else:
                    with pytest.raises(IllegalMove):
                        moved(machine, state, move.name, actor)


@pytest.mark.parametrize("move,role", [(m, r) for m in MOVES for r in PEOPLE])
def test_moves_by_the_wrong_duty_or_out_of_turn_leave_the_order_as_it_was(world, at, order, move, role):
    if ORDER.may(order.state, move, role):
        return
    facts = {} if move == "accept" else {"reason": "理由"}
    with pytest.raises(Conflict) as refused:
        call(world, at, MOVES[move], PEOPLE[role], role, order_id=order.id, **facts)
    assert untouched(world, order, order)
    assert kept.is_kept_rightly(world, refused.value)
    # Out of turn is no refusal on record, another's post is.
    assert refused.value.on_record == (role not in ORDER.move(move).by)


@pytest.mark.parametrize("key", ["other_maker", "other_distributor", "distributor"])
def test_an_order_is_not_there_for_others(world, at, order, key):
    for service, facts in (
        (services.order_accept, {}),
        (services.order_decline, {"reason": "x"}),
        (goods.order_distributor_change, {"distributor_id": None}),
    ):
        with pytest.raises(NotThere):
            call(world, at, service, key, SELLER, order_id=order.id, **facts)
    with pytest.raises(NotThere):
        call(world, at, services.order_cancel, "other_hospital", BUYER, order_id=order.id, reason="x")
    assert untouched(world, order, order)


@pytest.mark.clause("SZ24-3.6", "GD25-5.10c", on="rule")
@pytest.mark.parametrize(
    "key,role",
    [
        ("hospital", Role.HOSPITAL_BUYER),
        ("hospital", Role.HOSPITAL_ADMIN),
        ("distributor", Role.SUPPLIER_SELLER),
        ("maker", Role.SUPPLIER_LISTER),
        ("operator", Role.OPERATOR_SUPPORT),
    ],
)
def test_only_the_manufacturers_seller_authorises(world, at, key, role):
    with pytest.raises(Forbidden) as caught:
        call(
            world,
            at,
            authorisations.authorisation_make,
            key,
            role,
            distributor_id=world.distributor.id,
            valid_from=business_date(at),
            valid_to=business_date(at),
            is_default=True,
        )
    whose = {"maker": [], "hospital": ["SZ20-6.4", "GD25-5.10c", "SZ24-3.6"]}
    assert caught.value.clauses == whose.get(key, ["SZ20-6.4", "GD25-5.10c"])
    with scope.opened(world.system):
        assert not DistributionAuthorisation.objects.exists()


def test_authorisations_are_checked(world, at, product):
    def make(kind=Invalid, **facts):
        given = {"distributor_id": world.distributor.id, "valid_from": business_date(at), "valid_to": business_date(at)}
        with pytest.raises(kind) as caught:
            call(world, at, authorisations.authorisation_make, "maker", SELLER, **(given | facts))
        return caught.value

    assert make(is_default=False).code == "limits_or_default"
    assert make(is_default=True, hospital_id=world.hospital.id).code == "limits_or_default"
    assert make(is_default=True, valid_to=business_date(at) - timedelta(days=1)).code == "bad_period"
    assert make(NotThere, is_default=True, distributor_id=world.other_maker.id).field == "distributor"
    assert make(NotThere, is_default=True, distributor_id=2**80).field == "distributor"
    assert make(NotThere, hospital_id=world.distributor.id).field == "hospital"
    assert make(NotThere, price_group_id=10**9).field == "price_group"
    drafted = catalog.listed(world, state="DRAFT", listed_on=None, open_on_platform=False)
    assert make(NotThere, price_group_id=drafted.price_group_id).field == "price_group"
    assert make(NotThere, region_code="CN-XX").field == "region"
    barred(world, "distributor", TradeAct.DELIVER, at=at)
    assert make(Refused, is_default=True).code == "distributor_barred"
    orders.authorised(world, distributor="other_distributor", at=at)
    assert make(Conflict, is_default=True, distributor_id=world.other_distributor.id).code == "default_exists"


def test_an_authorisation_is_revoked_by_its_maker_alone(world, at):
    made = orders.authorised(world, at=at)
    with pytest.raises(Forbidden):
        call(world, at, authorisations.authorisation_revoke, "distributor", SELLER, authorisation_id=made.id)
    for key in ("other_maker", "other_distributor"):
        with pytest.raises(NotThere):
            call(world, at, authorisations.authorisation_revoke, key, SELLER, authorisation_id=made.id)
    with pytest.raises(Conflict):
        call(world, at, authorisations.authorisation_revoke, "maker", Role.SUPPLIER_LISTER, authorisation_id=made.id)
    revoked = call(world, at, authorisations.authorisation_revoke, "maker", SELLER, authorisation_id=made.id)
    assert (revoked.state, revoked.revoked_at) == (AuthorisationState.REVOKED, at)
    assert not AUTHORISATION.moves_from(AuthorisationState.REVOKED)
    with pytest.raises(Conflict):
        call(world, at, authorisations.authorisation_revoke, "maker", SELLER, authorisation_id=made.id)
    orders.authorised(world, at=at)


@pytest.mark.clause("SZ24-3.6", "GD25-5.10c", on="rule")
@pytest.mark.parametrize(
    "limits,expected",
    [
        ({}, "distributor"),
        ({"region_code": "CN-GD"}, "other_distributor"),
        ({"region_code": "CN-HB"}, "distributor"),
        ({"hospital": "hospital"}, "other_distributor"),
        ({"hospital": "other_hospital"}, "distributor"),
        ({"product": True}, "other_distributor"),
    ],
)
def test_the_most_specific_authorisation_names_the_distributor(world, at, order, limits, expected):
    orders.authorised(world, at=at)
    if limits:
        given = {}
        if "hospital" in limits:
            given["hospital_id"] = world.organisations[limits["hospital"]].id
        if "product" in limits:
            with scope.opened(world.system):
                given["price_group_id"] = OrderLine.objects.get(order=order).price_group_id
        given |= {k: v for k, v in limits.items() if k == "region_code"}
        orders.authorised(world, distributor="other_distributor", at=at, **given)
    accepted = call(world, at, services.order_accept, "maker", SELLER, order_id=order.id)
    assert accepted.distributor_id == world.organisations[expected].id


def test_products_with_different_distributors_need_a_choice(world, at, product):
    from tests.factories import catalog, pricing

    other = catalog.listed(world, "50", listed_on=date(2019, 1, 1))
    pricing.priced(world, other, at=at)
    agreed = procurement.agreed(world, product, price="90", at=at)
    second = procurement.agreed(world, other, price="40", at=at)
    with scope.opened(world.system):
        lines = [orders.line(agreed), orders.line(second)]
    order = orders.placed(world, agreed, at=at, lines=lines)
    orders.authorised(world, at=at, price_group_id=product.price_group_id)
    orders.authorised(world, at=at, price_group_id=other.price_group_id, distributor="other_distributor")
    with pytest.raises(Refused) as caught:
        call(world, at, services.order_accept, "maker", SELLER, order_id=order.id)
    assert caught.value.code == "distributors_differ"
    with pytest.raises(Refused) as caught:
        call(world, at, services.order_accept, "maker", SELLER, order_id=order.id, distributor_id=world.distributor.id)
    assert (caught.value.code, caught.value.clauses) == ("not_authorised", ["SZ20-6.4", "GD25-5.10c"])
    assert untouched(world, order, order)
    with scope.opened(world.system):
        assert not DealFact.objects.filter(order_line_number__in=OrderLine.objects.values("number")).exists()
    accepted = call(world, at, services.order_accept, "maker", SELLER, order_id=order.id, delivers_itself=True)
    assert accepted.distributor_id is None


@pytest.mark.clause("SZ24-3.6", "GD25-5.10c", on="rule")
def test_the_distributor_changes_before_dispatch_and_by_the_manufacturer_alone(world, at, order):
    orders.authorised(world, at=at)
    change = goods.order_distributor_change
    accepted = orders.accepted_order(world, order, at=at)
    for key, role in (("hospital", BUYER), ("distributor", SELLER), ("maker", Role.SUPPLIER_SHIPPER)):
        with pytest.raises(Forbidden) as caught:
            call(world, at, change, key, role, order_id=order.id, distributor_id=None)
        whose = {"maker": [], "hospital": ["SZ20-6.4", "GD25-5.10c", "SZ24-3.6"]}
        assert caught.value.clauses == whose.get(key, ["SZ20-6.4", "GD25-5.10c"])
    with pytest.raises(Refused) as caught:
        call(world, at, change, "maker", SELLER, order_id=order.id, distributor_id=world.other_distributor.id)
    assert caught.value.code == "not_authorised"
    assert untouched(world, order, accepted)
    orders.authorised(world, distributor="other_distributor", at=at, hospital_id=world.hospital.id)
    changed = call(world, at, change, "maker", SELLER, order_id=order.id, distributor_id=world.other_distributor.id)
    assert changed.distributor_id == world.other_distributor.id
    with scope.opened(world.system):
        line = OrderLine.objects.get(order=order)
        assert line.distributor_id == world.other_distributor.id
        assert DealFact.objects.get(order_line_number=line.number).distributor_id == world.other_distributor.id
    # The one before no longer sees the order, nor may it ship.
    with pytest.raises(NotThere):
        call(world, at, deliveries.delivery_dispatch, "distributor", Role.SUPPLIER_SHIPPER, order_id=order.id, lines=[])
    orders.delivered(world, changed, at=at)
    with pytest.raises(Conflict) as caught:
        call(world, at, change, "maker", SELLER, order_id=order.id, distributor_id=None)
    assert caught.value.code == "already_dispatched"


def test_the_rest_of_an_order_is_closed_when_nothing_is_on_the_way(world, at, order):
    accepted = orders.accepted_order(world, order, at=at)
    sent = orders.delivered(world, accepted, quantities=["40"], at=at)
    with pytest.raises(Conflict) as caught:
        call(world, at, goods.order_close, "hospital", BUYER, order_id=order.id, reason="不再需要")
    assert caught.value.code == "delivery_on_the_way"
    orders.acceptance(world, sent, at=at)
    closed = call(world, at, goods.order_close, "hospital", BUYER, order_id=order.id, reason="不再需要")
    assert (closed.state, closed.close_reason) == (OrderState.CLOSED, "不再需要")
    with pytest.raises(Conflict):
        orders.delivered(world, closed, quantities=["10"], at=at)


def test_what_a_closed_order_did_not_take_may_be_ordered_again(world, at, product):
    agreed = procurement.agreed(world, product, price="90", quantity="100", at=at)
    order = orders.accepted_order(world, orders.placed(world, agreed, at=at), at=at)
    orders.acceptance(world, orders.delivered(world, order, quantities=["50"], at=at), at=at)
    with pytest.raises(Refused):
        orders.placed(world, agreed, quantity="50", at=at)
    call(world, at, goods.order_close, "hospital", BUYER, order_id=order.id, reason="不再需要")
    orders.placed(world, agreed, quantity="50", at=at)


def test_delivery_points_are_kept_by_the_hospital(world, at):
    facts = {"code": "9", "name": "门诊药库", "address": "一号楼", "contact_name": "张三", "contact_phone": "1"}
    made = call(world, at, services.delivery_point_add, "hospital", BUYER, **facts)
    assert (made.hospital_id, made.name) == (world.hospital.id, "门诊药库")
    with pytest.raises(Conflict):
        call(world, at, services.delivery_point_add, "hospital", Role.HOSPITAL_ADMIN, **facts)
    with pytest.raises(Invalid) as caught:
        call(world, at, services.delivery_point_add, "hospital", BUYER, **(facts | {"code": "8", "address": ""}))
    assert caught.value.field == "address"
    for key, role in (("hospital", Role.HOSPITAL_RECEIVER), ("maker", SELLER)):
        with pytest.raises(Forbidden):
            call(world, at, services.delivery_point_add, key, role, **(facts | {"code": "7"}))
    with pytest.raises(NotThere):
        call(world, at, services.delivery_point_change, "other_hospital", BUYER, delivery_point_id=made.id, name="x")
    changed = call(world, at, services.delivery_point_change, "hospital", BUYER, delivery_point_id=made.id, name="新名")
    with scope.opened(world.system):
        assert DeliveryPoint.objects.get(id=made.id).name == changed.name == "新名"
        assert DeliveryPoint.objects.filter(hospital=world.hospital, code__in="987").count() == 1

"""Taking in, reversing, invoicing: who may, and that every quantity comes out exact."""

import copy
from datetime import date, timedelta
from decimal import Decimal

import pytest

from procurement.ordering.models import Order, OrderLine
from procurement.ordering.services.placing import BasketFacts, order_place
from procurement.ordering.workflows import OrderState
from procurement.receiving.models import Acceptance, AcceptanceLine, Delivery, DeliveryLine
from procurement.receiving.queries import deliveries as queries
from procurement.receiving.services import acceptances, deliveries
from procurement.receiving.workflows import ACCEPTANCE, DELIVERY, AcceptanceState, DeliveryState
from sunlight import scope
from sunlight.journal.refusals import Conflict, Forbidden, Invalid, NotThere, Refused
from sunlight.kernel.machine import IllegalMove
from sunlight.scope import Actor, Role
from sunlight.scope.clock import business_date
from sunlight.scope.duties import moved
from tests.factories import orders, procurement
from tests.procurement import kept
from tests.procurement.goods import FINANCE, RECEIVER, SHIPPER, call, numbers, ship


@pytest.fixture
def order(made_accepted_order, db, at):
    return copy.deepcopy(made_accepted_order)


@pytest.fixture
def line(world, order):
    with scope.opened(world.system):
        return OrderLine.objects.get(order=order)


def answer(world, at, sent, *answers, key="hospital", role=RECEIVER, person="", arrived_on=None):
    with scope.opened(world.system):
        rows = list(DeliveryLine.objects.filter(delivery=sent).order_by("line_no"))
    lines = [
        {"delivery_line": row.id, "accepted": accepted, "rejected": rejected, "reason": reason}
        for row, (accepted, rejected, reason) in zip(rows, answers, strict=False)
    ]
    return call(
        world,
        at,
        acceptances.acceptance_confirm,
        key,
        role,
        person=person,
        delivery_id=sent.id,
        arrived_on=arrived_on or business_date(at),
        lines=lines,
    )


@pytest.mark.clause("SZ20-6.2b", "JS20-36", on="rule")
def test_partly_accepted_rejected_sent_again_and_complete(world, at, order):
    sent = orders.delivered(world, order, quantities=["60"], at=at)
    taken = answer(world, at, sent, ("45.5", "14.5", "外包装破损"))
    assert numbers(world, order) == ("45.5", "45.5", "0", "45.5")
    assert (taken.state, taken.accepted_on) == (AcceptanceState.CONFIRMED, date(2026, 3, 2))
    (event,) = kept.events(world, "acceptance_confirmed")
    assert event.payload["lines"][0] | {} == event.payload["lines"][0]
    told = event.payload["lines"][0]
    assert (told["accepted_quantity"], told["rejected_quantity"], told["price"]) == ("45.500", "14.500", "90.0000")
    assert (told["accepted_fen"], told["payment_days"], told["rejection_reason"]) == (409_500, 30, "外包装破损")
    assert event.parties == sorted([world.hospital.id, world.maker.id, world.distributor.id])
    rest = orders.delivered(world, order, at=at)
    assert numbers(world, order)[0] == "100"
    answer(world, at, rest, ("54.5", "0", ""))
    assert numbers(world, order) == ("100", "100", "0", "100")
    with scope.opened(world.system):
        assert Order.objects.get(id=order.id).state == OrderState.DELIVERED


def test_all_of_a_delivery_may_be_rejected(world, at, order):
    sent = orders.delivered(world, order, at=at)
    answer(world, at, sent, ("0", "100", "错发"))
    assert numbers(world, order) == ("0", "0", "0", "0")
    with scope.opened(world.system):
        assert Order.objects.get(id=order.id).state == OrderState.ACCEPTED


@pytest.mark.parametrize(
    "answers,code",
    [
        ((), "no_lines"),
        ((("50", "49", "x"),), "not_all_answered"),
        ((("101", "0", ""),), "not_all_answered"),
        ((("50", "50", " "),), "reason_missing"),
        ((("-1", "101", "x"),), "malformed"),
        (((True, "100", "x"),), "malformed"),
        ((("NaN", "100", "x"),), "malformed"),
        ((("50", "50", "x" * 301),), "too_long"),
    ],
)
def test_every_delivered_piece_is_answered(world, at, order, answers, code):
    sent = orders.delivered(world, order, at=at)
    with pytest.raises(Invalid) as caught:
        answer(world, at, sent, *answers)
    assert caught.value.code == code
    assert numbers(world, order) == ("100", "0", "0", "0")
    with scope.opened(world.system):
        assert not Acceptance.objects.exists()
        assert Delivery.objects.get(id=sent.id).state == DeliveryState.DISPATCHED


def test_lines_left_out_or_foreign_are_refused(world, at, order, line):
    sent = ship(
        world,
        at,
        order,
        {"order_line": line.id, "quantity": "10", "lot": "A"},
        {"order_line": line.id, "quantity": "20", "lot": "B"},
    )
    with pytest.raises(Invalid) as caught:
        answer(world, at, sent, ("10", "0", ""))
    assert caught.value.code == "lines_missing" and "第 2 行" in caught.value.message
    other = orders.delivered(world, order, quantities=["5"], at=at)
    with scope.opened(world.system):
        foreign = DeliveryLine.objects.get(delivery=other)
    with pytest.raises(NotThere):
        call(
            world,
            at,
            acceptances.acceptance_confirm,
            "hospital",
            RECEIVER,
            delivery_id=sent.id,
            arrived_on=business_date(at),
            lines=[{"delivery_line": foreign.id, "accepted": "5"}],
        )


def test_arrival_lies_between_dispatch_and_today(world, at, order):
    sent = orders.delivered(world, order, at=at)
    for day in (date(2026, 3, 1), date(2026, 3, 3)):
        with pytest.raises(Invalid) as caught:
            answer(world, at, sent, ("100", "0", ""), arrived_on=day)
        assert caught.value.field == "arrived_on"


@pytest.mark.clause("JS20-36", on="rule")
def test_goods_that_expired_on_the_way_are_not_taken(world, at, order):
    sent = orders.delivered(world, order, at=at, expires_on=date(2026, 3, 5))
    later = at + timedelta(days=3)
    with pytest.raises(Refused) as caught:
        answer(world, later, sent, ("100", "0", ""))
    assert caught.value.code == "lot_expired"
    answer(world, later, sent, ("0", "100", "过期"))


@pytest.mark.duty("delivery", "accept", "order")
def test_who_ordered_does_not_accept(world, at, product):
    agreed = procurement.agreed(world, product, price="90", at=at)
    both = world.actor("hospital", Role.HOSPITAL_BUYER, Role.HOSPITAL_RECEIVER)
    with scope.opened(both):
        (order,) = order_place(actor=both, at=at, facts=BasketFacts([orders.line(agreed)], orders.point(world).id))
    sent = orders.delivered(world, orders.accepted_order(world, order, at=at), at=at)
    with scope.opened(both), pytest.raises(Forbidden) as caught:
        acceptances.acceptance_confirm(actor=both, at=at, delivery_id=sent.id, arrived_on=business_date(at), lines=[])
    assert caught.value.code == "ordered_it_yourself"
    orders.acceptance(world, sent, at=at)


def test_others_do_not_accept(world, at, order):
    sent = orders.delivered(world, order, at=at)
    for key, role in (("other_hospital", RECEIVER), ("other_maker", SHIPPER), ("other_distributor", SHIPPER)):
        with pytest.raises(NotThere):
            answer(world, at, sent, ("100", "0", ""), key=key, role=role)
    for key, role in (("distributor", SHIPPER), ("maker", SHIPPER), ("hospital", Role.HOSPITAL_FINANCE)):
        with pytest.raises(Conflict):
            answer(world, at, sent, ("100", "0", ""), key=key, role=role)
    orders.acceptance(world, sent, at=at)
    with pytest.raises(Conflict):
        answer(world, at, sent, ("100", "0", ""))


def reverse(world, at, taken, *, key="hospital", role=RECEIVER, person="second", reason="点错"):
    return call(
        world, at, acceptances.acceptance_reverse, key, role, person=person, acceptance_id=taken.id, reason=reason
    )


@pytest.mark.duty("acceptance", "reverse", "accept")
def test_a_second_receiver_reverses_and_everything_moves_back(world, at, order):
    sent = orders.delivered(world, order, at=at)
    taken = answer(world, at, sent, ("70", "30", "破损"))
    assert numbers(world, order) == ("70", "70", "0", "70")
    with pytest.raises(Forbidden) as caught:
        reverse(world, at, taken, person="")
    assert caught.value.code == "four_eyes"
    with pytest.raises(Invalid):
        reverse(world, at, taken, reason=" ")
    with pytest.raises(NotThere):
        reverse(world, at, taken, key="other_hospital")
    with pytest.raises(Conflict):
        reverse(world, at, taken, role=Role.HOSPITAL_FINANCE)
    with pytest.raises(Conflict):
        reverse(world, at, taken, key="distributor", role=SHIPPER)
    assert numbers(world, order) == ("70", "70", "0", "70")
    reversed_ = reverse(world, at, taken)
    assert (reversed_.state, reversed_.reversal_reason) == (AcceptanceState.REVERSED, "点错")
    assert numbers(world, order) == ("100", "0", "0", "0")
    with pytest.raises(Conflict):
        reverse(world, at, taken)
    again = answer(world, at, sent, ("100", "0", ""))
    assert again.id != taken.id and numbers(world, order) == ("100", "100", "0", "100")
    reverse(world, at, again)
    with scope.opened(world.system):
        assert Order.objects.get(id=order.id).state == OrderState.ACCEPTED
        assert Delivery.objects.get(id=sent.id).state == DeliveryState.DISPATCHED
    assert len(kept.events(world, "acceptance_reversed")) == 2


def test_no_reversal_once_the_rejected_part_was_sent_again(world, at, order):
    taken = answer(world, at, orders.delivered(world, order, at=at), ("70", "30", "破损"))
    again = orders.delivered(world, order, at=at)
    with pytest.raises(Conflict) as caught:
        reverse(world, at, taken)
    assert caught.value.code == "rejected_part_sent_again"
    assert numbers(world, order) == ("100", "70", "0", "70")
    call(world, at, deliveries.delivery_cancel, "distributor", SHIPPER, delivery_id=again.id, reason="改")
    reverse(world, at, taken)
    assert numbers(world, order) == ("100", "0", "0", "0")


def invoice(world, at, amounts, *, key="distributor", role=FINANCE):
    return call(world, at, acceptances.acceptance_invoiced, key, role, amounts=amounts)


def test_invoiced_quantities_stay_within_what_was_accepted(world, at, order):
    taken = answer(world, at, orders.delivered(world, order, at=at), ("70", "30", "破损"))
    with scope.opened(world.system):
        line = AcceptanceLine.objects.get(acceptance=taken)
    finance = world.actor("distributor", FINANCE)
    with scope.opened(finance):
        assert [queries.to_invoice(row) for row in queries.acceptance_lines_to_invoice(finance)] == [Decimal(70)]
        assert queries.acceptance_for_settlement([line.id])[line.id].delivery_line.order_line.price == Decimal("90")
    for key, role, kind in (
        ("maker", FINANCE, NotThere),
        ("other_distributor", FINANCE, NotThere),
        ("distributor", SHIPPER, Forbidden),
        ("hospital", Role.HOSPITAL_FINANCE, Forbidden),
    ):
        with pytest.raises(kind):
            invoice(world, at, {line.id: Decimal(1)}, key=key, role=role)
    with pytest.raises(Refused) as caught:
        invoice(world, at, {line.id: Decimal("70.001")})
    assert caught.value.code == "above_accepted"
    invoice(world, at, {line.id: Decimal(70)})
    assert numbers(world, order) == ("70", "70", "70", "70")
    with scope.opened(finance):
        assert not queries.acceptance_lines_to_invoice(finance).exists()
    with pytest.raises(Conflict) as caught:
        reverse(world, at, taken)
    assert caught.value.code == "already_invoiced"
    with pytest.raises(Refused):
        invoice(world, at, {line.id: Decimal(-71)})
    invoice(world, at, {line.id: Decimal(-70)})
    reverse(world, at, taken)
    with pytest.raises(NotThere):
        invoice(world, at, {line.id: Decimal(1)})
    assert numbers(world, order) == ("100", "0", "0", "0")


@pytest.mark.parametrize("machine", [DELIVERY, ACCEPTANCE], ids=lambda m: m.name)
def test_every_other_move_is_refused(machine):
    for move in machine.table:
        nobody = {duty.act: None for duty in move.duties}
        for state in machine.states:
            for role in Role:
                actor = Actor(kind=role.kind, platform_id=1, roles=frozenset({role}))
                if machine.may(state, move.name, role):
                    assert moved(machine, state, move.name, actor, earlier=nobody) == move.to_state
                else:
                    with pytest.raises(IllegalMove):
                        moved(machine, state, move.name, actor, earlier=nobody)

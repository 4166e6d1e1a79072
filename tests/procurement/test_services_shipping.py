"""Shipping: who may, and what must agree before goods go out."""

import copy
from datetime import date

import pytest

from procurement.ordering.models import OrderLine
from procurement.receiving.models import Delivery, DeliveryLine
from procurement.receiving.services import deliveries
from procurement.receiving.workflows import DeliveryState
from sunlight import scope
from sunlight.journal.refusals import Conflict, Forbidden, Invalid, NotThere, Refused
from sunlight.scope import Role
from sunlight.tenancy.standing import TradeAct
from tests.factories import orders, procurement
from tests.factories.standing import barred
from tests.procurement import kept
from tests.procurement.goods import RECEIVER, SHIPPER, call, numbers, ship


@pytest.fixture
def order(made_accepted_order, db, at):
    return copy.deepcopy(made_accepted_order)


@pytest.fixture
def line(world, order):
    with scope.opened(world.system):
        return OrderLine.objects.get(order=order)


def refused(world, at, order, kind, lot: dict, **facts):
    before = numbers(world, order)
    with pytest.raises(kind) as caught:
        ship(world, at, order, lot, **facts)
    with scope.opened(world.system):
        assert not Delivery.objects.exists() and not DeliveryLine.objects.exists()
    assert numbers(world, order) == before
    assert kept.is_kept_rightly(world, caught.value)
    return caught.value


@pytest.mark.clause("JS20-36", "GD25-5.11b", on="rule")
def test_goods_go_out_with_lot_expiry_and_udi(world, at, order, line):
    udi = "(01)06901234567892(11)260101(17)281231(10)LOT7A(21)SN9"
    sent = ship(
        world,
        at,
        order,
        {"order_line": line.id, "quantity": "60", "udi": udi, "lot": "LOT7A", "traceability_codes": ["T1", "T2"]},
        {
            "order_line": line.id,
            "quantity": 40,
            "lot": "B2",
            "expires_on": date(2027, 1, 1),
            "udi_di": "1",
            "udi_pi": "2",
        },
        note_number="SH-1",
        carrier="顺丰",
        waybill="SF1",
        expected_on=date(2026, 3, 4),
    )
    with scope.opened(world.system):
        first, second = DeliveryLine.objects.filter(delivery=sent).order_by("line_no")
    assert (first.lot, first.serial, first.udi_di, first.barcode_type) == ("LOT7A", "SN9", "06901234567892", "GS1")
    assert (first.produced_on, first.expires_on) == (date(2026, 1, 1), date(2028, 12, 31))
    assert first.traceability_codes == ["T1", "T2"]
    assert (second.udi_di, second.udi_pi, second.barcode_type) == ("1", "2", "")
    assert (sent.distributor_id, sent.state, sent.note_number) == (
        world.distributor.id,
        DeliveryState.DISPATCHED,
        "SH-1",
    )
    assert numbers(world, order) == ("100", "0", "0", "0")
    (event,) = kept.events(world, "delivery_dispatched")
    assert event.payload["lines"][0]["lot"] == "LOT7A"


@pytest.mark.clause("SZ24-3.6", "GD25-5.10c", on="rule")
def test_nobody_but_the_authorised_distributor_ships(world, at, order, line):
    lot = {"order_line": line.id, "quantity": "1", "lot": "A"}
    assert refused(world, at, order, Forbidden, lot, key="maker").clauses == ["SZ20-6.4", "GD25-5.10c"]
    refused(world, at, order, Forbidden, lot, role=Role.SUPPLIER_SELLER)
    refused(world, at, order, Forbidden, lot, key="hospital", role=Role.HOSPITAL_BUYER)
    refused(world, at, order, NotThere, lot, key="other_distributor")
    refused(world, at, order, NotThere, lot, key="other_maker")


@pytest.mark.clause("SZ20-6.4", on="rule")
def test_a_manufacturer_that_delivers_itself_ships(world, at, product):
    agreed = procurement.agreed(world, product, price="90", at=at)
    order = orders.accepted_order(world, orders.placed(world, agreed, at=at), distributor=None, at=at)
    assert orders.delivered(world, order, at=at).distributor_id is None
    with pytest.raises(NotThere):
        ship(world, at, order)


@pytest.mark.parametrize(
    "change,kind,code,field",
    [
        ({"quantity": "0"}, Invalid, "zero", "quantity"),
        ({"quantity": "100.001"}, Refused, "above_ordered", "quantity"),
        ({"quantity": "x"}, Invalid, "malformed", "quantity"),
        ({"lot": ""}, Invalid, "lot_missing", "lot"),
        ({"lot": 5}, Invalid, "invalid", "lot"),
        ({"lot": "x" * 61}, Invalid, "too_long", "lot"),
        ({"order_line": 10**12}, NotThere, "not_found", "order_line"),
        ({"order_line": "x"}, Invalid, "invalid", "order_line"),
        ({"expires_on": date(2026, 3, 2)}, Refused, "lot_expired", "expires_on"),
        ({"expires_on": date(2026, 3, 4)}, Refused, "lot_expired", "expires_on"),
        ({"expires_on": "2027-02-30"}, Invalid, "bad_date", "expires_on"),
        ({"produced_on": date(2026, 3, 3)}, Invalid, "produced_in_the_future", "produced_on"),
        (
            {"produced_on": date(2026, 1, 3), "expires_on": date(2026, 1, 3)},
            Invalid,
            "expires_before_made",
            "expires_on",
        ),
        ({"udi": "(01)06901234567892(10)OTHER"}, Invalid, "udi_disagrees", "lot"),
        (
            {"udi": "(01)06901234567892(17)270101(10)A", "expires_on": date(2027, 1, 2)},
            Invalid,
            "udi_disagrees",
            "expires_on",
        ),
        ({"udi": "(01)06901234567892(17)260301(10)A"}, Refused, "lot_expired", "expires_on"),
        ({"udi": "nonsense"}, Invalid, "udi_unreadable", "udi"),
        ({"traceability_codes": ["a", "a"]}, Invalid, "bad_codes", "traceability_codes"),
        ({"traceability_codes": "abc"}, Invalid, "bad_codes", "traceability_codes"),
    ],
)
def test_what_does_not_agree_is_not_sent(world, at, order, line, change, kind, code, field):
    lot = {"order_line": line.id, "quantity": "10", "lot": "A"} | change
    refusal = refused(world, at, order, kind, lot, expected_on=date(2026, 3, 4))
    assert (refusal.code, refusal.field) == (code, f"lines[0].{field}")


def test_an_order_that_must_come_whole(world, at, product):
    agreed = procurement.agreed(world, product, price="90", at=at)
    order = orders.accepted_order(world, orders.placed(world, agreed, at=at, several_deliveries=False), at=at)
    with scope.opened(world.system):
        line = OrderLine.objects.get(order=order)
    refusal = refused(world, at, order, Conflict, {"order_line": line.id, "quantity": "99", "lot": "A"})
    assert refusal.code == "one_delivery_only"
    ship(world, at, order, {"order_line": line.id, "quantity": "100", "lot": "A"})


def test_a_barred_distributor_does_not_ship(world, at, order, line):
    barred(world, "distributor", TradeAct.DELIVER, at=at)
    lot = {"order_line": line.id, "quantity": "1", "lot": "A"}
    assert refused(world, at, order, Refused, lot).code == "distributor_barred"


def test_a_delivery_is_taken_back_before_it_is_accepted(world, at, order):
    sent = orders.delivered(world, order, quantities=["60"], at=at)
    with pytest.raises(Invalid):
        call(world, at, deliveries.delivery_cancel, "distributor", SHIPPER, delivery_id=sent.id, reason="")
    with pytest.raises(NotThere):
        call(world, at, deliveries.delivery_cancel, "other_distributor", SHIPPER, delivery_id=sent.id, reason="x")
    with pytest.raises(Forbidden):
        call(world, at, deliveries.delivery_cancel, "hospital", RECEIVER, delivery_id=sent.id, reason="x")
    cancelled = call(world, at, deliveries.delivery_cancel, "distributor", SHIPPER, delivery_id=sent.id, reason="装错")
    assert (cancelled.state, cancelled.cancel_reason) == (DeliveryState.CANCELLED, "装错")
    assert numbers(world, order) == ("0", "0", "0", "0")
    orders.delivered(world, order, at=at)
    assert numbers(world, order)[0] == "100"

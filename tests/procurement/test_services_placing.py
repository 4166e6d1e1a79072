"""Placing orders: what a basket rests on, what it is refused for, and that nothing remains of a refusal."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from catalog.models import ListedSpecification, Listing, NationalCode, PlatformListing
from catalog.workflows import ListingState
from pricing.models import ListedPrice, PriceInformation
from procurement.contracts.models import SupplyContract
from procurement.contracts.workflows import ContractState
from procurement.ordering.models import Order, OrderLine
from procurement.ordering.services import orders as services
from procurement.ordering.services.placing import BasketFacts, order_place
from procurement.ordering.workflows import OrderState
from sunlight import scope
from sunlight.journal.refusals import Conflict, Forbidden, Invalid, NotThere, Refused
from sunlight.scope import Role
from sunlight.scope.clock import business_date
from sunlight.tenancy.standing import TradeAct
from tests.factories import catalog, orders, pricing, procurement
from tests.factories.standing import barred
from tests.procurement import kept


@pytest.fixture
def place(world, at, agreed):
    """Call order_place as the hospital's buyer; lines default to 100 of the agreed product."""
    where = orders.point(world)
    with scope.opened(world.system):
        usual = orders.line(agreed)

    def call(lines=None, *, key="hospital", role=Role.HOSPITAL_BUYER, line=None, **terms):
        actor = world.actor(key, role)
        terms.setdefault("delivery_point_id", where.id)
        with scope.opened(actor):
            moment = terms.pop("at", at)
            facts = BasketFacts(lines=lines if lines is not None else [usual | (line or {})], **terms)
            return order_place(actor=actor, at=moment, facts=facts)

    call.line = usual
    return call


def no_order(world) -> bool:
    with scope.opened(world.system):
        return not Order.objects.exists() and not OrderLine.objects.exists()


def refused(world, call, *args, kind=Refused, **terms):
    """The refusal of a call, on record where it rests on a clause or a right, with nothing written."""
    with pytest.raises(kind) as caught:
        call(*args, **terms)
    assert no_order(world)
    assert kept.is_kept_rightly(world, caught.value)
    if caught.value.on_record:
        assert kept.refusal(world).service == "order_place"
    return caught.value


@pytest.mark.clause("SZ20-6.2b", "SZ24-3.4a", on="rule")
def test_an_order_draws_on_an_agreement_in_force(world, at, agreed, place):
    (order,) = place(
        line={"pack_name": "盒", "quantity": "2", "plan_line": "7", "own_product_code": "H-1"}, plan_number="P1"
    )
    with scope.opened(world.system):
        line = OrderLine.objects.select_related("order").get(order=order)
    assert (line.quantity, line.pack_name, line.pack_factor) == (Decimal("100"), "盒", 50)
    assert (line.price, line.amount_fen, line.order.amount_fen) == (Decimal("90"), 900_000, 900_000)
    assert (line.plan_number, line.plan_line, line.own_product_code) == ("P1", "7", "H-1")
    assert (line.agreement_id, line.payment_days, line.order.state) == (agreed.id, 30, OrderState.PLACED)
    assert (line.order.law_date, line.order.distributor_id) == (date(2026, 3, 2), None)
    assert len(line.order.number) == 20 and line.order.number.startswith("20260302")
    (event,) = kept.events(world, "order_placed")
    assert event.payload["lines"][0]["price"] == "90.0000" and event.parties == sorted(
        [world.hospital.id, world.maker.id]
    )
    (decision,) = kept.decisions(world, "order_line", line.id)
    assert (decision.rule, decision.allowed, decision.facts["alert_line"]) == ("bargain.decide", True, "100.0000")


def test_a_basket_is_split_by_supplier(world, at, agreed, place):
    other = catalog.listed(world, "50", maker="other_maker", listed_on=date(2019, 1, 1))
    pricing.priced(world, other, at=at)
    second = procurement.agreed(world, other, price="40", quantity="1000", at=at)
    with scope.opened(world.system):
        lines = [orders.line(agreed, "50"), orders.line(second, "100"), orders.line(agreed, "150")]
    placed = place(lines, confirmations=[])
    assert [(o.seller_id, o.amount_fen) for o in placed] == [
        (world.maker.id, 1_800_000),
        (world.other_maker.id, 400_000),
    ]
    with scope.opened(world.system):
        assert list(OrderLine.objects.order_by("id").values_list("order_id", "line_no", "quantity")) == [
            (placed[0].id, 1, Decimal(50)),
            (placed[0].id, 2, Decimal(150)),
            (placed[1].id, 1, Decimal(100)),
        ]
        assert len({*OrderLine.objects.values_list("number", flat=True)}) == 3


def statements(world, at, agreed, place, lines: int) -> int:
    with scope.opened(world.system):
        available = orders.codes(agreed)
    basket = [
        {"code": available[i], "quantity": "50", "plan_number": f"P{lines}", "plan_line": str(i)} for i in range(lines)
    ]
    actor = world.actor("hospital", Role.HOSPITAL_BUYER)
    where = orders.point(world)
    with (
        scope.opened(actor),
        CaptureQueriesContext(
            connection,
        ) as captured,
    ):
        order_place(actor=actor, at=at, facts=BasketFacts(basket, where.id))
    return len(captured)


def test_the_number_of_statements_does_not_grow_with_the_lines(world, at, place):
    listing = catalog.listed(world, "120", specifications=20, listed_on=date(2019, 1, 1))
    pricing.priced(world, listing, at=at)
    agreed = procurement.agreed(world, listing, price="90", quantity="100000", at=at)
    counted = {lines: statements(world, at, agreed, place, lines) for lines in (1, 5, 20)}
    assert len(set(counted.values())) == 1, counted
    # Five of them begin the firm's time to answer, as the platform.
    assert counted[5] <= 40, counted


@pytest.mark.parametrize("role", [Role.HOSPITAL_RECEIVER, Role.HOSPITAL_FINANCE, Role.HOSPITAL_ADMIN])
def test_only_a_buyer_orders(world, place, role):
    assert refused(world, place, role=role, kind=Forbidden).code == "not_a_buyer"


@pytest.mark.parametrize("key,role", [("maker", Role.SUPPLIER_SELLER), ("operator", Role.OPERATOR_SUPPORT)])
def test_nobody_orders_for_a_hospital(world, place, key, role):
    assert refused(world, place, key=key, role=role, kind=Forbidden).code == "not_a_buyer"


def test_strangers_ids_are_not_there(world, at, agreed, place):
    theirs = orders.point(world, hospital="other_hospital")
    assert refused(world, place, delivery_point_id=theirs.id, kind=NotThere).field == "delivery_point"
    assert refused(world, place, delivery_point_id=2**70, kind=NotThere).code == "not_found"
    # Another hospital's own point, but the first one's agreement.
    refusal = refused(world, place, key="other_hospital", delivery_point_id=theirs.id)
    assert (refusal.code, refusal.clauses, refusal.field) == (
        "no_agreement_in_force",
        ["SZ20-6.2b", "SZ24-3.4c"],
        "lines[0].agreement",
    )


@pytest.mark.clause("SZ24-3.1a", "SZ24-3.7", on="rule")
@pytest.mark.parametrize(
    "code,expected",
    [
        ("C0201010010100100001", "code_not_full"),
        ("C02010100101001000010000", "code_not_full"),
        ("hello", "code_not_full"),
        ("", "code_missing"),
        (None, "code_missing"),
        (27, "invalid"),
        ("C999999999999999999999999" + "99", "code_unknown"),
        ("C" * 2000, "too_long"),
    ],
)
def test_only_full_codes_are_bought(world, place, code, expected):
    refusal = refused(world, place, line={"code": code})
    assert (refusal.code, refusal.field) == (expected, "lines[0].code")
    if expected == "code_not_full":
        assert refusal.clauses == ["SZ24-3.7"]


def test_full_width_and_lower_case_codes_are_read(world, place):
    wide = "".join(chr(ord(c) + 0xFEE0) for c in place.line["code"].lower())
    (order,) = place(line={"code": f" {wide} "})
    with scope.opened(world.system):
        assert OrderLine.objects.get(order=order).national_code.code == place.line["code"]


@pytest.mark.parametrize(
    "quantity,expected",
    [
        ("0", "zero"),
        (0, "zero"),
        ("-1", "malformed"),
        ("NaN", "malformed"),
        ("1e3", "malformed"),
        (None, "malformed"),
        ("1.2345", "too_many_decimals"),
        ("1" + "0" * 15, "too_large"),
        (True, "malformed"),
        ([1], "malformed"),
    ],
)
def test_bad_quantities(world, place, quantity, expected):
    refusal = refused(world, place, line={"quantity": quantity}, kind=Invalid)
    assert (refusal.code, refusal.field) == (expected, "lines[0].quantity")


@pytest.mark.parametrize("lines", [[], "x", {}])
def test_a_basket_has_lines(world, place, lines):
    assert refused(world, place, lines, kind=Invalid).code == "no_lines"


def test_an_unknown_pack_is_told_with_the_known_ones(world, place):
    refusal = refused(world, place, line={"pack_name": "箱"})
    assert (refusal.code, refusal.field) == ("unknown_unit", "lines[0].pack_name")
    assert "盒" in refusal.message


@pytest.mark.clause("SZ20-6.2b", "SZ24-3.4c", on="rule")
@pytest.mark.parametrize(
    "change",
    [
        {"state": ContractState.SIGNING, "buyer_signed_at": None},
        {"state": ContractState.ENDED},
        {"valid_from": date(2026, 3, 3)},
        {"valid_from": date(2025, 1, 1), "valid_to": date(2026, 3, 1)},
    ],
)
def test_no_order_without_a_contract_in_force(world, agreed, place, change):
    with scope.opened(world.system):
        SupplyContract.objects.filter(id=agreed.contract_id).update(**change)
    refusal = refused(world, place)
    assert (refusal.code, refusal.clauses) == ("no_agreement_in_force", ["SZ20-6.2b", "SZ24-3.4c"])


@pytest.mark.parametrize("state", [ListingState.SUSPENDED, ListingState.DELISTED])
def test_what_is_not_listed_is_not_ordered(world, agreed, place, state):
    with scope.opened(world.system):
        Listing.objects.filter(id=agreed.listing_id).update(state=state)
    assert refused(world, place).code == "not_tradable"


@pytest.mark.clause("GD25-2.2b", on="rule")
def test_what_is_not_open_on_the_platform_is_not_ordered(world, at, agreed, place):
    with scope.opened(world.system):
        PlatformListing.objects.filter(listing_id=agreed.listing_id).update(closed_on=business_date(at))
    assert refused(world, place).code == "not_tradable"


@pytest.mark.clause("SZ24-3.1a", on="rule")
def test_a_retired_code_names_its_replacement(world, place):
    with scope.opened(world.system):
        NationalCode.objects.filter(code=place.line["code"]).update(is_retired=True, replaced_by="C1" * 13)
    refusal = refused(world, place)
    assert refusal.code == "code_retired" and "C1C1" in refusal.message


@pytest.mark.clause("SZ24-3.3c", on="trade")
def test_an_agreement_above_the_alert_line_of_the_day_is_intercepted(world, agreed, place):
    with scope.opened(world.system):
        PriceInformation.objects.filter(price_group_id=agreed.price_group_id).update(alert_line=Decimal("89.9999"))
    refusal = refused(world, place)
    assert (refusal.code, refusal.clauses) == ("above_alert_line", ["SZ24-3.3c"])
    assert "重新议价" in refusal.message
    assert kept.refusal(world).decision["facts"]["alert_line"] == "89.9999"
    with scope.opened(world.system):
        PriceInformation.objects.filter(price_group_id=agreed.price_group_id).update(alert_line=Decimal("90"))
    assert len(place()) == 1


@pytest.mark.clause("GD25-2.2a", on="trade")
def test_an_agreement_above_the_listed_price_of_the_day_is_refused(world, agreed, place):
    with scope.opened(world.system):
        ListedPrice.objects.filter(price_group_id=agreed.price_group_id).update(price=Decimal("89"))
    refusal = refused(world, place)
    assert (refusal.code, refusal.clauses) == ("above_listed", ["GD25-2.2a"])


@pytest.mark.clause("SZ24-3.4c", on="trade")
def test_an_older_dearer_agreement_is_no_longer_drawn_on(world, at, product, agreed, place):
    later = procurement.agreed(world, product, price="85", quantity="1000", at=at + timedelta(seconds=1))
    refusal = refused(world, place)
    assert (refusal.code, refusal.clauses) == ("above_own_latest", ["SZ24-3.4c"])
    (order,) = place(line={"agreement_id": None})
    with scope.opened(world.system):
        assert OrderLine.objects.get(order=order).agreement_id == later.id


def test_every_line_at_fault_is_told_at_once(world, agreed, place):
    lines = [place.line, place.line | {"code": "C1"}, place.line | {"agreement_id": 999_999}]
    refusal = refused(world, place, lines)
    assert [item["field"] for item in refusal.items] == ["lines[1].code", "lines[2].agreement"]
    assert "共 2 行" in refusal.message and "第 2 行" in refusal.message


def test_orders_together_stay_within_the_agreed_quantity(world, at, product, place):
    tight = procurement.agreed(world, product, price="80", quantity="300", at=at + timedelta(seconds=1))
    line = place.line | {"agreement_id": tight.id}
    refusal = refused(world, place, [line | {"quantity": "200"}, line | {"quantity": "150"}])
    assert (refusal.code, refusal.field) == ("above_agreed_quantity", "lines[1].quantity")
    place([line | {"quantity": "200"}])
    with pytest.raises(Refused) as caught:
        place([line | {"quantity": "150"}])
    assert caught.value.code == "above_agreed_quantity" and "2 盒 = 100 个" in caught.value.message
    place([line | {"quantity": "100"}])


def test_what_looks_like_a_slip_is_asked_again(world, at, agreed, place):
    refusal = refused(world, place, line={"quantity": "120"})
    assert refusal.code == "confirm_needed"
    (asked,) = refusal.items
    assert asked["code"] == "broken_pack" and asked["confirmation"].endswith(":120")
    place(line={"quantity": "120"}, confirmations=[asked["confirmation"]])
    with pytest.raises(Refused) as caught:
        place(line={"quantity": "700"})
    (asked,) = caught.value.items
    assert asked["code"] == "unusual_quantity"
    # A confirmation is for the quantity it was asked about.
    with pytest.raises(Refused):
        place(line={"quantity": "750"}, confirmations=[asked["confirmation"]])
    assert len(place(line={"quantity": "700"}, confirmations=[asked["confirmation"]])) == 1


def test_a_price_near_a_pack_factor_is_asked_again(world, at, product, place):
    per_box = procurement.agreed(world, product, price="2.4", quantity="10000", at=at + timedelta(seconds=1))
    refusal = refused(world, place, line={"agreement_id": per_box.id})
    assert [item["code"] for item in refusal.items] == ["price_near_pack"]


def test_a_plan_line_is_ordered_once(world, at, place):
    place(line={"plan_line": "1"}, plan_number="P1")
    with pytest.raises(Conflict) as caught:
        place(line={"plan_line": "1"}, plan_number="P1")
    assert caught.value.code == "a_plan_line_is_ordered_once"
    with pytest.raises(Invalid):
        place([place.line | {"plan_line": "2"}, place.line | {"plan_line": "2"}], plan_number="P1")
    with scope.opened(world.system):
        assert OrderLine.objects.count() == 1
    place(line={"plan_line": "1"}, plan_number="P2")


def test_a_barred_party_does_not_trade(world, at, place):
    barred(world, "maker", TradeAct.SELL, at=at)
    assert refused(world, place).code == "seller_barred"
    barred(world, "hospital", at=at)
    assert refused(world, place).code == "buyer_barred"


@pytest.mark.clause("SZ24-3.6", "GD25-5.10c", on="trade")
def test_a_distributor_named_by_the_hospital_is_taken_only_if_it_is_the_authorised_one(world, at, place):
    code = world.distributor.credit_code
    refusal = refused(world, place, distributor_code=code)
    assert (refusal.code, refusal.clauses) == ("distributor_named_by_hospital", ["SZ20-6.4", "GD25-5.10c", "SZ24-3.6"])
    orders.authorised(world, at=at)
    assert refused(world, place, distributor_code=world.other_distributor.credit_code).field == "distributor_code"
    assert refused(world, place, distributor_code="nobody").code == "distributor_named_by_hospital"
    (order,) = place(distributor_code=code)
    # Named or not: the manufacturer's acceptance sets it.
    assert order.distributor_id is None


def test_terms_are_checked(world, at, place):
    refusal = refused(world, place, latest_arrival_on=business_date(at) - timedelta(days=1), kind=Invalid)
    assert refusal.field == "latest_arrival_on"
    keeper = world.actor("hospital", Role.HOSPITAL_ADMIN)
    closed = orders.point(world, code="02")
    with scope.opened(keeper):
        services.delivery_point_change(actor=keeper, at=at, delivery_point_id=closed.id, is_active=False)
    assert refused(world, place, delivery_point_id=closed.id).code == "delivery_point_closed"


def test_where_no_rule_is_in_force_nothing_is_bought(world, at, agreed, place):
    with scope.opened(world.system):
        from sunlight.tenancy.models import Organisation, Region

        Organisation.objects.filter(id=world.hospital.id).update(region=Region.objects.get(code="CN"))
    assert refused(world, place).code in ("no_rule_in_force",)


def test_specifications_of_one_listing_are_ordered_each_by_its_code(world, at, agreed, place):
    with scope.opened(world.system):
        second = catalog.NationalCodeFactory(generic_code=place.line["code"][:20])
        ListedSpecification.objects.create(listing_id=agreed.listing_id, national_code=second)
    (order,) = place([place.line, place.line | {"code": second.code}])
    with scope.opened(world.system):
        assert OrderLine.objects.filter(order=order).values("national_code").distinct().count() == 2

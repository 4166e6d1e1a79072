"""Clearances (A21): proposed by an officer, decided by the chief, used up by offers and orders, nobody else's ceiling."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from pricing.models import DealFact
from procurement.bargaining.models.clearances import Clearance, ClearanceUse
from procurement.bargaining.queries.clearances import clearances_visible_to, left_of
from procurement.bargaining.services import clearances as services
from procurement.bargaining.services import offers as bargaining
from procurement.ordering.services.orders import order_accept, order_cancel
from procurement.ordering.services.placing import BasketFacts, order_place
from sunlight import scope
from sunlight.journal.models import Decision
from sunlight.journal.refusals import Conflict, Invalid, NotThere, Refused
from sunlight.scope import Role
from sunlight.scope.principal import Principal, PrincipalKind
from tests.factories import orders
from tests.factories.catalog import listed
from tests.factories.pricing import priced
from tests.factories.procurement import agreed, cleared
from tests.flows.test_news import messages_of, travels
from tests.procurement.bargaining import accept, act, counts, events, make, refusals, shanghai, signed
from tests.regional import elsewhere

SINCE = date(2019, 1, 1)
AT = shanghai("2026-03-02 10:00")
TERMS = {"price": "110", "quantity": "500", "valid_to": "2026-05-31", "reason": "罕见病急需，同类产品断供"}


@pytest.fixture
def product(world):
    """A listing at 120 with an alert line of 100."""
    listing = listed(world, "120", listed_on=SINCE)
    priced(world, listing, {"320000": "100"}, at=AT)
    return listing


def _propose(world, listing, at=AT, actor=None, hospital=None, **terms) -> Clearance:
    facts = TERMS | {"hospital": hospital or world.hospital.credit_code, "price_group": listing.price_group_id} | terms
    return act(actor or world.actor("regulator", Role.REGULATOR_OFFICER), services.clearance_propose, at, **facts)


def _chief(world):
    return world.actor("regulator", Role.REGULATOR_CHIEF)


def _granted(world, listing, **terms) -> Clearance:
    made = _propose(world, listing, **terms)
    return act(_chief(world), services.clearance_grant, AT, clearance_id=made.id, note="同意")


def _left(world, clearance) -> str:
    with scope.opened(world.system):
        return str(left_of([Clearance.objects.get(id=clearance.id)])[clearance.id])


def _refused(world, listing, price, at=AT, **more) -> Refused:
    before = counts(world)
    with pytest.raises(Refused) as caught:
        make(world, listing, price, at, **more)
    assert counts(world) == before
    return caught.value


@pytest.mark.clause("ASSUMPTION-A21", "SZ24-3.3c", on="trade")
def test_a_cleared_price_passes_and_the_decision_says_by_what(world, product):
    assert _refused(world, product, "110", quantity="300").clauses == ["SZ24-3.3c"]
    clearance = _granted(world, product)
    made = make(world, product, "110", AT, quantity="300")
    with scope.opened(world.system):
        kept = Decision.objects.get(subject_type="offer", subject_id=made.id, rule="bargain.decide")
    assert kept.allowed is True
    assert ("ASSUMPTION-A21", "info", "cleared") in [(r["clause"], r["effect"], r["code"]) for r in kept.reasons]
    said = next(r["message"] for r in kept.reasons if r["code"] == "cleared")
    assert "报价 110.00 元高于价格预警线 100.00 元，监管部门已放行至 110.00 元" in said
    assert (kept.facts["cleared"], kept.facts["clearance"]) == ("110.0000", clearance.number)
    assert _left(world, clearance) == "200.000"


@pytest.mark.clause("ASSUMPTION-A21", on="trade")
def test_until_the_chief_decides_nothing_passes(world, product):
    made = _propose(world, product)
    assert _refused(world, product, "110").clauses == ["SZ24-3.3c"]
    act(_chief(world), services.clearance_refuse, AT, clearance_id=made.id, reason="可用同类产品替代")
    assert _refused(world, product, "110").clauses == ["SZ24-3.3c"]
    again = _granted(world, product)
    assert make(world, product, "110", AT).state == "OPEN"
    assert again.state == "GRANTED"


def test_it_holds_for_its_hospital_product_price_quantity_and_days(world, product):
    other = listed(world, "120", listed_on=SINCE)
    priced(world, other, {"320000": "100"}, at=AT)
    _granted(world, product)
    assert _refused(world, product, "110", key="other_hospital").clauses == ["SZ24-3.3c"]
    assert _refused(world, other, "110").clauses == ["SZ24-3.3c"]
    above = _refused(world, product, "110.0001")
    assert "高于监管部门放行价 110.00 元" in above.message and above.message.endswith(
        "请在 110.00 元/个 以内重新报价。"
    )
    assert _refused(world, product, "110", quantity="500.001").clauses == ["SZ24-3.3c"]
    assert _refused(world, product, "110", at=shanghai("2026-06-01 00:00")).clauses == ["SZ24-3.3c"]
    assert make(world, product, "110", shanghai("2026-05-31 23:59"), quantity="500").state == "OPEN"


def test_it_lifts_the_alert_line_and_no_other_bound(world, product):
    _granted(world, product, price="130")
    assert _refused(world, product, "121").clauses == ["GD25-2.2a"]
    agreed(world, product, price="105", at=shanghai("2025-06-02 10:00"))
    assert _refused(world, product, "110").clauses == ["SZ24-3.4c"]


def test_what_is_used_up_passes_no_more_and_what_comes_to_nothing_comes_back(world, product):
    clearance = _granted(world, product)
    made = make(world, product, "110", AT, quantity="400")
    assert _left(world, clearance) == "100.000"
    buyer = world.actor("hospital", Role.HOSPITAL_BUYER)
    act(buyer, bargaining.offer_withdraw, AT, offer_id=made.id)
    assert _left(world, clearance) == "500.000"
    again = make(world, product, "110", AT, quantity="500")
    accept(world, [again], AT)
    assert _left(world, clearance) == "0.000"
    assert _refused(world, product, "110", quantity="1").clauses == ["SZ24-3.3c"]
    # An offer within the line draws nothing.
    assert make(world, product, "100", AT, quantity="900").state == "OPEN"
    assert _left(world, clearance) == "0.000"


def _order(world, agreement, quantity, at=AT):
    point, buyer = orders.point(world), world.actor("hospital", Role.HOSPITAL_BUYER)
    with scope.opened(world.system):
        lines = [orders.line(agreement, quantity)]
    (order,) = act(buyer, order_place, at, facts=BasketFacts(lines, point.id))
    return order


@pytest.mark.clause("ASSUMPTION-A21", on="trade")
def test_orders_on_a_cleared_offer_draw_what_it_holds_and_not_twice(world, product):
    clearance = _granted(world, product)
    contract = signed(world, accept(world, [make(world, product, "110", AT, quantity="500")], AT), AT)
    with scope.opened(world.system):
        agreement = contract.agreements.get()
    for quantity in ("300", "200"):
        _order(world, agreement, quantity)
    assert _left(world, clearance) == "0.000"
    with scope.opened(world.system):
        assert [use.source_kind for use in ClearanceUse.objects.all()] == ["OFFER"]
        kept = Decision.objects.filter(subject_type="order_line", rule="bargain.decide")
        assert [any(r["code"] == "cleared" for r in row.reasons) for row in kept] == [True, True]


@pytest.mark.clause("ASSUMPTION-A21", on="trade")
def test_an_order_at_a_price_agreed_before_the_line_fell_draws_itself(world, product):
    agreement = agreed(world, product, price="110", quantity="100000", at=shanghai("2025-06-02 10:00"))
    with pytest.raises(Refused) as caught:
        _order(world, agreement, "100")
    assert caught.value.clauses == ["SZ24-3.3c"]
    clearance = _granted(world, product)
    order = _order(world, agreement, "300")
    assert _left(world, clearance) == "200.000"
    before = counts(world)
    with pytest.raises(Refused):
        _order(world, agreement, "201")
    assert (counts(world), _left(world, clearance)) == (before, "200.000")
    act(world.actor("hospital", Role.HOSPITAL_BUYER), order_cancel, AT, order_id=order.id, reason="改期")
    assert _left(world, clearance) == "500.000"


@pytest.mark.clause("ASSUMPTION-A102", on="rule")
def test_a_cleared_deal_moves_nobody_elses_ceiling(world, product):
    agreement = agreed(world, product, price="110", quantity="100000", at=shanghai("2025-06-02 10:00"))
    _granted(world, product)
    order = _order(world, agreement, "100")
    orders.authorised(world, at=AT)
    act(world.actor("maker", Role.SUPPLIER_SELLER), order_accept, AT, order_id=order.id)
    plain = orders.placed(
        world, agreed(world, product, price="95", buyer="hospital", at=shanghai("2026-01-02 10:00")), at=AT
    )
    act(world.actor("maker", Role.SUPPLIER_SELLER), order_accept, AT, order_id=plain.id)
    with scope.opened(world.system):
        facts = {str(row.price): (row.excluded_at, row.exclusion_reason) for row in DealFact.objects.all()}
    assert facts["110.0000"] == (AT, "监管部门放行的成交，不计入价格预警线与价格统计")
    assert facts["95.0000"] == (None, "")


def test_two_lines_of_one_order_do_not_both_take_the_last(world, product):
    agreement = agreed(world, product, price="110", quantity="100000", at=shanghai("2025-06-02 10:00"))
    clearance = _granted(world, product)
    point, buyer = orders.point(world), world.actor("hospital", Role.HOSPITAL_BUYER)
    with scope.opened(world.system):
        lines = [orders.line(agreement, "300"), orders.line(agreement, "300")]
    before = counts(world)
    with pytest.raises(Conflict) as caught:
        act(buyer, order_place, AT, facts=BasketFacts(lines, point.id))
    assert caught.value.code == "clearance_used_up"
    assert (counts(world), _left(world, clearance)) == (before, "500.000")


def test_a_revoked_clearance_passes_no_more_and_undoes_nothing(world, product):
    clearance = _granted(world, product)
    made = make(world, product, "110", AT, quantity="100")
    act(_chief(world), services.clearance_revoke, AT, clearance_id=clearance.id, reason="断供已解除")
    accept(world, [made], AT)
    assert _refused(world, product, "110").clauses == ["SZ24-3.3c"]
    with pytest.raises(Refused):
        act(_chief(world), services.clearance_revoke, AT, clearance_id=clearance.id, reason="再撤一次")


def test_both_sides_are_told_what_was_decided_and_not_what_was_proposed(world, product):
    made = _propose(world, product)
    buyer, seller = world.actor("hospital", Role.HOSPITAL_BUYER), world.actor("maker", Role.SUPPLIER_SELLER)
    for actor in (buyer, seller):
        with scope.opened(actor):
            assert clearances_visible_to(actor).count() == Clearance.objects.count() == 0
    (proposed,) = events(world, "clearance_proposed")
    assert not {world.hospital.id, world.maker.id} & set(proposed.parties)
    act(_chief(world), services.clearance_grant, AT, clearance_id=made.id)
    travels(world, AT)
    assert messages_of(world, "hospital", Role.HOSPITAL_BUYER) == ["price_cleared"]
    assert messages_of(world, "maker", Role.SUPPLIER_SELLER) == ["price_cleared"]
    for actor, seen in ((buyer, 1), (seller, 1), (world.actor("other_hospital", Role.HOSPITAL_BUYER), 0)):
        with scope.opened(actor):
            assert clearances_visible_to(actor).count() == Clearance.objects.count() == seen


@pytest.mark.duty("clearance", "grant", "propose")
@pytest.mark.duty("clearance", "refuse", "propose")
def test_who_proposed_does_not_decide(world, product):
    both = world.actor("regulator", Role.REGULATOR_OFFICER, Role.REGULATOR_CHIEF)
    made = _propose(world, product, actor=both)
    for service, facts in ((services.clearance_grant, {}), (services.clearance_refuse, {"reason": "不同意"})):
        with pytest.raises(Refused) as caught:
            act(both, service, AT, clearance_id=made.id, **facts)
        assert (caught.value.code, caught.value.clauses) == ("four_eyes", ["ASSUMPTION-A21"])
    with scope.opened(world.system):
        assert Clearance.objects.get().state == "PROPOSED"


@pytest.mark.parametrize(
    ("key", "role"),
    [
        ("regulator", Role.REGULATOR_OFFICER),
        ("regulator", Role.REGULATOR_AUDITOR),
        ("operator", Role.OPERATOR_CONFIRMER),
    ],
)
def test_only_the_chief_decides(world, product, key, role):
    made = _propose(world, product)
    with pytest.raises(Refused):
        act(world.actor(key, role), services.clearance_grant, AT, clearance_id=made.id)
    with scope.opened(world.system):
        assert Clearance.objects.get().state == "PROPOSED"


def test_a_machine_decides_nothing(world, product):
    made = _propose(world, product)
    chief = _chief(world)
    machine = replace(chief, principal=Principal(PrincipalKind.TOKEN, 9), answering=())
    with pytest.raises(Refused) as caught:
        act(machine, services.clearance_grant, AT, clearance_id=made.id)
    assert caught.value.code == "in_person"


@pytest.mark.parametrize(
    ("terms", "code", "field"),
    [
        ({"price": "100"}, "not_above_the_line", "price"),
        ({"price": "x"}, None, "price"),
        ({"quantity": "0"}, "zero", "quantity"),
        ({"valid_to": "2026-03-01"}, "in_the_past", "valid_to"),
        ({"reason": " "}, "reason_missing", "reason"),
        ({"price_group": "0"}, None, "price_group"),
    ],
)
def test_what_cannot_be_proposed(world, product, terms, code, field):
    before = counts(world)
    with pytest.raises(Refused) as caught:
        _propose(world, product, **terms)
    assert caught.value.field == field
    assert code is None or caught.value.code == code
    assert counts(world) == before
    with scope.opened(world.system):
        assert not Clearance.objects.exists()


def test_only_an_officer_proposes_for_hospitals_of_its_regions_and_once(world, product):
    with pytest.raises(Refused) as barred:
        _propose(world, product, actor=_chief(world))
    assert barred.value.code == "not_an_officer"
    nanjing = elsewhere("js", "CN-JS-NJ")
    for foreign in (nanjing.hospital.credit_code, world.maker.credit_code, "0"):
        with pytest.raises(NotThere):
            _propose(world, product, hospital=foreign)
    _propose(world, product)
    with pytest.raises(Conflict) as again:
        _propose(world, product)
    assert again.value.code == "clearance_waits"


def test_nothing_is_cleared_where_nothing_is_intercepted(world, product):
    with pytest.raises(Conflict) as early:
        _propose(world, product, at=shanghai("2024-12-31 10:00"))
    lenient = replace(world.actor("regulator", Role.REGULATOR_OFFICER), drafts="warn")
    with pytest.raises(Conflict) as warned:
        _propose(world, product, actor=lenient)
    bare = listed(world, "120", listed_on=SINCE)
    with pytest.raises(Conflict) as no_line:
        _propose(world, bare)
    assert [each.value.code for each in (early, warned, no_line)] == [
        "nothing_to_clear",
        "nothing_to_clear",
        "no_alert_line",
    ]


def test_a_clearance_whose_day_is_over_is_not_granted(world, product):
    made = _propose(world, product, valid_to="2026-03-02")
    with pytest.raises(Conflict) as caught:
        act(_chief(world), services.clearance_grant, shanghai("2026-03-03 00:00"), clearance_id=made.id)
    assert caught.value.code == "clearance_over"
    with pytest.raises(Conflict):
        act(_chief(world), services.clearance_refuse, AT, clearance_id=made.id, reason="不同意", version=7)
    with pytest.raises(Invalid):
        act(_chief(world), services.clearance_refuse, AT, clearance_id=made.id, reason="")


def test_no_party_writes_a_clearance_or_what_it_draws(world, product):
    from django.db import ProgrammingError, transaction

    clearance = cleared(world, product, at=AT)
    for key, role in (("hospital", Role.HOSPITAL_BUYER), ("maker", Role.SUPPLIER_SELLER)):
        with scope.opened(world.actor(key, role)):
            with pytest.raises(ProgrammingError), transaction.atomic():
                Clearance.objects.filter(id=clearance.id).update(quantity=Decimal(9999999))
            with pytest.raises(ProgrammingError), transaction.atomic():
                ClearanceUse.objects.create(
                    clearance=clearance, source_kind="OFFER", source_id=1, quantity=Decimal(1), drawn_at=AT
                )
    assert refusals(world) == []

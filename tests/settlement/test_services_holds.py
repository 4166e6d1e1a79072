"""Holding what is owed, with a reason: in no run, late all the same, told to the payee."""

from datetime import date, timedelta

import pytest

from settlement.models.payment import Invoice, Payable
from settlement.navigation import settlement_todos
from settlement.queries.invoices import payables_to_pay
from settlement.services.holds import payable_hold, payable_holds_lapse, payable_let_go
from settlement.services.reminders import payables_remind
from settlement.tasks import holds_end
from sunlight import scope
from sunlight.journal.models import Event
from sunlight.journal.refusals import Conflict, Forbidden, Invalid, NotThere
from sunlight.messages.models import Message
from sunlight.scope import Role
from tests.factories import catalog
from tests.factories.settlement import funded, owed, prepared
from tests.flows.test_news import travels
from tests.settlement.test_services_parts import part
from tests.settlement.test_services_payments import approve, cashier, reject, sound, states

AUDITOR = Role.HOSPITAL_AUDITOR


def hold(world, payable, reason="货物有质量争议", until=None, *, actor=None):
    actor = actor or cashier(world)
    with scope.opened(actor):
        return payable_hold(actor=actor, at=scope.now(), payable_id=payable.id, reason=reason, until=until)


def let_go(world, payable, *, actor=None, note=""):
    actor = actor or cashier(world)
    with scope.opened(actor):
        return payable_let_go(actor=actor, at=scope.now(), payable_id=payable.id, note=note)


def holding(world, payable):
    with scope.opened(world.system):
        row = Payable.objects.get(pk=payable.id)
        return row.holding, row.hold_reason, row.hold_until


def number_of(world, payable):
    with scope.opened(world.system):
        return Invoice.objects.get(pk=payable.invoice_id).number


FREE = ("FREE", "", None)


@pytest.mark.parametrize("role", [Role.HOSPITAL_FINANCE, AUDITOR])
def test_what_is_held_is_put_into_no_run_until_it_is_let_go(world, role):
    payable = owed(world)
    actor = world.actor("hospital", role, person="holder")
    until = scope.today() + timedelta(days=10)
    hold(world, payable, "缺少随货同行单", str(until), actor=actor)
    assert holding(world, payable) == ("HELD", "缺少随货同行单", until)
    with pytest.raises(Conflict) as refused:
        prepared(world, [payable])
    assert (refused.value.code, refused.value.field) == ("payable_held", "payables")
    assert f"发票 {number_of(world, payable)}（缺少随货同行单）" in refused.value.message
    with pytest.raises(Conflict, match="已暂缓"):
        part(world, payable, "1.00")
    assert states(world) == ([], [], ["OPEN"])
    let_go(world, payable, actor=actor)
    assert holding(world, payable) == FREE
    prepared(world, [payable])
    assert states(world) == (["PREPARED"], ["PENDING"], ["IN_RUN"])
    with scope.opened(world.system):
        held = Event.objects.get(name="payable_held")
        assert held.payload["reason"] == "缺少随货同行单" and held.payload["open_fen"] == 125_000
        assert set(held.parties) >= {world.hospital.id, world.distributor.id, world.maker.id}
        assert Event.objects.filter(name="payable_let_go").count() == 1


@pytest.mark.clause("SZ20-6.2b", on="rule")
def test_holding_stops_neither_the_due_day_nor_lateness(world):
    payable = owed(world, accepted_on=date(2026, 1, 5))
    hold(world, payable)
    with scope.opened(world.system):
        payables_remind(actor=world.system, at=scope.now())
        assert Payable.objects.get(pk=payable.id).due_on == payable.due_on == date(2026, 2, 4)
        late = Event.objects.get(name="payment_overdue")
        assert (late.payload["unpaid_fen"], late.payload["hold_reason"]) == (125_000, "货物有质量争议")


def test_the_payee_is_told_why_and_when_it_ends(world):
    payable = owed(world)
    hold(world, payable)
    let_go(world, payable, note="已补随货同行单")
    travels(world, scope.now())
    supplier = world.actor("distributor", Role.SUPPLIER_FINANCE)
    with scope.opened(supplier):
        told = {each.kind: (each.title, each.body) for each in Message.objects.all()}
        number = number_of(world, payable)
        assert told["payable_held"][0] == f"发票 {number} 的货款 1,250.00 元被暂缓付款"
        assert "原因：货物有质量争议。未定期限。" in told["payable_held"][1]
        assert f"最迟付款日 {payable.due_on} 不变" in told["payable_held"][1]
        assert told["payable_let_go"] == (
            f"发票 {number} 的货款已解除暂缓",
            "已补随货同行单。医院可以编制付款批次。",
        )


def test_a_prepared_run_with_a_held_payable_is_not_approved(world):
    payable = owed(world)
    funded(world, 200_000)
    run = prepared(world, [payable])
    hold(world, payable)
    with pytest.raises(Conflict) as refused:
        approve(world, run)
    assert refused.value.code == "payable_held"
    assert states(world) == (["PREPARED"], ["PENDING"], ["IN_RUN"])
    reject(world, run)
    assert holding(world, payable)[0] == "HELD" and states(world)[2] == ["OPEN"]
    let_go(world, payable)
    approve(world, prepared(world, [payable]))
    assert states(world)[2] == ["PAID"] and sound(world)


def test_what_is_approved_or_paid_is_held_no_more(world, monkeypatch):
    payable = owed(world)
    funded(world, 200_000)
    monkeypatch.setattr("settlement.services.runs.INLINE_PAYMENTS", 0)
    run = prepared(world, [payable])
    approve(world, run)
    with pytest.raises(Conflict) as refused:
        hold(world, payable)
    assert refused.value.code == "nothing_to_hold" and "付款批次已复核，正在划拨" in refused.value.message
    assert holding(world, payable) == FREE


def test_a_hold_ends_the_day_after_its_last_day(world):
    listing = catalog.listed(world)
    today = scope.today()
    ended, last_day, open_end = (owed(world, listing=listing) for _ in range(3))
    for payable, until in ((ended, today), (last_day, today + timedelta(days=1)), (open_end, None)):
        hold(world, payable, until=until)
    tomorrow = scope.now() + timedelta(days=1)
    with scope.opened(world.system):
        assert payable_holds_lapse(actor=world.system, at=scope.now()) == 0
        assert payable_holds_lapse(actor=world.system, at=tomorrow) == 1
        assert payable_holds_lapse(actor=world.system, at=tomorrow) == 0
        assert Event.objects.get(name="payable_let_go").payload["note"] == "暂缓期满"
    assert [holding(world, each)[0] for each in (ended, last_day, open_end)] == ["FREE", "HELD", "HELD"]
    assert holds_end() == 0


@pytest.mark.parametrize(
    ("reason", "until", "code"),
    [
        ("", None, "reason_missing"),
        ("x" * 301, None, "too_long"),
        ("争议", "昨天", "bad_date"),
        ("争议", "2020-01-01", "hold_day_passed"),
    ],
)
def test_a_hold_without_reason_or_with_a_passed_day_is_refused(world, reason, until, code):
    payable = owed(world)
    with pytest.raises(Invalid) as refused:
        hold(world, payable, reason, until)
    assert refused.value.code == code
    assert holding(world, payable) == FREE


def test_only_the_hospitals_finance_and_auditor_hold_and_let_go(world):
    payable = owed(world)
    for role in (Role.HOSPITAL_BUYER, Role.HOSPITAL_APPROVER, Role.HOSPITAL_RECEIVER, Role.HOSPITAL_ADMIN):
        with pytest.raises((Conflict, Forbidden)):
            hold(world, payable, actor=world.actor("hospital", role))
    for key, role in (("distributor", Role.SUPPLIER_FINANCE), ("operator", Role.OPERATOR_SETTLER)):
        with pytest.raises((Conflict, Forbidden)):
            hold(world, payable, actor=world.actor(key, role))
    with pytest.raises(NotThere):
        hold(world, payable, actor=world.actor("other_hospital", Role.HOSPITAL_FINANCE))
    assert holding(world, payable) == FREE
    hold(world, payable)
    with pytest.raises(Conflict):
        hold(world, payable, "另一原因", actor=world.actor("hospital", AUDITOR))
    with pytest.raises((Conflict, Forbidden)):
        let_go(world, payable, actor=world.actor("distributor", Role.SUPPLIER_FINANCE))
    assert holding(world, payable)[1] == "货物有质量争议"


def test_to_dos_name_what_is_held_apart(world):
    listing = catalog.listed(world)
    payable, other = owed(world, listing=listing), owed(world, listing=listing)
    hold(world, payable)
    actor = cashier(world)
    with scope.opened(actor):
        todos = {todo.label: todo.count for todo in settlement_todos(actor, scope.today())}
        assert (todos["待付款的发票"], todos["暂缓中的应付款"]) == (1, 1)
        assert [row.id for row in payables_to_pay(actor)] == [other.id]

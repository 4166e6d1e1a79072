"""Payment runs: four eyes, incompatible duties, never more than the deposit, each payment once."""

from dataclasses import replace
from datetime import date

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from settlement.models.ledger import Entry
from settlement.models.payment import Payable, Payment, PaymentRun
from settlement.queries.ledger import ledger_faults
from settlement.services.execution import Progress, payment_make, payments_execute, run_finish, runs_execute
from settlement.services.ledger import BANK, DEPOSIT, credit, debit, entry_post
from settlement.services.runs import run_approve, run_prepare, run_reject
from settlement.tasks import runs_continue
from settlement.workflows.paying import PAYMENT, RUN
from sunlight import scope
from sunlight.journal.models import Event, Refusal
from sunlight.journal.refusals import Conflict, Forbidden, Invalid, NotThere
from sunlight.kernel.machine import IllegalMove
from sunlight.scope import Role
from sunlight.scope.principal import Acted, Principal, PrincipalKind, person
from sunlight.tenancy.models import BankAccount
from tests.factories import catalog
from tests.factories.settlement import funded, owed, prepared
from tests.settlement.test_services_ledger import held


def cashier(world, person="", hospital="hospital"):
    return world.actor(hospital, Role.HOSPITAL_FINANCE, person=person)


def approve(world, run, person="second", **more):
    actor = cashier(world, person)
    with scope.opened(actor):
        return run_approve(actor=actor, at=scope.now(), run_id=run.id, **more)


def reject(world, run, reason="金额有疑问", person="second"):
    actor = cashier(world, person)
    with scope.opened(actor):
        return run_reject(actor=actor, at=scope.now(), run_id=run.id, reason=reason)


def rows(world, model, **where):
    with scope.opened(world.system):
        return list(model.objects.filter(**where).order_by("id"))


def states(world):
    with scope.opened(world.system):
        return tuple(
            list(m.objects.order_by("id").values_list("state", flat=True)) for m in (PaymentRun, Payment, Payable)
        )


def sound(world):
    with scope.opened(world.system):
        return ledger_faults(world.platform.id) == []


@pytest.mark.clause("SZ20-5.3.4", "GD25-4.8a", "JS20-32", on="rule")
def test_a_run_prepared_by_one_and_approved_by_another_is_paid_from_the_deposit(world):
    listing = catalog.listed(world)
    payables = [owed(world, listing=listing, price="12.3456"), owed(world, listing=listing, price="0.0100")]
    funded(world, 200_000)
    run = prepared(world, payables)
    assert (run.total_fen, run.payment_count, run.state) == (123_456 + 100, 2, "PREPARED")
    assert states(world) == (["PREPARED"], ["PENDING", "PENDING"], ["IN_RUN", "IN_RUN"])
    approve(world, run)
    assert states(world) == (["DONE"], ["PAID", "PAID"], ["PAID", "PAID"])
    assert held(world, "DEPOSIT", "hospital") == 200_000 - 123_556
    assert held(world, "CLEARING", "distributor") == 123_556
    assert sound(world)
    first = rows(world, Payment)[0]
    with scope.opened(world.system):
        assert (first.payee_id, first.payee_account_number) == (world.distributor.id, "622700000000000005")
        assert first.entry.source == f"payment:{first.number}"
        made = Event.objects.filter(name="payment_made").order_by("id")
        assert made.count() == 2
        assert made[0].parties == sorted([world.hospital.id, world.maker.id, world.distributor.id])
        assert made[0].payload["amount_fen"] == 123_456 and made[0].payload["is_late"] is False
        assert Event.objects.filter(name="run_finished").count() == 1
        assert "organisation:" in made[0].on_behalf_of


@pytest.mark.clause("SZ20-6.2b", on="rule")
def test_a_late_payment_says_so(world):
    payable = owed(world, accepted_on=date(2026, 1, 5))
    funded(world, 200_000)
    approve(world, prepared(world, [payable]))
    with scope.opened(world.system):
        assert Event.objects.get(name="payment_made").payload["is_late"] is True


@pytest.mark.duty("payment_run", "approve", "prepare")
def test_who_prepared_does_not_approve(world):
    funded(world, 200_000)
    run = prepared(world, [owed(world)])
    with pytest.raises(Forbidden) as refused:
        approve(world, run, person="")
    assert refused.value.code == "four_eyes"
    assert states(world) == (["PREPARED"], ["PENDING"], ["IN_RUN"])
    assert len(rows(world, Refusal, code="four_eyes")) == 1


def test_a_machine_with_the_preparers_number_is_somebody_else_and_the_same_machine_twice_is_not(world):
    """Four eyes compare kind and number, in the service and in the table's own check."""
    funded(world, 400_000)
    by_person, first = prepared(world, [owed(world)]), cashier(world)
    for kind in (PrincipalKind.TOKEN, PrincipalKind.CLIENT):
        machine = replace(first, principal=Principal(kind, first.user_id), for_person_id=None)
        with scope.opened(machine):
            facts = {"actor": machine, "at": scope.now()}
            by_machine = run_prepare(payable_ids=[owed(world).id], **facts)
            with pytest.raises(Forbidden, match="编制人不能复核"):
                run_approve(run_id=by_machine.id, **facts)
    machine = replace(machine, mandate_id=1, mandated=("payment_run", "approve"))
    with scope.opened(machine):
        run_approve(run_id=by_person.id, actor=machine, at=scope.now())
    run = PaymentRun.objects.filter(id=by_person.id)
    with scope.opened(world.system):
        assert (run.get().prepared_by, run.get().decided_by) == (first.acting, machine.acting)
        with pytest.raises(IntegrityError, match="nobody_approves_an_own_payment_run"), transaction.atomic():
            run.update(**scope.by(first, "decided"))
        other_account = Acted(person(first.user_id + 1), first.for_person_id)
        with pytest.raises(IntegrityError, match="nobody_approves_an_own_payment_run"), transaction.atomic():
            run.update(**scope.by(other_account, "decided"))


@pytest.mark.duty("payable", "take_in", "accept")
@pytest.mark.duty("payment_run", "approve", "accept")
def test_who_accepted_the_goods_neither_prepares_nor_approves(world):
    first, second = cashier(world), cashier(world, "second")
    funded(world, 200_000)
    mine = owed(world, accepted_by=first)
    with pytest.raises(Forbidden) as refused:
        prepared(world, [mine])
    assert refused.value.code == "accept_and_pay"
    assert states(world) == ([], [], ["OPEN"])
    run = prepared(world, [owed(world, accepted_by=second)])
    with pytest.raises(Forbidden) as refused:
        approve(world, run)
    assert refused.value.code == "accept_and_pay"


@pytest.mark.clause("SZ20-5.3.4", on="rule")
def test_a_short_deposit_refuses_the_approval_with_the_shortage(world):
    funded(world, 100_000)
    run = prepared(world, [owed(world, price="12.3456")])
    with pytest.raises(Conflict) as refused:
        approve(world, run)
    assert refused.value.code == "deposit_short"
    assert "可用 1,000.00 元，本批次需 1,234.56 元，还差 234.56 元" in refused.value.message
    assert refused.value.clauses == ["SZ20-5.3.4"]
    assert states(world) == (["PREPARED"], ["PENDING"], ["IN_RUN"])
    funded(world, 23_456)
    approve(world, run)
    assert held(world, "DEPOSIT", "hospital") == 0


def test_what_is_promised_to_one_run_is_not_there_for_the_next(world, monkeypatch):
    funded(world, 150_000)
    one, two = prepared(world, [owed(world)]), prepared(world, [owed(world)])
    monkeypatch.setattr("settlement.services.runs.INLINE_PAYMENTS", 0)
    approve(world, one)
    assert states(world)[0] == ["APPROVED", "PREPARED"]
    with pytest.raises(Conflict) as refused:
        approve(world, two)
    assert refused.value.facts == {"available_fen": 25_000, "total_fen": 125_000, "shortage_fen": 100_000}


def test_a_rejected_run_opens_its_payables_again(world):
    payable = owed(world)
    run = prepared(world, [payable])
    with pytest.raises(Invalid):
        reject(world, run, reason="")
    reject(world, run)
    assert states(world) == (["REJECTED"], ["CANCELLED"], ["OPEN"])
    prepared(world, [payable])
    with pytest.raises(Conflict):
        approve(world, run)
    assert states(world)[2] == ["IN_RUN"]
    assert sound(world)


def test_a_payable_is_in_one_run_only(world):
    payable = owed(world)
    prepared(world, [payable])
    with pytest.raises(Conflict) as refused:
        prepared(world, [payable], person="second")
    assert "付款中" in refused.value.message


def test_a_stranger_prepares_and_approves_nothing(world):
    payable = owed(world)
    run = prepared(world, [payable])
    stranger = cashier(world, hospital="other_hospital")
    with scope.opened(stranger):
        with pytest.raises(NotThere):
            run_prepare(actor=stranger, at=scope.now(), payable_ids=[payable.id])
        for call, more in ((run_approve, {}), (run_reject, {"reason": "x"})):
            with pytest.raises(NotThere):
                call(actor=stranger, at=scope.now(), run_id=run.id, **more)
        assert not PaymentRun.objects.exists() and not Payment.objects.exists()
    for key in ("distributor", "maker"):
        with scope.opened(world.actor(key, Role.SUPPLIER_FINANCE)):
            assert Payment.objects.count() == 1
            assert not PaymentRun.objects.exists()


def test_bad_lists_of_payables_are_refused(world):
    actor = cashier(world)
    with scope.opened(actor):
        for ids, error in (([], Invalid), (range(1001), Invalid), ([0], NotThere), ([10**15], NotThere)):
            with pytest.raises(error):
                run_prepare(actor=actor, at=scope.now(), payable_ids=ids)


def test_only_the_hospitals_finance_prepares_and_approves(world):
    payable = owed(world)
    run = prepared(world, [payable])
    for role in (Role.HOSPITAL_BUYER, Role.HOSPITAL_APPROVER, Role.HOSPITAL_RECEIVER, Role.HOSPITAL_AUDITOR):
        actor = world.actor("hospital", role)
        with scope.opened(actor):
            with pytest.raises(Forbidden):
                run_prepare(actor=actor, at=scope.now(), payable_ids=[payable.id])
            with pytest.raises(Conflict):
                run_approve(actor=actor, at=scope.now(), run_id=run.id)
    settler = world.actor("operator", Role.OPERATOR_SETTLER)
    with scope.opened(settler), pytest.raises(Conflict):
        run_approve(actor=settler, at=scope.now(), run_id=run.id)
    assert states(world)[0] == ["PREPARED"]


def test_a_payee_without_an_account_is_named_before_anything_moves(world):
    payable = owed(world)
    with scope.opened(world.system):
        BankAccount.objects.filter(organisation=world.distributor).update(is_default=False)
    with pytest.raises(Conflict) as refused:
        prepared(world, [payable])
    assert refused.value.code == "payee_without_account"
    assert states(world) == ([], [], ["OPEN"])


def approved_in_background(world, monkeypatch, count=3):
    """A run approved but not executed yet."""
    listing = catalog.listed(world)
    payables = [owed(world, listing=listing) for _ in range(count)]
    funded(world, 125_000 * count)
    monkeypatch.setattr("settlement.services.runs.INLINE_PAYMENTS", 0)
    run = prepared(world, payables)
    approve(world, run)
    return run


def test_a_large_run_is_left_to_the_background_and_taken_up_where_it_stopped(world, monkeypatch):
    run = approved_in_background(world, monkeypatch)
    assert states(world)[1] == ["PENDING"] * 3
    assert payments_execute(actor=world.system, at=scope.now(), run_id=run.id, limit=2) == Progress(2, 1)
    assert states(world)[:2] == (["APPROVED"], ["PAID", "PAID", "PENDING"])
    assert sound(world)
    assert runs_continue() == 1
    assert states(world)[:2] == (["DONE"], ["PAID"] * 3)
    assert runs_continue() == 0
    assert payments_execute(actor=world.system, at=scope.now(), run_id=run.id) == Progress(0, 0)
    assert held(world, "DEPOSIT", "hospital") == 0 and sound(world)


def test_a_payment_is_made_once_however_often_it_is_asked_for(world, monkeypatch):
    approved_in_background(world, monkeypatch, 1)
    payment = rows(world, Payment)[0]
    with scope.opened(world.system):
        assert payment_make(actor=world.system, at=scope.now(), payment_id=payment.id) is not None
        assert payment_make(actor=world.system, at=scope.now(), payment_id=payment.id) is None
        assert Entry.objects.filter(purpose="pay").count() == 1


def test_an_unapproved_run_is_never_paid(world):
    funded(world, 200_000)
    run = prepared(world, [owed(world)])
    assert payments_execute(actor=world.system, at=scope.now(), run_id=run.id) == Progress(0, 0)
    with scope.opened(world.system):
        assert run_finish(actor=world.system, at=scope.now(), run_id=run.id) is False
    assert states(world)[1] == ["PENDING"]


def test_no_person_makes_a_payment(world, monkeypatch):
    approved_in_background(world, monkeypatch, 1)
    payment = rows(world, Payment)[0]
    actor = cashier(world)
    with pytest.raises(Conflict), scope.opened(actor):
        payment_make(actor=actor, at=scope.now(), payment_id=payment.id)
    assert states(world)[1] == ["PENDING"]
    assert held(world, "DEPOSIT", "hospital") == 125_000


def test_money_gone_after_approval_stops_the_run_and_breaks_nothing(world, monkeypatch):
    run = approved_in_background(world, monkeypatch, 2)
    with scope.opened(world.system):
        entry_post(
            actor=world.system,
            at=scope.now(),
            source="x",
            purpose="x",
            occurred_on=scope.today(),
            legs=[debit(DEPOSIT, 100_000, world.hospital.id), credit(BANK, 100_000)],
        )
    progress = payments_execute(actor=world.system, at=scope.now(), run_id=run.id)
    assert (progress.made, progress.left) == (1, 1)
    assert progress.stopped.startswith("医院预存款余额不足，还差 1,000.00 元")
    assert sound(world)
    funded(world, 100_000)
    assert runs_execute(actor=world.system, at=scope.now()) == 1
    assert states(world)[0] == ["DONE"]


@pytest.mark.parametrize("machine", [RUN, PAYMENT], ids=lambda m: m.name)
def test_every_move_the_table_does_not_hold_is_refused(machine):
    for state in machine.states:
        for role in Role:
            for move in machine.table:
                if state in move.from_states and role in move.by:
                    assert machine.apply(state, move.name, role) == move.to_state
                else:
                    with pytest.raises(IllegalMove):
                        machine.apply(state, move.name, role)


def test_verification_finds_a_payment_without_its_entry(world):
    funded(world, 125_000)
    approve(world, prepared(world, [owed(world)]))
    payment = rows(world, Payment)[0]
    with scope.opened(world.system):
        Payment.objects.filter(pk=payment.pk).update(number="20990101000000000001")
        faults = ledger_faults(world.platform.id)
    assert faults == [
        "付款 20990101000000000001（已划拨）的记账凭证有 0 个，与付款不符",
        f"记账来源 payment:{payment.number} 没有对应的付款",
    ]


def test_preparing_takes_as_many_statements_whatever_its_payables(world):
    listing = catalog.listed(world)
    counts = []
    actor = cashier(world)
    for many in (1, 6):
        ids = [owed(world, listing=listing).id for _ in range(many)]
        with scope.opened(actor), CaptureQueriesContext(connection) as captured:
            run_prepare(actor=actor, at=scope.now(), payable_ids=ids)
        counts.append(len(captured))
    assert counts[0] == counts[1]

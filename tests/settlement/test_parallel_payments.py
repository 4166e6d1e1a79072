"""At the same moment: deposits, payments and bank statements come out as if one had waited for the other."""

import threading

import pytest
from django.db import connections

from settlement.models.ledger import Entry
from settlement.models.netting import Overpayment
from settlement.models.payment import Invoice, Payable, Payment, PaymentRun
from settlement.models.statement import StatementLine
from settlement.queries.ledger import ledger_faults
from settlement.services.bank import bank_statement_confirm, bank_statement_import
from settlement.services.bank_lines import statement_line_assign
from settlement.services.execution import payments_execute
from settlement.services.holds import payable_hold
from settlement.services.instructions import instruction_export, instruction_make, instructions_release
from settlement.services.invoices import invoice_submit
from settlement.services.reds import red_invoice_submit
from settlement.services.returns import payment_return_confirm, payment_return_propose
from settlement.services.runs import run_approve, run_prepare
from sunlight import scope
from sunlight.demo.files.bank_statement import Movement, statement
from sunlight.journal.refusals import Refused
from sunlight.scope import Role
from tests import world as worlds
from tests.factories import catalog
from tests.factories.reds import red_paper, reddened
from tests.factories.settlement import accepted, funded, owed, paper, plan_seen, prepared, stated


def together(calls) -> list:
    """The outcomes of calls made at once, each on its own connection: a result, or the refusal's code."""
    outcomes, ready = [], threading.Barrier(len(calls))

    def run(call):
        try:
            ready.wait(timeout=10)
            outcomes.append(call())
        except Refused as refusal:
            outcomes.append(refusal.code)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(call,)) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert len(outcomes) == len(calls)
    return outcomes


def as_(actor, service, **facts):
    def call():
        with scope.opened(actor):
            return service(actor=actor, at=scope.now(), **facts)

    return call


def codes(outcomes) -> list[str]:
    return sorted(o if isinstance(o, str) else "done" for o in outcomes)


@pytest.fixture
def shared(own_database):
    world = worlds.build()
    return world, catalog.listed(world)


@pytest.mark.clause("SZ20-5.3.4", on="rule")
def test_money_moves_once_whatever_happens_at_once(shared):
    world, listing = shared
    finance = [world.actor("hospital", Role.HOSPITAL_FINANCE, person=p) for p in "abc"]
    funded(world, 150_000)
    payables = [owed(world, listing=listing) for _ in range(4)]

    # One payable, two runs prepared at once: it is in one of them.
    outcomes = together([as_(f, run_prepare, payable_ids=[payables[0].id]) for f in finance[:2]])
    assert codes(outcomes) == ["done", "illegal_move"]

    # One run, two approvals at once: one counts.
    (run,) = (o for o in outcomes if not isinstance(o, str))
    others = [f for f in finance if f.acting != run.prepared_by]
    assert codes(together([as_(f, run_approve, run_id=run.id) for f in others])) == ["done", "illegal_move"]
    with scope.opened(world.system):
        assert PaymentRun.objects.get(pk=run.pk).state == "DONE"

    # Two runs, a deposit for one of them.
    funded(world, 125_000)  # 25 000 were left
    runs = [prepared(world, [p], person="a") for p in payables[1:3]]
    outcomes = together([as_(f, run_approve, run_id=r.id) for f, r in zip(finance[1:], runs, strict=True)])
    assert codes(outcomes) == ["deposit_short", "done"]

    # One run executed by several at once: each payment once.
    with scope.opened(world.system):
        (waiting,) = PaymentRun.objects.filter(state="PREPARED")
    more = prepared(world, payables[3:], person="a")
    funded(world, 250_000)
    for each in (waiting, more):
        together([as_(finance[1], run_approve, run_id=each.id)])
    again = lambda: payments_execute(actor=world.system, at=scope.now(), run_id=more.id).made  # noqa: E731
    together([again] * 4)
    with scope.opened(world.system):
        assert list(Payment.objects.order_by("id").values_list("state", flat=True)) == ["PAID"] * 4
        assert Entry.objects.filter(purpose="pay").count() == 4
        assert set(Payable.objects.values_list("state", flat=True)) == {"PAID"}
        assert ledger_faults(world.platform.id) == []


def test_two_parts_of_an_order_line_at_once_do_not_both_take_the_last_fen(shared):
    world, listing = shared
    line = accepted(world, listing, price="51.04", quantity="0.01")
    issuer = world.actor("distributor", Role.SUPPLIER_FINANCE)
    parts = [paper([stated(line, quantity="0.005")]) for _ in range(4)]
    made = together([as_(issuer, invoice_submit, **part) for part in parts])
    assert sorted(each.state for each in made) == ["MATCHED", "MISMATCHED", "MISMATCHED", "MISMATCHED"]


def test_executors_meeting_on_one_run_make_each_payment_once(shared, monkeypatch):
    world, listing = shared
    monkeypatch.setattr("settlement.services.runs.INLINE_PAYMENTS", 0)
    funded(world, 125_000 * 6)
    run = prepared(world, [owed(world, listing=listing) for _ in range(6)])
    second = world.actor("hospital", Role.HOSPITAL_FINANCE, person="b")
    as_(second, run_approve, run_id=run.id)()
    made = together([lambda: payments_execute(actor=world.system, at=scope.now(), run_id=run.id).made] * 4)
    assert sum(made) == 6
    with scope.opened(world.system):
        assert PaymentRun.objects.get().state == "DONE"
        assert Entry.objects.filter(purpose="pay").count() == 6
        assert ledger_faults(world.platform.id) == []


def test_one_statement_sent_and_confirmed_twice_at_once_is_booked_once(shared):
    world, _ = shared
    settler, today = world.actor("operator", Role.OPERATOR_SETTLER), scope.today()
    content = statement(
        account="622700000000000007",
        number="1",
        start=today,
        end=today,
        movements=[Movement(today, 500, account="622700000000000000"), Movement(today, 7, "某", "9", "H44030300001")],
    )
    outcomes = together([as_(settler, bank_statement_import, name="a.csv", content=content)] * 3)
    assert codes(outcomes) == ["done", "statement_taken_already", "statement_taken_already"]
    (taken,) = (o for o in outcomes if not isinstance(o, str))

    # Two confirmers at once: one counts.
    others = [world.actor("operator", Role.OPERATOR_SETTLER, person=p) for p in ("b", "c")]
    with scope.opened(settler):
        digest = plan_seen(settler, taken)
    ask = {"statement_id": taken.id, "digest": digest}
    assert codes(together([as_(o, bank_statement_confirm, **ask) for o in others])) == ["done", "illegal_move"]

    # The proposal of a reference, agreed to by two at once: once.
    with scope.opened(world.system):
        line = StatementLine.objects.get(state="PROPOSED")
    ask = {"line_id": line.id, "reason": "回单"}
    assert codes(together([as_(o, statement_line_assign, **ask) for o in others])) == ["done", "illegal_move"]
    with scope.opened(world.system):
        assert Entry.objects.count() == 3
        assert ledger_faults(world.platform.id) == []


def test_an_instruction_is_made_and_released_once_and_a_return_booked_once(shared):
    world, listing = shared
    funded(world, 125_000)
    run = prepared(world, [owed(world, listing=listing)])
    as_(world.actor("hospital", Role.HOSPITAL_FINANCE, person="b"), run_approve, run_id=run.id)()
    people = [world.actor("operator", Role.OPERATOR_SETTLER, person=p) for p in ("", "b", "c")]
    outcomes = together([as_(p, instruction_make, run_id=run.id) for p in people])
    assert codes(outcomes) == ["done", "nothing_to_instruct", "nothing_to_instruct"]
    (batch,) = (o for o in outcomes if not isinstance(o, str))
    others = [p for p in people if p.acting != batch.made_by]
    hashes = {batch.id: batch.sha256}
    assert codes(together([as_(o, instructions_release, hashes=hashes) for o in others])) == ["done", "illegal_move"]
    # Two first exports at once: the second has no reason.
    outcomes = together([as_(o, instruction_export, batch_id=batch.id) for o in others])
    assert codes(outcomes) == ["done", "reason_missing"]
    with scope.opened(world.system):
        payment = Payment.objects.get()
    said = as_(people[0], payment_return_propose, payment_id=payment.id, reason="退票")()
    outcomes = together([as_(p, payment_return_confirm, return_id=said.id) for p in people[1:]])
    assert codes(outcomes) == ["done", "illegal_move"]
    with scope.opened(world.system):
        assert Payment.objects.get().returned_fen == 125_000
        assert Entry.objects.filter(purpose="return").count() == 1
        assert ledger_faults(world.platform.id) == []


def test_what_was_accepted_is_invoiced_once(shared):
    world, listing = shared
    line = accepted(world, listing)
    issuer = world.actor("distributor", Role.SUPPLIER_FINANCE)
    outcomes = together([as_(issuer, invoice_submit, **paper([stated(line)])) for _ in range(3)])
    matched = [o for o in outcomes if not isinstance(o, str) and o.state == "MATCHED"]
    assert len(matched) == 1
    with scope.opened(world.system):
        assert Payable.objects.count() == 1
        line.refresh_from_db()
        assert line.invoiced_quantity == 100


def test_parts_holds_red_invoices_and_nettings_at_once_never_settle_more_than_is_owed(shared):
    world, listing = shared
    funded(world, 500_000)
    finance = [world.actor("hospital", Role.HOSPITAL_FINANCE, person=p) for p in "abc"]
    issuer = world.actor("distributor", Role.SUPPLIER_FINANCE)

    # Two parts of 800.00 of 1 250.00 at once: one is above what is open.
    one = owed(world, listing=listing)
    amounts = [{"payable": one.id, "amount": "800.00"}]
    outcomes = together([as_(f, run_prepare, payable_ids=[one.id], amounts=amounts) for f in finance[:2]])
    assert codes(outcomes) == ["amount_above_open", "done"]
    (run,) = (o for o in outcomes if not isinstance(o, str))

    # Held and approved at once: either the hold is too late, or the approval refused.
    rest = next(f for f in finance if f.acting != run.prepared_by)
    outcomes = together(
        [as_(rest, run_approve, run_id=run.id), as_(finance[2], payable_hold, payable_id=one.id, reason="争议")]
    )
    assert codes(outcomes) in (["done", "done"], ["done", "payable_held"])
    with scope.opened(world.system):
        made = Payment.objects.filter(state="PAID").count()
        assert Payable.objects.get(pk=one.id).open_fen == 45_000
        assert (PaymentRun.objects.get(pk=run.id).state == "DONE") == (made == 1)

    # Two red invoices of 800.00 at once: one is above the blue one.
    two = owed(world, listing=listing)
    with scope.opened(world.system):
        blue = Invoice.objects.get(pk=two.invoice_id)
    outcomes = together([as_(issuer, red_invoice_submit, **red_paper(blue, 80_000)) for _ in range(2)])
    assert codes(outcomes) == ["done", "red_above_blue"]

    # One overpayment in two runs at once: it is set against one of them.
    three, four, five = (owed(world, listing=listing) for _ in range(3))
    as_(finance[1], run_approve, run_id=prepared(world, [three], person="a").id)()
    reddened(world, three, 125_000)
    with scope.opened(world.system):
        over = Overpayment.objects.get()
    outcomes = together(
        [
            as_(f, run_prepare, payable_ids=[p.id], overpayment_ids=[over.id])
            for f, p in zip(finance[:2], (four, five), strict=True)
        ]
    )
    assert codes(outcomes) == ["done", "overpayment_not_usable"]
    with scope.opened(world.system):
        assert Overpayment.objects.get().open_fen == 0
        assert ledger_faults(world.platform.id) == []

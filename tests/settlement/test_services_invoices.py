"""Invoices: whoever shipped hands in, order and acceptance must agree, what matches is due by law."""

from datetime import date

import pytest

from procurement.ordering.models import OrderLine
from procurement.receiving.models import AcceptanceLine
from procurement.receiving.services.acceptances import acceptance_reverse
from settlement.models.payment import Invoice, Payable
from settlement.services.invoices import invoice_submit, invoice_void
from settlement.workflows.paying import INVOICE, PAYABLE
from sunlight import scope
from sunlight.journal.models import Decision, Event, Refusal
from sunlight.journal.refusals import Conflict, Forbidden, Invalid, NotThere
from sunlight.kernel.machine import IllegalMove
from sunlight.scope import Role
from sunlight.tenancy.models import Region
from tests.factories import catalog, orders
from tests.factories.settlement import accepted, owed, paper, prepared, stated


def submit(actor, lines, **facts):
    with scope.opened(actor):
        return invoice_submit(actor=actor, at=scope.now(), **paper(lines, **facts))


def void(actor, invoice, reason="开错"):
    with scope.opened(actor):
        return invoice_void(actor=actor, at=scope.now(), invoice_id=invoice.id, reason=reason)


def fresh(world, row):
    with scope.opened(world.system):
        return type(row).objects.get(pk=row.pk)


@pytest.fixture
def issuer(world):
    return world.actor("distributor", Role.SUPPLIER_FINANCE)


@pytest.mark.clause("SZ20-5.3.4", "SZ20-6.2b", "ASSUMPTION-A22", on="rule")
def test_a_matched_invoice_makes_a_payable_due_thirty_days_after_acceptance(world, issuer):
    line = accepted(world, price="12.3456", quantity="100", accepted_on=date(2026, 7, 1))
    invoice = submit(issuer, [stated(line)])
    assert (invoice.state, invoice.amount_fen, invoice.differences) == ("MATCHED", 123_456, [])
    with scope.opened(world.system):
        payable = Payable.objects.get(invoice=invoice)
        assert (payable.state, payable.amount_fen, payable.payee_id) == ("OPEN", 123_456, world.distributor.id)
        # 2026-07-31 is a Friday; a day off would not move it either (A22).
        assert (payable.accepted_on, payable.due_on) == (date(2026, 7, 1), date(2026, 7, 31))
        assert (payable.arrived_on, payable.due_clause) == (date(2026, 6, 30), "SZ20-6.2b")
        assert fresh(world, line).invoiced_quantity == 100
        assert OrderLine.objects.get().invoiced_quantity == 100
        decision = Decision.objects.get(subject_type="payable", subject_id=payable.id)
        assert (decision.rule, decision.law_date, decision.outcome) == (
            "payment.due",
            date(2026, 7, 1),
            {"due_on": "2026-07-31"},
        )
        event = Event.objects.get(name="invoice_submitted")
        assert event.parties == sorted([world.hospital.id, world.maker.id, world.distributor.id])
        assert event.payload["due_on"] == "2026-07-31"


@pytest.mark.clause("GD25-4.8a", "SZ20-6.2b", on="rule")
@pytest.mark.parametrize(
    ("days", "due_on", "clause"),
    [
        (15, date(2026, 7, 16), "GD25-4.8a"),
        (30, date(2026, 7, 31), "SZ20-6.2b"),
        (60, date(2026, 7, 31), "SZ20-6.2b"),
    ],
)
def test_the_contract_may_shorten_the_term_and_never_lengthen_it(world, issuer, days, due_on, clause):
    payable = owed(world, accepted_on=date(2026, 7, 1), payment_days=days)
    assert (payable.due_on, payable.due_clause) == (due_on, clause)


@pytest.mark.clause("HB20-5.4a", on="rule")
@pytest.mark.parametrize(
    ("days", "due_on"), [(None, date(2026, 7, 31)), (10, date(2026, 7, 11)), (90, date(2026, 7, 31))]
)
def test_in_hubei_thirty_days_at_the_latest(world, days, due_on):
    assert owed_in(world, "CN-HB", days).due_on == due_on


@pytest.mark.clause("JS20-32", on="rule")
@pytest.mark.parametrize(("days", "due_on", "clause"), [(90, date(2026, 9, 29), "JS20-32"), (None, None, "JS20-32")])
def test_in_jiangsu_the_contract_alone_says_when(world, days, due_on, clause):
    payable = owed_in(world, "CN-JS", days)
    assert (payable.due_on, payable.due_clause) == (due_on, clause)


def test_where_nothing_is_regulated_the_contract_still_binds(world):
    payable = owed_in(world, "CN-GD", 45, accepted_on=date(2025, 11, 30))
    assert (payable.due_on, payable.due_clause) == (date(2026, 1, 14), "")
    assert owed_in(world, "CN-GD", None, accepted_on=date(2025, 11, 30)).due_on is None


@pytest.mark.clause("GD25-4.8a", on="rule")
def test_the_day_before_the_contract_rule_takes_effect_it_is_not_cited(world):
    assert owed_in(world, "CN-GD", 45, accepted_on=date(2025, 11, 30)).due_clause == ""
    assert owed_in(world, "CN-GD", 45, accepted_on=date(2025, 12, 1)).due_clause == "GD25-4.8a"


def owed_in(world, region, days, accepted_on=date(2026, 7, 1)):
    with scope.opened(world.system):
        world.hospital.region = Region.objects.get(code=region)
    return owed(world, accepted_on=accepted_on, payment_days=days)


def test_several_lines_and_acceptances_of_one_trade_share_an_invoice_due_by_the_earliest(world, issuer):
    listing = catalog.listed(world)
    early = accepted(world, listing, price="1.0000", accepted_on=date(2026, 7, 1))
    late = accepted(world, listing, price="2.0000", accepted_on=date(2026, 7, 9), payment_days=5)
    invoice = submit(issuer, [stated(late), stated(early, quantity="40")])
    with scope.opened(world.system):
        payable = Payable.objects.get(invoice=invoice)
        assert (payable.amount_fen, payable.accepted_on, payable.due_on) == (
            24_000,
            date(2026, 7, 1),
            date(2026, 7, 14),
        )
        assert [(line.line_no, line.quantity) for line in invoice.lines.order_by("line_no")] == [(1, 100), (2, 40)]
    assert fresh(world, early).invoiced_quantity == 40


def test_the_manufacturer_that_delivered_itself_issues_and_is_paid(world):
    assert owed(world, distributor=None).payee_id == world.maker.id


@pytest.mark.clause("SZ20-5.3.4", on="rule")
def test_a_mismatched_invoice_keeps_every_difference_and_moves_nothing(world, issuer):
    line = accepted(world)
    invoice = submit(issuer, [stated(line, price="12.6000", quantity="101")])
    assert invoice.state == "MISMATCHED"
    assert [(d["line"], d["field"], d["expected"], d["stated"]) for d in invoice.differences] == [
        (1, "price", "12.5000", "12.6000"),
        (1, "quantity", "≤ 100", "101"),
    ]
    assert fresh(world, line).invoiced_quantity == 0
    with scope.opened(world.system):
        assert not Payable.objects.exists()
        assert Event.objects.get(name="invoice_submitted").payload["state"] == "MISMATCHED"
    # It is voided and the same paper number handed in again, right this time.
    void(issuer, invoice)
    assert submit(issuer, [stated(line)], number=invoice.number).state == "MATCHED"


def test_nothing_is_invoiced_twice(world, issuer):
    line = accepted(world)
    submit(issuer, [stated(line, quantity="60")])
    again = submit(issuer, [stated(line, quantity="41")])
    assert again.differences[0]["message"] == "第 1 行数量超过已验收未开票数量：应为 ≤ 40，发票为 41"
    assert submit(issuer, [stated(line, quantity="40")]).state == "MATCHED"


def test_an_invoice_that_is_none_is_refused(world, issuer):
    right = paper([stated(accepted(world))])
    for facts, code, field in (
        ({"number": "123"}, "invoice_number_invalid", "number"),
        ({"number": "1" * 20, "code": "1" * 12}, "invoice_number_invalid", "number"),
        ({"number": "１" * 20}, "invoice_number_invalid", "number"),
        ({"issued_on": date(2099, 1, 1)}, "invoice_from_the_future", "issued_on"),
        ({"tax_rate": "13"}, "tax_rate_invalid", "tax_rate"),
        ({"tax_rate": "NaN"}, "tax_rate_invalid", "tax_rate"),
        ({"net": "-1"}, "net_malformed", "net"),
        ({"tax": "1.001"}, "tax_too_many_decimals", "tax"),
        ({"amount": "0"}, "amount_zero", "amount"),
        ({"lines": []}, "invoice_lines_count", "lines"),
    ):
        with pytest.raises(Invalid) as refused, scope.opened(issuer):
            invoice_submit(actor=issuer, at=scope.now(), **{**right, **facts})
        assert (refused.value.code, refused.value.field) == (code, field)
        with scope.opened(world.system):
            assert not Invoice.objects.exists()
            assert not Refusal.objects.filter(service="invoice_submit", code=code).exists() or refused.value.on_record


def test_wrong_numbers_on_a_line_are_refused_at_the_line(world, issuer):
    line = stated(accepted(world))
    right = paper([line])
    for change in (
        {"quantity": "0"},
        {"quantity": "-1"},
        {"quantity": "1e3"},
        {"price": "NaN"},
        {"price": "1.00001"},
        {"amount": "9" * 15},
        {"amount": "1.001"},
        {"price": None},
    ):
        with pytest.raises(Invalid) as refused, scope.opened(issuer):
            invoice_submit(actor=issuer, at=scope.now(), **{**right, "lines": [{**line, **change}]})
        assert refused.value.field == "lines[0]"
        assert refused.value.message.startswith("第 1 行：")


def test_paper_invoices_have_a_code_and_a_short_number(world, issuer):
    assert submit(issuer, [stated(accepted(world))], code="044001900111", number="12345678").state == "MATCHED"


def test_a_line_twice_or_of_two_trades_is_refused(world, issuer):
    listing = catalog.listed(world)
    line, others = accepted(world, listing), accepted(world, listing, buyer="other_hospital")
    for lines, code in (([line, line], "acceptance_line_twice"), ([line, others], "several_trades")):
        with pytest.raises(Invalid) as refused:
            submit(issuer, [stated(each) for each in lines])
        assert refused.value.code == code


def test_a_reversed_acceptance_is_not_invoiced(world, issuer):
    line = accepted(world)
    with scope.opened(world.system):
        acceptance = line.acceptance
        acceptance.state, acceptance.reversed_at, acceptance.reversal_reason = "REVERSED", scope.now(), "错"
        acceptance.save()
    with pytest.raises(Conflict) as refused:
        submit(issuer, [stated(line)])
    assert refused.value.code == "acceptance_reversed"


@pytest.mark.clause("SZ24-3.6", on="rule")
def test_only_who_shipped_invoices(world):
    line = accepted(world)
    for who in ("maker", "other_distributor", "other_maker"):
        with pytest.raises(NotThere):
            submit(world.actor(who, Role.SUPPLIER_FINANCE), [stated(line)])
    assert fresh(world, line).invoiced_quantity == 0


def test_only_its_finance_invoices(world):
    line = accepted(world)
    who = {"HOSPITAL": "hospital", "SUPPLIER": "distributor", "OPERATOR": "operator", "REGULATOR": "regulator"}
    for role in set(Role) - {Role.SUPPLIER_FINANCE}:
        if role.kind in who:
            with pytest.raises(Forbidden):
                submit(world.actor(who[role.kind], role), [stated(line)])
    assert fresh(world, line).invoiced_quantity == 0


def test_voiding_before_payment_gives_the_quantities_back(world, issuer):
    payable = owed(world)
    with scope.opened(world.system):
        invoice = payable.invoice
        line = AcceptanceLine.objects.select_related("delivery_line__order_line").get()
    voided = void(issuer, invoice, "税率开错")
    assert (voided.state, fresh(world, payable).state) == ("VOIDED", "CANCELLED")
    assert fresh(world, line).invoiced_quantity == 0
    with scope.opened(world.system):
        assert Event.objects.get(name="invoice_voided").payload["reason"] == "税率开错"
    assert submit(issuer, [stated(line)], number=invoice.number).state == "MATCHED"
    with pytest.raises(Conflict):
        void(issuer, voided)


def test_an_invoice_in_a_payment_run_is_not_voided(world, issuer):
    payable = owed(world)
    prepared(world, [payable])
    with scope.opened(world.system):
        invoice = payable.invoice
    with pytest.raises(Conflict) as refused:
        void(issuer, invoice)
    assert refused.value.code == "invoice_being_paid"
    assert fresh(world, invoice).state == "MATCHED"


def test_an_invoiced_acceptance_is_reversed_only_after_the_invoice_is_voided(world, issuer):
    acceptance = orders.acceptance(world)
    with scope.opened(world.system):
        line = AcceptanceLine.objects.select_related("delivery_line__order_line").get()
    checker = world.actor("hospital", Role.HOSPITAL_RECEIVER, person="second")

    def reverse():
        with scope.opened(checker):
            return acceptance_reverse(actor=checker, at=scope.now(), acceptance_id=acceptance.id, reason="数量点错")

    invoice = submit(issuer, [stated(line)])
    assert invoice.state == "MATCHED"
    with pytest.raises(Conflict) as refused:
        reverse()
    assert refused.value.code == "already_invoiced"
    void(issuer, invoice)
    assert reverse().state == "REVERSED"
    with pytest.raises(Conflict):
        submit(issuer, [stated(line)])


def test_voiding_needs_a_reason_and_its_issuer(world, issuer):
    payable = owed(world)
    with scope.opened(world.system):
        invoice = payable.invoice
    with pytest.raises(Invalid):
        void(issuer, invoice, " ")
    for who, role in (
        ("maker", Role.SUPPLIER_FINANCE),
        ("other_distributor", Role.SUPPLIER_FINANCE),
        ("hospital", Role.HOSPITAL_FINANCE),
        ("other_hospital", Role.HOSPITAL_FINANCE),
    ):
        with pytest.raises(NotThere):
            void(world.actor(who, role), invoice)
    with pytest.raises(Conflict):
        void(world.actor("distributor", Role.SUPPLIER_SHIPPER), invoice)


@pytest.mark.parametrize("machine", [INVOICE, PAYABLE], ids=lambda m: m.name)
def test_every_move_the_table_does_not_hold_is_refused(machine):
    for state in machine.states:
        for role in Role:
            for move in machine.table:
                if state in move.from_states and role in move.by:
                    assert machine.apply(state, move.name, role) == move.to_state
                else:
                    with pytest.raises(IllegalMove):
                        machine.apply(state, move.name, role)


def test_parties_see_their_invoices_and_payables_and_nobody_else_does(world):
    owed(world)
    for who, role, seen in (
        ("hospital", Role.HOSPITAL_FINANCE, 1),
        ("maker", Role.SUPPLIER_SELLER, 1),
        ("distributor", Role.SUPPLIER_FINANCE, 1),
        ("operator", Role.OPERATOR_SETTLER, 1),
        ("regulator", Role.REGULATOR_OFFICER, 1),
        ("other_hospital", Role.HOSPITAL_FINANCE, 0),
        ("other_maker", Role.SUPPLIER_FINANCE, 0),
        ("other_distributor", Role.SUPPLIER_FINANCE, 0),
    ):
        actor = world.actor(who, role)
        with scope.opened(actor):
            for model in (Invoice, Payable):
                assert model.objects.count() == seen, who
                assert model.objects.visible_to(actor).count() == seen, who

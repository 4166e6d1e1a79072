"""Red invoices: what is unpaid is owed no more, what is paid is owed back, and is netted by choice or paid back."""

import base64
from datetime import timedelta

import pytest

from procurement.receiving.models import AcceptanceLine
from settlement.models.ledger import Entry
from settlement.models.netting import Netting, Overpayment
from settlement.models.payment import Invoice, InvoiceLine, Payable
from settlement.models.statement import StatementLine
from settlement.queries.ledger import ledger_faults
from settlement.queries.statements import statement_of
from settlement.services.bank_lines import statement_line_assign, statement_line_propose
from settlement.services.invoices import invoice_submit, invoice_void
from settlement.services.reds import red_invoice_submit
from settlement.services.runs import run_prepare
from sunlight import scope
from sunlight.demo.files.einvoice import einvoice
from sunlight.journal.models import Event
from sunlight.journal.refusals import Conflict, Forbidden, Invalid
from sunlight.messages.models import Message
from sunlight.scope import Role
from tests.factories import catalog
from tests.factories.reds import red_paper, reddened
from tests.factories.settlement import confirmed, funded, owed, paper, prepared, stated
from tests.flows.test_news import travels
from tests.settlement.test_services_bank import credit_of, file
from tests.settlement.test_services_holds import hold, holding
from tests.settlement.test_services_ledger import held
from tests.settlement.test_services_parts import fens, part
from tests.settlement.test_services_payments import approve, cashier, reject, rows, sound, states


def paid(world, **facts):
    """A payable of 1 250.00 that was paid."""
    payable = owed(world, **facts)
    funded(world, 125_000)
    approve(world, prepared(world, [payable]))
    return payable


def net(world, payables, overpayments, *, person="", amounts=()):
    actor = cashier(world, person)
    with scope.opened(actor):
        return run_prepare(
            actor=actor,
            at=scope.now(),
            payable_ids=[each.id for each in payables],
            amounts=amounts,
            overpayment_ids=[each.id for each in overpayments],
        )


def over(world):
    return [(row.amount_fen, row.open_fen, row.refunded_fen) for row in rows(world, Overpayment)]


def test_of_an_unpaid_invoice_as_much_less_is_owed_and_at_nothing_it_is_cancelled(world):
    payable = owed(world)
    red = reddened(world, payable, 25_000)
    assert (red.kind, red.state, red.amount_fen, red.red_reason) == ("RED", "MATCHED", 25_000, "RETURN")
    assert fens(world, payable) == (100_000, 0, 0, 0, 25_000)
    with pytest.raises(Invalid) as refused:
        part(world, payable, "1000.01")
    assert refused.value.code == "amount_above_open"
    reddened(world, payable, 100_000)
    assert states(world)[2] == ["CANCELLED"] and fens(world, payable) == (0, 0, 0, 0, 125_000)
    assert over(world) == [] and sound(world)
    with scope.opened(world.system):
        assert Invoice.objects.get(pk=payable.invoice_id).reddened_fen == 125_000
        told = list(Event.objects.filter(name="red_invoice_submitted").order_by("id"))
        assert [each.payload["payable_state"] for each in told] == ["OPEN", "CANCELLED"]
        assert set(told[0].parties) >= {world.hospital.id, world.distributor.id, world.maker.id}


def test_what_is_paid_already_is_owed_back_and_moves_no_money(world):
    payable = paid(world)
    before = [row.pk for row in rows(world, Entry)]
    reddened(world, payable, 40_000)
    assert over(world) == [(40_000, 40_000, 0)]
    assert states(world)[2] == ["PAID"] and fens(world, payable) == (0, 0, 125_000, 0, 0)
    assert [row.pk for row in rows(world, Entry)] == before and sound(world)
    travels(world, scope.now())
    with scope.opened(cashier(world)):
        (told,) = Message.objects.filter(kind="red_invoice")
        assert "已付部分形成应退款 400.00 元，可在编制付款批次时选择抵扣" in told.body


def test_of_an_invoice_paid_in_part_first_what_is_open_is_taken_back(world):
    payable = owed(world)
    funded(world, 200_000)
    approve(world, part(world, payable, "1000.00"))
    hold(world, payable)
    reddened(world, payable, 40_000)
    assert states(world)[2] == ["PAID"] and fens(world, payable) == (0, 0, 100_000, 0, 25_000)
    assert over(world) == [(15_000, 15_000, 0)] and sound(world)
    assert holding(world, payable) == ("FREE", "", None)


def test_an_overpayment_is_netted_in_a_run_by_choice(world):
    listing = catalog.listed(world)
    red = reddened(world, paid(world, listing=listing), 40_000)
    payable = owed(world, listing=listing)
    funded(world, 200_000)
    # Nobody chooses it: everything is paid.
    plain = prepared(world, [payable])
    assert (plain.total_fen, plain.netted_fen) == (125_000, 0)
    reject(world, plain)
    run = net(world, [payable], rows(world, Overpayment))
    assert (run.total_fen, run.netted_fen, run.payment_count) == (85_000, 40_000, 1)
    assert over(world) == [(40_000, 0, 0)] and fens(world, payable) == (0, 125_000, 0, 0, 0)
    approve(world, run)
    assert states(world)[2] == ["PAID", "PAID"] and fens(world, payable) == (0, 0, 85_000, 40_000, 0)
    assert held(world, "DEPOSIT", "hospital") == 115_000
    assert held(world, "CLEARING", "distributor") == 210_000
    (netting,) = rows(world, Netting)
    assert (netting.state, netting.amount_fen, netting.netted_at is not None) == ("NETTED", 40_000, True)
    assert sound(world)
    with scope.opened(world.system):
        facts = Event.objects.get(name="payable_netted").payload
        assert (facts["red_number"], facts["amount_fen"], facts["number"]) == (red.number, 40_000, run.number)
    travels(world, scope.now())
    with scope.opened(world.actor("distributor", Role.SUPPLIER_FINANCE)):
        assert Message.objects.get(kind="payable_netted").title == "红冲应退款 400.00 元已抵扣货款"


def test_a_payable_wholly_netted_is_paid_without_a_payment(world):
    listing = catalog.listed(world)
    reddened(world, paid(world, listing=listing), 125_000)
    payable = owed(world, listing=listing)
    run = net(world, [payable], rows(world, Overpayment))
    assert (run.total_fen, run.netted_fen, run.payment_count) == (0, 125_000, 0)
    approve(world, run)
    assert states(world) == (["DONE", "DONE"], ["PAID"], ["PAID", "PAID"])
    assert fens(world, payable) == (0, 0, 0, 125_000, 0) and sound(world)


def test_a_rejected_run_gives_back_what_it_netted(world):
    listing = catalog.listed(world)
    reddened(world, paid(world, listing=listing), 40_000)
    payable = owed(world, listing=listing)
    run = net(world, [payable], rows(world, Overpayment))
    reject(world, run)
    assert over(world) == [(40_000, 40_000, 0)] and fens(world, payable) == (125_000, 0, 0, 0, 0)
    assert [row.state for row in rows(world, Netting)] == ["CANCELLED"] and sound(world)


def test_an_overpayment_is_set_against_its_own_payee_only_and_once(world):
    listing = catalog.listed(world)
    reddened(world, paid(world, listing=listing), 40_000)
    other = owed(world, listing=listing, distributor=None)
    overpayments = rows(world, Overpayment)
    with pytest.raises(Conflict) as refused:
        net(world, [other], overpayments)
    assert (refused.value.code, refused.value.field) == ("overpayment_not_usable", "overpayments")
    assert over(world) == [(40_000, 40_000, 0)] and states(world)[2] == ["PAID", "OPEN"]
    mine = owed(world, listing=listing)
    net(world, [mine, other], overpayments)
    with pytest.raises(Conflict) as refused:
        net(world, [owed(world, listing=listing)], overpayments, person="second")
    assert refused.value.code == "overpayment_not_usable"
    stranger = world.actor("other_hospital", Role.HOSPITAL_FINANCE)
    with scope.opened(stranger):
        assert not Overpayment.objects.exists()
    assert sound(world)


def test_a_run_prepared_before_the_red_invoice_is_not_approved(world):
    payable = owed(world)
    funded(world, 200_000)
    run = prepared(world, [payable])
    reddened(world, payable, 25_000)
    with pytest.raises(Conflict) as refused:
        approve(world, run)
    assert refused.value.code == "invoice_reddened_since"
    assert states(world) == (["PREPARED"], ["PENDING"], ["IN_RUN"]) and over(world) == [(25_000, 25_000, 0)]
    reject(world, run)
    approve(world, net(world, [payable], rows(world, Overpayment)))
    assert fens(world, payable) == (0, 0, 100_000, 25_000, 0) and sound(world)


def submit(world, payable, fen, *, key="distributor", role=Role.SUPPLIER_FINANCE, **facts):
    actor = world.actor(key, role)
    with scope.opened(world.system):
        blue = Invoice.objects.get(pk=payable.invoice_id)
    with scope.opened(actor):
        return red_invoice_submit(actor=actor, at=scope.now(), **red_paper(blue, fen, **facts))


@pytest.mark.parametrize(
    ("fen", "facts", "code", "field"),
    [
        (125_001, {}, "red_above_blue", "amount"),
        (40_000, {"reason": "ERROR"}, "red_of_an_error_is_whole", "amount"),
        (40_000, {"reason": "x"}, "red_reason_unknown", "reason"),
        (40_000, {"blue_number": "9" * 20}, "blue_invoice_unknown", "blue_number"),
        (40_000, {"blue_number": "9"}, "invoice_number_invalid", "blue_number"),
        (40_000, {"number": "12345678"}, "red_number_invalid", "number"),
        (40_000, {"amount": "0"}, "amount_zero", "amount"),
        (40_000, {"amount": "--400"}, "amount_malformed", "amount"),
        (40_000, {"net": "300.00"}, "red_does_not_add_up", "amount"),
    ],
)
def test_a_wrong_red_invoice_is_refused_and_nothing_changes(world, fen, facts, code, field):
    payable = owed(world)
    with pytest.raises(Invalid) as refused:
        submit(world, payable, fen, **facts)
    assert (refused.value.code, refused.value.field) == (code, field)
    assert fens(world, payable) == (125_000, 0, 0, 0, 0) and len(rows(world, Invoice)) == 1


def test_it_is_dated_neither_before_the_blue_one_nor_in_the_future(world):
    payable = owed(world)
    today = scope.today()
    for day, code in (
        (today - timedelta(days=1), "red_before_blue"),
        (today + timedelta(days=1), "red_from_the_future"),
    ):
        with pytest.raises(Invalid) as refused:
            submit(world, payable, 40_000, issued_on=day)
        assert (refused.value.code, refused.value.field) == (code, "issued_on")


def test_red_invoices_together_stay_within_the_blue_one(world):
    payable = owed(world)
    reddened(world, payable, 100_000)
    with pytest.raises(Invalid) as refused:
        submit(world, payable, 25_001)
    assert "尚可红冲的 250.00 元" in refused.value.message
    assert fens(world, payable)[4] == 100_000


def test_only_the_issuers_finance_reddens(world):
    payable = owed(world)
    for key, role in (
        ("hospital", Role.HOSPITAL_FINANCE),
        ("distributor", Role.SUPPLIER_ADMIN),
        ("operator", Role.OPERATOR_SETTLER),
    ):
        with pytest.raises(Forbidden):
            submit(world, payable, 40_000, key=key, role=role)
    # The maker sees the invoice and did not issue it.
    with pytest.raises(Invalid) as refused:
        submit(world, payable, 40_000, key="maker")
    assert refused.value.code == "blue_invoice_unknown"
    assert fens(world, payable) == (125_000, 0, 0, 0, 0)


def test_a_number_is_taken_once_and_a_red_one_is_reddened_by_nobody(world):
    payable = owed(world)
    red = reddened(world, payable, 40_000)
    with pytest.raises(Conflict) as refused:
        submit(world, payable, 40_000, number=red.number)
    assert refused.value.code == "invoice_submitted_already"
    with pytest.raises(Invalid) as refused:
        submit(world, payable, 1_000, blue_number=red.number)
    assert refused.value.code == "blue_invoice_unknown"


def test_neither_a_red_invoice_nor_a_reddened_one_is_voided(world):
    payable = owed(world)
    red = reddened(world, payable, 40_000)
    actor = world.actor("distributor", Role.SUPPLIER_FINANCE)
    for invoice_id, code in ((red.id, "red_invoice_stays"), (payable.invoice_id, "invoice_reddened")):
        with scope.opened(actor), pytest.raises(Conflict) as refused:
            invoice_void(actor=actor, at=scope.now(), invoice_id=invoice_id, reason="开错")
        assert refused.value.code == code
    assert fens(world, payable) == (85_000, 0, 0, 0, 40_000)


def test_what_was_issued_wrongly_is_invoiced_again(world):
    payable = owed(world)
    reddened(world, payable, 125_000, reason="ERROR")
    with scope.opened(world.system):
        line = AcceptanceLine.objects.get(pk=InvoiceLine.objects.get(invoice=payable.invoice_id).acceptance_line_id)
        assert line.invoiced_quantity == 0
    issuer = world.actor("distributor", Role.SUPPLIER_FINANCE)
    with scope.opened(issuer):
        again = invoice_submit(actor=issuer, at=scope.now(), **paper([stated(line)]))
        assert (again.state, again.differences) == ("MATCHED", [])
    assert states(world)[2] == ["CANCELLED", "OPEN"] and sound(world)


def test_what_was_sent_back_is_not_invoiced_again(world):
    payable = owed(world)
    reddened(world, payable, 125_000)
    with scope.opened(world.system):
        line = AcceptanceLine.objects.get(pk=InvoiceLine.objects.get(invoice=payable.invoice_id).acceptance_line_id)
        assert line.invoiced_quantity == 100


def red_original(world, blue, fen, number, *, sign="-"):
    net_fen = round(fen / 1.13)
    return einvoice(
        number=number,
        issued_on=scope.today(),
        seller=(world.distributor.name, world.distributor.credit_code),
        buyer=(world.hospital.name, world.hospital.credit_code),
        total=f"{sign}{fen / 100:.2f}",
        net=f"{sign}{net_fen / 100:.2f}",
        tax=f"{sign}{(fen - net_fen) / 100:.2f}",
        rate="0.13",
    )


def test_the_original_is_compared_sign_and_all(world):
    payable = owed(world)
    number = "2" * 20
    for content, code in (
        (red_original(world, payable, 40_000, number, sign=""), "original_is_blue"),
        (red_original(world, payable, 40_001, number), "original_differs"),
    ):
        with pytest.raises(Invalid) as refused:
            submit(world, payable, 40_000, number=number, original={"name": "a.xml", "content": _b64(content)})
        assert (refused.value.code, refused.value.field) == (code, "original")
    good = red_original(world, payable, 40_000, number)
    red = submit(world, payable, 40_000, number=number, original={"name": "a.xml", "content": _b64(good)})
    assert red.original_read and fens(world, payable)[4] == 40_000


def _b64(content) -> str:
    return base64.b64encode(content if isinstance(content, bytes) else content.encode()).decode()


def test_a_monthly_statement_counts_red_against_blue(world):
    payable = owed(world)
    reddened(world, payable, 40_000)
    actor = cashier(world)
    with scope.opened(actor):
        found = statement_of(actor, f"{scope.today():%Y-%m}", scope.now())
    summary = {row.label: (row.count, row.fen) for row in found.summary}
    assert summary["本月匹配发票"] == (2, 85_000) and summary["月末未付"] == (1, 85_000)


def test_a_tampered_sum_is_found(world):
    payable = owed(world)
    reddened(world, payable, 40_000)
    with scope.opened(world.system):
        Invoice.objects.filter(pk=payable.invoice_id).update(reddened_fen=1)
        assert "记为已红冲 0.01 元" in "".join(ledger_faults(world.platform.id))
        Invoice.objects.filter(pk=payable.invoice_id).update(reddened_fen=40_000)
        Payable.objects.filter(pk=payable.id).update(open_fen=84_000)
        assert "未付 840.00 元，应为 850.00 元" in "".join(ledger_faults(world.platform.id))


def test_an_issuer_pays_back_through_the_supervised_account(world):
    payable = paid(world)
    red = reddened(world, payable, 40_000)
    back = [credit_of(fen, account="999", reference="红字退款") for fen in (30_000, 10_001)]
    confirmed(world, file(*back, opening=125_000))
    first, second = (world.actor("operator", Role.OPERATOR_SETTLER, person=each) for each in ("p", "q"))
    came, more = rows(world, StatementLine, state="UNIDENTIFIED")
    ask = {"actor": first, "at": scope.now(), "reason": "来电确认", "red_number": red.number}
    with scope.opened(first):
        with pytest.raises(Invalid) as refused:
            statement_line_propose(**{**ask, "red_number": "1" * 20}, line_id=came.id)
        assert refused.value.code == "overpayment_unknown"
        statement_line_propose(**ask, line_id=came.id)
        with pytest.raises(Forbidden):
            statement_line_assign(actor=first, at=scope.now(), line_id=came.id, reason="回单")
    assert over(world) == [(40_000, 40_000, 0)]
    before = held(world, "DEPOSIT", "hospital")
    with scope.opened(second):
        statement_line_assign(actor=second, at=scope.now(), line_id=came.id, reason="回单")
    assert over(world) == [(40_000, 10_000, 30_000)]
    assert held(world, "DEPOSIT", "hospital") == before + 30_000
    with scope.opened(first), pytest.raises(Conflict) as refused:
        statement_line_propose(**ask, line_id=more.id)
    assert refused.value.code == "refund_too_large"
    with scope.opened(world.system):
        assert Event.objects.get(name="overpayment_refunded").payload["open_fen"] == 10_000

"""A payment that the bank sends back (退汇): owed again, every booking kept, paid again; unknown, doubled, partial and
late ones wait for two people."""

from datetime import timedelta

import pytest

from settlement.models.ledger import Entry
from settlement.models.payment import Payable, Payment, PaymentReturn
from settlement.models.statement import StatementLine
from settlement.services.bank_lines import statement_line_assign, statement_line_propose
from settlement.services.returns import payment_return_confirm, payment_return_propose, payment_return_refuse
from sunlight import scope
from sunlight.demo.files.bank_statement import Movement, statement
from sunlight.journal import relay
from sunlight.journal.models import Event
from sunlight.journal.refusals import Conflict, Forbidden, Invalid
from sunlight.messages.models import Message
from sunlight.scope import Role
from sunlight.tenancy.models import BankAccount
from tests.factories.settlement import confirmed, funded, instructed, owed, prepared
from tests.settlement.test_services_ledger import held
from tests.settlement.test_services_payments import approve, rows, sound

FEN = 125_000
ACCOUNT = "622700000000000007"


@pytest.fixture
def first(world):
    return world.actor("operator", Role.OPERATOR_SETTLER)


@pytest.fixture
def second(world):
    return world.actor("operator", Role.OPERATOR_SETTLER, person="second")


def bank_says(world, number, opening, *movements):
    start, end = scope.today() - timedelta(days=60), scope.today()
    content = statement(account=ACCOUNT, number=number, start=start, end=end, opening_fen=opening, movements=movements)
    confirmed(world, content)
    with scope.opened(world.system):
        return list(StatementLine.objects.filter(statement__statement_number=number).order_by("id"))


@pytest.fixture
def paid(world):
    """A payment that was instructed and not booked by the bank yet."""
    funded(world, 2 * FEN)
    run = prepared(world, [owed(world)])
    approve(world, run)
    instructed(world, run)
    return rows(world, Payment)[0]


def out(payment, on=None):
    return Movement(on or scope.today(), -FEN, "配送", reference=f"货款 {payment.number}")


def back(payment, fen=FEN, text="退汇 原因：账号户名不符"):
    return Movement(scope.today(), fen, "配送", "622700000000000005", f"{text} {payment.number}")


def by_two(world, line, first, second, **facts):
    with scope.opened(first):
        statement_line_propose(actor=first, at=scope.now(), line_id=line.id, reason="退汇回单", **facts)
    with scope.opened(second):
        return statement_line_assign(actor=second, at=scope.now(), line_id=line.id, reason="已核对")


@pytest.mark.clause("SZ20-5.3.4", on="rule")
def test_a_returned_payment_is_owed_again_told_to_all_and_paid_to_a_corrected_account(world, paid):
    before = {e.id: (e.source, e.purpose) for e in rows(world, Entry)}
    lines = bank_says(world, "1", 2 * FEN, out(paid), back(paid))
    assert [line.state for line in lines] == ["IDENTIFIED", "IDENTIFIED"]
    assert [line.meaning for line in lines] == ["SETTLEMENT", "RETURN"]
    (payment,), (payable,) = rows(world, Payment), rows(world, Payable)
    assert (payment.state, payment.returned_fen, payment.settled_on) == ("RETURNED", FEN, scope.today())
    assert payment.returned_at is not None and payment.paid_at is not None
    assert (payable.state, payable.open_fen, payable.paid_at) == ("OPEN", FEN, None)
    assert held(world, "DEPOSIT", "hospital") == 2 * FEN and held(world, "CLEARING", "distributor") == 0
    assert held(world, "BANK") == 2 * FEN and sound(world)
    # Every booking stays; the payment's own entry has its opposite.
    entries = rows(world, Entry)
    assert {e.id: (e.source, e.purpose) for e in entries if e.id in before} == before
    assert [e.reverses_id for e in entries if e.purpose.startswith("return")] == [payment.entry_id]
    (kept,) = rows(world, PaymentReturn)
    assert (kept.state, kept.amount_fen, kept.line_id) == ("CONFIRMED", FEN, lines[1].id)
    with scope.opened(world.system):
        event = Event.objects.get(name="payment_returned")
        assert event.payload["is_whole"] and event.payload["open_fen"] == FEN
        while relay.deliver_pending(actor=world.system, at=scope.now()):
            pass
        told = set(
            Message.objects.filter(kind__startswith="payment_returned").values_list("organisation_id", flat=True)
        )
        assert told == {world.hospital.id, world.distributor.id, world.operator.id}
        # The account was corrected; the next run pays there.
        BankAccount.objects.filter(organisation=world.distributor).update(account_number="622799")
    run = prepared(world, [payable])
    approve(world, run)
    instructed(world, run)
    again = rows(world, Payment)[1]
    assert (again.amount_fen, again.payee_account_number) == (FEN, "622799")
    bank_says(world, "2", 2 * FEN, out(again))
    assert [p.state for p in rows(world, Payment)] == ["RETURNED", "SETTLED"]
    assert rows(world, Payable)[0].state == "PAID"
    assert held(world, "DEPOSIT", "hospital") == FEN and sound(world)


def test_a_return_that_names_no_payment_waits_for_two_people(world, paid, first, second):
    _, line = bank_says(world, "1", 2 * FEN, out(paid), Movement(scope.today(), FEN, "某行", "", "退汇"))
    assert (line.state, line.finding) == ("UNIDENTIFIED", "银行退回的款项，附言中没有平台付款编号")
    assert held(world, "UNIDENTIFIED") == FEN
    line = by_two(world, line, first, second, payment_number=paid.number)
    assert (line.state, line.meaning) == ("ASSIGNED", "RETURN")
    assert rows(world, Payment)[0].state == "RETURNED"
    assert held(world, "UNIDENTIFIED") == 0 and held(world, "DEPOSIT", "hospital") == 2 * FEN and sound(world)


def test_a_second_return_of_the_same_payment_moves_nothing_by_itself(world, paid, first, second):
    lines = bank_says(world, "1", 2 * FEN, out(paid), back(paid), back(paid))
    assert [line.state for line in lines] == ["IDENTIFIED", "IDENTIFIED", "UNIDENTIFIED"]
    assert "疑似重复退回" in lines[2].finding
    with scope.opened(first), pytest.raises(Conflict) as refused:
        statement_line_propose(
            actor=first, at=scope.now(), line_id=lines[2].id, reason="退汇", payment_number=paid.number
        )
    assert refused.value.code == "payment_not_returnable" and "重复退回" in refused.value.message
    assert held(world, "UNIDENTIFIED") == FEN and sound(world)
    # The way there is: the hospital's deposit, by two.
    by_two(world, lines[2], first, second, organisation_id=world.hospital.id)
    assert held(world, "DEPOSIT", "hospital") == 3 * FEN and sound(world)


def test_a_partial_return_opens_as_much_and_the_rest_may_follow(world, paid, first, second):
    _, line = bank_says(world, "1", 2 * FEN, out(paid), back(paid, 25_000))
    assert line.state == "UNIDENTIFIED" and "可能是部分退回" in line.finding
    by_two(world, line, first, second, payment_number=paid.number)
    (payment,), (payable,) = rows(world, Payment), rows(world, Payable)
    assert (payment.state, payment.returned_fen) == ("SETTLED", 25_000)
    assert (payable.state, payable.open_fen) == ("OPEN", 25_000)
    assert held(world, "DEPOSIT", "hospital") == FEN + 25_000 and sound(world)
    # What is open is paid again, no more.
    run = prepared(world, [payable])
    assert (run.total_fen, rows(world, Payment)[1].amount_fen) == (25_000, 25_000)
    approve(world, run)
    assert rows(world, Payable)[0].state == "PAID" and sound(world)
    # The rest comes back as well: the first payment is returned as a whole.
    (line,) = bank_says(world, "2", FEN + 25_000, back(paid, FEN - 25_000))
    assert line.state == "IDENTIFIED"
    assert [p.state for p in rows(world, Payment)] == ["RETURNED", "PAID"]
    assert rows(world, Payable)[0].open_fen == FEN - 25_000 and sound(world)


def test_more_than_was_paid_is_no_return(world, paid, first):
    _, line = bank_says(world, "1", 2 * FEN, out(paid), back(paid, FEN + 1))
    with scope.opened(first), pytest.raises(Conflict) as refused:
        statement_line_propose(actor=first, at=scope.now(), line_id=line.id, reason="x", payment_number=paid.number)
    assert refused.value.code == "return_too_large"


def test_a_late_return_waits_for_two_people(world, paid, first, second):
    long_ago = scope.today() - timedelta(days=11)
    _, line = bank_says(world, "1", 2 * FEN, out(paid, long_ago), back(paid))
    assert line.state == "UNIDENTIFIED" and "已超过 10 天" in line.finding
    by_two(world, line, first, second, payment_number=paid.number)
    assert rows(world, Payment)[0].state == "RETURNED" and sound(world)


def test_a_return_before_its_payment_was_booked_waits_for_the_debit(world, paid, first, second):
    debit, line = bank_says(world, "1", 2 * FEN, Movement(scope.today(), -FEN, reference="汇款"), back(paid))
    assert "请先认领支出流水" in line.finding
    with scope.opened(first), pytest.raises(Conflict) as refused:
        statement_line_propose(actor=first, at=scope.now(), line_id=line.id, reason="x", payment_number=paid.number)
    assert refused.value.code == "payment_not_returnable"
    by_two(world, debit, first, second, payment_number=paid.number)
    by_two(world, line, first, second, payment_number=paid.number)
    assert rows(world, Payment)[0].state == "RETURNED" and sound(world)


def test_money_the_payee_sends_back_by_itself_is_no_return_by_rule(world, paid):
    _, line = bank_says(world, "1", 2 * FEN, out(paid), back(paid, text="多付退回款"))
    assert line.state == "UNIDENTIFIED"
    assert rows(world, Payment)[0].state == "SETTLED" and sound(world)


@pytest.mark.duty("payment_return", "confirm", "propose")
def test_a_payment_refused_before_it_was_booked_is_returned_by_two(world, paid, first, second):
    ask = {"actor": first, "at": scope.now()}
    with scope.opened(first):
        with pytest.raises(Invalid):
            payment_return_propose(**ask, payment_id=paid.id, reason="")
        said = payment_return_propose(**ask, payment_id=paid.id, reason="银行退票通知 9", code="AC04")
        with pytest.raises(Conflict) as refused:
            payment_return_propose(**ask, payment_id=paid.id, reason="再来")
        assert refused.value.code == "return_proposed_already"
        with pytest.raises(Forbidden) as refused:
            payment_return_confirm(**ask, return_id=said.id)
        assert refused.value.code == "four_eyes"
    assert rows(world, Payment)[0].state == "PAID"
    with scope.opened(second):
        payment_return_confirm(actor=second, at=scope.now(), return_id=said.id, note="已核对")
        with pytest.raises(Conflict):
            payment_return_confirm(actor=second, at=scope.now(), return_id=said.id)
    (payment,) = rows(world, Payment)
    assert (payment.state, payment.settled_on, payment.returned_fen) == ("RETURNED", None, FEN)
    assert rows(world, Payable)[0].open_fen == FEN
    assert held(world, "DEPOSIT", "hospital") == 2 * FEN and held(world, "BANK") == 2 * FEN and sound(world)
    # A debit that comes all the same is nobody's until two people have looked.
    (line,) = bank_says(world, "1", 2 * FEN, out(paid))
    assert line.state == "UNIDENTIFIED" and "已退汇" in line.finding and sound(world)


def test_a_refusal_that_is_not_agreed_to_leaves_the_payment_under_way(world, paid, first, second):
    with scope.opened(first):
        said = payment_return_propose(actor=first, at=scope.now(), payment_id=paid.id, reason="听说")
    with scope.opened(second):
        payment_return_refuse(actor=second, at=scope.now(), return_id=said.id, reason="银行说已受理")
        assert rows(world, Payment)[0].state == "PAID"
    bank_says(world, "1", 2 * FEN, out(paid))
    with scope.opened(first), pytest.raises(Conflict) as refused:
        payment_return_propose(actor=first, at=scope.now(), payment_id=paid.id, reason="退票")
    assert refused.value.code == "payment_not_under_way"


def test_the_ledger_check_finds_a_return_that_was_tampered_with(world, paid):
    bank_says(world, "1", 2 * FEN, out(paid), back(paid))
    with scope.opened(world.system):
        Payable.objects.update(open_fen=FEN - 1)
    assert not sound(world)

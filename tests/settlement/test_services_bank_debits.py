"""Money out: the bank confirms each payment once; what names none waits for the settler."""

import pytest

from settlement.models.payment import Payment
from settlement.models.statement import StatementLine
from settlement.services.bank_lines import statement_line_assign, statement_line_propose
from sunlight import scope
from sunlight.demo.files.bank_statement import Movement, statement
from sunlight.journal.models import Event
from sunlight.journal.refusals import Conflict, Invalid
from sunlight.scope import Role
from tests.factories.settlement import confirmed, funded, instructed, owed, prepared
from tests.settlement.test_services_ledger import held
from tests.settlement.test_services_payments import approve, rows, sound


def take(world, number, opening, *movements):
    settler, today = world.actor("operator", Role.OPERATOR_SETTLER), scope.today()
    content = statement(
        account="622700000000000007", number=number, start=today, end=today, opening_fen=opening, movements=movements
    )
    confirmed(world, content)
    with scope.opened(settler):
        return list(StatementLine.objects.filter(direction="DEBIT").order_by("id"))


@pytest.mark.clause("SZ20-5.3.4", on="rule")
def test_the_bank_confirms_each_payment_once_by_number_and_amount(world):
    today = scope.today()
    take(world, "1", 0, Movement(today, 250_000, account="622700000000000000"))
    run = prepared(world, [owed(world), owed(world)])
    approve(world, run)
    instructed(world, run)
    first, second = rows(world, Payment)
    named = f"货款{first.number}"
    lines = take(
        world,
        "2",
        250_000,
        Movement(today, -1, reference=named),
        Movement(today, -125_000, reference=named),
        Movement(today, -2, reference=named),
        Movement(today, -124_997, reference="汇款"),
    )
    assert [line.state for line in lines] == ["UNIDENTIFIED", "IDENTIFIED", "UNIDENTIFIED", "UNIDENTIFIED"]
    assert lines[0].finding == f"金额与付款 {first.number}（1250.00 元）不一致"
    assert lines[1].payment_id == first.id
    assert [p.state for p in rows(world, Payment)] == ["SETTLED", "PAID"]
    assert rows(world, Payment)[0].settled_on == today
    assert held(world, "CLEARING", "distributor") == 125_000
    assert sound(world)
    with scope.opened(world.system):
        assert Event.objects.get(name="payment_settled").parties == sorted(
            [world.hospital.id, world.maker.id, world.distributor.id, world.operator.id]
        )


def test_two_settlers_assign_a_debit_to_the_payment_it_confirms(world):
    funded(world, 250_000)
    approve(world, prepared(world, [owed(world), owed(world)]))
    first, second = rows(world, Payment)
    today, settler = scope.today(), world.actor("operator", Role.OPERATOR_SETTLER)
    other = world.actor("operator", Role.OPERATOR_SETTLER, person="second")
    whole, part = take(world, "1", 250_000, Movement(today, -125_000), Movement(today, -5))
    ask = {"actor": settler, "at": scope.now(), "reason": "回单核对"}
    with scope.opened(settler):
        with pytest.raises(Invalid):
            statement_line_propose(**ask, line_id=whole.id, payment_number="1")
        with pytest.raises(Conflict) as refused:
            statement_line_propose(**ask, line_id=part.id, payment_number=first.number)
        assert refused.value.code == "payment_not_settleable"
        statement_line_propose(**ask, line_id=whole.id, payment_number=second.number)
    assert [p.state for p in rows(world, Payment)] == ["PAID", "PAID"]
    with scope.opened(other):
        statement_line_assign(actor=other, at=scope.now(), line_id=whole.id, reason="回单 77")
    with scope.opened(settler):
        with pytest.raises(Conflict) as refused:
            statement_line_propose(**ask, line_id=part.id, payment_number=second.number)
        assert "银行已到账" in refused.value.message
    assert [p.state for p in rows(world, Payment)] == ["PAID", "SETTLED"]
    assert held(world, "CLEARING", "distributor") == 125_000
    assert sound(world)


def test_a_debit_for_a_payment_that_was_never_instructed_is_not_taken_at_its_word(world):
    funded(world, 125_000)
    approve(world, prepared(world, [owed(world)]))
    (payment,) = rows(world, Payment)
    (line,) = take(world, "1", 125_000, Movement(scope.today(), -125_000, reference=payment.number))
    assert line.state == "UNIDENTIFIED" and "还没有向银行发出指令" in line.finding
    assert rows(world, Payment)[0].state == "PAID" and sound(world)


def test_a_debit_that_names_a_payment_settles_it_at_once(world):
    payable = owed(world)
    funded(world, 125_000)
    run = prepared(world, [payable])
    approve(world, run)
    instructed(world, run)
    payment = rows(world, Payment)[0]
    take(world, "1", 125_000, Movement(scope.today(), -125_000, reference=payment.number))
    assert rows(world, Payment)[0].state == "SETTLED"
    assert held(world, "BANK") == 0 and sound(world)

"""One dishonest insider at the bank's side: what moved a hundred thousand million yuan is refused at every step."""

from datetime import date

import pytest

from settlement.models.ledger import Entry
from settlement.models.payment import Payment
from settlement.models.statement import BankStatement, StatementLine
from settlement.queries.ledger import ledger_faults
from settlement.services.bank import bank_statement_confirm, bank_statement_import, bank_statement_reject
from settlement.services.bank_lines import statement_line_assign, statement_line_propose
from sunlight import scope
from sunlight.demo.files.bank_statement import Movement, statement
from sunlight.journal.models import Event
from sunlight.journal.refusals import Conflict, Forbidden, Invalid
from sunlight.scope import Role
from tests.api_client import ApiClient
from tests.factories.settlement import confirm, confirmed, funded, instructed, owed, plan_seen, prepared
from tests.settlement.test_services_ledger import held
from tests.settlement.test_services_payments import approve, rows

ACCOUNT, HOSPITAL = "622700000000000007", "622700000000000000"
DAY = date(2026, 7, 20)
CODE = "H44030300001"
FORGED_FEN = 10**13  # ¥100,000,000,000


def file(*movements, number="202607-001", opening=0):
    return statement(
        account=ACCOUNT,
        start=date(2026, 7, 1),
        end=date(2026, 7, 31),
        number=number,
        movements=movements,
        opening_fen=opening,
    )


@pytest.fixture
def first(world):
    return world.actor("operator", Role.OPERATOR_SETTLER)


@pytest.fixture
def second(world):
    return world.actor("operator", Role.OPERATOR_SETTLER, person="second")


def taken_in(actor, content):
    with scope.opened(actor):
        return bank_statement_import(actor=actor, at=scope.now(), name="a.csv", content=content)


def attempt_confirm(actor, taken, **facts):
    with scope.opened(actor):
        facts.setdefault("digest", plan_seen(actor, taken))
        return bank_statement_confirm(actor=actor, at=scope.now(), statement_id=taken.id, **facts)


def nothing_booked(world):
    with scope.opened(world.system):
        return Entry.objects.count() == 0 and set(StatementLine.objects.values_list("state", flat=True)) <= {
            "READ",
            "DROPPED",
        }


@pytest.mark.clause("SZ20-5.3.4", on="rule")
@pytest.mark.duty("bank_statement", "confirm", "import")
def test_the_forged_statement_fails_at_every_step(world, first, second):
    taken = taken_in(first, file(Movement(DAY, FORGED_FEN, "谁也不是", "000", CODE)))
    # One: an import books nothing.
    assert taken.state == "RECEIVED" and nothing_booked(world)
    # Two: whoever imported it does not confirm it.
    with pytest.raises(Forbidden) as refused:
        attempt_confirm(first, taken, acknowledged="100000000000.00")
    assert refused.value.code == "four_eyes" and nothing_booked(world)
    # Three: a second person is asked for the amount, and for that amount.
    for typed in ("", "1", "100,000,000,000.01", "NaN", 10**11 + 1):
        with pytest.raises(Invalid) as refused:
            attempt_confirm(second, taken, acknowledged=typed)
        assert refused.value.code == "amount_not_acknowledged" and "100000000000.00" in refused.value.message
    assert nothing_booked(world)
    # Four: confirmed all the same, it is nobody's: the code in the text only proposes.
    done = confirm(second, taken, acknowledged="100,000,000,000.00")
    assert done.acknowledged_fen == FORGED_FEN
    with scope.opened(second):
        (line,) = StatementLine.objects.all()
    assert (line.state, line.organisation_id, line.proposed_by) == ("PROPOSED", world.hospital.id, first.acting)
    assert not held(world, "DEPOSIT", "hospital") and held(world, "UNIDENTIFIED") == FORGED_FEN
    # Five: the person who brought it in does not assign it, another is asked for the amount again.
    with scope.opened(first), pytest.raises(Forbidden) as refused:
        statement_line_assign(
            actor=first, at=scope.now(), line_id=line.id, reason="电话", acknowledged="100000000000.00"
        )
    assert refused.value.code == "four_eyes"
    with scope.opened(second), pytest.raises(Invalid) as refused:
        statement_line_assign(actor=second, at=scope.now(), line_id=line.id, reason="电话")
    assert refused.value.code == "amount_not_acknowledged"
    assert not held(world, "DEPOSIT", "hospital")
    with scope.opened(second):
        assert ledger_faults(world.platform.id) == []


def test_a_token_of_the_same_person_confirms_nothing_either(world, first):
    """Two machines that one person answers for are one person."""
    status, body = ApiClient(world, "operator", Role.OPERATOR_SETTLER).get("/api/v1/bank-statements/")
    assert (status, body["results"]) == (200, [])


INSIDE = [
    f"A{CODE}",
    f"{CODE}9",
    f"SN{CODE}",
    f"1{CODE}",
    "H440303000012026",
    "XH44030300001X",
    "9H44030300001",
]
WHOLE = [CODE, f"缴款{CODE}药耗款", f"({CODE})", f"货款 {CODE}，7 月", "Ｈ４４０３０３００００１", f"款-{CODE}-一"]


def test_a_code_inside_a_longer_word_is_no_code_and_a_whole_one_only_proposes(world):
    movements = [Movement(DAY, 100 + n, "某", "999", text) for n, text in enumerate([*INSIDE, *WHOLE])]
    confirmed(world, file(*movements))
    with scope.opened(world.system):
        states = list(StatementLine.objects.order_by("id").values_list("state", flat=True))
    assert states == ["UNIDENTIFIED"] * len(INSIDE) + ["PROPOSED"] * len(WHOLE)
    assert not held(world, "DEPOSIT", "hospital")


def test_a_payment_number_inside_a_longer_number_settles_nothing(world):
    funded(world, 125_000)
    run = prepared(world, [owed(world)])
    approve(world, run)
    instructed(world, run)
    (payment,) = rows(world, Payment)
    today = scope.today()
    inside = [f"1{payment.number}", f"{payment.number}7", f"A{payment.number}", f"{payment.number}B"]
    content = statement(
        account=ACCOUNT,
        number="1",
        start=today,
        end=today,
        opening_fen=125_000,
        movements=[Movement(today, -1_000 - n, reference=text) for n, text in enumerate(inside)],
    )
    confirmed(world, content)
    with scope.opened(world.system):
        lines = list(StatementLine.objects.order_by("id"))
    assert {line.state for line in lines} == {"UNIDENTIFIED"}
    assert {line.finding for line in lines} == {"附言中没有平台付款编号，或编号不是待到账的付款"}
    assert rows(world, Payment)[0].state == "PAID"


def test_what_is_confirmed_is_what_was_seen(world, first, second):
    taken = taken_in(first, file(Movement(DAY, 500, "某", "999", "货款")))
    with pytest.raises(Conflict) as refused:
        attempt_confirm(second, taken, digest="0" * 64)
    assert refused.value.code == "plan_changed" and nothing_booked(world)
    # The bookings were changed in the database after they were looked at.
    with scope.opened(second):
        seen = plan_seen(second, taken)
    with scope.opened(world.system):
        StatementLine.objects.update(counterparty_account=HOSPITAL)
    with pytest.raises(Conflict) as refused:
        attempt_confirm(second, taken, digest=seen)
    assert refused.value.code == "plan_changed" and nothing_booked(world)


def test_a_replay_books_nothing_twice_and_a_rejected_statement_may_come_again(world, first, second):
    content = file(Movement(DAY, 500, "医院", HOSPITAL, "货款"))
    taken = taken_in(first, content)
    with pytest.raises(Conflict) as refused:
        taken_in(second, content)
    assert refused.value.code == "statement_taken_already"
    with scope.opened(first):
        with pytest.raises(Invalid):
            bank_statement_reject(actor=first, at=scope.now(), statement_id=taken.id, reason=" ")
        bank_statement_reject(actor=first, at=scope.now(), statement_id=taken.id, reason="日期不对")
    with pytest.raises(Conflict):
        attempt_confirm(second, taken, digest="0" * 64)
    again = taken_in(first, content)
    confirm(second, again)
    for actor in (first, second):
        with pytest.raises(Conflict):
            attempt_confirm(actor, again, digest="0" * 64)
    assert held(world, "DEPOSIT", "hospital") == 500
    with scope.opened(world.system):
        assert list(BankStatement.objects.order_by("id").values_list("state", flat=True)) == ["REJECTED", "CONFIRMED"]
        assert Event.objects.filter(name="deposit_received").count() == 1


def test_statements_that_wait_are_confirmed_in_order(world, first, second):
    one = taken_in(first, file(Movement(DAY, 500, "医院", HOSPITAL)))
    two = taken_in(first, file(Movement(DAY, 7, "医院", HOSPITAL), number="2", opening=500))
    with pytest.raises(Conflict) as refused:
        attempt_confirm(second, two)
    assert refused.value.code == "statement_out_of_sequence"
    confirm(second, one)
    confirm(second, two)
    assert held(world, "DEPOSIT", "hospital") == 507


def test_the_ceiling_of_a_statement_asks_for_its_turnover(world, first, second):
    many = [Movement(DAY, 4_900_000_000, "医院", HOSPITAL, f"货款{n}") for n in range(5)]
    taken = taken_in(first, file(*many))
    with pytest.raises(Invalid) as refused:
        attempt_confirm(second, taken)
    assert "245000000.00" in refused.value.message
    assert confirm(second, taken, acknowledged="245,000,000.00").acknowledged_fen == 24_500_000_000
    with scope.opened(world.system):
        event = Event.objects.get(name="bank_statement_confirmed")
        assert event.payload["acknowledged_fen"] == 24_500_000_000
    small = taken_in(first, file(Movement(DAY, 1, "医院", HOSPITAL), number="2", opening=24_500_000_000))
    assert confirm(second, small).acknowledged_fen is None


def test_others_confirm_reject_propose_and_assign_nothing(world, first):
    taken = taken_in(first, file(Movement(DAY, 500, "某", "999", "货款")))
    support = world.actor("operator", Role.OPERATOR_SUPPORT)
    asks = [
        lambda: attempt_confirm(support, taken, digest="0" * 64),
        lambda: bank_statement_reject(actor=support, at=scope.now(), statement_id=taken.id, reason="x"),
        lambda: statement_line_propose(actor=support, at=scope.now(), line_id=1, reason="x"),
        lambda: statement_line_assign(actor=support, at=scope.now(), line_id=1, reason="x"),
    ]
    for ask in asks:
        with pytest.raises(Forbidden), scope.opened(support):
            ask()
    assert nothing_booked(world)

"""The monthly statement ties to the ledger exactly."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from settlement.queries.ledger import accounts_visible_to, available_fen
from settlement.queries.statements import month_of, statement_of
from settlement.services.ledger import BANK, DEPOSIT, credit, debit, entry_post
from sunlight import scope
from sunlight.journal.refusals import Forbidden, Invalid
from sunlight.scope import Role
from tests.factories.settlement import accepted, funded, owed, prepared
from tests.settlement.test_services_payments import approve


def receive(world, fen, on):
    with scope.opened(world.system):
        entry_post(
            actor=world.system,
            at=scope.now(),
            source=f"in:{on}:{fen}",
            purpose="receive",
            occurred_on=on,
            memo="入金",
            legs=[debit(BANK, fen), credit(DEPOSIT, fen, world.hospital.id)],
        )


def statement(world, month, who="hospital", at=None):
    role = Role.HOSPITAL_FINANCE if who.endswith("hospital") else Role.SUPPLIER_FINANCE
    actor = world.actor(who, role)
    with scope.opened(actor):
        return statement_of(actor, month, at or scope.now())


def this_month():
    return f"{scope.today():%Y-%m}"


@pytest.mark.clause("SZ20-5.3.4", "JS20-31", on="rule")
def test_opening_plus_movements_is_closing_and_the_next_opening(world):
    receive(world, 1_000_00, date(2026, 5, 31))
    receive(world, 20_05, date(2026, 6, 1))
    receive(world, 3, date(2026, 6, 30))
    receive(world, 7, date(2026, 7, 1))
    may, june, july = (statement(world, m) for m in ("2026-05", "2026-06", "2026-07"))
    assert (may.opening_fen, may.closing_fen) == (0, 1_000_00)
    assert (june.opening_fen, june.in_fen, june.out_fen, june.closing_fen) == (1_000_00, 20_08, 0, 1_020_08)
    assert [(m.occurred_on, m.in_fen, m.balance_fen) for m in june.movements] == [
        (date(2026, 6, 1), 20_05, 1_020_05),
        (date(2026, 6, 30), 3, 1_020_08),
    ]
    assert july.opening_fen == june.closing_fen and july.closing_fen == 1_020_15


@pytest.mark.clause("SZ20-5.3.4", on="rule")
def test_both_sides_of_a_payment_stand_on_both_statements(world):
    funded(world, 200_000)
    approve(world, prepared(world, [owed(world)]))
    ours, theirs = statement(world, this_month()), statement(world, this_month(), "distributor")
    (_, paid), (got,) = ours.movements, theirs.movements
    assert (paid.out_fen, paid.counterparty) == (125_000, "测试医药配送有限公司")
    assert (got.in_fen, got.counterparty) == (125_000, "测试市第一人民医院")
    assert paid.payment == got.payment and paid.invoice == got.invoice and paid.entry == got.entry
    assert (ours.closing_fen, theirs.closing_fen) == (75_000, 125_000)
    for who, closing in (("hospital", 75_000), ("distributor", 125_000)):
        actor = world.actor(who, Role.HOSPITAL_FINANCE if who == "hospital" else Role.SUPPLIER_FINANCE)
        with scope.opened(actor):
            assert [available_fen(b) for b in accounts_visible_to(actor)] == [closing]
    assert statement(world, this_month(), "maker").movements == ()


def test_the_summary_counts_the_month_of_each_party(world):
    accepted(world, price="0.3333", quantity="1.5")  # 49.995 fen, half up to 50
    funded(world, 200_000)
    approve(world, prepared(world, [owed(world)]))
    owed(world, price="1.0000")
    rows = {s.label: (s.count, s.fen) for s in statement(world, this_month()).summary}
    assert rows == {
        "本月下单": (3, 50 + 125_000 + 10_000),
        "本月验收": (3, 50 + 125_000 + 10_000),
        "本月匹配发票": (2, 135_000),
        "本月付款": (1, 125_000),
        "月末未付": (1, 10_000),
    }
    assert {s.label: s.count for s in statement(world, this_month(), "other_hospital").summary} == dict.fromkeys(
        rows, 0
    )


def test_the_same_month_known_at_the_same_moment_is_the_same_for_ever(world):
    receive(world, 5, date(2026, 6, 1))
    known = scope.now()
    before = statement(world, "2026-06", at=known)
    receive(world, 9, date(2026, 6, 2))
    assert statement(world, "2026-06", at=known) == before
    assert statement(world, "2026-06").closing_fen == 14


def test_months_and_others(world):
    assert month_of("2024-02") == (date(2024, 2, 1), date(2024, 2, 29))
    assert month_of("2026-12")[1] == date(2026, 12, 31)
    for text in ("2026-13", "2026-7", "202607", "", "2026-07-01", "１２３４-01"):
        with pytest.raises(Invalid):
            month_of(text)
    settler = world.actor("operator", Role.OPERATOR_SETTLER)
    with scope.opened(settler), pytest.raises(Forbidden):
        statement_of(settler, "2026-07", scope.now())


def test_a_statement_takes_as_many_queries_whatever_its_movements(world):
    counts = []
    for many in (1, 9):
        for _ in range(many):
            funded(world, 5)
        actor = world.actor("hospital", Role.HOSPITAL_FINANCE)
        with scope.opened(actor), CaptureQueriesContext(connection) as captured:
            statement_of(actor, this_month(), scope.now())
        counts.append(len(captured))
    assert counts[0] == counts[1]

"""The ledger: exact, balanced, once, never below zero, never changed."""

from datetime import date

import psycopg2
import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, IntegrityError, connection, transaction

from settlement.models.ledger import Account, Balance, Entry, Leg
from settlement.queries.ledger import accounts_visible_to, available_fen, ledger_faults
from settlement.services.ledger import (
    BANK,
    CLEARING,
    DEPOSIT,
    Posting,
    credit,
    debit,
    entries_post,
    entry_post,
    entry_reverse,
)
from sunlight import scope
from sunlight.journal.models import Refusal
from sunlight.journal.refusals import Conflict, Forbidden, Invalid, NotThere
from sunlight.scope import Role
from tests import databases

DAY = date(2026, 7, 20)


def receive(world, fen, source="test:1", who="hospital"):
    with scope.opened(world.system):
        return entry_post(
            actor=world.system,
            at=scope.now(),
            source=source,
            purpose="assign",
            legs=[debit(BANK, fen), credit(DEPOSIT, fen, world.organisations[who].id)],
            occurred_on=DAY,
            memo="入金",
        )


def held(world, kind, who=None):
    with scope.opened(world.system):
        balance = Balance.objects.filter(
            kind=kind, organisation=world.organisations[who] if who else None, platform=world.platform
        ).first()
        return available_fen(balance) if balance else None


@pytest.mark.clause("SZ20-5.3.4", on="rule")
def test_a_movement_keeps_both_sides_and_their_balances(world):
    entry = receive(world, 12_345_67)
    with scope.opened(world.system):
        legs = sorted(entry.legs.values_list("account__kind", "side", "amount_fen"))
        assert legs == [("BANK", "DEBIT", 1234567), ("DEPOSIT", "CREDIT", 1234567)]
        assert (entry.occurred_on, entry.memo, len(entry.number)) == (DAY, "入金", 20)
        assert ledger_faults(world.platform.id) == []
    assert held(world, BANK) == held(world, DEPOSIT, "hospital") == 1234567


def test_the_same_source_and_purpose_moves_money_once(world):
    first, again = receive(world, 500), receive(world, 500)
    assert first.id == again.id
    assert held(world, BANK) == 500
    with scope.opened(world.system):
        assert Entry.objects.count() == 1 and Leg.objects.count() == 2


def test_the_same_source_with_another_amount_is_refused(world):
    receive(world, 500)
    with pytest.raises(Conflict) as refused:
        receive(world, 501)
    assert refused.value.code == "entry_differs"
    assert held(world, BANK) == 500


@pytest.mark.clause("SZ20-5.3.4", on="rule")
def test_a_deposit_never_falls_below_zero_and_the_shortage_is_told(world):
    receive(world, 1_000_00)
    with pytest.raises(Conflict) as refused, scope.opened(world.system):
        entry_post(
            actor=world.system,
            at=scope.now(),
            source="payment:1",
            purpose="pay",
            legs=[debit(DEPOSIT, 1_234_56, world.hospital.id), credit(CLEARING, 1_234_56, world.maker.id)],
            occurred_on=DAY,
        )
    assert refused.value.message == "医院预存款余额不足，还差 234.56 元。请先入金，或减少本次金额。"
    assert refused.value.clauses == ["SZ20-5.3.4"]
    assert held(world, DEPOSIT, "hospital") == 1_000_00
    assert held(world, CLEARING, "maker") is None
    with scope.opened(world.system):
        assert Refusal.objects.filter(service="entry_post", code="balance_short").count() == 1


def test_many_movements_take_as_many_statements_as_one(world, django_assert_num_queries):
    def many(count, tag):
        return [
            Posting(f"{tag}:{n}", "assign", (debit(BANK, 7), credit(DEPOSIT, 7, world.hospital.id)), DAY)
            for n in range(count)
        ]

    receive(world, 1)
    with scope.opened(world.system):
        for count in (1, 20):
            # Two of them seal the versions of the rows.
            with django_assert_num_queries(14):
                entries_post(actor=world.system, at=scope.now(), postings=many(count, f"t{count}"))
    assert held(world, DEPOSIT, "hospital") == 1 + 21 * 7


def test_an_unbalanced_movement_is_refused_by_code_and_by_the_database(world):
    with scope.opened(world.system):
        with pytest.raises(ValueError, match="debits 2 fen, credits 1 fen"):
            entry_post(
                actor=world.system,
                at=scope.now(),
                source="x",
                purpose="x",
                legs=[debit(BANK, 2), credit(DEPOSIT, 1, world.hospital.id)],
                occurred_on=DAY,
            )
        entry = receive(world, 5)
        account = Account.objects.get(kind="BANK")
        with pytest.raises(IntegrityError, match="does not balance"), transaction.atomic():
            Leg.objects.create(entry=entry, account=account, platform=world.platform, side="DEBIT", amount_fen=1)
            with connection.cursor() as cursor:
                cursor.execute("set constraints all immediate")


@pytest.mark.clause("SZ20-5.3.4", on="rule")
@pytest.mark.parametrize("table", ["settlement_leg", "settlement_entry"])
@pytest.mark.parametrize("change", ["update {} set id = id", "delete from {}", "truncate {} cascade"])
def test_the_application_cannot_change_what_was_entered(world, table, change):
    receive(world, 5)
    for actor in (world.system, world.actor("hospital", Role.HOSPITAL_FINANCE)):
        denied = pytest.raises(DatabaseError, match="append-only|permission denied")
        with denied, scope.opened(actor), connection.cursor() as cursor:
            cursor.execute(change.format(table))
    assert held(world, BANK) == 5


AN_ENTRY = """
alter table settlement_account no force row level security;
alter table settlement_entry no force row level security;
alter table settlement_leg no force row level security;
insert into settlement_account (platform_id, kind) select id, 'BANK' from tenancy_platform where code = 'gd';
insert into settlement_account (platform_id, kind) select id, 'UNIDENTIFIED' from tenancy_platform where code = 'gd';
insert into settlement_entry (number, platform_id, source, purpose, occurred_on, recorded_at, memo)
  select '1', platform_id, 'x', 'x', date '2026-07-20', timestamptz '2026-07-20 00:00+08', '' from settlement_account limit 1;
insert into settlement_leg (entry_id, account_id, platform_id, side, amount_fen)
  select e.id, a.id, a.platform_id, case a.kind when 'BANK' then 'DEBIT' else 'CREDIT' end, 5
    from settlement_entry e, settlement_account a;
set constraints all immediate;
"""


@pytest.mark.clause("SZ20-5.3.4", on="rule")
@pytest.mark.parametrize("table", ["settlement_leg", "settlement_entry"])
@pytest.mark.parametrize("change", ["update {} set id = id", "delete from {}", "truncate {} cascade"])
def test_even_the_owner_with_row_security_taken_off_cannot(db, table, change):
    with databases.owner(connection.settings_dict["NAME"]) as owner, owner.cursor() as cursor:
        cursor.execute("begin; alter table tenancy_platform no force row level security;" + AN_ENTRY)
        with pytest.raises(psycopg2.Error, match="is append-only: (UPDATE|DELETE|TRUNCATE) refused"):
            cursor.execute(change.format(table))
        cursor.execute("rollback")


def test_a_party_reads_its_own_accounts_and_entries_only(world):
    receive(world, 5)
    receive(world, 7, source="test:2", who="other_hospital")
    for who, fen in (("hospital", 5), ("other_hospital", 7)):
        actor = world.actor(who, Role.HOSPITAL_FINANCE)
        with scope.opened(actor):
            assert [available_fen(b) for b in accounts_visible_to(actor)] == [fen]
            assert Entry.objects.count() == 1
            assert list(Leg.objects.values_list("organisation_id", flat=True)) == [world.organisations[who].id]
    with scope.opened(world.actor("maker", Role.SUPPLIER_FINANCE)):
        assert not Entry.objects.exists() and not Leg.objects.exists() and not Balance.objects.exists()


@pytest.mark.parametrize("who", ["hospital", "maker"])
def test_a_party_cannot_write_the_ledger(world, who):
    receive(world, 5)
    role = Role.HOSPITAL_FINANCE if who == "hospital" else Role.SUPPLIER_FINANCE
    for statement in (
        "insert into settlement_account (platform_id, organisation_id, kind) values (%s, %s, 'DEPOSIT')",
        "update settlement_balance set credit_fen = 1 where platform_id = %s and organisation_id = %s",
    ):
        denied = pytest.raises(DatabaseError, match="permission denied")
        with denied, scope.opened(world.actor(who, role)), connection.cursor() as cursor:
            cursor.execute(statement, [world.platform.id, world.organisations[who].id])


def test_a_correction_is_a_reversing_entry(world):
    entry = receive(world, 900)
    with scope.opened(world.system):
        reversing = entry_reverse(actor=world.system, at=scope.now(), entry_id=entry.id, reason="认领错误")
        assert (reversing.reverses_id, reversing.memo) == (entry.id, "认领错误")
        assert sorted(reversing.legs.values_list("account__kind", "side", "amount_fen")) == [
            ("BANK", "CREDIT", 900),
            ("DEPOSIT", "DEBIT", 900),
        ]
        assert ledger_faults(world.platform.id) == []
        again = entry_reverse(actor=world.system, at=scope.now(), entry_id=entry.id, reason="认领错误")
        assert again.id == reversing.id
        with pytest.raises(Conflict):
            entry_reverse(actor=world.system, at=scope.now(), entry_id=reversing.id, reason="再冲")
        with pytest.raises(Invalid):
            entry_reverse(actor=world.system, at=scope.now(), entry_id=entry.id, reason=" ")
        with pytest.raises(NotThere):
            entry_reverse(actor=world.system, at=scope.now(), entry_id=0, reason="无")
    assert held(world, BANK) == held(world, DEPOSIT, "hospital") == 0


def test_nobody_reverses_alone(world):
    entry = receive(world, 900)
    for who, role in (("hospital", Role.HOSPITAL_FINANCE), ("operator", Role.OPERATOR_SETTLER)):
        actor = world.actor(who, role)
        with pytest.raises(Forbidden), scope.opened(actor):
            entry_reverse(actor=actor, at=scope.now(), entry_id=entry.id, reason="x")


def test_money_already_paid_out_cannot_be_reversed_away(world):
    entry = receive(world, 900)
    with scope.opened(world.system):
        entry_post(
            actor=world.system,
            at=scope.now(),
            source="payment:1",
            purpose="pay",
            legs=[debit(DEPOSIT, 500, world.hospital.id), credit(CLEARING, 500, world.maker.id)],
            occurred_on=DAY,
        )
        with pytest.raises(Conflict) as refused:
            entry_reverse(actor=world.system, at=scope.now(), entry_id=entry.id, reason="错")
        assert refused.value.facts["shortage_fen"] == 500


def test_the_database_itself_keeps_an_account_above_zero(world):
    receive(world, 5)
    refused = pytest.raises(IntegrityError, match="never_falls_below_zero")
    with scope.opened(world.system), refused, transaction.atomic():
        Balance.objects.filter(kind="DEPOSIT").update(debit_fen=6)


def test_verification_finds_a_balance_that_was_tampered_with(world, capsys):
    receive(world, 5)
    with scope.opened(world.system):
        Balance.objects.filter(kind="DEPOSIT").update(credit_fen=6)
        assert ledger_faults(world.platform.id) == ["账户 医院预存款（测试市第一人民医院） 余额与分录合计不符"]
    with pytest.raises(CommandError, match="1 faults"):
        call_command("verify_ledger")
    assert "gd-sz: 账户 医院预存款（测试市第一人民医院） 余额与分录合计不符\n" in capsys.readouterr().out

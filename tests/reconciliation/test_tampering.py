"""What somebody with all rights on the database does to money's rows is found by the night's walk."""

import pytest
from django.core.management import CommandError, call_command

from settlement.models.payment import Payment
from sunlight import scope
from sunlight.reconciliation.models import Discrepancy
from sunlight.tenancy.queries.actors import open_platform_actors
from tests.reconciliation import walking
from tests.reconciliation.drilling import drill
from tests.reconciliation.tampering import Vandal


@pytest.fixture
def vandal(demo_database):
    made = Vandal(demo_database, seed=1)
    yield made
    made.close()


@pytest.fixture
def found(vandal):
    """`found(statement, …)`: what the walk finds after these statements of the superuser: {(kind, table): columns}."""

    def after(*statements):
        for statement in statements:
            assert vandal.run(statement) > 0, statement
        return walking.found()

    return after


def test_the_demonstration_reconciles_and_every_table_has_rows(vandal):
    assert walking.found() == {}
    seen = {relation for (relation,) in vandal.run("select distinct relation from journal_rowfact")}
    missing = {"reconciliation_discrepancy", "settlement_accountchange", "settlement_banknotice", "settlement_netting"}
    # Reference prices ended with 2024.
    missing.add("pricing_referenceprice")
    assert set(walking.ROWS) - seen <= missing


def test_a_kept_version_holds_every_column_that_is_not_derived(vandal):
    for table, rows in walking.ROWS.items():
        for (keys,) in vandal.run(
            "select distinct (select array_agg(k order by k) from jsonb_object_keys(facts) k) from journal_rowfact where relation = %s",
            [table],
        ):
            columns = {"id", *vandal.columns(table)} - set(rows.derived)
            assert set(keys) == columns, f"{table}: its versions are not whole"


A_MADE_PAYMENT = "(select min(id) from settlement_payment where entry_id is not null and state = 'PAID')"


def test_the_account_of_a_made_payment(found):
    columns = found(
        f"update settlement_payment set payee_account_number = '6222000000000000000' where id = {A_MADE_PAYMENT}",
    )
    assert columns == {("DIFFERS", "settlement_payment"): ["payee_account_number"]}


def test_the_price_of_an_order_line(found):
    columns = found(
        "update procurement_orderline set price = price + 0.0001 where id = (select min(id) from procurement_orderline)",
    )
    assert columns == {("DIFFERS", "procurement_orderline"): ["price"]}


def test_the_text_of_a_signed_contract_with_its_hash(found):
    columns = found(
        "update procurement_supplycontract set text = replace(text, '三十', '九十') || ' ',"
        " text_sha256 = encode(sha256(convert_to(replace(text, '三十', '九十') || ' ', 'UTF8')), 'hex')"
        " where id = (select min(id) from procurement_supplycontract)",
    )
    assert columns == {("DIFFERS", "procurement_supplycontract"): ["text", "text_sha256"]}


def test_all_bank_lines_rewritten(found):
    columns = found(
        "update settlement_statementline set counterparty_name = '谁也不是', reference = 'x'",
    )
    assert columns == {("DIFFERS", "settlement_statementline"): ["counterparty_name", "reference"]}


def test_a_payment_raised_consistently_everywhere(found, vandal):
    ((entry, account, payable, invoice),) = vandal.run(
        "select p.entry_id, b.id, p.payable_id, y.invoice_id from settlement_payment p"
        " join settlement_payable y on y.id = p.payable_id join settlement_leg l on l.entry_id = p.entry_id and l.side = 'DEBIT'"
        f" join settlement_balance b on b.account_id = l.account_id where p.id = {A_MADE_PAYMENT}"
    )
    raised = "amount_fen = amount_fen + 100000"
    columns = found(
        f"update settlement_leg set {raised} where entry_id = {entry}",
        f"update settlement_balance set debit_fen = debit_fen + 100000 where id = {account}",
        f"update settlement_payment set {raised} where entry_id = {entry}",
        f"update settlement_payable set {raised} where id = {payable}",
        f"update settlement_invoice set {raised}, net_fen = net_fen + 100000 where id = {invoice}",
    )
    assert columns == {
        ("DIFFERS", "settlement_leg"): ["amount_fen"],
        ("DIFFERS", "settlement_balance"): ["debit_fen"],
        ("DIFFERS", "settlement_payment"): ["amount_fen"],
        ("DIFFERS", "settlement_payable"): ["amount_fen"],
        ("DIFFERS", "settlement_invoice"): ["amount_fen", "net_fen"],
    }


def test_a_row_removed_and_a_row_invented(found):
    columns = found(
        "delete from tenancy_bankaccount where id = (select min(id) from tenancy_bankaccount where account_name like '%医院%')",
        "insert into settlement_leg (entry_id, account_id, platform_id, organisation_id, side, amount_fen)"
        " select entry_id, account_id, platform_id, organisation_id, side, 7 from settlement_leg order by id limit 2",
    )
    assert set(columns) == {("MISSING", "tenancy_bankaccount"), ("UNKNOWN", "settlement_leg")}


def test_a_row_with_its_kept_version(found):
    """The version no longer fits the digest that the event seals."""
    payment = "(select min(id) from settlement_payment)"
    columns = found(
        f"update settlement_payment set amount_fen = amount_fen + 1 where id = {payment}",
        "update journal_rowfact set facts = facts || jsonb_build_object('amount_fen', (facts ->> 'amount_fen')::bigint + 1)"
        f" where relation = 'settlement_payment' and row_id = {payment}",
    )
    assert set(columns) == {("BROKEN", "journal_rowfact")}


def test_a_row_with_its_version_and_the_event(found):
    """Nothing is left but the seal of the event."""
    payment = "(select min(id) from settlement_payment)"
    columns = found(
        "delete from journal_event where name = 'rows_kept' and subject_id in (select f.transaction from journal_rowfact f"
        f" where f.relation = 'settlement_payment' and f.row_id = {payment})",
        f"delete from journal_rowfact where relation = 'settlement_payment' and row_id = {payment}",
        f"delete from settlement_payment where id = {payment}",
    )
    assert ("CHAIN", "journal_seal") in columns


def test_a_change_with_the_triggers_on_has_no_event(found, vandal):
    vandal.run("set session_replication_role = origin")
    try:
        columns = found(
            "update settlement_payable set due_on = due_on + 90 where id = (select min(id) from settlement_payable)",
        )
    finally:
        vandal.run("set session_replication_role = replica")
    assert columns == {("UNRECORDED", "settlement_payable"): ["due_on"]}


def test_a_row_restored_to_an_older_version(found, vandal):
    edit = vandal.edit("restore", "settlement_payment")
    columns = found()
    assert (
        list(columns) == [("DIFFERS", "settlement_payment")] and "version" in columns["DIFFERS", "settlement_payment"]
    )
    assert len(edit.ids) == 1


def test_what_a_later_service_would_cover_up(found, vandal):
    """Changed past the triggers, then moved on by a service: the version it leaves holds the forged value, and says so."""
    vandal.run(f"update settlement_payment set payee_account_number = '1' where id = {A_MADE_PAYMENT}")
    actor = next(each for each in open_platform_actors() if each.platform_code == "gd-sz")
    walking.served(actor, lambda: Payment.objects.filter(payee_account_number="1").update(version=99))
    columns = found()
    assert columns == {("STRAYED", "settlement_payment"): ["payee_account_number"]}
    with scope.opened(actor):
        row = Discrepancy.objects.order_by("-id").first()
        assert row.columns[0]["found"] == "1" and len(row.columns[0]["said"]) > 12


def test_the_command_says_what_it_finds_and_ends_with_1(vandal, capsys):
    vandal.run(f"update settlement_payment set amount_fen = amount_fen + 1 where id = {A_MADE_PAYMENT}")
    with pytest.raises(CommandError) as found:
        call_command("reconcile")
    assert found.value.returncode == 1
    assert "数据与封存的版本不一致（amount_fen）" in capsys.readouterr().out


def test_random_edits_are_found(vandal, request):
    """A dozen of the drill's two hundred, others in every run."""
    seed = request.config.getoption("randomly_seed", 0)
    assert drill(vandal, seed, 12) == []

"""No table and no column of money is forgotten: models, declarations and the database's triggers say the same."""

from importlib.util import find_spec

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import connection

from sunlight.journal import keeping
from sunlight.journal.rowfacts import LEFT, ROWS, Rows, left, rows
from sunlight.kernel import modules
from tests.house import INSTALLED


def reconciling() -> list[str]:
    """The apps that have rows reconciled."""
    return [app for app in INSTALLED if find_spec(app) and modules.contributed([app], "reconciled")]


def undeclared(models) -> list[str]:
    """What to do about each table that no `reconciled` module names."""
    return [
        f"{table}: say rows({table!r}, …) in {model._meta.app_config.name}'s `reconciled` module (or its room's) and add"
        f" keep_rows({table!r}) to its 0002_wall migration; or left('why not', {table!r})"
        for model in models
        if (table := model._meta.db_table) not in ROWS and table not in LEFT
    ]


def test_every_table_of_a_reconciling_app_is_reconciled_or_left_out_with_a_reason():
    found = reconciling()
    assert {"settlement", "procurement", "pricing", "sunlight.tenancy"} <= set(found)
    models = [model for model in apps.get_models() if model._meta.app_config.name in found]
    assert undeclared(models) == []
    assert set(ROWS) | set(LEFT) <= {model._meta.db_table for model in models}
    assert all(LEFT.values())


def test_a_forgotten_table_is_told_what_to_declare():
    message = undeclared([apps.get_model("jobs", "Job")])[0]
    assert message.startswith("jobs_job: say rows('jobs_job', …) in sunlight.jobs's `reconciled` module")


def faults_of(declared: Rows) -> list[str]:
    """Where the database's triggers differ from the declaration of a table."""
    with connection.cursor() as cursor:
        cursor.execute("select prosrc from pg_proc where proname = %s", [f"{declared.table}_kept"])
        source = cursor.fetchone()
        cursor.execute(
            "select tgname from pg_trigger where tgrelid = %s::regclass and not tgisinternal and tgenabled = 'O'"
            " and tgfoid = %s::regproc",
            [declared.table, f"{declared.table}_kept" if source else "sun_refuse_change"],
        )
        triggers = {name for (name,) in cursor.fetchall()}
    expected = keeping.function_of(declared.table, declared.platform, declared.derived)
    wanted = {f"{declared.table}_kept_{move}" for move in ("insert", "update")}
    remedy = f"keep_rows({declared.table!r}, …) in its 0002_wall migration, as its `reconciled` module declares it"
    return [] if source == (expected,) and triggers == wanted else [f"{declared.table}: {remedy}"]


def test_the_triggers_keep_what_is_declared(db):
    assert [fault for each in ROWS.values() for fault in faults_of(each)] == []
    assert faults_of(Rows("jobs_job", "任务")) == [
        "jobs_job: keep_rows('jobs_job', …) in its 0002_wall migration, as its `reconciled` module declares it"
    ]
    changed = Rows("settlement_payment", "付款", derived={"memo": "x"})
    assert faults_of(changed)


def test_a_derived_column_is_one_of_the_table_and_says_why():
    models = {model._meta.db_table: model for model in apps.get_models()}
    for table, each in ROWS.items():
        columns = {field.column for field in models[table]._meta.concrete_fields}
        assert set(each.derived) <= columns, f"{table}: {sorted(set(each.derived) - columns)} are no columns of it"
        assert each.name in columns and all(each.derived.values())


def test_a_table_is_declared_once():
    with pytest.raises(ValueError, match="declared twice"):
        rows("settlement_payment", "付款")
    with pytest.raises(ValueError, match="declared twice"):
        left("x", "settlement_payment")


def test_the_columns_are_printed(capsys):
    call_command("reconcile", columns=True)
    printed = capsys.readouterr().out
    assert "settlement_payment（付款）" in printed and "payee_account_number" in printed
    assert "procurement_deliveryline：在途货物" in printed

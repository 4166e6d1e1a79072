"""The nightly reconciliation over as many payments as SIZE says, beside a plain scan of the same rows that renders each once;
and what keeping versions costs a statement that writes.

    python bench/reconciliation.py         S 50 000, M 1 million
"""

import sys

import _kit
import django

django.setup()

from django.db import connection

from settlement.models.payment import Payment
from sunlight import scope
from sunlight.journal.keeping import DIGEST
from sunlight.journal.rowfacts import ROWS
from sunlight.reconciliation.queries import comparing
from tests import databases
from tests import world as worlds
from tests.factories.settlement import funded, owed, prepared
from tests.security import filling

TABLE = "settlement_payment"
# Versions that one event seals: a run's payment, payable, entry, legs and balances.
EACH = 5
GOAL = 12.0
UPDATED = 2_000


def main(rows: int) -> int:
    print(f"{rows} payments, {_kit.load_text()}")
    with databases.copy_of(databases.world_template(), "sun_bench_reconciliation"):
        world = worlds.found()
        funded(world, 10**9)
        prepared(world, [owed(world)])
        _fill(rows, world.platform.id)
        _walk(world, rows)
        _keeping(world)
    return _kit.outcome()


def _fill(rows: int, platform_id: int) -> None:
    """Copies of the payment, each with its version, sealed in groups by events."""
    columns = {f.column: f"t.{f.column}" for f in Payment._meta.concrete_fields}
    columns |= {"id": "-g", "number": "'9' || lpad(g::text, 19, '0')", "payable_id": "-g"}
    with filling.open_to_the_owner(Payment) as cursor:
        cursor.execute("select conname from pg_constraint where conrelid = %s::regclass and contype = 'f'", [TABLE])
        for (name,) in cursor.fetchall():
            cursor.execute(f"alter table {TABLE} drop constraint {name}")
        cursor.execute(
            f"insert into {TABLE} ({', '.join(columns)}) select {', '.join(columns.values())}"
            f" from {TABLE} t, generate_series(1, %s) g where t.id > 0",
            [rows],
        )
        # So that ids stand above zero, where the walk begins.
        cursor.execute(f"update {TABLE} set id = -id + 1000 where id < 0")
        cursor.execute("set timezone = 'UTC'")
        cursor.execute("alter table journal_event no force row level security")
        cursor.execute(
            "insert into journal_rowfact (platform_id, transaction, relation, row_id, facts)"
            f" select platform_id, 10::bigint ^ 12 + id / {EACH}, '{TABLE}', id, to_jsonb(t) from {TABLE} t where id > 1000"
            " order by id"
        )
        cursor.execute(
            "insert into journal_event (platform_id, parties, actor_name, actor_organisation_name, actor_roles, on_behalf_of,"
            " client_address, client_agent, request_id, occurred_at, recorded_at, name, subject_type, subject_id,"
            " subject_version, payload) select platform_id, '{}', '', '', '{}', '', '', '', '', '2026-03-02', '2026-03-02',"
            " 'rows_kept', 'row_facts', transaction, 1, jsonb_build_object('service', 'payment_make', 'count', count(*),"
            f" 'first', min(id), 'last', max(id), 'sha256', {DIGEST}) from journal_rowfact f where transaction > 10::bigint ^ 12"
            " group by platform_id, transaction"
        )
        for table in (TABLE, "journal_rowfact", "journal_event"):
            cursor.execute(f"vacuum analyze {table}")
        cursor.execute("alter table journal_event force row level security")


def _walk(world, rows: int) -> None:
    system, platform_id = world.system, world.platform.id
    with scope.opened(system):
        wide = comparing.everywhere(system)
    pid = connection.connection.info.backend_pid
    with scope.opened(wide), connection.cursor() as cursor:
        scan = f"select count(*), max(length(t::text)) from {TABLE} t where platform_id = {platform_id}"
        # Processor time of this backend is what is compared, so it does all of the work.
        cursor.execute("set local max_parallel_workers_per_gather = 0")
        cursor.execute(scan)
        plain, _ = _kit.measured(lambda: cursor.execute(scan), pid)
    _kit.figure("plain scan, each row rendered once", str(plain), f"{rows / plain.clock:,.0f} rows/s")
    passes = {
        "rows with versions": (lambda after: comparing.compare_rows(ROWS[TABLE], platform_id=platform_id, after=after)),
        "versions with events": (lambda after: comparing.compare_versions(platform_id=platform_id, after=after)),
        "digests of events": (lambda after: comparing.compare_seals(platform_id=platform_id, after=after)),
    }
    whole = _kit.Spent()
    for name, compare in passes.items():
        taken, differences = _kit.measured(lambda compare=compare: _all(wide, compare), pid)
        whole.clock, whole.server = whole.clock + taken.clock, whole.server + taken.server
        _kit.figure(name, str(taken), f"{rows / taken.clock:,.0f} rows/s", ratio=_kit.by_server(taken, plain))
        # The first rows were made by plain factories, without a service.
        if differences > 20:
            raise SystemExit(f"{name}: {differences} differences, there should be none")
    ratio = _kit.by_server(whole, plain)
    _kit.figure("the whole walk", str(whole), f"{rows / whole.clock:,.0f} rows/s", ratio=ratio, goal=GOAL)


def _all(wide, compare) -> int:
    after, differences = 0, 0
    while True:
        with scope.opened(wide):
            chunk = compare(after)
        after, differences = chunk.upto, differences + chunk.count
        if chunk.over:
            return differences


def _keeping(world) -> None:
    """An UPDATE of many payments, with and without the triggers that keep versions."""
    statement = f"update {TABLE} set version = version + 1 where id between 2000 and {2000 + UPDATED - 1}"
    taken = {}
    for name, state in (("with", "enable"), ("without", "disable")):
        with databases.owner() as owner, owner.cursor() as cursor:
            cursor.execute(f"alter table {TABLE} {state} trigger user")
        pid = connection.connection.info.backend_pid
        with scope.opened(world.system), connection.cursor() as cursor:
            taken[name], _ = _kit.measured(lambda cursor=cursor: cursor.execute(statement), pid)
    more = (taken["with"].server - taken["without"].server) / UPDATED * 1e6
    _kit.figure("keeping a version, an UPDATE of many", f"{more:.0f} µs CPU a row", str(taken["without"]))


if __name__ == "__main__":
    sys.exit(main(_kit.size_asked().rows))

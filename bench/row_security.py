"""What the tenant wall costs: for every table that parties share, at a million rows, the questions of each of its parties,
operator and regulator with the policies on, as the application asks them, and with the same WHERE and no policies, as the
owner of a copy; in one run, in turns. Goal: 1.05 times the database's processor, over all of them, for the pages and for
all of a party's rows. Before that, what the ticket costs beside the settings it replaced (`bench/_ticket.py`).

    python bench/row_security.py [rows] [table …]    otherwise as many as SIZE says, S 50 000, M 1 million, and every table
    python bench/row_security.py ticket              the ticket alone
"""

import logging
import os
import statistics
import sys
import time

import _kit
import django

django.setup()

import _ticket
from django.db import connection

from sunlight import scope
from tests import databases
from tests.security import estate as estates
from tests.security import filling

ROUNDS, WARM = 31, 3
GOAL = 1.05


def seconds(cursor, sql: str, params) -> float:
    """Processor time of the database for one question: on a shared machine the clock also measures the others."""
    pid = cursor.connection.info.backend_pid
    begun, clock = _kit.processor(pid), time.perf_counter()
    cursor.execute(sql, params)
    cursor.fetchall()
    return _kit.processor(pid) - begun or time.perf_counter() - clock


def questions(shared, actor, who: str):
    """The newest page, and all of a party's rows: short, where planning shows, and long, where each row's check shows."""
    yield "page", filling.first_page(shared, actor)
    if who not in filling.WATCHERS:
        yield "all", filling.own_rows(shared, actor)


def measure(shared, actor, queryset) -> tuple[float, float]:
    """Median seconds (with, without) row security; in turns, each first as often as second, so that both meet the same
    noise and the same caches. Both by the driver's own cursor."""
    sql, params = queryset.query.sql_with_params()
    taken: dict[str, list[float]] = {"wall": [], "bare": []}
    with filling.open_to_the_owner(shared.model) as bare:

        def walled():
            with scope.opened(actor), connection.connection.cursor() as cursor:
                taken["wall"].append(seconds(cursor, sql, params))

        def open_():
            bare.execute("begin")
            taken["bare"].append(seconds(bare, sql, params))
            bare.execute("commit")

        for turn in range(WARM + ROUNDS):
            for ask in (walled, open_) if turn % 2 else (open_, walled):
                ask()
    return statistics.median(taken["wall"][WARM:]), statistics.median(taken["bare"][WARM:])


def main(count: int, tables: list[str]) -> int:
    logging.disable(logging.WARNING)
    _ticket.price()
    sums = {"page": [0.0, 0.0], "all": [0.0, 0.0]}
    worst = dict.fromkeys(sums, 0.0)
    print(f"{count} rows a table; {_kit.load_text()}")
    print(f"{'table':40}{'as':24}{'question':9}{'wall ms':>9}{'bare ms':>9}{'ratio':>7}")
    for shared in filling.shared_tables():
        if tables and shared.table not in tables:
            continue
        with databases.copy_of(databases.template(), f"sun_bench_{os.getpid()}"):
            for who, name, wall, bare in questions_answered(shared, estates.build(), count):
                sums[name][0] += wall
                sums[name][1] += bare
                worst[name] = max(worst[name], wall / bare)
                figures = f"{wall * 1000:9.2f}{bare * 1000:9.2f}{wall / bare:7.2f}"
                print(f"{shared.table:40}{who:24}{name:9}{figures}", flush=True)
    for name, label in (("page", "newest page"), ("all", "all of a party's rows")):
        wall, bare = sums[name]
        _kit.figure(
            f"row security, {label}",
            f"{wall * 1000:.1f} ms",
            f"same WHERE, no policies {bare * 1000:.1f} ms",
            ratio=wall / bare,
            goal=GOAL,
        )
        print(f"  worst single question {worst[name]:.2f} x; {_kit.load_text()}")
    return _kit.outcome()


def questions_answered(shared, estate, count: int):
    """(who, question, seconds with the wall, seconds without) of everybody who looks at a table."""
    filling.fill(shared, estates.BASE, count)
    region = getattr(estate.rows[shared.model], "region_id", 0) or 3
    for who, rare in filling.askers(shared):
        actor = filling.actor_of(who, estate.world.platform.id, region, rare=rare)
        for name, queryset in questions(shared, actor, who):
            yield who + " (few)" * rare, name, *measure(shared, actor, queryset)


def ticket() -> int:
    logging.disable(logging.WARNING)
    _ticket.price()
    return _kit.outcome()


if __name__ == "__main__":
    if sys.argv[1:] == ["ticket"]:
        sys.exit(ticket())
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else _kit.size_asked().rows, sys.argv[2:]))

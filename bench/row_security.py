"""What the tenant wall costs: for every table that parties share, at a million rows, the questions of each of its parties,
operator and regulator with the policies on, as the application asks them, and with the same WHERE and no policies, as the
owner of a copy; in one run, in turns. Goal: 1.05 times, over all of them, for the pages and for all of a party's rows.

    python bench/row_security.py [rows]
"""

import os
import statistics
import sys
import time

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "sunlight.settings")
sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

import django

django.setup()

from django.db import connection

from sunlight import scope
from tests import databases
from tests.security import estate as estates
from tests.security import filling

ROUNDS, WARM = 31, 3
GOAL = 1.05


def seconds(cursor, sql: str, params) -> float:
    begun = time.perf_counter()
    cursor.execute(sql, params)
    cursor.fetchall()
    return time.perf_counter() - begun


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


def main(count: int) -> int:
    sums = {"page": [0.0, 0.0], "all": [0.0, 0.0]}
    worst = dict.fromkeys(sums, 0.0)
    with databases.copy_of(databases.template(), f"sun_bench_{os.getpid()}"):
        estate = estates.build()
        print(f"{count} rows a table; load {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors")
        print(f"{'table':40}{'as':24}{'question':9}{'wall ms':>9}{'bare ms':>9}{'ratio':>7}")
        for shared in filling.shared_tables():
            filling.fill(shared, estates.BASE, count)
            row = estate.rows[shared.model]
            for who, rare in filling.askers(shared):
                actor = filling.actor_of(who, estate.world.platform.id, getattr(row, "region_id", 0) or 3, rare=rare)
                for name, queryset in questions(shared, actor, who):
                    wall, bare = measure(shared, actor, queryset)
                    sums[name][0] += wall
                    sums[name][1] += bare
                    worst[name] = max(worst[name], wall / bare)
                    print(
                        f"{shared.table:40}{who + ' (few)' * rare:24}{name:9}{wall * 1000:9.2f}{bare * 1000:9.2f}"
                        f"{wall / bare:7.2f}",
                        flush=True,
                    )
            filling.empty(shared)
    holds = True
    for name, (wall, bare) in sums.items():
        holds = holds and wall / bare <= GOAL
        print(
            f"row security, {name:5} {wall / bare:6.3f} x the same WHERE without policies (goal {GOAL}), worst"
            f" {worst[name]:.2f}: {'holds' if wall / bare <= GOAL else 'DOES NOT HOLD'}; load {os.getloadavg()[0]:.1f}"
        )
    return 0 if holds else 1


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000))

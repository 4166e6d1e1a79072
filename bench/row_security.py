"""What the tenant wall costs: for every multi-party table at a million rows, the same questions with the policies on (as the
application) and off (as the owner of a copy), in one run, alternating. Goal: at most 1.05 times.

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

ROUNDS = 15
GOAL = 1.05


def seconds(cursor, sql: str, params) -> float:
    begun = time.perf_counter()
    cursor.execute(sql, params)
    cursor.fetchall()
    return time.perf_counter() - begun


def questions(model, actor):
    """The newest page, and all of a party's rows: short, where planning shows, and long, where each row's check shows."""
    yield "page", filling.first_page(model, actor)
    yield "all", filling.own_rows(model, actor)


def measure(model, actor, queryset) -> tuple[float, float]:
    """Median seconds (with, without) row security; the two alternate, so that both meet the same noise."""
    sql, params = queryset.query.sql_with_params()
    with_wall, without = [], []
    with filling.open_to_the_owner(model) as bare:
        for _ in range(ROUNDS + 2):
            without.append(seconds(bare, sql, params))
            with scope.opened(actor), connection.cursor() as cursor:
                with_wall.append(seconds(cursor, sql, params))
    return statistics.median(with_wall[2:]), statistics.median(without[2:])


def main(count: int) -> int:
    worst = 0.0
    with databases.copy_of(databases.template(), f"sun_bench_{os.getpid()}"):
        estate = estates.build()
        print(f"{'table':34}{'party':16}{'question':9}{'wall ms':>9}{'bare ms':>9}{'ratio':>7}")
        for model in filling.multi_party_models():
            filling.fill(model, estates.BASE, count)
            for column in filling.askers(model):
                actor = filling.actor_of(column, estate.world.platform.id, estate.rows[model].region_id)
                for name, queryset in questions(model, actor):
                    if column == "platform" and name == "all":
                        continue
                    wall, bare = measure(model, actor, queryset)
                    if name == "all":
                        worst = max(worst, wall / bare)
                    print(
                        f"{model._meta.db_table:34}{column:16}{name:9}{wall * 1000:9.2f}{bare * 1000:9.2f}{wall / bare:7.2f}"
                    )
            filling.empty(model, estates.BASE)
    print(f"worst ratio over all of a party's rows: {worst:.2f} (goal {GOAL})")
    return 0


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000))

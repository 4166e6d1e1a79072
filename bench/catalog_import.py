"""The national release, 50 000 rows: import from CSV beside a bare COPY, from xlsx beside calamine's bare read, and the
catalogue's search with its plan as a party's role sees it."""

import csv
import io
import os
import resource
import statistics
import sys
import time
from contextlib import contextmanager

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "sunlight.settings")
sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

import django

django.setup()

from django.core.management import call_command
from django.db import connections
from python_calamine import CalamineWorkbook

from catalog import queries
from catalog.services.releases import national_release_import
from sunlight import scope
from sunlight.demo.files import national_release as sample
from sunlight.scope.actor import ANONYMOUS
from sunlight.tenancy.queries import open_platform_actors

ROWS = 50_000


class Undo(Exception):
    """Ends a measured transaction without keeping it."""


@contextmanager
def undone(actor):
    try:
        with scope.opened(actor):
            yield
            raise Undo
    except Undo:
        pass


def timed(call):
    begun = time.perf_counter()
    result = call()
    return time.perf_counter() - begun, result


def copied(content: bytes) -> float:
    text = io.StringIO(content.decode("utf-8-sig"), newline="")
    width = len(next(csv.reader(text)))
    text.seek(0)
    with connections["owner"].cursor() as cursor:
        cursor.execute(f"create temp table bare ({', '.join(f'c{i} text' for i in range(width))})")
        seconds, _ = timed(lambda: cursor.copy_expert("copy bare from stdin with csv header", text))
        cursor.execute("drop table bare")
    return seconds


def main() -> None:
    call_command("migrate", verbosity=0)
    call_command("load_reference", verbosity=0)
    system = open_platform_actors()[0]
    plain, book = sample.full_csv(ROWS, planted=False), sample.full_workbook(ROWS, planted=False)

    def take(content, name):
        return national_release_import(actor=system, at=scope.now(), name=name, content=content)

    with undone(system):
        from_book, run = timed(lambda: take(book, "bench.xlsx"))
        assert run.rows_taken == ROWS, run.rows_taken
    bare_read, _ = timed(lambda: CalamineWorkbook.from_filelike(io.BytesIO(book)).get_sheet_by_index(0).to_python())
    bare_copy = copied(plain)
    with undone(system):
        from_csv, run = timed(lambda: take(plain, "bench.csv"))
        again, run = timed(lambda: take(plain, "bench.csv"))
        assert run.rows_unchanged == ROWS, run.rows_unchanged
        print(f"CSV import   {ROWS / from_csv:8.0f} rows/s  ({from_csv:.1f} s), sent again {again:.1f} s")
        print(f"bare COPY    {ROWS / bare_copy:8.0f} rows/s  -> import at {bare_copy / from_csv:.1%} of it")
        print(f"xlsx import  {ROWS / from_book:8.0f} rows/s  ({from_book:.1f} s), calamine alone {bare_read:.1f} s")
        print(f"peak memory  {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10} MB")
        search()


def search() -> None:
    with scope.opened(ANONYMOUS):
        for text in ("支架", "晶状体", "散光", "C0201", "ywxtg", "示范 球囊", "SF-020001"):
            took = []
            for _ in range(20):
                seconds, found = timed(lambda text=text: list(queries.national_codes_search(text)[:20]))
                took.append(seconds * 1000)
            print(f"search {text:12} {statistics.median(took):6.2f} ms  {len(found)} of a page of 20")
        plan = queries.national_codes_search("散光").explain(analyze=True)
        print(plan)


if __name__ == "__main__":
    main()

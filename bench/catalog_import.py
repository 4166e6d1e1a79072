"""The national release beside its bounds: from CSV beside a bare COPY of the same file into an unindexed table, sent again,
from xlsx beside calamine's bare read, the most memory each takes; the catalogue's search with its plan.

    SIZE=S bench/catalog_import.py      50 000 rows; M, where none is given, a million

Each import runs chunk by chunk as a worker would run it; ratios are of the processor time of database and Python together.
The file's 500 faults, of twelve kinds, must be reported exactly.
"""

import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from pathlib import Path

import django
from _kit import Spent, figure, load_text, measured, outcome, size_asked, spent

django.setup()

from django.db import connection

from catalog.queries.codes import national_codes_search
from catalog.services.releases import national_release_queue
from sunlight import scope
from sunlight.demo.files import large_release
from sunlight.jobs.models import Job
from sunlight.jobs.services.jobs import job_claim, job_continue
from sunlight.jobs.workflows import JobState
from sunlight.scope.actor import ANONYMOUS
from sunlight.sheets.models import ImportRun
from sunlight.sheets.queries import refused_rows
from sunlight.tenancy.queries.actors import open_platform_actors
from tests import databases

FAULTS = 500
# A quarter of COPY's rows a second, and twice calamine's time.
MOST_OF_COPY, MOST_OF_CALAMINE, MOST_CHILD_MB = 4, 2, 3072
CALAMINE = (
    "import sys, time, resource; from python_calamine import CalamineWorkbook; t = time.process_time();"
    " n = sum(1 for _ in CalamineWorkbook.from_path(sys.argv[1]).get_sheet_by_index(0).iter_rows());"
    " print(time.process_time() - t, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10, n)"
)


def megabytes(whose: int = resource.RUSAGE_SELF) -> int:
    return resource.getrusage(whose).ru_maxrss >> 10


def cpu(one: Spent) -> float:
    return one.server + one.client


def copied(path: Path) -> Spent:
    """What a bare COPY of the file's cells takes as they stand."""
    columns = ", ".join(f"c{n} text" for n in range(len(large_release.HEADINGS)))
    with databases.owner(connection.settings_dict["NAME"]) as owner, owner.cursor() as cursor:
        cursor.execute(f"create table bare ({columns})")
        with path.open(encoding="utf-8-sig", newline="") as text:
            taken, _ = measured(
                lambda: cursor.copy_expert("copy bare from stdin with csv header", text), owner.info.backend_pid
            )
        cursor.execute("drop table bare")
    return taken


def taken(system, path: Path) -> tuple[Spent, dict[str, float], ImportRun]:
    """(what it took, processor seconds of each phase, the run) of one import, chunk by chunk; keeping the upload counts."""
    phases: dict[str, float] = defaultdict(float)

    def queue():
        with scope.opened(system), path.open("rb") as stream:
            job = national_release_queue(actor=system, at=scope.now(), name=path.name, stream=stream)
            return job_claim(actor=system, at=scope.now(), job_id=job.id)

    def chunk(job: Job) -> Job:
        with scope.opened(system):
            return job_continue(actor=system, at=scope.now(), job_id=job.id)

    connection.ensure_connection()
    pid = connection.connection.info.backend_pid
    with spent(pid) as whole:
        piece, job = measured(queue, pid)
        phases["keep"] += cpu(piece)
        while job.state == JobState.RUNNING:
            piece, after = measured(lambda job=job: chunk(job), pid)
            phases[job.position.get("phase", "begin")] += cpu(piece)
            job = after
    assert job.state == JobState.DONE, job.note
    with scope.opened(system):
        return whole, phases, ImportRun.objects.get(id=job.result_id)


def refusals(system, run: ImportRun) -> dict[int, tuple[str, str]]:
    with scope.opened(system):
        return {row.row_number: (row.code, row.column) for row in refused_rows(run)}


def report(name: str, rows: int, took: Spent, bound: Spent | None = None, goal: float | None = None) -> None:
    comparison = f"COPY {rows / cpu(bound):,.0f} rows/s CPU" if bound else ""
    ratio = cpu(took) / cpu(bound) if bound else None
    figure(name, f"{rows / cpu(took):,.0f} rows/s CPU", comparison, ratio=ratio, goal=goal)
    print(f"    {took.clock:.1f} s on the clock, {took.server:.1f} s database + {took.client:.1f} s Python", flush=True)


def cleared() -> None:
    with databases.owner(connection.settings_dict["NAME"]) as owner, owner.cursor() as cursor:
        cursor.execute("truncate catalog_nationalcode, catalog_stagedcode cascade")


def _written(path: Path, rows: int, faults: int) -> None:
    with path.open("wb") as out:
        large_release.write_csv(out, rows, faults)


def from_csv(system, folder: Path, rows: int) -> None:
    path = folder / "release.csv"
    # COPY knows no faults: its file has none.
    _written(path, rows, 0)
    bare = copied(path)
    _written(path, rows, FAULTS)
    print(f"{rows} rows, {path.stat().st_size >> 20} MB of CSV, {load_text()}")
    report("bare COPY into an unindexed table", rows, bare)
    before = megabytes()
    took, phases, run = taken(system, path)
    report("release from CSV, all new", rows, took, bare, MOST_OF_COPY)
    print(f"    {shown(phases)}")
    assert refusals(system, run) == large_release.faults_of(rows, FAULTS), "not exactly the planted faults"
    figure("planted faults of 12 kinds refused", f"{run.rows_refused}", f"exactly the {FAULTS} planted")
    took, phases, run = taken(system, path)
    assert run.rows_taken == 0, run.rows_taken
    report("the same sent again", rows, took, bare, MOST_OF_COPY)
    print(f"    {shown(phases)}")
    figure("memory of the worker", f"{megabytes()} MB", f"{before} MB before")
    path.unlink()


def from_workbook(system, folder: Path, rows: int) -> None:
    path = folder / "release.xlsx"
    large_release.write_workbook(str(path), rows)
    words = [sys.executable, "-c", CALAMINE, str(path)]
    bare, peak, _ = map(float, subprocess.run(words, check=True, capture_output=True, text=True).stdout.split())
    cleared()
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    took, phases, run = taken(system, path)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert run.rows_taken == rows, run.rows_taken
    reading = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    print(f"{path.stat().st_size >> 20} MB of xlsx: {shown(phases)}, {took.clock:.1f} s on the clock")
    figure(
        "reading the workbook, as CSV",
        f"{reading:.1f} s CPU",
        f"calamine alone {bare:.1f} s CPU",
        ratio=reading / bare,
        goal=MOST_OF_CALAMINE,
    )
    child = megabytes(resource.RUSAGE_CHILDREN)
    figure("memory of its process", f"{child} MB", f"calamine alone {peak:.0f} MB", ratio=child, goal=MOST_CHILD_MB)
    figure("memory of the worker", f"{megabytes()} MB")
    path.unlink()


def shown(phases: dict[str, float]) -> str:
    return "CPU: " + ", ".join(f"{phase} {seconds:.1f}" for phase, seconds in phases.items())


def search() -> None:
    with scope.opened(ANONYMOUS):
        for text in ("支架", "晶状体", "散光", "C0201", "ywxtg", "示范 球囊", "SF-020001"):
            took = []
            for _ in range(20):
                begun = time.perf_counter()
                found = list(national_codes_search(text)[:20])
                took.append((time.perf_counter() - begun) * 1000)
            print(f"search {text:12} {statistics.median(took):6.2f} ms  {len(found)} of a page of 20")
        print(national_codes_search("散光").explain(analyze=True))


def main() -> int:
    rows = size_asked().rows
    with databases.copy_of(databases.template(), f"sun_bench_{os.getpid()}"), tempfile.TemporaryDirectory() as folder:
        system = open_platform_actors()[0]
        from_csv(system, Path(folder), rows)
        from_workbook(system, Path(folder), rows)
        search()
    return outcome()


if __name__ == "__main__":
    sys.exit(main())

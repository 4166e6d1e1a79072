"""The national release beside its bounds: from CSV beside a bare COPY of the same file into an unindexed table, sent again,
from xlsx beside calamine's bare read, the most memory each takes; the catalogue's search with its plan.

    bench/catalog_import.py [--rows 100000] [--faults 500]      --full: 1 million rows

Each import runs chunk by chunk as a worker would run it. The file's faults, of twelve kinds, must be reported exactly.
"""

import argparse
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "sunlight.settings")
sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

import django

django.setup()

from django.db import connection

from catalog import queries
from catalog.services.releases import national_release_queue
from sunlight import scope
from sunlight.blocks.models import ImportRun, Job
from sunlight.blocks.queries import refused_rows
from sunlight.blocks.services.jobs import job_continue, job_take_up
from sunlight.demo.files import large_release
from sunlight.scope.actor import ANONYMOUS
from sunlight.tenancy.queries import open_platform_actors
from tests import databases

CALAMINE = (
    "import sys, time, resource; from python_calamine import CalamineWorkbook; t = time.perf_counter();"
    " n = sum(1 for _ in CalamineWorkbook.from_path(sys.argv[1]).get_sheet_by_index(0).iter_rows());"
    " print(time.perf_counter() - t, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10, n)"
)


def timed(call):
    begun = time.perf_counter()
    result = call()
    return time.perf_counter() - begun, result


def megabytes() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10


def copied(path: Path) -> float:
    """Seconds of a bare COPY of the file's cells as they stand."""
    columns = ", ".join(f"c{n} text" for n in range(len(large_release.HEADINGS)))
    with databases.owner(connection.settings_dict["NAME"]) as owner, owner.cursor() as cursor:
        cursor.execute(f"create table bare ({columns})")
        with path.open(encoding="utf-8-sig", newline="") as text:
            seconds, _ = timed(lambda: cursor.copy_expert("copy bare from stdin with csv header", text))
        cursor.execute("drop table bare")
    return seconds


def taken(system, path: Path) -> tuple[float, dict[str, float], ImportRun]:
    """(seconds, seconds of each phase, the run) of one import, chunk by chunk; keeping the upload is counted in."""
    phases: dict[str, float] = {}

    def count(phase: str, call):
        seconds, result = timed(call)
        phases[phase] = phases.get(phase, 0) + seconds
        return result

    def queue():
        with scope.opened(system), path.open("rb") as stream:
            job = national_release_queue(actor=system, at=scope.now(), name=path.name, stream=stream)
            return job_take_up(actor=system, at=scope.now(), job_id=job.id)

    def chunk(job: Job) -> Job:
        with scope.opened(system):
            return job_continue(actor=system, at=scope.now(), job_id=job.id)

    job = count("keep", queue)
    while job.state == "RUNNING":
        job = count(job.position.get("phase", "begin"), lambda job=job: chunk(job))
    assert job.state == "DONE", job.note
    with scope.opened(system):
        return sum(phases.values()), phases, ImportRun.objects.get(id=job.result_id)


def refusals(system, run: ImportRun) -> dict[int, tuple[str, str]]:
    with scope.opened(system):
        return {row.row_number: (row.code, row.column) for row in refused_rows(run)}


def told(label: str, rows: int, seconds: float, more: str = "") -> None:
    print(f"{label:24} {rows / seconds:9.0f} rows/s  {seconds:7.1f} s  {more}", flush=True)


def cleared() -> None:
    with databases.owner(connection.settings_dict["NAME"]) as owner, owner.cursor() as cursor:
        cursor.execute("truncate catalog_nationalcode, catalog_stagedcode cascade")


def _written(path: Path, rows: int, faults: int) -> None:
    with path.open("wb") as out:
        large_release.write_csv(out, rows, faults)


def from_csv(system, folder: Path, rows: int, faults: int) -> None:
    path = folder / "release.csv"
    # COPY knows no faults: its file has none.
    _written(path, rows, 0)
    bare = copied(path)
    _written(path, rows, faults)
    told("bare COPY (the bound)", rows, bare)
    before = megabytes()
    seconds, phases, run = taken(system, path)
    told("CSV, all new", rows, seconds, f"{bare / seconds:.1%} of COPY  {shown(phases)}")
    assert refusals(system, run) == large_release.faults_of(rows, faults), "not exactly the planted faults"
    print(f"{'':24} {faults} planted faults of {large_release.KINDS} kinds, exactly those refused")
    seconds, phases, run = taken(system, path)
    assert run.rows_taken == 0, run.rows_taken
    told("CSV, sent again", rows, seconds, f"{bare / seconds:.1%} of COPY  {shown(phases)}")
    print(f"{'memory':24} {before} MB before, at most {megabytes()} MB after both")
    path.unlink()


def from_workbook(system, folder: Path, rows: int) -> None:
    path = folder / "release.xlsx"
    large_release.write_workbook(str(path), rows)
    words = [sys.executable, "-c", CALAMINE, str(path)]
    bare, peak, _ = map(float, subprocess.run(words, check=True, capture_output=True, text=True).stdout.split())
    told("calamine's bare read", rows, bare, f"{path.stat().st_size >> 20} MB, {peak:.0f} MB of memory")
    cleared()
    seconds, phases, run = taken(system, path)
    assert run.rows_taken == rows, run.rows_taken
    told("xlsx, all new", rows, seconds, f"reading it {phases['transcribe'] / bare:.1f} x calamine  {shown(phases)}")
    child = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss >> 10
    print(f"{'memory':24} at most {megabytes()} MB, {child} MB in the child that reads the workbook")
    path.unlink()


def shown(phases: dict[str, float]) -> str:
    return " ".join(f"{phase} {seconds:.1f}" for phase, seconds in phases.items())


def search() -> None:
    with scope.opened(ANONYMOUS):
        for text in ("支架", "晶状体", "散光", "C0201", "ywxtg", "示范 球囊", "SF-020001"):
            took = []
            for _ in range(20):
                seconds, found = timed(lambda text=text: list(queries.national_codes_search(text)[:20]))
                took.append(seconds * 1000)
            print(f"search {text:12} {statistics.median(took):6.2f} ms  {len(found)} of a page of 20")
        print(queries.national_codes_search("散光").explain(analyze=True))


def main() -> None:
    words = argparse.ArgumentParser()
    words.add_argument("--rows", type=int, default=100_000)
    words.add_argument("--faults", type=int, default=500)
    words.add_argument("--full", action="store_true", help="1 million rows")
    asked = words.parse_args()
    rows = 1_000_000 if asked.full else asked.rows
    with databases.copy_of(databases.template(), f"sun_bench_{os.getpid()}"), tempfile.TemporaryDirectory() as folder:
        system = open_platform_actors()[0]
        from_csv(system, Path(folder), rows, asked.faults)
        from_workbook(system, Path(folder), rows)
        search()


if __name__ == "__main__":
    main()

"""kill -9 of the worker in the middle of a release: it goes on, and what stands at the end is as if nothing had been."""

import os
import sys
import time

import pytest
from django.db import connections

from catalog.models import NationalCode, StagedCode
from catalog.services.releases import CHUNK, national_release_queue
from sunlight import scope
from sunlight.demo.files import large_release
from sunlight.jobs.models import Job
from sunlight.scope import Role
from sunlight.sheets import queries
from sunlight.sheets.models import ImportRun
from tests import world as worlds
from tests.flows.processes import Worker
from tests.flows.test_kill_drill import until

# `SUNLIGHT_DRILL_ROWS=1000000` makes it the whole national catalogue.
ROWS, FAULTS = int(os.environ.get("SUNLIGHT_DRILL_ROWS", 100_000)), 500
# One piece of the file, as the release is read and written.
PIECES = -(-ROWS // CHUNK)


@pytest.mark.drill
def test_a_worker_killed_three_times_in_a_large_release(own_database, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr("tests.flows.test_kill_drill.DEADLINE", max(900.0, ROWS / 100))
    world = worlds.build()
    operator = world.actor("operator", Role.OPERATOR_REVIEWER)
    path = tmp_path / "release.csv"
    with path.open("wb") as out:
        large_release.write_csv(out, ROWS, FAULTS)
    with scope.opened(operator), path.open("rb") as stream:
        job = national_release_queue(actor=operator, at=scope.now(), name=path.name, stream=stream)
    connections.close_all()

    def at() -> Job:
        with scope.opened(world.system):
            return Job.objects.get(id=job.id)

    worker, killed = Worker(own_database, tmp_path / "worker.log", tmp_path), []
    try:
        # In the middle of reading, of reporting (each piece has contradictions), of writing; recognising and judging are
        # a chunk each.
        for chunks in (3, PIECES + 5, 2 * PIECES + 5):
            worker.start()
            until(lambda chunks=chunks: at().chunks >= chunks)
            worker.kill()
            killed.append(f"{at().position['phase']} after {at().done}")
        begun = time.monotonic()
        worker.start()
        until(lambda: at().state == "DONE")
    finally:
        worker.kill()
    with scope.opened(world.system):
        run = ImportRun.objects.get(id=job.result_id)
        refused = {row.row_number: (row.code, row.column) for row in queries.refused_rows(run)}
        assert (run.rows_total, run.rows_taken, run.rows_unchanged, run.rows_refused) == (
            ROWS,
            ROWS - FAULTS,
            0,
            FAULTS,
        )
        assert NationalCode.objects.count() == ROWS - FAULTS and not StagedCode.objects.exists()
    assert refused == large_release.faults_of(ROWS, FAULTS)
    with capsys.disabled():
        sys.stdout.write(
            f"\nkilled three times ({'; '.join(killed)}); done {time.monotonic() - begun:.0f} s after the last start,"
            f" {FAULTS} planted faults and no other row refused\n"
        )

"""A release as a background job: exactly the planted faults are reported, whatever breaks in between."""

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from catalog.models import NationalCode, StagedCode
from catalog.services import release_sql, releases
from catalog.services.release_rows import FULL
from sunlight import scope
from sunlight.demo.files import large_release
from sunlight.demo.files import national_release as sample
from sunlight.files.models import FilePart
from sunlight.files.services import bigfiles
from sunlight.jobs import tasks
from sunlight.jobs.models import Job
from sunlight.jobs.services.jobs import job_abandon, job_claim, job_continue, job_stop
from sunlight.scope import Role
from sunlight.sheets import queries
from sunlight.sheets.models import ImportRun
from sunlight.sheets.writing import csv_bytes
from tests.api_client import ApiClient, logged_in


def release(rows: int, faults: int = 0) -> bytes:
    out = io.BytesIO()
    large_release.write_csv(out, rows, faults)
    return out.getvalue()


@pytest.fixture
def operator(world):
    return world.actor("operator", Role.OPERATOR_REVIEWER)


def queued(operator, content: bytes, **more) -> Job:
    with scope.opened(operator):
        return releases.national_release_queue(
            actor=operator, at=scope.now(), name="全量.csv", stream=io.BytesIO(content), **more
        )


def report(world, job):
    with scope.opened(world.system):
        job = Job.objects.get(id=job.id)
        run = ImportRun.objects.get(id=job.result_id)
        refused = {row.row_number: (row.code, row.column) for row in queries.refused_rows(run)}
        assert not StagedCode.objects.exists()
        return job, run, refused


def test_exactly_the_planted_faults_are_reported_though_chunks_break(world, operator, monkeypatch, caplog):
    monkeypatch.setattr(releases, "CHUNK", 900)
    for name in ("stage", "write"):
        _breaking_once(monkeypatch, name)
    job = queued(operator, release(3_000, 500))
    for _ in range(3):
        tasks.jobs_run()
        with scope.opened(world.system):
            Job.objects.update(attempts=0)  # it need not rest
    job, run, refused = report(world, job)
    assert caplog.text.count("a chunk broke") == 2
    assert refused == large_release.faults_of(3_000, 500)
    assert (job.state, job.done, job.total) == ("DONE", 6_000, 6_000)
    assert (run.rows_total, run.rows_taken, run.rows_unchanged, run.rows_refused) == (3_000, 2_500, 0, 500)
    with scope.opened(world.system):
        assert NationalCode.objects.count() == 2_500
        assert queries.refused_rows(run).get(row_number=3).cells["单件产品名称"]


def _breaking_once(monkeypatch, name: str) -> None:
    """The second call does its work and then breaks, as a worker killed before the commit would."""
    whole, calls = getattr(release_sql, name), []

    def breaking(*arguments, **more):
        result = whole(*arguments, **more)
        calls.append(1)
        if len(calls) == 2:
            raise RuntimeError("killed")
        return result

    monkeypatch.setattr(release_sql, name, breaking)


def test_with_whole_nothing_is_taken_while_a_row_is_bad(world, operator):
    job = queued(operator, release(60, 13), whole=True)
    tasks.jobs_run()
    job, run, refused = report(world, job)
    assert (run.rows_total, run.rows_taken, run.rows_held, run.rows_refused) == (60, 0, 47, 13)
    assert job.state == "DONE" and len(refused) == 13
    with scope.opened(world.system):
        assert not NationalCode.objects.exists()
    job = queued(operator, release(60), whole=True)
    tasks.jobs_run()
    assert report(world, job)[1].rows_taken == 60


def test_a_large_workbook_is_read_in_a_process_of_its_own(world, operator, monkeypatch):
    monkeypatch.setattr(releases, "INLINE_BYTES", {"csv": 0, "book": 0})
    browser = logged_in(operator)
    file = SimpleUploadedFile("全量.xlsx", sample.full_workbook(40))
    page = browser.post("/catalog/releases/", {"file": file}, follow=True)
    assert "已在后台导入" in page.content.decode() and "every 2s" in page.content.decode()
    tasks.jobs_run()
    with scope.opened(world.system):
        job = Job.objects.get()
    job, run, refused = report(world, job)
    assert (run.kind, run.rows_total, run.rows_taken, run.rows_unchanged, len(refused)) == (
        "catalog.full",
        49,
        39,
        3,
        7,
    )
    with scope.opened(world.system):
        assert not FilePart.objects.filter(form=bigfiles.LINES).exists()
    assert browser.get(f"/imports/{run.id}/original").getvalue() == sample.full_workbook(40)
    assert "查看结果" in browser.get(f"/jobs/{job.id}/").content.decode()


def test_over_the_api_a_large_file_answers_202_with_its_job(world, monkeypatch):
    monkeypatch.setattr(releases, "INLINE_BYTES", {"csv": 0, "book": 0})
    client = ApiClient(world, "operator", Role.OPERATOR_SUPPORT)
    file = SimpleUploadedFile("全量.csv", release(24))
    answer = client.client.post("/api/v1/catalog-imports/", {"file": file}, headers=client.headers)
    assert answer.status_code == 202 and answer.json()["state"] == "QUEUED"
    tasks.jobs_run()
    job = client.get(f"/api/v1/jobs/{answer.json()['id']}/")[1]
    assert job["state"] == "DONE" and job["label"] == "导入国家目录"
    assert client.get(f"/api/v1/catalog-imports/{job['result']}/")[1]["rows_taken"] == 24


def test_a_file_that_is_none_stands_still_with_its_reason_and_is_given_up(world, operator):
    job = queued(operator, "编码,价格\nC1,2\n".encode() * 3)
    tasks.jobs_run()
    with scope.opened(operator):
        job = Job.objects.get(id=job.id)
        assert job.state == "FAILED" and "表头不符" in job.note
        job_abandon(actor=operator, at=scope.now(), job_id=job.id)
    job, run, _ = report(world, job)
    assert (job.state, run.state) == ("ABANDONED", "ABANDONED")


def test_stopped_between_reading_and_writing_nothing_is_written_until_it_goes_on(world, operator):
    job = queued(operator, release(40))
    with scope.opened(operator):
        job_claim(actor=operator, at=scope.now(), job_id=job.id)
        for _ in range(3):
            job_continue(actor=operator, at=scope.now(), job_id=job.id)
        job_stop(actor=operator, at=scope.now(), job_id=job.id)
    tasks.jobs_run()
    with scope.opened(operator):
        assert Job.objects.get(id=job.id).state == "STOPPED"
        assert StagedCode.objects.count() == 40 and not NationalCode.objects.exists()


def test_a_code_replaced_twice_in_one_file_has_the_later_successor(world, operator):
    rows = [row for product in sample.products(8) for row in product.rows]
    old = f"{rows[0]['20位码']}7777777"
    for row in rows[:2]:
        row |= {"原27位码": old, "原码状态": "停用", "类型": "变更"}
    content = csv_bytes(FULL.headings, [[row[h] for h in FULL.headings] for row in rows])
    job = queued(operator, content)
    tasks.jobs_run()
    assert report(world, job)[1].rows_taken == 8
    with scope.opened(world.system):
        assert NationalCode.objects.get(code=old).replaced_by == rows[1]["27位码"]

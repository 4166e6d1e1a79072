"""日志核验: read piece by piece as whole, against the head noted last time; due every week; kept and never changed."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, transaction

from sunlight import scope
from sunlight.jobs.models import Job
from sunlight.journal import sealer, verifier
from sunlight.journal.models import Seal
from sunlight.journal.refusals import Forbidden
from sunlight.journal.services import record
from sunlight.scope import Role
from sunlight.scope.clock import business_date
from sunlight.web.navigation import todos_of
from supervision.models import JournalCheck
from supervision.services import journal_checks
from supervision.services.journal_checks import journal_check_start
from tests.api_client import logged_in
from tests.background import run_to_end
from tests.happening import THING_HAPPENED

DUE, FAULTS = "日志封存链须核验", "日志核验发现问题，须查明"


@pytest.fixture(autouse=True)
def by_pieces(monkeypatch):
    monkeypatch.setattr(journal_checks, "LINKS", 3)


@pytest.fixture
def auditor(world):
    return world.actor("regulator", Role.REGULATOR_AUDITOR)


@pytest.fixture
def sealed(world):
    """Eight events more, sealed."""
    with scope.opened(world.system):
        for n in range(8):
            record(THING_HAPPENED, subject=n, actor=world.system, at=scope.now(), payload={"n": n})
        while sealer.seal(platform_id=world.system.platform_id, at=scope.now()).count:
            pass
        return Seal.objects.filter(platform_id=world.system.platform_id).count()


def check(actor, at=None) -> JournalCheck:
    at = at or scope.now()
    with scope.opened(actor):
        job = journal_check_start(actor=actor, at=at)
        job = run_to_end(actor=actor, at=at, job_id=job.id)
        return JournalCheck.objects.get(id=job.result_id)


def todos(actor, on) -> dict[str, tuple]:
    with scope.opened(actor):
        return {t.label: (t.count, t.due_on) for t in todos_of(actor, on)}


def test_pieces_find_what_one_reading_finds(world, sealed, auditor):
    made = check(auditor)
    with scope.opened(world.system):
        report = verifier.verify(platform_id=world.system.platform_id, at=scope.now())
    assert (made.sealed, made.fault_count, made.faults) == (report.sealed, 0, []) == (sealed, 0, [])
    assert (made.head_sequence, made.head_hash) == report.head


def test_it_is_due_once_and_then_every_week(world, sealed, auditor):
    today = business_date(scope.now())
    assert todos(auditor, today)[DUE] == (1, today)
    check(auditor)
    assert DUE not in todos(auditor, today) and DUE not in todos(auditor, today + timedelta(days=6))
    week = today + timedelta(days=7)
    assert todos(auditor, week)[DUE] == (1, week)
    assert DUE not in todos(world.actor("regulator", Role.REGULATOR_OFFICER), week)


def test_a_chain_that_was_made_anew_is_found_by_the_head_noted_before(world, sealed, auditor):
    noted = check(auditor)
    with scope.opened(auditor):
        # As if the head noted last time had been another one.
        JournalCheck.objects.create(
            platform_id=noted.platform_id,
            organisation_id=noted.organisation_id,
            sealed=noted.sealed,
            head_sequence=noted.head_sequence,
            head_hash="a" * 64,
            fault_count=0,
            checked_at=scope.now(),
        )
    again = check(auditor)
    assert again.fault_count == 1 and "此前记录的封存点" in again.faults[0]
    assert todos(auditor, scope.today())[FAULTS][0] == 1
    # Against the head that stands now it holds again.
    assert check(auditor).fault_count == 0 and FAULTS not in todos(auditor, scope.today())


def test_only_auditors_have_it_read(world, sealed):
    officer = world.actor("regulator", Role.REGULATOR_OFFICER)
    with scope.opened(officer), pytest.raises(Forbidden):
        journal_check_start(actor=officer, at=scope.now())
    assert logged_in(officer).get("/supervision/journal/").status_code == 403
    with scope.opened(world.system):
        assert not Job.objects.exists()


def test_what_was_found_stays(world, sealed, auditor):
    made = check(auditor)
    with scope.opened(auditor), pytest.raises(DatabaseError), transaction.atomic():
        JournalCheck.objects.filter(id=made.id).update(fault_count=7)


def test_an_auditor_at_the_pages(world, sealed, auditor):
    browser = logged_in(auditor)
    assert "还没有核验过日志" in browser.get("/supervision/journal/").content.decode()
    begun = browser.post("/supervision/journal/start/")
    with scope.opened(world.system):
        job = Job.objects.get()
    assert begun.headers["Location"] == f"/jobs/{job.id}/"
    with scope.opened(auditor):
        done = run_to_end(actor=auditor, at=scope.now(), job_id=job.id)
    page = browser.get(f"/jobs/{job.id}/").content.decode()
    assert f"/supervision/journal/{done.result_id}/" in page and "没有发现问题" in page
    shown = browser.get(f"/supervision/journal/{done.result_id}/").content.decode()
    with scope.opened(auditor):
        made = JournalCheck.objects.get()
    assert f"{made.head_sequence}:{made.head_hash}" in shown
    listed = browser.get("/supervision/journal/").content.decode()
    assert made.head_hash[:16] in listed and "下次核验" in listed

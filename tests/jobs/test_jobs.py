"""Jobs: chunk by chunk, stopped and resumed, continued after a worker is gone; nothing of a broken chunk remains."""

from dataclasses import replace
from datetime import timedelta

import pytest

from sunlight import scope
from sunlight.jobs import definitions as jobs
from sunlight.jobs import tasks
from sunlight.jobs.models import Job
from sunlight.jobs.services import jobs as services
from sunlight.jobs.workflows import JobState
from sunlight.journal.models import Event
from sunlight.journal.refusals import Conflict, Forbidden, Invalid, NotThere
from sunlight.kernel.machine import IllegalMove
from sunlight.scope import Role
from sunlight.scope.roles import OrganisationKind
from sunlight.tenancy.models import Membership
from tests.browsing import client_of


def count(*, actor, at, job, state):
    """Counts to `parameters["to"]`, three at a time; refuses at `refuse_at`, breaks at `break_at`."""
    begun = state.position.get("n", 0)
    n = min(begun + 3, job.parameters["to"])
    if job.parameters.get("break_at") == begun:
        raise RuntimeError("a bug")
    if job.parameters.get("refuse_at") == begun:
        raise Invalid("bad", "第 3 行不对，请改正后继续。")
    return replace(
        state, position={"n": n}, done=n, total=job.parameters["to"], phase="数数", over=n == job.parameters["to"]
    )


@pytest.fixture(autouse=True)
def counting(monkeypatch):
    monkeypatch.setattr(jobs, "_definitions", {})
    monkeypatch.setattr(tasks, "TURN_SECONDS", 60.0)
    jobs.define("count", label="数数", step=count)


@pytest.fixture
def actor(world):
    return world.actor("maker", Role.SUPPLIER_LISTER)


def begin(actor, **parameters) -> Job:
    with scope.opened(actor):
        return services.job_start(
            actor=actor, at=scope.now(), kind="count", title="到十", parameters={"to": 10} | parameters
        )


def call(service, actor, job):
    with scope.opened(actor):
        return service(actor=actor, at=scope.now(), job_id=job.id)


def now_of(world, job) -> Job:
    with scope.opened(world.system):
        return Job.objects.get(id=job.id)


def test_a_round_takes_a_job_chunk_by_chunk_to_its_end(world, actor):
    job = begin(actor)
    assert tasks.jobs_run() == 4
    job = now_of(world, job)
    assert (job.state, job.done, job.total, job.chunks, job.attempts) == ("DONE", 10, 10, 4, 0)
    assert job.ended_at is not None and job.position == {"n": 10}
    with scope.opened(world.system):
        names = list(Event.objects.filter(subject_type="job").order_by("id").values_list("name", flat=True))
    assert names == ["job_queued", "job_finished"]
    assert tasks.jobs_run() == 0


def test_a_job_asked_to_stop_stands_still_and_goes_on_where_it_was(world, actor):
    job = begin(actor)
    call(services.job_claim, actor, job)
    call(services.job_continue, actor, job)
    assert call(services.job_stop, actor, job).state == "STOPPING"
    assert tasks.jobs_run() == 1  # what halts it
    job = now_of(world, job)
    assert (job.state, job.done) == ("STOPPED", 3)
    assert tasks.jobs_run() == 0
    assert call(services.job_resume, actor, job).state == "QUEUED"
    tasks.jobs_run()
    assert (now_of(world, job).state, now_of(world, job).done) == ("DONE", 10)


def test_a_refusal_leaves_nothing_of_its_chunk_and_says_why(world, actor):
    job = begin(actor, refuse_at=3)
    tasks.jobs_run()
    job = now_of(world, job)
    assert (job.state, job.done, job.note) == ("FAILED", 3, "第 3 行不对，请改正后继续。")
    assert call(services.job_abandon, actor, job).state == "ABANDONED"
    with pytest.raises(Conflict):
        call(services.job_resume, actor, job)


def test_a_broken_chunk_rests_is_tried_again_and_given_up_after_five_times(world, actor, monkeypatch, caplog):
    job = begin(actor, break_at=3)
    moment = scope.now()
    for attempt in range(1, 6):
        monkeypatch.setattr(scope, "now", lambda platform=None, at=moment: at)
        tasks.jobs_run()
        job = now_of(world, job)
        assert (job.state, job.done, job.attempts) == ("RUNNING", 3, attempt)
        assert tasks.jobs_run() == 0 and now_of(world, job).attempts == attempt  # it rests
        moment += timedelta(seconds=5 * attempt)
    monkeypatch.setattr(scope, "now", lambda platform=None: moment)
    tasks.jobs_run()
    job = now_of(world, job)
    assert job.state == "FAILED" and "连续 5 次中断" in job.note
    assert caplog.text.count("a chunk broke") == 6  # the first worker saw it end one chunk and break the next


def test_a_job_ends_with_its_owners_right_to_it(world, actor):
    job = begin(actor)
    with scope.opened(world.system):
        Membership.objects.filter(user_id=actor.user_id).update(is_active=False)
    tasks.jobs_run()
    assert now_of(world, job).state == "FAILED" and "已停用" in now_of(world, job).note


def test_the_platform_itself_and_a_machine_may_begin_jobs(world):
    assert begin(world.system).started_by == world.system.acting
    tasks.jobs_run()
    with scope.opened(world.system):
        assert Job.objects.get().state == "DONE"


@pytest.mark.parametrize("key", ["other_maker", "hospital"])
def test_a_stranger_sees_no_job_and_moves_none(world, actor, key):
    job = begin(actor)
    stranger = world.actor(key, Role.SUPPLIER_LISTER if key == "other_maker" else Role.HOSPITAL_BUYER)
    for service in (services.job_stop, services.job_resume, services.job_abandon):
        with pytest.raises(NotThere):
            call(service, stranger, job)
    with scope.opened(stranger):
        assert Job.objects.count() == 0  # the wall, without any filter
    assert now_of(world, job).state == "QUEUED"


def test_a_colleague_sees_a_job_and_may_not_stop_it_the_administrator_may(world, actor):
    job = begin(actor)
    operator = world.actor("operator", Role.OPERATOR_SUPPORT)
    administrator = replace(operator, kind=OrganisationKind.PLATFORM, roles=frozenset({Role.PLATFORM_SYSTEM_ADMIN}))
    with pytest.raises(Forbidden, match="发起人"):
        call(services.job_stop, world.actor("maker", Role.SUPPLIER_SELLER), job)
    assert call(services.job_stop, administrator, job).state == "STOPPING"


def test_an_unknown_kind_is_refused_and_a_job_of_a_kind_no_longer_there_fails(world, actor):
    with scope.opened(actor), pytest.raises(Invalid):
        services.job_start(actor=actor, at=scope.now(), kind="nothing", title="", parameters={})
    job = begin(actor)
    jobs._definitions.clear()
    tasks.jobs_run()
    assert now_of(world, job).state == "FAILED"


def test_every_other_move_is_refused():
    from sunlight.jobs.workflows import JOB

    legal = {(state, move.name, role) for move in JOB.table for state in move.from_states for role in move.by}
    for state in JobState:
        for move in JOB.table:
            for role in (Role.SYSTEM, Role.SUPPLIER_LISTER):
                if (state, move.name, role) in legal:
                    assert JOB.apply(state, move.name, role) == move.to_state
                else:
                    with pytest.raises(IllegalMove):
                        JOB.apply(state, move.name, role)


def test_what_was_forgotten_for_a_week_is_given_up_and_cleared_away(world, actor):
    cleared = []
    jobs.define("messy", label="杂", step=count, abandoned=lambda *, actor, at, job: cleared.append(job.id))
    job = begin(actor, refuse_at=0)
    with scope.opened(world.system):
        Job.objects.update(kind="messy")
    tasks.jobs_run()
    assert tasks.jobs_clear() == 0
    with scope.opened(world.system):
        Job.objects.update(moved_at=scope.now() - timedelta(days=8))
    assert tasks.jobs_clear() == 1
    assert now_of(world, job).state == "ABANDONED" and cleared == [job.id]


def test_the_page_shows_progress_and_lets_its_owner_stop(world, actor):
    job = begin(actor)
    call(services.job_claim, actor, job)
    call(services.job_continue, actor, job)
    browser = client_of(actor)
    page = browser.get("/jobs/").content.decode()
    assert "数数" in page and "30%" in page and "every 2s" in page
    answer = browser.post(f"/jobs/{job.id}/stop/", follow=True)
    assert "正在停止" in answer.content.decode()
    assert now_of(world, job).state == "STOPPING"

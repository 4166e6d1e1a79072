"""Beginning, stopping and continuing background work; one chunk of it at a time under the job's own lock."""

from datetime import datetime

from sunlight import scope
from sunlight.jobs.definitions import State, definition_of
from sunlight.jobs.events import JOB_ABANDONED, JOB_FAILED, JOB_FINISHED, JOB_QUEUED, JOB_RESUMED, JOB_STOPPED
from sunlight.jobs.models import Job
from sunlight.jobs.queries import access_job, may_move, results_kept_too_long
from sunlight.jobs.services.parts import parts_drop
from sunlight.jobs.workflows import JOB, OVER, WAITING, JobState
from sunlight.journal.declared import EventType
from sunlight.journal.refusals import Conflict, Forbidden, Invalid
from sunlight.journal.services import record, service
from sunlight.scope import Actor
from sunlight.scope.duties import moved

MOST_ATTEMPTS = 5


@service
def job_start(
    *, actor: Actor, at: datetime, kind: str, title: str, parameters: dict, total: int | None = None, result_id=None
) -> Job:
    """Queue work of a kind that an app defined; `parameters` is JSON that its step is given. Raises Invalid for a kind
    that nobody defines."""
    if definition_of(kind) is None:
        raise Invalid("unknown_job", f"没有“{kind[:60]}”这种后台任务。")
    job = Job.objects.create(
        platform_id=actor.platform_id,
        organisation_id=actor.organisation_id,
        kind=kind,
        title=title[:200],
        parameters=parameters,
        total=total,
        result_id=result_id,
        queued_at=at,
        moved_at=at,
        **scope.by(actor, "started"),
        started_by_name=actor.user_name[:100],
        client={"address": actor.client.address, "agent": actor.client.agent, "request_id": actor.client.request_id},
    )
    _record(JOB_QUEUED, job, actor, at)
    return job


@service
def job_stop(*, actor: Actor, at: datetime, job_id: int) -> Job:
    """Ask a job to stop after the chunk it is at; what is done stays. By who began it or the platform's administrator.
    Raises NotThere, Forbidden, Conflict for one that does not run."""
    return _moved_by(actor, at, job_id, "stop", JOB_STOPPED)


@service
def job_resume(*, actor: Actor, at: datetime, job_id: int) -> Job:
    """Resume a job that was stopped or failed. Raises as `job_stop`."""
    job = _moved_by(actor, at, job_id, "resume", JOB_RESUMED)
    job.attempts, job.note = 0, ""
    job.save(update_fields=["attempts", "note"])
    return job


@service
def job_abandon(*, actor: Actor, at: datetime, job_id: int) -> Job:
    """Abandon a job that stands still; what it prepared and did not use is cleared away. Raises as `job_stop`."""
    _exclusively(job_id)
    job = _moved_by(actor, at, job_id, "abandon", JOB_ABANDONED)
    known = definition_of(job.kind)
    if known is not None and known.abandoned is not None:
        known.abandoned(actor=actor, at=at, job=job)
    return job


@service
def job_results_clear(*, actor: Actor, at: datetime) -> int:
    """Forget the files of jobs that ended a week ago, by the system. Returns the number of jobs."""
    old = results_kept_too_long(actor, at)
    for job in old:
        parts_drop(job)
    return len(old)


def _moved_by(actor: Actor, at: datetime, job_id: int, move: str, event: EventType) -> Job:
    access_job(actor, job_id)
    job = Job.objects.select_for_update().get(id=job_id)
    if not may_move(actor, job):
        raise Forbidden(
            "not_your_job", f"这是{job.started_by_name or '他人'}发起的任务，只有发起人或平台系统管理员可以操作。"
        )
    job.state, job.moved_at = moved(JOB, job.state, move, actor), at
    job.ended_at = at if job.state in OVER else None
    job.save(update_fields=["state", "moved_at", "ended_at"])
    _record(event, job, actor, at)
    return job


def _record(event: EventType, job: Job, actor: Actor, at: datetime) -> None:
    facts = {"kind": job.kind, "title": job.title, "state": str(job.state), "done": job.done, "total": job.total}
    record(event, subject=job.id, actor=actor, at=at, payload=facts)


@service
def job_claim(*, actor: Actor, at: datetime, job_id: int) -> Job | None:
    """A worker begins its turn on a job: counted before the work, so that a job which kills its workers is seen. Returns
    None for a job that does not wait (any more)."""
    job = Job.objects.select_for_update().filter(id=job_id, state__in=WAITING).first()
    if job is None:
        return None
    if job.attempts >= MOST_ATTEMPTS:
        return job_fail(
            actor=actor,
            at=at,
            job_id=job.id,
            message=f"处理同一批数据时连续 {MOST_ATTEMPTS} 次中断，已停止重试。请联系平台系统管理员查明原因后继续。",
        )
    if job.state == JobState.QUEUED:
        job.state = moved(JOB, job.state, "take_up", actor.as_system())
    job.attempts += 1
    job.moved_at, job.started_at = at, job.started_at or at
    job.save(update_fields=["state", "attempts", "moved_at", "started_at"])
    return job


@service
def job_continue(*, actor: Actor, at: datetime, job_id: int) -> Job:
    """One chunk of a job, in the scope of whoever began it: the step's effects, the position and the counts together.

    Raises Conflict where another worker is at it, and whatever Refused the step raises: nothing of the chunk remains
    then.
    """
    _exclusively(job_id)
    job = Job.objects.get(id=job_id)
    if job.state == JobState.STOPPING:
        return _halt(actor, at, job_id)
    if job.state != JobState.RUNNING:
        return job
    known = definition_of(job.kind)
    if known is None:
        raise Conflict("unknown_job", f"本版本没有“{job.kind}”这种后台任务，不能继续。请联系平台系统管理员。")
    before = State(position=job.position, done=job.done, total=job.total, phase=job.phase, note=job.note)
    after = known.step(actor=actor, at=at, job=job, state=before)
    # Locked only now: somebody who asked it to stop meanwhile did not have to wait for the chunk.
    job = Job.objects.select_for_update().get(id=job_id)
    job.position, job.done, job.total = after.position, after.done, after.total
    job.phase, job.note, job.moved_at = after.phase[:60], after.note, at
    job.result_id = job.result_id if after.result_id is None else after.result_id
    job.chunks, job.attempts = job.chunks + 1, 0
    if after.over:
        job.state, job.ended_at = moved(JOB, job.state, "finish", actor.as_system()), at
        _record(JOB_FINISHED, job, actor, at)
    job.save()
    return job


def _halt(actor: Actor, at: datetime, job_id: int) -> Job:
    job = Job.objects.select_for_update().get(id=job_id)
    job.state, job.moved_at, job.attempts = moved(JOB, job.state, "halt", actor.as_system()), at, 0
    job.save(update_fields=["state", "moved_at", "attempts"])
    return job


@service
def job_fail(*, actor: Actor, at: datetime, job_id: int, message: str) -> Job:
    """A job failed: it stands still with the reason until somebody resumes it."""
    job = Job.objects.select_for_update().get(id=job_id)
    job.state, job.moved_at, job.note = moved(JOB, job.state, "fail", actor.as_system()), at, message
    job.save(update_fields=["state", "moved_at", "note"])
    _record(JOB_FAILED, job, actor, at)
    return job


def _exclusively(job_id: int) -> None:
    """Until the transaction ends nobody else works on this job; a killed worker's lock goes with its connection."""
    if not scope.alone("jobs.job", job_id, wait=False, shared=True):
        raise Conflict("job_in_hand", "任务正在处理一批数据，请稍后再试。")

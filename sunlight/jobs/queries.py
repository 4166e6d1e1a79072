"""Reading jobs: one's own, one's organisation's, all of the platform for its administrator; those that wait for a worker."""

from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef, QuerySet

from sunlight.jobs.definitions import Definition, definition_of
from sunlight.jobs.models import Job, JobPart
from sunlight.jobs.workflows import IDLE, OVER, WAITING, JobState
from sunlight.journal.refusals import NotThere
from sunlight.scope import Actor, Role
from sunlight.scope.duties import same_person
from sunlight.scope.fields import done_by

# The platform abandons what has stood still for so long.
KEPT_DAYS = 7
REST = timedelta(seconds=5)


def jobs_visible_to(actor: Actor) -> QuerySet:
    """Jobs the actor may see, newest first: its organisation's; all of the platform for the platform's administrator."""
    if not actor.is_authenticated and not actor.roles:
        return Job.objects.none()
    rows = Job.objects.filter(platform_id=actor.platform_id).order_by("-id")
    if actor.has(Role.PLATFORM_SYSTEM_ADMIN, Role.SYSTEM):
        return rows
    return rows.filter(organisation_id=actor.organisation_id)


def own_jobs(actor: Actor) -> QuerySet:
    """Jobs the actor began, newest first."""
    return jobs_visible_to(actor).filter(done_by(actor, "started_by"))


def access_job(actor: Actor, job_id: int) -> Job:
    """One job. Raises NotThere."""
    job = jobs_visible_to(actor).filter(id=job_id).first()
    if job is None:
        raise NotThere("这个后台任务")
    return job


def failed_jobs(actor: Actor) -> QuerySet:
    """Failed jobs that the actor may resume or abandon: their own, or all of the platform for its administrator."""
    rows = jobs_visible_to(actor) if actor.has(Role.PLATFORM_SYSTEM_ADMIN) else own_jobs(actor)
    return rows.filter(state=JobState.FAILED)


def is_own(actor: Actor, job: Job) -> bool:
    """Whether the actor began it."""
    return same_person(actor, job.started_by)


def may_move(actor: Actor, job: Job) -> bool:
    """Whether the actor may stop or resume the job: its owner and the platform's administrator may."""
    return actor.has(Role.PLATFORM_SYSTEM_ADMIN, Role.SYSTEM) or is_own(actor, job)


def jobs_waiting(actor: Actor, at: datetime) -> list[Job]:
    """Jobs of the platform that a worker should continue, the longest waiting first. One whose last chunk broke, or
    whose worker went, rests a little longer after each time."""
    rows = Job.objects.filter(platform_id=actor.platform_id, state__in=WAITING).order_by("moved_at", "id")[:100]
    return [job for job in rows if not job.attempts or job.moved_at <= at - job.attempts * REST]


def jobs_forgotten(actor: Actor, at: datetime) -> list[Job]:
    """Stopped or failed jobs of the platform that nobody resumed for a week."""
    stale = at - timedelta(days=KEPT_DAYS)
    return list(Job.objects.filter(platform_id=actor.platform_id, state__in=IDLE, moved_at__lt=stale)[:100])


def results_kept_too_long(actor: Actor, at: datetime) -> list[Job]:
    """Ended jobs of the platform whose pieces have been kept for as long as they are."""
    old = Job.objects.filter(platform_id=actor.platform_id, state__in=OVER, ended_at__lt=at - timedelta(days=KEPT_DAYS))
    return list(old.filter(Exists(JobPart.objects.filter(job=OuterRef("pk"))))[:100])


def progress_of(job: Job) -> dict:
    """What people see: percent (None while unknown), rate a second and seconds left if they are known."""
    percent = min(100, 100 * job.done // job.total) if job.total else (100 if job.state in OVER else None)
    seconds = (job.moved_at - job.started_at).total_seconds() if job.started_at else 0
    rate = job.done / seconds if seconds > 1 and job.done else 0
    left = round((job.total - job.done) / rate) if rate and job.total and job.state in WAITING else None
    return {"percent": percent, "rate": round(rate), "seconds_left": left}


def definition(job: Job) -> Definition | None:
    """What the job's kind does."""
    return definition_of(job.kind)

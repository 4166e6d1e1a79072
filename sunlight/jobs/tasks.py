"""Running jobs: beat rings every two seconds; whichever worker receives it and finds a free slot takes turns on the
waiting jobs.

Both locks belong to the connection, so a killed worker frees them and the next ring takes its jobs up again.
"""

import logging
import time

from celery import shared_task
from django.conf import settings

from sunlight import scope
from sunlight.jobs.models import Job
from sunlight.jobs.queries import jobs_forgotten, jobs_waiting
from sunlight.jobs.services.jobs import job_abandon, job_claim, job_continue, job_fail, job_results_clear
from sunlight.jobs.workflows import WAITING
from sunlight.journal.refusals import Refused
from sunlight.scope import Actor, Client
from sunlight.tenancy.queries.actors import actor_again, open_platform_actors

# A turn lets no job wait long for another; a round ends well before the five minutes a task may take.
TURN_SECONDS, ROUND_SECONDS = 10.0, 60.0
log = logging.getLogger(__name__)


@shared_task(name="jobs.run")
def jobs_run() -> int:
    """A round of turns on the jobs that wait, in one of the slots for it (so that jobs never take all workers). Returns
    the chunks done."""
    for slot in range(settings.JOB_SLOTS):
        with scope.alone_across_transactions("jobs.slot", slot) as mine:
            if mine:
                return _round()
    return 0


def _round() -> int:
    begun, chunks = time.monotonic(), 0
    while time.monotonic() - begun < ROUND_SECONDS:
        done = 0
        for system in open_platform_actors():
            with scope.opened(system):
                waiting = jobs_waiting(system, scope.now(system.platform_code))
            for job in waiting:
                with scope.alone_across_transactions("jobs.turn", job.id) as mine:
                    done += _turn(system, job) if mine else 0
        if not done:
            break
        chunks += done
    return chunks


def _turn(system: Actor, job: Job) -> int:
    """Chunks of one job until its turn ends, it ends, or it can go no further."""
    actor = actor_again(
        platform_id=job.platform_id,
        organisation_id=job.organisation_id,
        who=job.started_by,
        client=Client(**job.client),
        at=scope.now(system.platform_code),
    )
    if actor is None:
        _fail(system, job.id, "发起人的账号、岗位或接口令牌已停用，任务不再继续。请由在岗人员重新发起。")
        return 0
    begun, chunks = time.monotonic(), 0
    with scope.opened(actor):
        job = job_claim(actor=actor, at=scope.now(actor.platform_code), job_id=job.id)
    while job is not None and job.state in WAITING and time.monotonic() - begun < TURN_SECONDS:
        try:
            with scope.opened(actor):
                job = job_continue(actor=actor, at=scope.now(actor.platform_code), job_id=job.id)
        except Refused as refusal:
            _fail(actor, job.id, refusal.message)
            break
        except Exception:
            # Tried again at the next turns, until `job_claim` has counted too many.
            log.exception("job %s: a chunk broke", job.id)
            break
        chunks += 1
    return chunks


def _fail(actor: Actor, job_id: int, message: str) -> None:
    with scope.opened(actor):
        job_fail(actor=actor, at=scope.now(actor.platform_code), job_id=job_id, message=message)


@shared_task(name="jobs.clear")
def jobs_clear() -> int:
    """Once a day: abandon jobs that stood still too long, and delete the files of old ones."""
    given_up = 0
    for system in open_platform_actors():
        at = scope.now(system.platform_code)
        with scope.opened(system):
            forgotten = jobs_forgotten(system, at)
            job_results_clear(actor=system, at=at)
        for job in forgotten:
            with scope.opened(system):
                job_abandon(actor=system, at=at, job_id=job.id)
                given_up += 1
    return given_up

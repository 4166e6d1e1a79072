"""Background jobs without a worker."""

from sunlight.jobs.models import Job
from sunlight.jobs.services.jobs import job_claim, job_continue
from sunlight.jobs.workflows import WAITING


def run_to_end(*, actor, at, job_id: int) -> Job:
    """All chunks of a job one after the other, as a worker would, but in the scope and transaction of the caller."""
    job = job_claim(actor=actor, at=at, job_id=job_id)
    while job is not None and job.state in WAITING:
        job = job_continue(actor=actor, at=at, job_id=job_id)
    return job

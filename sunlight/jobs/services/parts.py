"""What a job produces piece by piece, stored with it in the database, so that a killed worker's successor finds it."""

from collections.abc import Iterator
from typing import BinaryIO

from sunlight.jobs.models import Job, JobPart
from sunlight.jobs.queries import is_own
from sunlight.journal.refusals import NotThere
from sunlight.scope import Actor

RESULT = "result"
PART_BYTES = 1 << 20


def part_put(job: Job, form: str, number: int, content: bytes) -> None:
    """One more piece; to be called in the job's step."""
    JobPart.objects.create(job=job, form=form, number=number, content=content)


def part_of(job: Job, form: str, number: int) -> bytes:
    """One piece; nothing where there is none."""
    content = JobPart.objects.filter(job=job, form=form, number=number).values_list("content", flat=True).first()
    return b"" if content is None else bytes(content)


def parts_of(job: Job, form: str) -> Iterator[bytes]:
    """The pieces of a form in their order, one at a time in memory."""
    for number in JobPart.objects.filter(job=job, form=form).order_by("number").values_list("number", flat=True):
        yield part_of(job, form, number)


def parts_drop(job: Job, *forms: str) -> None:
    """Forget the pieces of some forms, of all where none is named."""
    rows = JobPart.objects.filter(job=job)
    (rows.filter(form__in=forms) if forms else rows).delete()


def result_put(job: Job, stream: BinaryIO) -> None:
    """Keep the file that came of a job."""
    number = 0
    while piece := stream.read(PART_BYTES):
        part_put(job, RESULT, number, piece)
        number += 1


def result_of(actor: Actor, job: Job) -> Iterator[bytes]:
    """The file that came of a job, for whoever began it alone: what was asked for with one person's roles is no
    colleague's. Raises NotThere, also where it was cleared away."""
    if not is_own(actor, job) or not JobPart.objects.filter(job=job, form=RESULT).exists():
        raise NotThere("这个文件，或它已超过保留期")
    return parts_of(job, RESULT)

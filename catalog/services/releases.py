"""Taking in the national release: full specifications, codes disabled, codes replaced (domain: the national release).

A file sent again changes nothing and is counted unchanged. Small files are taken in the request, large ones as a job.
"""

from dataclasses import replace
from datetime import datetime
from typing import BinaryIO

from catalog.services import release_sql
from catalog.services.release_rows import LAYOUTS
from catalog.services.release_steps import MOST_ROWS, PHASES, Work, begin, is_book, step
from sunlight.files.services import bigfiles
from sunlight.files.services.files import file_store
from sunlight.jobs.definitions import State
from sunlight.jobs.models import Job
from sunlight.jobs.services.jobs import job_start
from sunlight.journal.refusals import Forbidden, Invalid
from sunlight.journal.services import service
from sunlight.scope import Actor, Role
from sunlight.sheets.models import ImportRun
from sunlight.sheets.services import import_run_start

__all__ = ["KINDS", "MOST_ROWS", "national_release_import", "national_release_queue", "national_release_take"]

JOB = "catalog.release"
# What one request takes in; about ten thousand rows.
INLINE_BYTES = {"csv": 4 << 20, "book": 1 << 20}
IMPORTERS = frozenset({Role.OPERATOR_REVIEWER, Role.OPERATOR_SUPPORT, Role.SYSTEM})
KINDS = (*(layout.key for layout in LAYOUTS), JOB)


@service
def national_release_take(
    *, actor: Actor, at: datetime, name: str, stream: BinaryIO, size: int, whole: bool = False
) -> ImportRun | Job:
    """Take in a file of `size` bytes: at once where it is small (the run), else in the background (the job). Raises as
    `national_release_import`."""
    first = stream.read(8)
    stream.seek(0)
    if size > INLINE_BYTES["book" if is_book(first) else "csv"]:
        return national_release_queue(actor=actor, at=at, name=name, stream=stream, whole=whole)
    return national_release_import(actor=actor, at=at, name=name, content=stream.read(), whole=whole)


@service
def national_release_import(*, actor: Actor, at: datetime, name: str, content: bytes, whole: bool = False) -> ImportRun:
    """Take in one file of the national release: the 21-column sheet (xlsx or CSV), 停用表 or 转码表, told apart by their
    headings. Good rows are written, the others kept with their reasons; with `whole` nothing is written unless every row
    is good. A row that says what is known already counts as unchanged. Codes go through rule `code.parse` (SZ20-5.1.1,
    SZ24-3.1a, SZ24-3.7).

    Raises Forbidden for anybody but the operator's reviewers and support, Invalid for a file that cannot be read.
    """
    _check_importer(actor)
    if not content.strip():
        raise Invalid("file_empty", "文件是空的，请检查后重新上传。")
    file = file_store(actor=actor, at=at, name=name, content=content)
    run = import_run_start(actor=actor, at=at, kind=JOB, file=file, whole=whole)
    work = Work(actor, at, run, begin(is_book(content)))
    while work.position["phase"] != "over":
        work.position = step(work)
    return run


@service
def national_release_queue(*, actor: Actor, at: datetime, name: str, stream: BinaryIO, whole: bool = False) -> Job:
    """As `national_release_import` for a file of any size up to 2 GB, as a background job; its run bears the job's
    `result_id`. Raises Forbidden, Invalid for an empty or a larger file."""
    _check_importer(actor)
    file = bigfiles.big_file_store(actor=actor, at=at, name=name, stream=stream)
    run = import_run_start(actor=actor, at=at, kind=JOB, file=file, whole=whole)
    return job_start(
        actor=actor, at=at, kind=JOB, title=file.name, parameters={"run": run.id, "bytes": file.size}, result_id=run.id
    )


def _check_importer(actor: Actor) -> None:
    if not actor.has(*IMPORTERS):
        raise Forbidden("not_your_duty", "只有运营机构的审核员或运营支持可以导入国家目录。请联系平台运营机构。")


def _run_of(job: Job) -> ImportRun:
    return ImportRun.objects.select_related("file").defer("file__content").get(id=job.parameters["run"])


def release_step(*, actor: Actor, at: datetime, job: Job, state: State) -> State:
    """One piece of an import as a job's chunk."""
    _check_importer(actor)
    run = _run_of(job)
    position = state.position
    if not position:
        with bigfiles.opened(run.file) as stream:
            position = begin(is_book(stream.read(8)))
    position = step(Work(actor, at, run, position))
    phase = position["phase"]
    read, written = position.get("read", 0), position.get("taken", 0) + position.get("unchanged", 0)
    refused = position.get("refused", 0)
    over = phase == "over"
    # Rows count once as read and once as written.
    total = 2 * read if phase not in ("transcribe", "recognise", "load") else _expected(position, job)
    return replace(
        state,
        position={} if over else position,
        done=2 * read if over else read + written,
        total=total,
        phase=PHASES[phase],
        note=f"已读取 {read} 行，写入或核对一致 {written} 行，拒收 {refused} 行。",
        over=over,
    )


def _expected(position: dict, job: Job) -> int | None:
    """Twice the rows that the file seems to have, by the part of its bytes that is read."""
    marks = position.get("marks", [])
    if len(marks) < 2 or position["form"] != bigfiles.ORIGINAL:
        return None
    return 2 * round(position["read"] * job.parameters["bytes"] / marks[-1][0])


def release_abandoned(*, actor: Actor, at: datetime, job: Job) -> None:
    """Clear away what an import prepared; what it wrote already stays."""
    run = _run_of(job)
    release_sql.forget(run.id)
    bigfiles.parts_drop(run.file_id, bigfiles.LINES)
    run.state, run.finished_at = "ABANDONED", at
    run.save(update_fields=["state", "finished_at"])

"""Import of the national release: full specifications, codes disabled, codes replaced (domain: the national release).

A file is imported in phases (`PHASES`, at the end): its rows are read and checked into a staging table, judged as one set,
and written in sets. A step does one piece of a phase in one transaction and moves the position on; a step that was killed
has not happened. Small files go through all steps in the request, large ones as a job (docs/features/jobs.md). A file sent
again changes nothing and is counted unchanged.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice
from typing import BinaryIO

from catalog.services import release_sql as sql
from catalog.services.release_rows import FULL, LAYOUTS, READERS
from sunlight import scope
from sunlight.files.archives import OLD_EXCEL, ZIP
from sunlight.files.services import bigfiles
from sunlight.files.services.files import file_store
from sunlight.jobs.definitions import State
from sunlight.jobs.models import Job
from sunlight.jobs.services.jobs import job_start
from sunlight.journal.refusals import Forbidden, Invalid
from sunlight.journal.services import service
from sunlight.scope import Actor, Role
from sunlight.scope.clock import business_date
from sunlight.sheets.lines import Place, find_encoding, read_lines
from sunlight.sheets.models import ImportRun
from sunlight.sheets.reading import MOST_CELL_CHARACTERS, Row, cell_too_long, recognise, row_of
from sunlight.sheets.services import BadRow, import_run_finish, import_run_start, refuse_rows
from sunlight.sheets.transcribe import lines_of_workbook, transcribed
from sunlight.sheets.workflows import ImportState

__all__ = ["KINDS", "MOST_ROWS", "national_release_import", "national_release_queue", "national_release_submit"]

JOB = "catalog.release"
# What one request imports; about ten thousand rows.
INLINE_BYTES = {"csv": 4 << 20, "book": 1 << 20}
CHUNK = 20_000
MOST_ROWS = 2_000_000
# A file with more bad rows than this is the wrong file: it is refused.
MOST_REFUSED = 50_000
IMPORTERS = frozenset({Role.OPERATOR_REVIEWER, Role.OPERATOR_SUPPORT})
KINDS = (*(layout.key for layout in LAYOUTS), JOB)
OVER = "over"


@service
def national_release_submit(
    *, actor: Actor, at: datetime, name: str, stream: BinaryIO, size: int, whole: bool = False
) -> ImportRun | Job:
    """Import a file of `size` bytes: at once if it is small (returns the run), otherwise in the background (returns the
    job). Raises as `national_release_import`."""
    first = stream.read(8)
    stream.seek(0)
    if size > INLINE_BYTES["book" if _is_book(first) else "csv"]:
        return national_release_queue(actor=actor, at=at, name=name, stream=stream, whole=whole)
    return national_release_import(actor=actor, at=at, name=name, content=stream.read(), whole=whole)


@service
def national_release_import(*, actor: Actor, at: datetime, name: str, content: bytes, whole: bool = False) -> ImportRun:
    """Import one file of the national release: the 21-column sheet (xlsx or CSV), 停用表 or 转码表, recognised by their
    headings. Good rows are written, the others kept with their reasons; with `whole` nothing is written unless every
    row is good. A row that says what is known already counts as unchanged. Codes go through rule `code.parse`
    (SZ20-5.1.1, SZ24-3.1a, SZ24-3.7).

    Raises Forbidden for anybody but the operator's reviewers and support, Invalid for a file that cannot be read.
    """
    _check_importer(actor)
    if not content.strip():
        raise Invalid("file_empty", "文件是空的，请检查后重新上传。")
    file = file_store(actor=actor, at=at, name=name, content=content)
    run = import_run_start(actor=actor, at=at, kind=JOB, file=file, whole=whole)
    work = _Work(actor, at, run, _begin(content))
    while work.position["phase"] != OVER:
        _step(work)
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
    if not actor.has(*IMPORTERS, Role.SYSTEM):
        raise Forbidden("not_your_duty", "只有运营机构的审核员或运营支持可以导入国家目录。请联系平台运营机构。")


def _run_of(job: Job) -> ImportRun:
    return ImportRun.objects.select_related("file").defer("file__content").get(id=job.parameters["run"])


def release_step(*, actor: Actor, at: datetime, job: Job, state: State) -> State:
    """One step of an import as a job's chunk."""
    _check_importer(actor)
    run = _run_of(job)
    position = state.position
    if not position:
        with bigfiles.opened(run.file) as stream:
            position = _begin(stream.read(8))
    work = _Work(actor, at, run, position)
    _step(work)
    phase, position = work.position["phase"], work.position
    read, written = position.get("read", 0), position.get("taken", 0) + position.get("unchanged", 0)
    refused = position.get("refused", 0)
    over = phase == OVER
    # Rows count once as read and once as written.
    total = 2 * read if phase not in ("transcribe", "recognise", "load") else _estimated_rows(position, job)
    return replace(
        state,
        position={} if over else position,
        done=2 * read if over else read + written,
        total=total,
        phase="" if over else PHASES[phase].label,
        note=f"已读取 {read} 行，写入或核对一致 {written} 行，拒收 {refused} 行。",
        over=over,
    )


def _estimated_rows(position: dict, job: Job) -> int | None:
    """Twice the rows that the file seems to have, by the part of its bytes that is read."""
    marks = position.get("marks", [])
    if len(marks) < 2 or position["form"] != bigfiles.ORIGINAL:
        return None
    return 2 * round(position["read"] * job.parameters["bytes"] / marks[-1][0])


def release_abandoned(*, actor: Actor, at: datetime, job: Job) -> None:
    """Clear away what an import prepared; what it wrote already stays."""
    run = _run_of(job)
    sql.forget(run.id)
    bigfiles.parts_drop(run.file_id, bigfiles.LINES)
    run.state, run.finished_at = ImportState.ABANDONED, at
    run.save(update_fields=["state", "finished_at"])


@dataclass
class _Work:
    """One step: who, when, the run, and the position that it moves on. A position is JSON: the phase, what is known of the
    file (`form`, `layout`, `headings`, `encoding`, `marks`: where each chunk of rows begins), counts of rows (`read`,
    `staged`, `unchanged`, `refused`, `taken`), and what the phase has still to do (`unfit`, `next`, `chunks`)."""

    actor: Actor
    at: datetime
    run: ImportRun
    position: dict

    @property
    def law(self):
        """The law of the day the import began: an import that runs past midnight is judged by one law."""
        on = business_date(self.run.started_at)
        return scope.law(self.actor, on)

    def count(self, **more: int) -> None:
        for name, number in more.items():
            self.position[name] = self.position.get(name, 0) + number

    def refuse(self, bad: list[BadRow]) -> None:
        refuse_rows(actor=self.actor, at=self.at, run=self.run, rows=bad)
        self.count(refused=len(bad))
        if self.position["refused"] > MOST_REFUSED:
            raise Invalid(
                "too_many_refused",
                f"已有 {MOST_REFUSED} 行以上不能采用，可能选错了文件，导入已停下。请核对文件后重新上传。",
            )

    def rows(self, chunk: int) -> Iterator[tuple[Row | None, list[int]]]:
        """The rows of one chunk of the file, None where one is blank, each with the mark behind it. Raises Invalid for a
        cell that is too long."""
        offset, number = self.position["marks"][chunk]
        headings = self.position["headings"]
        with bigfiles.opened(self.run.file, self.position["form"]) as stream:
            lines = read_lines(stream, self.position["encoding"], Place(offset, number))
            for number, cells, offset in islice(lines, CHUNK):
                for heading, cell in zip(headings, cells, strict=False):
                    if len(cell) > MOST_CELL_CHARACTERS:
                        raise cell_too_long(number, heading, MOST_CELL_CHARACTERS)
                cells = [cell.strip() for cell in cells]
                yield row_of(number, cells, headings) if any(cells) else None, [offset, number + 1]

    def go_to(self, phase: str, **more) -> None:
        self.position |= {"phase": phase, **more}


def _begin(first: bytes) -> dict:
    """Where the import of a file that begins with these bytes begins."""
    if _is_book(first):
        return {"phase": "transcribe", "form": bigfiles.LINES}
    return {"phase": "recognise", "form": bigfiles.ORIGINAL}


def _is_book(first: bytes) -> bool:
    return first.startswith((ZIP, OLD_EXCEL))


def _step(work: _Work) -> None:
    """Do one piece of the phase; the phase is OVER at the end. Raises Invalid where the file cannot be imported."""
    PHASES[work.position["phase"]].step(work)


def _transcribe(work: _Work) -> None:
    """A workbook is written out as CSV first, which can be read from any place in it."""
    file = work.run.file
    bigfiles.parts_drop(file.id, bigfiles.LINES)
    if file.content:
        small = lines_of_workbook(bytes(file.content), MOST_ROWS)
        bigfiles.parts_add(file.id, bigfiles.LINES, iter([small]))
    else:
        with bigfiles.opened(file) as book:
            bigfiles.parts_add(file.id, bigfiles.LINES, transcribed(book, MOST_ROWS))
    work.go_to("recognise")


def _recognise(work: _Work) -> None:
    """Which of the sheets it is, and where its first row begins."""
    with bigfiles.opened(work.run.file, work.position["form"]) as stream:
        encoding, place = find_encoding(stream)
        lines = (line for line in read_lines(stream, encoding, place) if any(map(str.strip, line[1])))
        number, first, end = next(lines, (0, [], 0))
    if not first:
        raise Invalid("file_empty", "文件里没有任何内容，请检查后重新上传。")
    layout, headings = recognise([cell.strip() for cell in first], LAYOUTS)
    work.run.kind = layout.key
    work.run.save(update_fields=["kind"])
    work.go_to("load", layout=layout.key, headings=headings, encoding=encoding, marks=[[end, number + 1]])


def _load(work: _Work) -> None:
    """Read and check one chunk of rows; good ones are staged, bad ones reported."""
    position = work.position
    chunk = len(position["marks"]) - 1
    read_row, law = READERS[position["layout"]], work.law
    good, bad, end = [], [], None
    for row, mark in work.rows(chunk):
        end = mark
        if row is None:
            continue
        if row.fault:
            bad.append(BadRow.broken(row))
            continue
        try:
            good.append(read_row(row, law))
        except Invalid as wrong:
            bad.append(BadRow.of(row, wrong))
    work.count(read=len(good) + len(bad), staged=len(good))
    if position["read"] > MOST_ROWS:
        raise Invalid("too_many_rows", f"文件超过 {MOST_ROWS} 行，请拆分后分别上传。")
    sql.stage(work.run, chunk, good)
    work.refuse(bad)
    if end is not None:
        position["marks"].append(end)
    elif position["read"]:
        work.go_to("judge")
    else:
        raise Invalid("file_empty", "文件只有表头，没有数据行。请填写数据后重新上传。")


def _judge(work: _Work) -> None:
    """Rows of one code: equal ones count once, those that contradict each other are all refused; codes named by 停用表 and
    转码表 must be known."""
    repeated, unfit = sql.judge(work.position["layout"], work.run.id)
    work.count(unchanged=repeated, staged=-repeated - len(unfit))
    if unfit:
        # In the order of the sheet, so that each is looked up in its own chunk of the file.
        work.go_to("report", unfit=[list(each) for each in unfit])
    else:
        _write_or_hold(work)


def _report(work: _Work) -> None:
    """Read the unfit rows of one chunk of the file again for the report."""
    left = work.position["unfit"]
    chunk = left[0][0]
    here = {number: (code, numbers) for piece, number, code, numbers in left if piece == chunk}
    rows = (row for row, _ in work.rows(chunk) if row and row.number in here)
    work.refuse([_unfit(work, row, *here[row.number]) for row in rows])
    work.position["unfit"] = [each for each in left if each[0] != chunk]
    if not work.position["unfit"]:
        _write_or_hold(work)


def _unfit(work: _Work, row: Row, code: str, numbers: list[int]) -> BadRow:
    basis = work.law.basis("catalog.national_codes")
    if not numbers:
        message = f"目录中没有编码 {code}。请先导入含有该编码的全量规格型号信息，再导入本表。"
        return BadRow.of(row, Invalid("code_unknown", message, field="27位码", basis=basis))
    heading = "27位码" if work.position["layout"] == FULL.key else "原27位码"
    where = "、".join(map(str, numbers))
    message = f"编码 {code} 在第 {where} 行重复且内容不同，都未采用。请保留正确的一行后重新上传。"
    return BadRow.of(row, Invalid("duplicate_contradicts", message, field=heading, basis=basis))


def _write_or_hold(work: _Work) -> None:
    """With `whole`, one bad row holds back all others."""
    if work.run.whole and work.position["refused"]:
        _finish(work, held=work.position["staged"] + work.position.pop("unchanged", 0))
    else:
        work.go_to("write", next=0)


def _write(work: _Work) -> None:
    """Write the good rows of one chunk to the catalogue."""
    sql.lock()
    chunk = work.position["next"]
    # The last mark is where the file ends.
    is_last = chunk + 2 >= len(work.position["marks"])
    written, rows = sql.write(work.position["layout"], work.run.id, chunk, work.at, is_last=is_last)
    work.count(taken=written, unchanged=rows - written)
    if not is_last:
        work.go_to("write", next=chunk + 1)
    # A code takes another's place only when all codes are written.
    elif work.position["layout"] == FULL.key and (chunks := sql.replaces(work.run.id)):
        work.go_to("replace", chunks=chunks)
    else:
        _finish(work)


def _replace(work: _Work) -> None:
    """Retire the codes that the rows of one chunk replace."""
    sql.lock()
    first, *left = work.position["chunks"]
    sql.replace_old(work.run.id, first, work.at)
    if left:
        work.go_to("replace", chunks=left)
    else:
        _finish(work)


def _finish(work: _Work, *, held: int = 0) -> None:
    sql.forget(work.run.id)
    bigfiles.parts_drop(work.run.file_id, bigfiles.LINES)
    position = work.position
    import_run_finish(
        actor=work.actor,
        at=work.at,
        run=work.run,
        taken=position.get("taken", 0),
        unchanged=position.get("unchanged", 0),
        refused_before=position.get("refused", 0),
        held=held,
    )
    work.go_to(OVER)


@dataclass(frozen=True)
class _Phase:
    label: str
    step: Callable[[_Work], None]


PHASES = {
    "transcribe": _Phase("读取工作簿", _transcribe),
    "recognise": _Phase("识别表头", _recognise),
    "load": _Phase("读取并核对", _load),
    "judge": _Phase("查找重复", _judge),
    "report": _Phase("登记拒收行", _report),
    "write": _Phase("写入目录", _write),
    "replace": _Phase("登记转码", _replace),
}

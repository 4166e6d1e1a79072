"""The national release taken in by pieces: read and checked into a staging table, judged as a whole, written in sets.

Each step is one piece of a phase, in one transaction, from a position to the next; a step that was killed has not
happened. Small files go through the same steps in the request, large ones as a job (docs/features/jobs.md).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from catalog.services import release_sql as sql
from catalog.services.release_lane import FIELD, FileBroken, Lane
from catalog.services.release_rows import FULL, LAYOUTS, TRANSCODE, disabled_code, transcoding
from sunlight.acts import current_policy
from sunlight.files.archives import OLD_EXCEL, ZIP
from sunlight.files.services import bigfiles
from sunlight.journal.refusals import Invalid
from sunlight.scope import Actor
from sunlight.scope.clock import business_date
from sunlight.sheets.lines import Place, find_encoding, read_lines
from sunlight.sheets.models import ImportRun
from sunlight.sheets.reading import MOST_CELL_CHARACTERS, Row, cell_too_long, recognise, row_of
from sunlight.sheets.services import BadRow, import_run_finish, refuse_rows
from sunlight.sheets.transcribe import lines_of_workbook, transcribed

CHUNK = 20_000
MOST_ROWS = 2_000_000
# A file with more bad rows than this is another file than was meant: it is refused as a whole.
MOST_REFUSED = 50_000
PHASES = {
    "transcribe": "读取工作簿",
    "recognise": "识别表头",
    "load": "读取并核对",
    "judge": "查找重复",
    "report": "登记拒收行",
    "write": "写入目录",
    "replace": "登记转码",
    "over": "",
}


@dataclass
class Work:
    """One step: who, when, the run, and the position it changes."""

    actor: Actor
    at: datetime
    run: ImportRun
    position: dict

    @property
    def law(self):
        """The law of the day the import began: an import that runs past midnight is judged by one law."""
        on = business_date(self.run.started_at)
        return current_policy().law(region=self.actor.region_code, on=on, drafts=self.actor.drafts)

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

    def to(self, phase: str, **more) -> dict:
        self.position |= {"phase": phase, **more}
        return self.position


def begin(book: bool) -> dict:
    """Where an import begins; `book`: the file is a workbook."""
    return {"phase": "transcribe" if book else "recognise", "form": bigfiles.LINES if book else bigfiles.ORIGINAL}


def step(work: Work) -> dict:
    """One piece. Returns the new position; its phase is "over" at the end. Raises Invalid where the file as a whole
    cannot be taken."""
    try:
        return _STEPS[work.position["phase"]](work)
    except FileBroken as broken:
        raise broken.refusal from broken


def is_book(first: bytes) -> bool:
    """Whether what begins so is a workbook (or says it is)."""
    return first.startswith((ZIP, OLD_EXCEL))


def _transcribe(work: Work) -> dict:
    file = work.run.file
    bigfiles.parts_drop(file.id, bigfiles.LINES)
    if file.content:
        small = lines_of_workbook(bytes(file.content), MOST_ROWS)
        bigfiles.parts_add(file.id, bigfiles.LINES, iter([small]))
    else:
        with bigfiles.opened(file) as book:
            bigfiles.parts_add(file.id, bigfiles.LINES, transcribed(book, MOST_ROWS))
    return work.to("recognise")


def _recognise(work: Work) -> dict:
    with bigfiles.opened(work.run.file, work.position["form"]) as stream:
        found = recognised(stream)
    work.run.kind = found["layout"]
    work.run.save(update_fields=["kind"])
    return work.to("load", **found)


def recognised(stream) -> dict:
    """Layout, headings, encoding and the place of the first row. Raises Invalid."""
    encoding, place = find_encoding(stream)
    for number, cells, offset in read_lines(stream, encoding, place):
        cells = [cell.strip() for cell in cells]
        if any(cells):
            layout, headings = recognise(cells, LAYOUTS)
            begun = [[offset, number + 1]]
            return {"layout": layout.key, "headings": headings, "encoding": encoding, "marks": begun}
    raise Invalid("file_empty", "文件里没有任何内容，请检查后重新上传。")


def _rows_of_chunk(work: Work, chunk: int) -> Iterator[tuple[int, list[str], int]]:
    offset, number = work.position["marks"][chunk]
    with bigfiles.opened(work.run.file, work.position["form"]) as stream:
        yield from islice(read_lines(stream, work.position["encoding"], Place(offset, number)), CHUNK)


def _load(work: Work) -> dict:
    position = work.position
    chunk = len(position["marks"]) - 1
    take = _taker(work)
    lines, bad, read, end = [], [], 0, None
    for number, cells, offset in _rows_of_chunk(work, chunk):
        end = (offset, number + 1)
        if not any(cells):
            continue
        read += 1
        try:
            lines.append(take.take(number, cells))
        except Invalid as wrong:
            bad.append(_bad(take.row(number, cells), wrong))
    work.count(read=read, staged=len(lines))
    if position["read"] > MOST_ROWS:
        raise Invalid("too_many_rows", f"文件超过 {MOST_ROWS} 行，请拆分后分别上传。")
    sql.stage(position["layout"], work.run, chunk, lines)
    work.refuse(bad)
    if end is None:
        if not position["read"]:
            raise Invalid("file_empty", "文件只有表头，没有数据行。请填写数据后重新上传。")
        return work.to("judge")
    position["marks"].append(list(end))
    return position


def _bad(row: Row, wrong: Invalid) -> BadRow:
    return BadRow.broken(row) if row.fault else BadRow.of(row, wrong)


class _PlainTaker:
    """Reads the rows of 停用表 and 转码表."""

    def __init__(self, headings: list[str], law, read):
        self.headings, self.law, self.read = headings, law, read

    def row(self, number: int, cells: list[str]) -> Row:
        for heading, cell in zip(self.headings, cells, strict=False):
            if len(cell) > MOST_CELL_CHARACTERS:
                raise FileBroken(cell_too_long(number, heading, MOST_CELL_CHARACTERS))
        return row_of(number, [cell.strip() for cell in cells], self.headings)

    def take(self, number: int, cells: list[str]) -> str:
        row = self.row(number, cells)
        if row.fault:
            raise Invalid("row_broken", row.fault)
        return FIELD.join((str(number), "t", *self.read(row, self.law)))


def _read_transcoding(row: Row, law) -> tuple[str, str]:
    read = transcoding(row, law)
    return read.old_code, read.new_code


def _taker(work: Work):
    headings, law = work.position["headings"], work.law
    if work.position["layout"] == FULL.key:
        return Lane(headings, law)
    read = (
        _read_transcoding
        if work.position["layout"] == TRANSCODE.key
        else lambda row, law: ("", disabled_code(row, law))
    )
    return _PlainTaker(headings, law, read)


def _judge(work: Work) -> dict:
    """Rows of one code: equal ones count once, those that contradict each other are all refused; codes that 停用表 and
    转码表 speak of must be known."""
    repeated, unfit = sql.judge(work.position["layout"], work.run.id)
    work.count(unchanged=repeated, staged=-repeated - len(unfit))
    if not unfit:
        return _judged(work)
    # Rows in the order of the sheet, so that each is looked up in its own piece of the file.
    return work.to("report", unfit=[list(each) for each in unfit])


def _report(work: Work) -> dict:
    """The rows found unfit, read once more from one piece of the file for the report."""
    left = work.position["unfit"]
    chunk = left[0][0]
    here = {number: numbers for piece, number, _, numbers in left if piece == chunk}
    codes = {number: code for piece, number, code, _ in left if piece == chunk}
    taker = _taker(work)
    rows = (taker.row(number, cells) for number, cells, _ in _rows_of_chunk(work, chunk) if number in here)
    work.refuse([_unfit(work.position["layout"], row, codes[row.number], here[row.number]) for row in rows])
    work.position["unfit"] = [each for each in left if each[0] != chunk]
    return work.position if work.position["unfit"] else _judged(work)


def _unfit(layout: str, row: Row, code: str, numbers: list[int]) -> BadRow:
    if not numbers:
        message = f"目录中没有编码 {code}。请先导入含有该编码的全量规格型号信息，再导入本表。"
        return BadRow(row.number, "code_unknown", message, row.cells, "27位码", "SZ24-3.1a")
    heading = "27位码" if layout == FULL.key else "原27位码"
    where = "、".join(map(str, numbers))
    message = f"编码 {code} 在第 {where} 行重复且内容不同，都未采用。请保留正确的一行后重新上传。"
    return BadRow(row.number, "duplicate_contradicts", message, row.cells, heading, "SZ20-5.1.1")


def _judged(work: Work) -> dict:
    if work.run.whole and work.position["refused"]:
        held = work.position["staged"] + work.position.pop("unchanged", 0)
        return _finish(work, held=held)
    return work.to("write", next=0)


def _write(work: Work) -> dict:
    sql.lock()
    chunk = work.position["next"]
    # The last mark is where the file ends.
    is_last = chunk + 2 >= len(work.position["marks"])
    written, rows = sql.write(work.position["layout"], work.run.id, chunk, work.at, is_last=is_last)
    work.count(taken=written, unchanged=rows - written)
    if not is_last:
        return work.to("write", next=chunk + 1)
    # A code takes another's place only when all codes are written.
    chunks = sql.replaces(work.run.id) if work.position["layout"] == FULL.key else []
    return work.to("replace", chunks=chunks) if chunks else _finish(work)


def _replace(work: Work) -> dict:
    sql.lock()
    first, *left = work.position["chunks"]
    sql.replace_old(work.run.id, first, work.at)
    return work.to("replace", chunks=left) if left else _finish(work)


def _finish(work: Work, *, held: int = 0) -> dict:
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
    return work.to("over")


_STEPS = {
    "transcribe": _transcribe,
    "recognise": _recognise,
    "load": _load,
    "judge": _judge,
    "report": _report,
    "write": _write,
    "replace": _replace,
}

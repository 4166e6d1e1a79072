"""Returns a sheet to its sender with the errors written into it: bad cells marked, the reasons next to the row.

Rows, columns and headings stay in place; the reasons come in further columns on the right, which may stay in
when the corrected sheet is sent again. Everything is text: what looks like a formula stays a text.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

import xlsxwriter

from sunlight.files.archives import OLD_EXCEL, ZIP, Bounds
from sunlight.files.services import bigfiles
from sunlight.journal.refusals import Invalid
from sunlight.sheets.lines import find_encoding, read_lines
from sunlight.sheets.models import ImportRun
from sunlight.sheets.queries import refused_rows
from sunlight.sheets.reading import MOST_CELL_CHARACTERS, MOST_UNPACKED_BYTES, REPORT_HEADINGS, heading_key
from sunlight.sheets.services import MOST_IN_ONE_SHEET
from sunlight.sheets.workbooks import rows_of_workbook

ADDED = REPORT_HEADINGS[1:]


@dataclass(frozen=True)
class Fault:
    """What is wrong with a row: the column's heading ("" for the entire row), the reason, the clause."""

    column: str
    message: str
    clause: str = ""


def marked_run(run: ImportRun, path: str) -> int:
    """Write the file of an import with its refused rows marked to `path`; returns the rows marked. Raises Invalid for a
    file with more rows than one may open in a sheet that is made in a request."""
    if run.rows_total > MOST_IN_ONE_SHEET:
        raise Invalid(
            "too_many_rows",
            f"文件有 {run.rows_total} 行，超过 {MOST_IN_ONE_SHEET} 行，不能整份标注。请下载拒收行，只改这些行后上传。",
        )
    faults: dict[int, list[Fault]] = {}
    for row in refused_rows(run):
        faults.setdefault(row.row_number, []).append(Fault(row.column, row.message, row.clause))
    return marked_workbook(_lines_of(run), faults, path)


def _lines_of(run: ImportRun) -> Iterator[list[str]]:
    with bigfiles.opened(run.file) as stream:
        first = stream.read(8)
        stream.seek(0)
        if first.startswith((ZIP, OLD_EXCEL)):
            yield from rows_of_workbook(stream.read(), Bounds(MOST_UNPACKED_BYTES, MOST_IN_ONE_SHEET + 1_000))
        else:
            encoding, place = find_encoding(stream)
            yield from (cells for _, cells, _ in read_lines(stream, encoding, place))


def marked_workbook(lines: Iterable[list[str]], faults: dict[int, list[Fault]], path: str) -> int:
    """Write a sheet's lines (the first filled one has the headings) to `path` with `faults`, by row number, marked."""
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    marked, headings, width = 0, None, 0
    with xlsxwriter.Workbook(path, options | {"strings_to_numbers": False}) as book:
        book.set_properties({"created": datetime(2020, 1, 1, tzinfo=UTC)})
        sheet = book.add_worksheet("标注")
        plain = book.add_format({"num_format": "@"})
        bold = book.add_format({"num_format": "@", "bold": True, "bg_color": "#EEF3F8"})
        wrong = book.add_format({"num_format": "@", "bg_color": "#FFC7CE", "font_color": "#9C0006"})
        reason = book.add_format({"num_format": "@", "font_color": "#9C0006", "text_wrap": True, "valign": "top"})
        for number, cells in enumerate(lines, start=1):
            if headings is None and any(cell.strip() for cell in cells):
                headings = {heading_key(cell): place for place, cell in enumerate(cells)}
                # A report that is sent again has these columns already: they are replaced.
                cells, kept = _without_report(cells), headings
                width = len(cells)
                headings = {key: place for key, place in kept.items() if place < width}
                _line(sheet, number - 1, cells, bold)
                for place, heading in enumerate(ADDED, start=width):
                    sheet.write_string(number - 1, place, heading, bold)
                sheet.set_column(0, max(width - 1, 0), 18, plain)
                sheet.set_column(width, width, 16)
                sheet.set_column(width + 1, width + 1, 70)
                sheet.freeze_panes(number, 0)
                continue
            here = faults.get(number, [])
            bad = {headings.get(heading_key(fault.column)) for fault in here} if headings else set()
            all_bad = bool(here) and bad <= {None}
            for place, cell in enumerate(cells[:width] if headings else cells):
                if cell or place in bad:
                    form = wrong if place in bad or all_bad else plain
                    sheet.write_string(number - 1, place, cell[:MOST_CELL_CHARACTERS], form)
            if here:
                marked += 1
                for place, text in enumerate(_explanation(here), start=width):
                    sheet.write_string(number - 1, place, text[:MOST_CELL_CHARACTERS], reason)
    return marked


def _without_report(cells: list[str]) -> list[str]:
    added = {heading_key(heading) for heading in REPORT_HEADINGS}
    while cells and (not cells[-1].strip() or heading_key(cells[-1]) in added):
        cells = cells[:-1]
    return cells


def _line(sheet, row: int, cells: list[str], form) -> None:
    for place, cell in enumerate(cells):
        sheet.write_string(row, place, cell[:MOST_CELL_CHARACTERS], form)


def _explanation(faults: list[Fault]) -> tuple[str, str, str]:
    columns = "、".join(dict.fromkeys(fault.column for fault in faults if fault.column))
    clauses = "、".join(dict.fromkeys(fault.clause for fault in faults if fault.clause))
    return columns, "；".join(fault.message for fault in faults), clauses

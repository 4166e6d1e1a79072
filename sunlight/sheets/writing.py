"""Sheets handed out as they stand: CSV and xlsx of text, in which nothing is a formula. Typed columns: `exports`."""

import codecs
import csv
import io
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

import xlsxwriter

from sunlight.sheets.reading import MOST_CELL_CHARACTERS

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def csv_bytes(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    """A CSV that Excel opens right (UTF-8 with BOM) and executes nothing of: a cell that begins like a formula gets an
    apostrophe in front."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow([_inert(h) for h in headings])
    for row in rows:
        writer.writerow([_inert(str(cell)) for cell in row])
    return codecs.BOM_UTF8 + out.getvalue().encode("utf-8")


def _inert(text: str) -> str:
    return f"'{text}" if text.startswith(_FORMULA_STARTS) else text


def xlsx_bytes(headings: Sequence[str], rows: Iterable[Sequence[str]], *, title: str = "Sheet1") -> bytes:
    """A workbook of text cells; nothing in it is a formula or a link."""
    out = io.BytesIO()
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False, "in_memory": True}
    with xlsxwriter.Workbook(out, options) as book:
        # The same rows give the same bytes.
        book.set_properties({"created": datetime(2020, 1, 1, tzinfo=UTC)})
        sheet = book.add_worksheet(title)
        sheet.freeze_panes(1, 0)
        sheet.write_row(0, 0, headings, book.add_format({"bold": True}))
        for number, row in enumerate(rows, start=1):
            for column, cell in enumerate(row):
                sheet.write_string(number, column, str(cell)[:MOST_CELL_CHARACTERS])
    return out.getvalue()

"""Excel out of any list: typed columns, rows streamed to a file on disk, nothing in it a formula or a link.

    out = workbook([Out("订单编号", "code"), Out("金额（元）", "yuan")], rows, title="订单", path=path)

Rows are written as they come and leave the memory at once. Text stays text whatever it looks like: `=1+1`, `+86…`, a
20-digit code. A number is a number only while Excel keeps every digit of it (15).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import xlsxwriter

from sunlight.journal.refusals import Invalid
from sunlight.scope.clock import SHANGHAI
from sunlight.sheets.reading import MOST_CELL_CHARACTERS

# One sheet of a workbook holds 1 048 576 rows with its heading.
MOST_SHEET_ROWS = 1_048_575
_FORMATS = {
    "yuan": "#,##0.00",
    "price": "#,##0.00##",
    "quantity": "#,##0.###",
    "count": "#,##0",
    "day": "yyyy-mm-dd",
    "moment": "yyyy-mm-dd hh:mm:ss",
    "text": "@",
    "sentence": "@",
    "code": "@",
    "state": "@",
}
_WIDTHS = {
    "yuan": 16,
    "price": 14,
    "quantity": 12,
    "count": 10,
    "day": 12,
    "moment": 20,
    "text": 28,
    "sentence": 28,
    "code": 30,
}
_NUMBERS = frozenset({"yuan", "price", "quantity", "count"})
_SAFE = str.maketrans(dict.fromkeys("[]:*?/\\", " "))


@dataclass(frozen=True)
class Out:
    """A column: its heading and how values are written: `text`, `sentence`, `code`, `state` (as text); `yuan`, `price`, `quantity`,
    `count` (numbers, yuan already in yuan); `day`; `moment` (in Shanghai's time)."""

    heading: str
    kind: str = "text"


def workbook(
    columns: Sequence[Out], rows: Iterable[Sequence[Any]], *, title: str, path: Path | str, most: int = MOST_SHEET_ROWS
) -> int:
    """Write a workbook to `path`; rows are plain values in the order of the columns, None an empty cell. Returns the
    number of rows. Raises Invalid beyond `most` rows."""
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    count = 0
    with xlsxwriter.Workbook(str(path), options | {"strings_to_numbers": False}) as book:
        book.set_properties({"created": datetime(2020, 1, 1, tzinfo=UTC)})
        sheet = book.add_worksheet(sheet_title(title))
        formats = {kind: book.add_format({"num_format": code}) for kind, code in _FORMATS.items()}
        for place, column in enumerate(columns):
            sheet.set_column(place, place, max(_WIDTHS.get(column.kind, 12), 2 * len(column.heading)))
        sheet.freeze_panes(1, 0)
        heading = book.add_format({"bold": True, "bg_color": "#EEF3F8", "bottom": 1, "num_format": "@"})
        for place, column in enumerate(columns):
            sheet.write_string(0, place, column.heading, heading)
        kinds = [(place, column.kind, formats[column.kind]) for place, column in enumerate(columns)]
        for row in rows:
            count += 1
            if count > most:
                raise Invalid("too_many_rows", f"超过 {most} 行，一张工作表放不下。请先用筛选缩小范围。")
            for (place, kind, form), value in zip(kinds, row, strict=True):
                _write(sheet, count, place, kind, form, value)
        if count:
            sheet.autofilter(0, 0, count, len(columns) - 1)
    return count


def _write(sheet, row: int, place: int, kind: str, form, value: Any) -> None:
    if value is None or value == "":
        return
    if kind in _NUMBERS and not isinstance(value, bool) and isinstance(value, int | Decimal) and _is_kept(value):
        sheet.write_number(row, place, value, form)
    elif kind == "moment" and isinstance(value, datetime):
        sheet.write_datetime(row, place, value.astimezone(SHANGHAI).replace(tzinfo=None, microsecond=0), form)
    elif kind == "day" and isinstance(value, date) and not isinstance(value, datetime):
        sheet.write_datetime(row, place, value, form)
    else:
        sheet.write_string(row, place, text_of(value)[:MOST_CELL_CHARACTERS], form)


def _is_kept(value: int | Decimal) -> bool:
    """Whether Excel keeps every digit: it has 15."""
    number = Decimal(value)
    return number.is_finite() and len(number.normalize().as_tuple().digits) <= 15 and abs(number) < 10**15


def text_of(value: Any) -> str:
    """A plain value as people read it in a sheet."""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, datetime):
        return f"{value.astimezone(SHANGHAI):%Y-%m-%d %H:%M:%S}"
    if isinstance(value, Decimal):
        return f"{value:f}"
    return str(value)


def sheet_title(title: str) -> str:
    """A name Excel takes for a sheet: at most 31 characters, none of `[]:*?/\\`, no apostrophe at an end."""
    return title.translate(_SAFE).strip(" '")[:31].strip(" '") or "Sheet1"

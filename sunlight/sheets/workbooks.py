"""Reading an xlsx workbook that a stranger sent, once `files.archives` has measured what it would cost."""

import io
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from python_calamine import CalamineError, CalamineWorkbook

from sunlight.files.archives import OLD_EXCEL, Bounds, measure_workbook, not_a_workbook
from sunlight.journal.refusals import Invalid


def rows_of_workbook(content: bytes, bounds: Bounds) -> Iterator[list[str]]:
    """The first sheet's rows as text, blank rows included, from the sheet's first row on. A formula cell gives the value
    it was saved with; text that looks like a formula stays text. Raises Invalid with a message for the user."""
    if content.startswith(OLD_EXCEL):
        raise Invalid("old_workbook", "这是旧版 xls 或加密的工作簿，请在 Excel 中另存为不加密的 xlsx 后重新上传。")
    measure_workbook(content, bounds)
    try:
        sheet = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0)
        # The reader gives the blank rows above the first filled one, but not the blank columns before it.
        rows, before = sheet.iter_rows(), [""] * (sheet.start or (0, 0))[1]
    except (CalamineError, IndexError, ValueError, OSError) as error:
        raise not_a_workbook() from error
    return (before + [text_of(value) for value in row] for row in rows)


def text_of(value: Any) -> str:
    """A cell as text. Excel keeps whole numbers as floats: `1.0` is `1` again; a date without a time is a date."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        text = f"{Decimal(repr(value)):f}" if value == value and abs(value) < 1e40 else repr(value)
        return text.removesuffix(".0")
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(sep=" ", timespec="seconds")
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, timedelta):
        return str(value)
    return "" if value is None else str(value)

"""Handing out a list as a workbook: written to a file that vanishes with the answer, sent piece by piece."""

import tempfile
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from django.http import FileResponse

from sunlight.sheets.exports import Out, workbook

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
# What one request may write; more goes to a background job.
MOST_ROWS = 20_000


def workbook_response(name: str, columns: Sequence[Out], rows: Iterable[Sequence[Any]]) -> FileResponse:
    """`rows` (plain values in the order of `columns`, already bounded by the reader's scope) as `<name>.xlsx` to be saved.
    Raises Invalid beyond `MOST_ROWS` rows."""
    return book_response(name, lambda path: workbook(columns, rows, title=name, path=path, most=MOST_ROWS))


def book_response(name: str, write: Callable[[str], object]) -> FileResponse:
    """The workbook that `write(path)` writes, as `<name>.xlsx` to be saved."""
    with tempfile.NamedTemporaryFile(prefix="sunlight-out-", suffix=".xlsx") as named:
        write(named.name)
        # The name goes, the content stays until the answer is closed.
        file = open(named.name, "rb")  # noqa: SIM115
    response = FileResponse(file, as_attachment=True, filename=f"{name}.xlsx", content_type=XLSX)
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response

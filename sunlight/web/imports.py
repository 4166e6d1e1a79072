"""The report of an import: counts, refused rows with their reasons, the same as a sheet to correct and send again."""

from pathlib import PurePath

from django.core.paginator import Paginator
from django.shortcuts import redirect, render

from sunlight.files.queries import access_file
from sunlight.sheets import queries
from sunlight.sheets.marked import marked_run
from sunlight.sheets.readers import IMPORT_RUNS, noun_of
from sunlight.sheets.reading import REPORT_HEADINGS
from sunlight.sheets.services import MOST_IN_ONE_SHEET
from sunlight.sheets.writing import csv_bytes, xlsx_bytes
from sunlight.web.downloads import download, download_kept
from sunlight.web.exports import book_response
from sunlight.web.pages import page

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@page(IMPORT_RUNS)
def run(request, run_id: int):
    found = queries.access_run(request.actor, run_id)
    rows = Paginator(queries.refused_rows(found), 100).get_page(request.GET.get("page"))
    may_mark = bool(found.rows_refused) and found.rows_total <= MOST_IN_ONE_SHEET
    return render(request, "sheets/import_report.html", {"run": found, "refused": rows, "may_mark": may_mark})


@page(IMPORT_RUNS)
def refused(request, run_id: int, form: str):
    """The refused rows as they came, with number, column, reason and clause as last columns."""
    found = queries.access_run(request.actor, run_id)
    rows = list(queries.refused_rows(found))
    headings = list(dict.fromkeys(heading for row in rows for heading in row.cells if heading not in REPORT_HEADINGS))
    lines = (
        [*(row.cells.get(h, "") for h in headings), str(row.row_number), row.column, row.message, row.clause]
        for row in rows
    )
    write, kind = (xlsx_bytes, XLSX) if form == "xlsx" else (csv_bytes, "text/csv; charset=utf-8")
    return download(write([*headings, *REPORT_HEADINGS], lines), kind, f"refused-{found.id}.{form}")


@page(IMPORT_RUNS)
def marked(request, run_id: int):
    """The sheet as it was sent, with bad cells marked and the reasons next to each row."""
    found = queries.access_run(request.actor, run_id)
    return book_response(f"标注-{PurePath(found.file.name).stem}", lambda path: marked_run(found, path))


@page(IMPORT_RUNS)
def original(request, run_id: int):
    """The file as it came in: one's own organisation's; another's through what it is needed for, on record."""
    found = queries.access_run(request.actor, run_id)
    if found.organisation_id != request.actor.organisation_id:
        return redirect("files:through", found.file_id, noun_of(found.kind) or "import_run", found.id)
    file = access_file(request.actor, found.file_id)
    return download_kept(file, "application/octet-stream")

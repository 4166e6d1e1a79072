"""监管总览: what the trade comes to, and the rows behind every figure."""

from django.core.paginator import Paginator
from django.shortcuts import render

from sunlight.journal.refusals import Invalid
from sunlight.scope.clock import business_date
from sunlight.web.pages import clock, page
from supervision.queries import overview as queries
from supervision.queries.parts import WATCHERS

_ASKED = ("from", "to", "region", "hospital", "supplier")


def _asked(request) -> dict[str, str]:
    return {name: request.GET.get(name, "").strip() for name in _ASKED}


def _view(request):
    """(view, what was typed, the refusal): the usual view and the refusal where what was typed cannot be."""
    typed, today = _asked(request), business_date(clock(request))
    try:
        return queries.view_of(request.actor, typed, today), typed, None
    except Invalid as refusal:
        return queries.view_of(request.actor, {}, today), typed, refusal


def _filter(view, typed, refusal) -> dict:
    return {
        "view": view,
        "refusal": refusal,
        "wrong": refusal.field if refusal else "",
        "typed": {
            **typed,
            "from": typed["from"] or view.since.isoformat(),
            "to": typed["to"] or view.until.isoformat(),
        },
        "since": typed["from"] or view.since.isoformat(),
        "regions": queries.regions_of(view),
        "hospitals": queries.parties(view, "HOSPITAL") if "buyer" in view.part.by else [],
        "suppliers": queries.parties(view, "SUPPLIER") if "seller" in view.part.by else [],
        "query": view.query(),
    }


@page(*WATCHERS)
def overview(request):
    view, typed, refusal = _view(request)
    series = queries.series(view)
    hospitals, suppliers = queries.by_party(view, "buyer"), queries.by_party(view, "seller")
    context = _filter(view, typed, refusal) | {
        "totals": queries.totals(view),
        "series": series,
        "points": list(
            zip(series["labels"], zip(*(line["values"] for line in series["lines"]), strict=True), strict=True)
        ),
        "chart": _chart(series),
        "groups": [("按医疗机构", hospitals), ("按供应企业", suppliers)],
        "clauses": queries.refusals_by_clause(view),
    }
    return render(request, "supervision/overview.html", context, status=422 if refusal else 200)


def _chart(series) -> dict:
    """The series as ECharts draws it: money in yuan."""
    lines = [
        {**line, "values": line["values"] if series["counted"] else [fen / 100 for fen in line["values"]]}
        for line in series["lines"]
    ]
    return {**series, "lines": lines}


@page(*WATCHERS)
def figure_rows(request, figure):
    view, typed, refusal = _view(request)
    found, rows = queries.rows_behind(view, figure)
    numbered = Paginator(rows, 30).get_page(request.GET.get("page"))
    subject, id_field, number_field = found.subject
    shown = [
        {
            "row": row,
            "subject": subject,
            "subject_id": getattr(row, id_field),
            "number": _through(row, number_field),
        }
        for row in numbered
    ]
    context = _filter(view, typed, refusal) | {"figure": found, "rows": numbered, "shown": shown}
    return render(request, "supervision/figure_rows.html", context, status=422 if refusal else 200)


def _through(row, path: str):
    for part in path.split("__"):
        row = getattr(row, part)
    return row


@page(*WATCHERS)
def clause_refusals(request, clause_id):
    view, typed, refusal = _view(request)
    rows = Paginator(queries.refusals_behind(view, clause_id), 30).get_page(request.GET.get("page"))
    context = _filter(view, typed, refusal) | {"clause_id": clause_id, "rows": rows}
    return render(request, "supervision/clause_refusals.html", context, status=422 if refusal else 200)

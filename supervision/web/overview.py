"""监管总览: what the trade comes to, and the rows behind every figure."""

from dataclasses import replace

from django.shortcuts import render
from django.utils.translation import gettext as _

from sunlight.journal.refusals import Invalid, invalid_of
from sunlight.kernel.reading import Unreadable
from sunlight.scope.clock import business_date
from sunlight.web.lists import list_page
from sunlight.web.lists.declare import through
from sunlight.web.pages import clock, page
from supervision import readers
from supervision.queries import late
from supervision.queries import overview as queries
from supervision.web.lists import ASKED, CLAUSE_REFUSALS, FIGURE_ROWS, trace_url


def _asked(request) -> dict[str, str]:
    return {name: request.GET.get(name, "").strip() for name in ASKED}


def view_of(request):
    """(view, what was typed, the refusal): the usual view and the refusal where what was typed cannot be."""
    typed, today = _asked(request), business_date(clock(request))
    try:
        return queries.view_of(request.actor, typed, today), typed, None
    except Invalid as refusal:
        return queries.view_of(request.actor, {}, today), typed, refusal
    except Unreadable as fault:
        return queries.view_of(request.actor, {}, today), typed, invalid_of(fault)


def filter_context(view, typed, refusal) -> dict:
    """What the form of days, region and parties shows."""
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


@page(readers.OVERVIEW)
def overview(request):
    view, typed, refusal = view_of(request)
    series = queries.series(view)
    hospitals, suppliers = queries.by_party(view, "buyer"), queries.by_party(view, "seller")
    context = filter_context(view, typed, refusal) | {
        "totals": queries.totals(view),
        "late": late.late_now(view),
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
        {
            "name": _(line["name"]),
            "values": line["values"] if series["counted"] else [fen / 100 for fen in line["values"]],
        }
        for line in series["lines"]
    ]
    return {**series, "lines": lines, "unit": _(series["unit"])}


@page(readers.OVERVIEW)
def figure_rows(request, figure):
    view, typed, refusal = view_of(request)
    found, rows = queries.rows_behind(view, figure)
    subject, id_field, number_field = found.subject

    def present(request, rows):
        rows = list(rows)
        for row in rows:
            row.number = through(row, number_field.replace("__", "."))
            row.trace_url = trace_url(request.actor, subject, getattr(row, id_field))
        return rows

    table = replace(FIGURE_ROWS, title=_(found.label) + " " + _("明细"), present=present)
    return _rows_page(request, table, rows, view, typed, refusal)


def _rows_page(request, table, rows, view, typed, refusal):
    context, status = filter_context(view, typed, refusal), 422 if refusal else 200
    return list_page(request, table, "supervision/figure_rows.html", rows=rows, context=context, status=status)


@page(readers.OVERVIEW)
def clause_refusals(request, clause_id):
    view, typed, refusal = view_of(request)
    table = replace(CLAUSE_REFUSALS, title=f"{clause_id} " + _("未予受理的操作"))
    return _rows_page(request, table, queries.refusals_behind(view, clause_id), view, typed, refusal)

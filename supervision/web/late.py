"""逾期: what is late today, by hospital, maker and distributor, with the day of each and what to do."""

from dataclasses import replace

from django.shortcuts import redirect
from django.utils.translation import gettext as _

from sunlight.web.lists import list_page
from sunlight.web.pages import page
from supervision import readers
from supervision.queries import late as queries
from supervision.queries.basis import basis_of
from supervision.web.lists import LATE_ROWS, trace_url
from supervision.web.overview import filter_context, view_of

# Columns of which no text says anything for a noun.
_UNGRADED = {"deliveries_late": ("step",), "acceptances_late": ("degree", "step")}


@page(readers.OVERVIEW)
def late(request):
    """To the first noun of which something is late, or the first of all."""
    view, _typed, _refusal = view_of(request)
    found = queries.late_now(view)
    first = next((each for each in found if each.count), found[0] if found else None)
    return redirect("supervision:late_rows", first.key) if first else redirect("supervision:overview")


@page(readers.OVERVIEW)
def late_rows(request, matter):
    """The rows of one noun that are late today."""
    view, typed, refusal = view_of(request)
    found, rows = queries.late_rows(view, matter)

    def present(request, rows):
        rows = queries.graded(view, found, rows)
        for row in rows:
            row.trace_url = trace_url(request.actor, found.subject, row.id)
        return rows

    context = filter_context(view, typed, refusal) | {
        "matter": found,
        "basis": basis_of(request.actor, found.basis, view.today),
        "others": queries.late_now(view),
        "to_do": queries.TO_DO[found.key],
        "groups": queries.late_by_party(view, found.key),
    }
    columns = tuple(each for each in LATE_ROWS.columns if each.key not in _UNGRADED.get(found.key, ()))
    table = replace(LATE_ROWS, title=_(found.label), columns=columns, present=present)
    status = 422 if refusal else 200
    return list_page(request, table, "supervision/late_rows.html", rows=rows, context=context, status=status)

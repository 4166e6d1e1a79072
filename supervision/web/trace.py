"""Why was this allowed or refused: the decision trace, refusals, clauses."""

from django.core.paginator import Paginator
from django.shortcuts import render

from sunlight.web.pages import page, public_page
from supervision.queries import trace as queries


@page()
def trace(request, subject_type, subject_id):
    steps = queries.trace(request.actor, subject_type, subject_id)
    return render(
        request,
        "supervision/trace.html",
        {
            "steps": steps,
            "related": queries.related(steps),
            "subject": queries.SUBJECTS[subject_type],
            "subject_type": subject_type,
            "subject_id": subject_id,
        },
    )


@page()
def refusals(request):
    rows = Paginator(queries.refusals_visible_to(request.actor), 30).get_page(request.GET.get("page"))
    return render(request, "supervision/refusals.html", {"rows": rows})


@public_page()
def clause(request, clause_id):
    from sunlight.journal.refusals import NotThere
    from sunlight.web.pages import refusal_page

    try:
        found = queries.clause_page(clause_id)
    except NotThere as refusal:
        return refusal_page(request, refusal)
    return render(request, "supervision/clause.html", found)

"""Why was this allowed or refused: the decision trace, refusals, clauses."""

from django.shortcuts import render

from sunlight.web.lists import list_page
from sunlight.web.pages import page, public_page
from supervision import readers
from supervision.queries import trace as queries
from supervision.web.lists import REFUSALS


@page()
def trace(request, subject_type, subject_id):
    steps = queries.trace(request.actor, subject_type, subject_id)
    return render(
        request,
        "supervision/trace.html",
        {
            "steps": steps,
            "related": queries.related(request.actor, steps),
            "subject": queries.traced()[subject_type],
            "subject_type": subject_type,
            "subject_id": subject_id,
            "number": queries.number_of(steps),
        },
    )


@page(readers.REFUSALS)
def refusals(request):
    return list_page(request, REFUSALS)


@public_page()
def clause(request, clause_id):
    from sunlight.journal.refusals import NotThere
    from sunlight.web.pages import refusal_page

    try:
        found = queries.clause_page(clause_id)
    except NotThere as refusal:
        return refusal_page(request, refusal)
    return render(request, "supervision/clause.html", found)

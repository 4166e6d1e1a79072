"""Why was this allowed or refused: the decision trace, refusals, clauses."""

from django.shortcuts import render

from sunlight import scope
from sunlight.journal.refusals import NotThere
from sunlight.web.lists import list_page
from sunlight.web.pages import page, public_page, refusal_page
from supervision import readers
from supervision.queries import trace as queries
from supervision.queries.clauses import clause_page
from supervision.queries.statements import statement_of
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


@page()
def statement(request, kind, record_id):
    """裁定说明书: one decision or refusal with all it rests on, to be printed."""
    return render(request, "supervision/statement.html", statement_of(request.actor, kind, record_id))


@page(readers.REFUSALS)
def refusals(request):
    return list_page(request, REFUSALS)


@public_page()
def clause(request, clause_id):
    try:
        found = clause_page(clause_id, scope.today(request.actor.platform_code or None))
    except NotThere as refusal:
        return refusal_page(request, refusal)
    return render(request, "supervision/clause.html", found)

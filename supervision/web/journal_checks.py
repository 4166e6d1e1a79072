"""日志核验: the journal read again from the first seal to the last, and what came of it."""

from django.shortcuts import redirect, render

from sunlight.journal.events import ALARMS
from sunlight.scope.clock import business_date
from sunlight.web.lists import list_page
from sunlight.web.pages import attempt, clock, page, refusal_page
from supervision import readers
from supervision.queries import journal_checks as queries
from supervision.queries.checkpoints import standing
from supervision.services.journal_checks import journal_check_start
from supervision.web.lists import JOURNAL_CHECKS


@page(readers.JOURNAL_CHECKS)
def journal_checks(request):
    at = clock(request)
    context = {
        "due_on": queries.due_on(request.actor, business_date(at)),
        "every_days": queries.EVERY_DAYS,
        "standing": standing(request.actor, at),
        "alarm_words": ALARMS,
    }
    return list_page(request, JOURNAL_CHECKS, "supervision/journal_checks.html", context=context)


@page(readers.JOURNAL_CHECKS, methods=("POST",))
def start(request):
    job, refusal = attempt(request, lambda: journal_check_start(actor=request.actor, at=clock(request)))
    return refusal_page(request, refusal) if refusal else redirect("jobs:job", job.id)


@page(readers.JOURNAL_CHECKS)
def journal_check(request, check_id):
    found = queries.access_check(request.actor, check_id)
    return render(request, "supervision/journal_check.html", {"check": found})

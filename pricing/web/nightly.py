"""The page of nightly runs: how far tonight's is, what the last ones found."""

from django.core.paginator import Paginator
from django.shortcuts import render

from pricing import readers
from pricing.queries.nightly import progress_of, runs_visible_to
from sunlight.web.pages import page


@page(readers.NIGHTLY_RUNS)
def runs(request):
    """Runs of the actor's platforms, newest first: all, under way or finished."""
    state = request.GET.get("state", "")
    found = runs_visible_to(request.actor)
    if state in ("running", "done"):
        found = found.filter(finished_at__isnull=state == "running")
    rows = Paginator(found, 30).get_page(request.GET.get("page"))
    shown = {"rows": rows, "state": state, "progress": progress_of(rows.object_list)}
    return render(request, "pricing/nightly.html", shown)

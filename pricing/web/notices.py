"""Pages of the notices that lower listed prices: the maker's own and what comes next, all of them for everybody else."""

from django.shortcuts import render
from django.urls import path

from pricing import readers
from pricing.queries.notices import access_notice, next_step
from pricing.rules.linked import GROUNDS
from pricing.web.lists_moving import NOTICES
from sunlight import scope
from sunlight.scope.clock import business_date
from sunlight.web.lists import list_page
from sunlight.web.pages import clock, page


@page(readers.PRICE_NOTICES)
def notices(request):
    """Notices, newest first, by state."""
    return list_page(request, NOTICES)


@page(readers.PRICE_NOTICES)
def notice(request, notice_id: int):
    row = access_notice(request.actor, notice_id)
    law = scope.law(request.actor, business_date(clock(request)), region=row.region.code)
    context = {"row": row, "next": next_step(law, row), "ground": GROUNDS[row.ground]}
    return render(request, "pricing/notice.html", context)


routes = [
    path("notices/", notices, name="notices"),
    path("notices/<int:notice_id>/", notice, name="notice"),
]

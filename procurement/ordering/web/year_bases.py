"""年度采购预算: what a hospital's yearly shares are measured by, how much of them is used, and what was stated."""

from django.contrib import messages
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.translation import gettext as _

from procurement import readers
from procurement.bargaining.queries.products import organisation
from procurement.filing import queries
from procurement.filing.services import year_bases as services
from procurement.filing.workflows import YEAR_BASE, YearBaseState
from procurement.ordering.services.shares import cap_of, share_now
from sunlight.files.queries import opens_files
from sunlight.kernel.reading import whole_or
from sunlight.scope import Role
from sunlight.scope.clock import business_date
from sunlight.scope.roles import OrganisationKind
from sunlight.web.pages import STATUS_OF_KIND, attempt, clock, page
from sunlight.web.uploads import sent_file

TYPED = ("year", "amount", "document", "reason")
MOST_SHOWN = 100
STATING = frozenset(Role(role) for role in YEAR_BASE.move("state").by)
DECIDING = frozenset(Role(role) for role in YEAR_BASE.move("confirm").by)


@page(readers.YEAR_BASES)
def year_bases(request):
    return _page(request, None)


def _page(request, refusal):
    actor, at = request.actor, clock(request)
    on = business_date(at)
    own = actor.kind == OrganisationKind.HOSPITAL
    hospital = organisation(actor.organisation_id) if own else None
    context = {
        "rows": queries.year_bases_visible_to(actor)[:MOST_SHOWN],
        "is_own": own,
        "share": share_now(actor=actor, at=at, hospital=hospital) if own else None,
        "cap": cap_of(actor=actor, at=at, hospital=hospital) if own else None,
        "year": on.year,
        "waiting_state": YearBaseState.STATED,
        "may_state": actor.has(*STATING),
        "may_decide": actor.has(*DECIDING),
        "may_open": opens_files(actor, "year_base"),
        "typed": {name: request.POST.get(name, "") for name in TYPED},
        "decided_id": whole_or(request.POST.get("base", ""), 0),
        "refusal": refusal,
    }
    status = STATUS_OF_KIND[refusal.kind] if refusal else 200
    return render(request, "procurement/year_bases.html", context, status=status)


@page(*STATING, methods=("POST",))
def state(request):
    """State a year's approved budget, with its document."""
    refusal = attempt(request, lambda: _state(request), done=_("已申报，等待本机构另一人确认。"))[1]
    return _page(request, refusal) if refusal else redirect("procurement:year_bases")


def _state(request):
    sent = sent_file(request)
    typed = {name: request.POST.get(name, "") for name in ("year", "amount", "document")}
    facts = {"actor": request.actor, "at": clock(request), "name": sent.name, "content": sent.read()}
    return services.year_base_state(**facts, **typed)


@page(*DECIDING, methods=("POST",), step_up=True)
def decide(request, base_id):
    """Confirm what a colleague stated, or not."""
    facts = {"actor": request.actor, "at": clock(request), "base_id": base_id}
    if request.POST.get("move") == "confirm":
        _row, refusal = attempt(request, lambda: services.year_base_confirm(**facts))
    else:
        reason = request.POST.get("reason", "")
        _row, refusal = attempt(request, lambda: services.year_base_refuse(**facts, reason=reason))
    if refusal:
        return _page(request, refusal)
    messages.success(request, _("已办理。"))
    return redirect("procurement:year_bases")


routes = [
    path("year-bases/", year_bases, name="year_bases"),
    path("year-bases/new/", state, name="year_base_state"),
    path("year-bases/<int:base_id>/", decide, name="year_base_decide"),
]

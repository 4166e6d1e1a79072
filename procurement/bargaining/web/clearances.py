"""Pages of clearances: proposed by an officer, decided by the chief, read by whoever the deal concerns (A21)."""

from django.shortcuts import redirect, render
from django.urls import path

from procurement import readers
from procurement.bargaining.queries import clearances as queries
from procurement.bargaining.services import clearances as services
from procurement.bargaining.web.lists_reviews import CLEARANCES
from procurement.bargaining.workflows import ClearanceState
from sunlight.journal.refusals import Refused
from sunlight.scope import Role
from sunlight.scope.duties import same_person
from sunlight.web.lists import list_page
from sunlight.web.pages import STATUS_OF_KIND, attempt, clock, page
from sunlight.web.review import version_of

FIELDS = ("hospital", "price_group", "price", "quantity", "valid_to", "reason")
CHIEF = Role.REGULATOR_CHIEF


@page(readers.CLEARANCES)
def clearances(request):
    """Clearances, newest first, found by number, product or party."""
    return list_page(request, CLEARANCES)


@page(readers.CLEARANCES)
def clearance(request, clearance_id):
    return _clearance_page(request, clearance_id)


def _clearance_page(request, clearance_id, refusal: Refused | None = None):
    row = queries.access_clearance(request.actor, clearance_id)
    is_chief = request.actor.has(CHIEF)
    proposed_it = same_person(request.actor, row.proposed_by)
    (shown,) = queries.clearance_rows([row])
    context = {
        "row": row,
        "shown": shown,
        "uses": queries.uses_of(row.id),
        "may_decide": is_chief and row.state == ClearanceState.PROPOSED and not proposed_it,
        "proposed_it": is_chief and row.state == ClearanceState.PROPOSED and proposed_it,
        "may_revoke": is_chief and row.state == ClearanceState.GRANTED,
        "typed": request.POST.get("reason", "") if refusal else "",
        "refusal": refusal,
    }
    status = STATUS_OF_KIND[refusal.kind] if refusal else 200
    return render(request, "procurement/clearance.html", context, status=status)


@page(readers.CLEARANCES, methods=("GET", "POST"))
def clearance_new(request):
    """The form of an officer."""
    typed, refusal = {name: request.GET.get(name, "") for name in FIELDS}, None
    if request.method == "POST":
        typed = {name: request.POST.get(name, "") for name in FIELDS}
        made, refusal = attempt(
            request,
            lambda: services.clearance_propose(actor=request.actor, at=clock(request), **typed),
            done="放行已提出，等待监管负责人决定。",
        )
        if made is not None:
            return redirect("procurement:clearance", made.id)
    status = STATUS_OF_KIND[refusal.kind] if refusal else 200
    return render(request, "procurement/clearance_new.html", {"typed": typed, "refusal": refusal}, status=status)


def _decide(request, clearance_id, service, done: str, **more):
    facts = {"actor": request.actor, "at": clock(request), "clearance_id": clearance_id}
    made, refusal = attempt(request, lambda: service(**facts, **more, version=version_of(request.POST)), done=done)
    return redirect("procurement:clearance", made.id) if made else _clearance_page(request, clearance_id, refusal)


@page(CHIEF, methods=("POST",), step_up=True)
def clearance_grant(request, clearance_id):
    note = request.POST.get("reason", "")
    return _decide(request, clearance_id, services.clearance_grant, "已同意放行，并告知医疗机构与生产企业。", note=note)


@page(CHIEF, methods=("POST",))
def clearance_refuse(request, clearance_id):
    reason = request.POST.get("reason", "")
    return _decide(request, clearance_id, services.clearance_refuse, "已决定不予放行。", reason=reason)


@page(CHIEF, methods=("POST",), step_up=True)
def clearance_revoke(request, clearance_id):
    reason = request.POST.get("reason", "")
    return _decide(request, clearance_id, services.clearance_revoke, "放行已撤销。", reason=reason)


routes = [
    path("clearances/", clearances, name="clearances"),
    path("clearances/new/", clearance_new, name="clearance_new"),
    path("clearances/<int:clearance_id>/", clearance, name="clearance"),
    path("clearances/<int:clearance_id>/grant/", clearance_grant, name="clearance_grant"),
    path("clearances/<int:clearance_id>/refuse/", clearance_refuse, name="clearance_refuse"),
    path("clearances/<int:clearance_id>/revoke/", clearance_revoke, name="clearance_revoke"),
]

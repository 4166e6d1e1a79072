"""数据对账: the runs, what they found, and the two people who look into it and release payments again."""

from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from sunlight.reconciliation import readers
from sunlight.reconciliation.queries import discrepancies as queries
from sunlight.reconciliation.services import discrepancies as services
from sunlight.reconciliation.services.runs import reconciliation_begin
from sunlight.reconciliation.web.lists import DISCREPANCIES, RECONCILIATIONS
from sunlight.reconciliation.workflows import AUDIT, DISCREPANCY
from sunlight.scope import Role
from sunlight.scope.duties import same_person
from sunlight.web.lists import list_page
from sunlight.web.pages import STATUS_OF_KIND, attempt, clock, page, refusal_page

AUDITOR = Role.PLATFORM_AUDIT_ADMIN


@page(readers.DISCREPANCIES)
def discrepancies(request):
    return list_page(request, DISCREPANCIES)


@page(readers.RECONCILIATIONS)
def reconciliations(request):
    context = {"may_begin": request.actor.has(AUDITOR)}
    return list_page(request, RECONCILIATIONS, "reconciliation/reconciliations.html", context=context)


@page(AUDITOR, methods=("POST",))
def begin(request):
    _run, refusal = attempt(
        request,
        lambda: reconciliation_begin(actor=request.actor, at=clock(request)),
        done=_("已发起，几分钟内完成。"),
    )
    return refusal_page(request, refusal) if refusal else redirect("reconciliation:reconciliations")


@page(readers.DISCREPANCIES)
def discrepancy(request, discrepancy_id):
    return _page(request, discrepancy_id)


def _page(request, discrepancy_id, refusal=None):
    found = queries.access_discrepancy(request.actor, discrepancy_id)
    moves = {move.name for role in request.actor.roles for move in DISCREPANCY.moves_from(found.state, role)}
    context = {
        "found": found,
        "word": queries.word_of(found.relation),
        "columns": queries.columns_for(request.actor, found),
        "may": {name: name in moves for name in ("look", "release", "send_back")},
        "looked_it": same_person(request.actor, found.looked_by),
        "typed": {name: request.POST.get(name, "") for name in ("note", "reason")},
        "refusal": refusal,
    }
    status = STATUS_OF_KIND[refusal.kind] if refusal else 200
    return render(request, "reconciliation/discrepancy.html", context, status=status)


def _moved(request, discrepancy_id, service, done, field):
    typed = {field: request.POST.get(field, "")}
    _row, refusal = attempt(
        request,
        lambda: service(actor=request.actor, at=clock(request), discrepancy_id=discrepancy_id, **typed),
        done=done,
    )
    return (
        _page(request, discrepancy_id, refusal) if refusal else redirect("reconciliation:discrepancy", discrepancy_id)
    )


@page(AUDITOR, methods=("POST",))
def look(request, discrepancy_id):
    return _moved(request, discrepancy_id, services.discrepancy_look, _("已记录，等待另一人解除。"), "note")


@page(*AUDIT, methods=("POST",), step_up=True)
def release(request, discrepancy_id):
    return _moved(request, discrepancy_id, services.discrepancy_release, _("已解除。"), "reason")


@page(*AUDIT, methods=("POST",))
def send_back(request, discrepancy_id):
    return _moved(request, discrepancy_id, services.discrepancy_send_back, _("已退回重新核查。"), "reason")

"""The operator's page: declarations one at a time, with what makes them comparable."""

from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from pricing import queries, services
from pricing.workflows import DeclarationState
from sunlight.scope.clock import business_date
from sunlight.scope.roles import Role
from sunlight.web.pages import attempt, clock, page


@page(Role.OPERATOR_CONFIRMER, methods=("GET", "POST"))
def confirmations(request, declaration_id: int | None = None):
    """The declaration that has waited longest, or the one asked for; after a decision the next comes."""
    actor = request.actor
    row = queries.access_declaration(actor, declaration_id) if declaration_id else queries.next_waiting(actor)
    refusal = None
    if request.method == "POST" and row is not None:
        done, refusal = _decide(request, row)
        if done is not None:
            return redirect("pricing:confirmations")
    waiting = queries.declarations_visible_to(actor).filter(state=DeclarationState.SUBMITTED)
    return render(
        request,
        "pricing/confirmations.html",
        {
            "row": row,
            "comparison": queries.comparison_of(row, on=business_date(clock(request))) if row else None,
            "waiting": waiting.count(),
            "note": request.POST.get("note", ""),
            "refusal": refusal,
        },
        status=422 if refusal else 200,
    )


def _decide(request, row):
    note, at = request.POST.get("note", ""), clock(request)
    if request.POST.get("decision") == "confirm":
        return attempt(
            request,
            lambda: services.declaration_confirm(actor=request.actor, at=at, declaration_id=row.id, note=note),
            done=_("已确认 %(number)s，价格信息已按新价格发布。") % {"number": row.number},
        )
    return attempt(
        request,
        lambda: services.declaration_reject(actor=request.actor, at=at, declaration_id=row.id, reason=note),
        done=_("已退回 %(number)s。") % {"number": row.number},
    )

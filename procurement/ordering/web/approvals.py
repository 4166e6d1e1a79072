"""Orders that wait for their hospital's own approval."""

from django.contrib import messages
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.translation import gettext

from procurement import readers
from procurement.ordering.services.approvals import order_approval_decide
from procurement.ordering.web.lists import APPROVALS
from sunlight.approval import queries
from sunlight.approval.services import REASONS, approval_withdraw
from sunlight.approval.workflows import ApprovalState
from sunlight.journal.refusals import Invalid
from sunlight.scope.clock import business_date
from sunlight.web.lists import list_page
from sunlight.web.pages import STATUS_OF_KIND, attempt, clock, page


@page(readers.APPROVALS)
def approvals(request):
    """Requests of one's hospital, newest first."""
    return list_page(request, APPROVALS)


@page(readers.APPROVALS, methods=("GET", "POST"), step_up="POST")
def approval(request, request_id: int):
    """One request with its steps; a POST takes the next one, or takes the request back."""
    refusal = None
    if request.method == "POST":
        done, refusal = attempt(request, lambda: _decide(request, request_id))
        if refusal is None:
            said = {
                ApprovalState.APPROVED: gettext("审批通过，订单已下达。"),
                ApprovalState.REJECTED: gettext("已驳回。"),
                ApprovalState.WITHDRAWN: gettext("已撤回。"),
            }
            messages.success(request, said.get(done.state, gettext("已同意，转下一步审批。")))
            return redirect("procurement:approval", request_id)
    view = queries.request_view(request.actor, request_id, business_date(clock(request)))
    context = {
        "view": view,
        "row": view.request,
        "lines": view.request.payload.get("lines", []),
        "orders": view.request.result.get("orders", []),
        "why_not": REASONS.get(view.reason, "") if view.request.state == ApprovalState.PENDING else "",
        "refusal": refusal,
        "note": request.POST.get("note", ""),
    }
    status = STATUS_OF_KIND[refusal.kind] if refusal else 200
    return render(request, "procurement/approval.html", context, status=status)


def _decide(request, request_id: int):
    move, asked = request.POST.get("move", ""), {"actor": request.actor, "at": clock(request), "request_id": request_id}
    if move == "withdraw":
        return approval_withdraw(**asked)
    if move in ("approve", "reject"):
        note = request.POST.get("note", "")
        return order_approval_decide(**asked, is_yes=move == "approve", note=note)
    raise Invalid("unknown_move", gettext("没有这个操作。请刷新页面后重试。"), field="move")


routes = [
    path("approvals/", approvals, name="approvals"),
    path("approvals/<int:request_id>/", approval, name="approval"),
]

"""常设同意: what a firm agrees to beforehand, so that contracts at its listed price are signed at once (JS20-11A)."""

from django.shortcuts import redirect, render
from django.urls import path
from django.utils.translation import gettext

from procurement import readers
from procurement.contracts import queries
from procurement.contracts.services import consents as services
from procurement.contracts.workflows import STANDING_CONSENT
from sunlight.journal.refusals import Invalid
from sunlight.scope import Role
from sunlight.scope.clock import business_date
from sunlight.web.pages import STATUS_OF_KIND, attempt, clock, page

FIELDS = ("per_contract", "per_day", "payment_days", "from_date", "to_date")
MOST = 100


@page(readers.STANDING_CONSENTS)
def consents(request):
    return _page(request)


def _page(request, refusal=None):
    actor, at = request.actor, clock(request)
    today = business_date(at)
    typed = {name: request.POST.get(name, "") for name in FIELDS}
    typed["from_date"] = typed["from_date"] or today.isoformat()
    rows = list(queries.consents_visible_to(actor)[:MOST])
    is_person = actor.user_id is not None
    context = {
        "rows": [(row, queries.names_of(row.products)) for row in rows],
        "today": today,
        "grounds": services.consented(actor, at),
        "may_give": is_person and actor.has(Role.SUPPLIER_SELLER),
        "may_confirm": is_person and actor.has(*STANDING_CONSENT.move("confirm").by),
        "may_end": is_person and actor.has(*STANDING_CONSENT.move("end").by),
        "products": services.products_of(actor, today) if actor.has(Role.SUPPLIER_SELLER) else [],
        "chosen": request.POST.getlist("products"),
        "typed": typed,
        "refusal": refusal,
    }
    status = STATUS_OF_KIND[refusal.kind] if refusal else 200
    return render(request, "procurement/consents.html", context, status=status)


@page(Role.SUPPLIER_SELLER, methods=("POST",), step_up=True)
def give(request):
    typed = {name: request.POST.get(name, "") for name in FIELDS}
    _, refusal = attempt(
        request,
        lambda: services.consent_give(
            actor=request.actor, at=clock(request), products=request.POST.getlist("products"), **typed
        ),
        done=gettext("常设同意已提出，等待本企业另一位管理员确认。"),
    )
    return redirect("procurement:consents") if refusal is None else _page(request, refusal)


@page(*STANDING_CONSENT.move("end").by, methods=("POST",), step_up=True)
def change(request, consent_id: int):
    """Confirm it as the second person, or end it."""
    asked = {"actor": request.actor, "at": clock(request), "consent_id": consent_id}
    act = request.POST.get("act", "")

    def call():
        if act == "confirm":
            return services.consent_confirm(**asked)
        if act == "end":
            return services.consent_end(**asked, reason=request.POST.get("reason", ""))
        raise Invalid("unknown_move", gettext("没有这个操作。请刷新页面后重试。"), field="act")

    _, refusal = attempt(request, call, done=gettext("已办理。"))
    return redirect("procurement:consents") if refusal is None else _page(request, refusal)


routes = [
    path("standing-consents/", consents, name="consents"),
    path("standing-consents/new/", give, name="consent_give"),
    path("standing-consents/<int:consent_id>/", change, name="consent_change"),
]

"""The operator's desk: declarations one after another, with what makes them comparable, decided by keyboard."""

from django.contrib import messages
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from pricing.queries.declared import access_declaration, earlier_declarations, waiting_declarations
from pricing.queries.products import comparison_of
from pricing.services.declarations import declaration_confirm, declaration_reject
from sunlight.journal.refusals import Refused
from sunlight.scope.clock import business_date
from sunlight.scope.roles import Role
from sunlight.web.pages import STATUS_OF_KIND, attempt, clock, page
from sunlight.web.review import Desk, decision_of, next_id, note_of, placed, version_of

REASONS = (
    "单位或包装换算有误",
    "依据（公告、截图）无法核对",
    "价格与该省平台公布的不一致",
    "有效期填写有误",
    "省份或平台填写有误",
)


@page(Role.OPERATOR_CONFIRMER, methods=("GET", "POST"))
def confirmations(request, declaration_id: int | None = None):
    """The declaration that has waited longest, or the one asked for; after a decision the next is there at once."""
    ids = waiting_declarations(request.actor)
    shown, refusal = declaration_id or (ids[0] if ids else None), None
    if request.method == "POST" and shown is not None:
        done, refusal = _decide(request, shown)
        if done is not None:
            if not request.htmx:
                return redirect("pricing:confirmations")
            shown, ids = next_id(ids, done.id), [each for each in ids if each != done.id]
    return _show(request, ids, shown, refusal)


def _show(request, ids: list[int], shown: int | None, refusal: Refused | None):
    row = access_declaration(request.actor, shown) if shown else None
    template = "pricing/_confirmation.html" if request.htmx else "pricing/confirmations.html"
    context = {
        "row": row,
        "waiting": len(ids),
        "desk": _desk(row, ids) if row else None,
        "comparison": comparison_of(row, on=business_date(clock(request))) if row else None,
        "earlier": earlier_declarations(request.actor, row) if row else [],
        "typed": request.POST.get("note", "") if refusal else "",
        "refusal": refusal,
    }
    return render(request, template, context, status=STATUS_OF_KIND[refusal.kind] if refusal else 200)


def _desk(row, ids: list[int]) -> Desk:
    return Desk(
        item_id=row.id,
        number=row.number,
        version=row.version,
        action=reverse("pricing:confirmation", args=[row.id]),
        accept="confirm",
        accept_label=_("单位与包装可比，确认"),
        reasons=REASONS,
        **placed(ids, row.id, lambda each: reverse("pricing:confirmation", args=[each])),
    )


def _decide(request, declaration_id: int):
    note, at, seen = note_of(request.POST), clock(request), version_of(request.POST)
    facts = {"actor": request.actor, "at": at, "declaration_id": declaration_id, "version": seen}
    if decision_of(request.POST, "confirm", "reject") == "confirm":
        done, refusal = attempt(request, lambda: declaration_confirm(note=note, **facts))
        text = _("已确认 %(number)s，价格信息已按新价格发布。")
    else:
        done, refusal = attempt(request, lambda: declaration_reject(reason=note, **facts))
        text = _("已退回 %(number)s。")
    if done is not None:
        messages.success(request, text % {"number": done.number})
    return done, refusal

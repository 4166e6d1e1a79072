"""The supplier's desk: offers that wait for an answer, accepted several at once or declined with a reason."""

from collections.abc import Sequence

from django.contrib import messages
from django.shortcuts import redirect
from django.urls import path
from django.utils.translation import gettext as _

from procurement.bargaining.services import offers as services
from procurement.bargaining.web.lists import OFFER_DESK
from procurement.contracts.queries import contracts_to_sign
from sunlight.journal.refusals import Refused
from sunlight.scope import Role
from sunlight.web.lists import list_page
from sunlight.web.pages import STATUS_OF_KIND, attempt, clock, page


@page(Role.SUPPLIER_SELLER)
def desk(request):
    return _desk_page(request)


def _desk_page(request, refusal: Refused | None = None, chosen: Sequence[str] = ()):
    context = {"to_sign": contracts_to_sign(request.actor).count(), "refusal": refusal}
    status = STATUS_OF_KIND[refusal.kind] if refusal else 200
    return list_page(request, OFFER_DESK, "procurement/desk.html", context=context, status=status, chosen=chosen)


@page(Role.SUPPLIER_SELLER, methods=("POST",))
def accept(request):
    """Accept the ticked offers; those of one hospital become one contract."""
    chosen = request.POST.getlist("offers")
    made, refusal = attempt(
        request, lambda: services.offers_accept(actor=request.actor, at=clock(request), offer_ids=chosen)
    )
    if refusal:
        return _desk_page(request, refusal, chosen)
    words = {"count": len(set(chosen)), "number": made.number}
    messages.success(request, _("已接受 %(count)s 条报价，合同 %(number)s 已生成，请核对全文后签署。") % words)
    return redirect("procurement:contract", made.id)


@page(Role.SUPPLIER_SELLER, methods=("POST",))
def decline(request, offer_id):
    done, refusal = attempt(
        request,
        lambda: services.offer_decline(
            actor=request.actor, at=clock(request), offer_id=offer_id, reason=request.POST.get("reason", "")
        ),
        done="已拒绝该报价，理由已告知医疗机构。",
    )
    return redirect("procurement:desk") if done else _desk_page(request, refusal)


routes = [
    path("desk/", desk, name="desk"),
    path("desk/accept/", accept, name="desk_accept"),
    path("offers/<int:offer_id>/decline/", decline, name="offer_decline"),
]

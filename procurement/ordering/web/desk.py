"""The manufacturer's desk: orders to answer, several at once, and its distribution authorisations."""

from collections.abc import Sequence

from django.contrib import messages
from django.shortcuts import redirect
from django.urls import path
from django.utils.translation import gettext as _

from procurement import readers
from procurement.ordering.queries import authorisations as queries
from procurement.ordering.services import authorisations
from procurement.ordering.services import orders as services
from procurement.ordering.web.lists import AUTHORISATIONS, ORDER_DESK
from sunlight.journal.refusals import Refused
from sunlight.scope import Role
from sunlight.scope.clock import business_date
from sunlight.web.lists import list_page
from sunlight.web.pages import STATUS_OF_KIND, attempt, clock, page

LIMITS = ("distributor", "price_group", "hospital", "region", "valid_from", "valid_to")


@page(Role.SUPPLIER_SELLER)
def desk(request):
    return _desk_page(request)


def _desk_page(request, refusal: Refused | None = None, chosen: Sequence[str] = ()):
    status = STATUS_OF_KIND[refusal.kind] if refusal else 200
    context = {"refusal": refusal}
    return list_page(request, ORDER_DESK, "procurement/order_desk.html", context=context, status=status, chosen=chosen)


@page(Role.SUPPLIER_SELLER, methods=("POST",))
def accept(request):
    """Accept the ticked orders, all of them or none."""
    ticked = request.POST.getlist("orders")
    done, refusal = attempt(
        request, lambda: services.orders_accept(actor=request.actor, at=clock(request), order_ids=ticked)
    )
    if refusal:
        return _desk_page(request, refusal, ticked)
    messages.success(request, _("已确认 %(count)s 张订单，配送企业按配送授权选定。") % {"count": len(done)})
    return redirect("procurement:order_desk")


@page(readers.AUTHORISATIONS, methods=("GET", "POST"))
def authorised(request):
    """Standing authorisations: the manufacturer's own to make and revoke, a distributor's and the office's to read."""
    typed, refusal = dict.fromkeys(LIMITS, ""), None
    if request.method == "POST":
        typed = {name: request.POST.get(name, "").strip() for name in LIMITS}
        made, refusal = attempt(request, lambda: _make(request, typed), done="配送授权已生效。")
        if made:
            return redirect("procurement:authorisations")
    may_make = request.actor.has(Role.SUPPLIER_SELLER) and queries.is_manufacturer(request.actor)
    context = {
        "may_make": may_make,
        "choices": queries.choices_for(request.actor) if may_make else None,
        "typed": typed,
        "refusal": refusal,
        "today": business_date(clock(request)),
    }
    status = STATUS_OF_KIND[refusal.kind] if refusal else 200
    return list_page(request, AUTHORISATIONS, "procurement/authorisations.html", context=context, status=status)


def _make(request, typed: dict[str, str]):
    limits = {
        "price_group_id": typed["price_group"],
        "hospital_id": typed["hospital"],
        "region_code": typed["region"],
    }
    return authorisations.authorisation_make(
        actor=request.actor,
        at=clock(request),
        distributor_id=typed["distributor"],
        valid_from=typed["valid_from"],
        valid_to=typed["valid_to"],
        is_default=not any(limits.values()),
        **limits,
    )


@page(Role.SUPPLIER_SELLER, methods=("POST",))
def revoke(request, authorisation_id):
    authorisations.authorisation_revoke(actor=request.actor, at=clock(request), authorisation_id=authorisation_id)
    messages.success(request, "授权已撤销。已确认的订单仍由原配送企业配送，可在发货前更换。")
    return redirect("procurement:authorisations")


routes = [
    path("order-desk/", desk, name="order_desk"),
    path("order-desk/accept/", accept, name="order_desk_accept"),
    path("authorisations/", authorised, name="authorisations"),
    path("authorisations/<int:authorisation_id>/revoke/", revoke, name="authorisation_revoke"),
]

"""The manufacturer's desk: orders to answer, several at once, and its distribution authorisations."""

from django.contrib import messages
from django.shortcuts import redirect
from django.urls import path
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _

from procurement import readers
from procurement.ordering.queries import authorisations as queries
from procurement.ordering.services import authorisations
from procurement.ordering.services import orders as services
from procurement.ordering.web.lists import AUTHORISATIONS, ORDER_DESK
from sunlight.journal.refusals import Invalid, Refused
from sunlight.scope import Role
from sunlight.scope.clock import business_date
from sunlight.web.lists import list_page
from sunlight.web.pages import STATUS_OF_KIND, attempt, clock, page

LIMITS = ("distributor", "price_group", "hospital", "region", "valid_from", "valid_to")


@page(Role.SUPPLIER_SELLER)
def desk(request):
    return _desk_page(request)


def _desk_page(request, refusal: Refused | None = None, chosen: tuple[int, ...] = ()):
    status = STATUS_OF_KIND[refusal.kind] if refusal else 200
    context = {"refusal": refusal}
    return list_page(request, ORDER_DESK, "procurement/order_desk.html", context=context, status=status, chosen=chosen)


@page(Role.SUPPLIER_SELLER, methods=("POST",))
def accept(request):
    """Accept the ticked orders, all of them or none."""
    ticked = tuple(int(t) for t in request.POST.getlist("orders") if t.isascii() and t.isdigit() and len(t) < 19)
    done, refusal = attempt(
        request, lambda: services.orders_accept(actor=request.actor, at=clock(request), order_ids=ticked)
    )
    if refusal:
        return _desk_page(request, refusal, ticked)
    messages.success(request, _("已确认 %(count)s 张订单，配送企业按配送授权选定。") % {"count": len(done)})
    return redirect("procurement:order_desk")


@page(*readers.AUTHORISATIONS, methods=("GET", "POST"))
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
    def number(name: str) -> int | None:
        text = typed[name]
        if not text:
            return None
        return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else -1

    def day(name: str):
        try:
            found = parse_date(typed[name])
        except ValueError:
            found = None
        if found is None:
            raise Invalid("bad_date", "请填写日期，如 2026-08-31。", field=name)
        return found

    limits = {"price_group_id": number("price_group"), "hospital_id": number("hospital")}
    limits["region_code"] = typed["region"] or None
    return authorisations.authorisation_make(
        actor=request.actor,
        at=clock(request),
        distributor_id=number("distributor") or -1,
        valid_from=day("valid_from"),
        valid_to=day("valid_to"),
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

"""Orders as all their parties see them: the list, one with its timeline, its print, and the moves of each side."""

from django.shortcuts import redirect, render
from django.urls import path

from procurement import readers
from procurement.ordering.queries import orders as queries
from procurement.ordering.queries.views import distributors_for
from procurement.ordering.services import orders as services
from procurement.ordering.steps import ORDER_ANSWER
from procurement.ordering.workflows import OrderState
from procurement.receiving.queries import views
from procurement.receiving.services import orders as receiving
from procurement.receiving.web.lists import ORDERS
from procurement.receiving.workflows import DeliveryState
from sunlight.deadlines.queries import deadline_of
from sunlight.journal.refusals import Refused
from sunlight.scope import Role
from sunlight.scope.clock import business_date
from sunlight.web.lists import list_page
from sunlight.web.pages import STATUS_OF_KIND, attempt, clock, page


@page(readers.ORDERS)
def orders(request):
    """Orders, newest first."""
    return list_page(request, ORDERS)


@page(readers.ORDERS)
def order(request, order_id):
    """One order: lines, timeline, and what the visitor may do."""
    return _order_page(request, order_id)


def _order_page(request, order_id, refusal: Refused | None = None):
    actor, today = request.actor, business_date(clock(request))
    view = views.order_view(actor, order_id, today)
    found = view.order
    is_seller = actor.has(Role.SUPPLIER_SELLER) and actor.organisation_id == found.seller_id
    undispatched = found.state == OrderState.ACCEPTED and not any(
        d.state != DeliveryState.CANCELLED for d in found.deliveries.all()
    )
    answers = is_seller and found.state == OrderState.PLACED
    context = {
        "view": view,
        "order": found,
        "refusal": refusal,
        "answer_limit": deadline_of(actor, ORDER_ANSWER, order_id) if found.state == OrderState.PLACED else None,
        "today": today,
        "may_cancel": actor.has(Role.HOSPITAL_BUYER) and found.state == OrderState.PLACED,
        "may_close": actor.has(Role.HOSPITAL_BUYER) and found.state == OrderState.ACCEPTED,
        "may_answer": answers,
        "may_redirect": is_seller and undispatched,
        "distributors": distributors_for(found, found.lines.all(), today)
        if answers or (is_seller and undispatched)
        else [],
        "may_ship": actor.has(Role.SUPPLIER_SHIPPER)
        and actor.organisation_id == queries.carrier_id(found)
        and found.state == OrderState.ACCEPTED,
        "may_receive": actor.has(Role.HOSPITAL_RECEIVER),
    }
    return render(request, "procurement/order.html", context, status=STATUS_OF_KIND[refusal.kind] if refusal else 200)


@page(readers.ORDER_PRINTS)
def print_order(request, order_id):
    """The order on paper, with its amount in capitals and places to sign."""
    view = views.order_view(request.actor, order_id, business_date(clock(request)))
    return render(request, "procurement/order_print.html", {"view": view, "order": view.order})


def _moved(request, order_id, call, done: str):
    row, refusal = attempt(request, call, done=done)
    return redirect("procurement:order", row.id) if row else _order_page(request, order_id, refusal)


@page(Role.HOSPITAL_BUYER, methods=("POST",))
def cancel(request, order_id):
    facts = {"order_id": order_id, "reason": request.POST.get("reason", "")}
    return _moved(
        request,
        order_id,
        lambda: services.order_cancel(actor=request.actor, at=clock(request), **facts),
        "订单已撤回，对应的采购计划行可以重新下单。",
    )


@page(Role.HOSPITAL_BUYER, methods=("POST",))
def close(request, order_id):
    facts = {"order_id": order_id, "reason": request.POST.get("reason", "")}
    return _moved(
        request,
        order_id,
        lambda: receiving.order_close(actor=request.actor, at=clock(request), **facts),
        "订单的未到部分已关闭。",
    )


def _choice(text: str) -> dict:
    """Which way of delivery was chosen: by the authorisations, by itself, or by one of the authorised."""
    if text == "itself":
        return {"delivers_itself": True}
    return {"distributor_id": text} if text else {}


@page(Role.SUPPLIER_SELLER, methods=("POST",))
def accept(request, order_id):
    facts = _choice(request.POST.get("distributor", "")) | {"note": request.POST.get("note", "")}
    return _moved(
        request,
        order_id,
        lambda: services.order_accept(actor=request.actor, at=clock(request), order_id=order_id, **facts),
        "订单已确认，已通知配送企业。",
    )


@page(Role.SUPPLIER_SELLER, methods=("POST",))
def decline(request, order_id):
    facts = {"order_id": order_id, "reason": request.POST.get("reason", "")}
    return _moved(
        request,
        order_id,
        lambda: services.order_decline(actor=request.actor, at=clock(request), **facts),
        "订单已拒绝，理由已告知医疗机构。",
    )


@page(Role.SUPPLIER_SELLER, methods=("POST",))
def change_distributor(request, order_id):
    chosen = _choice(request.POST.get("distributor", "")).get("distributor_id")
    return _moved(
        request,
        order_id,
        lambda: receiving.order_distributor_change(
            actor=request.actor,
            at=clock(request),
            order_id=order_id,
            distributor_id=chosen,
            reason=request.POST.get("reason", ""),
        ),
        "配送企业已更换。",
    )


routes = [
    path("orders/", orders, name="orders"),
    path("orders/<int:order_id>/", order, name="order"),
    path("orders/<int:order_id>/print/", print_order, name="order_print"),
    path("orders/<int:order_id>/cancel/", cancel, name="order_cancel"),
    path("orders/<int:order_id>/close/", close, name="order_close"),
    path("orders/<int:order_id>/accept/", accept, name="order_accept"),
    path("orders/<int:order_id>/decline/", decline, name="order_decline"),
    path("orders/<int:order_id>/distributor/", change_distributor, name="order_distributor"),
]

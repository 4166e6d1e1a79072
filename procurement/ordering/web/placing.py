"""The order page: pick specifications at agreed prices, see packs, suppliers and what is asked again, order."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.translation import gettext as _

from catalog.queries import trading
from procurement import readers
from procurement.ordering.queries import baskets
from procurement.ordering.queries import orders as queries
from procurement.ordering.services import orders as services
from procurement.ordering.services.approvals import order_submit
from procurement.ordering.services.placing import BasketFacts, order_trial
from sunlight.scope import Role
from sunlight.scope.clock import business_date
from sunlight.web.pages import STATUS_OF_KIND, attempt, clock, page

PAGE_SIZE = 20
LINE_FIELDS = ("code", "agreement", "quantity", "plan_line")
TEXTS = ("contact_name", "contact_phone", "latest_arrival_on", "plan_number", "note")


def typed_lines(data) -> list[dict]:
    """The rows of the basket as typed, one dict each."""
    columns = [data.getlist(name) for name in LINE_FIELDS]
    return [dict(zip(LINE_FIELDS, row, strict=True)) for row in zip(*columns, strict=False)]


def as_lines(typed: list[dict]) -> list[dict]:
    """The rows as `order_place` takes them."""
    return [
        {
            "code": row["code"],
            "quantity": row["quantity"],
            "agreement_id": row["agreement"],
            "plan_line": row["plan_line"],
        }
        for row in typed
    ]


@page(Role.HOSPITAL_BUYER, methods=("GET", "POST"))
def new(request):
    at = clock(request)
    if request.method == "GET":
        return _new_page(request, at, request.GET.getlist("code"))
    done, refusal = attempt(request, lambda: _place(request, at))
    if refusal:
        return _new_page(request, at, [], refusal)
    if done.request:
        messages.success(request, _("已提交审批（%(number)s），审批通过后自动下单。") % {"number": done.request.number})
        return redirect("procurement:approval", done.request.id)
    placed = done.orders
    words = {"count": len(placed), "numbers": _("、").join(order.number for order in placed)}
    messages.success(request, _("已提交 %(count)s 张订单：%(numbers)s。请等待企业确认。") % words)
    if len(placed) == 1:
        return redirect("procurement:order", placed[0].id)
    return redirect("procurement:orders")


def _place(request, at):
    data = request.POST
    facts = BasketFacts(
        lines=as_lines(typed_lines(data)),
        delivery_point_id=data.get("delivery_point", ""),
        **{name: data.get(name, "") for name in TEXTS},
        is_urgent=bool(data.get("is_urgent")),
        several_deliveries=not data.get("one_delivery"),
        confirmations=data.getlist("confirmations"),
    )
    return order_submit(actor=request.actor, at=at, facts=facts)


def _new_page(request, at, codes, refusal=None):
    on = business_date(at)
    typed = typed_lines(request.POST) or [
        {"code": code, "agreement": "", "quantity": "", "plan_line": ""} for code in codes[:50]
    ]
    found = baskets.orderable_of(request.actor, [row["code"] for row in typed], on)
    obstacles = _obstacles(request, {row["code"] for row in typed} - found.keys(), on)
    wrong = {item["field"]: item["message"] for item in refusal.items} if refusal else {}
    if refusal and refusal.field and not refusal.items:
        wrong[refusal.field] = refusal.message
    rows = [
        {
            "item": found.get(row["code"]),
            "obstacle": obstacles.get(row["code"]),
            "typed": row,
            "error": _error_of(wrong, index),
        }
        for index, row in enumerate(typed)
    ]
    asked = refusal.items if refusal and refusal.code == "confirm_needed" else []
    text = request.GET.get("q", "").replace("\x00", "")[:100]
    context = {
        "rows": rows,
        "points": [point for point in queries.delivery_points_of(request.actor) if point.is_active],
        "typed": {name: request.POST.get(name, "") for name in TEXTS}
        | {
            "delivery_point": request.POST.get("delivery_point", ""),
            "is_urgent": bool(request.POST.get("is_urgent")),
            "one_delivery": bool(request.POST.get("one_delivery")),
        },
        "questions": asked,
        "refusal": None if asked else refusal,
        "found": _orderable_page(request, text, on),
        "q": text,
    }
    return render(
        request, "procurement/order_new.html", context, status=STATUS_OF_KIND[refusal.kind] if refusal else 200
    )


def _obstacles(request, codes: set[str], on) -> dict[str, str]:
    """Why codes that may not be ordered may not even be traded."""
    if not codes:
        return {}
    return trading.obstacles_of_codes(platform_id=request.actor.platform_id, codes=codes, on=on)


def _error_of(wrong: dict[str, str], index: int) -> str:
    start = f"lines[{index}]."
    return next((message for field, message in wrong.items() if field.startswith(start)), "")


def _orderable_page(request, text: str, on):
    rows = baskets.orderable(request.actor, text, on)
    found = Paginator(rows, PAGE_SIZE).get_page(request.GET.get("page"))
    return {"page": found, "rows": baskets.orderable_rows(request.actor, found, on)}


@page(Role.HOSPITAL_BUYER)
def find(request):
    """The list of what may be ordered, as one types."""
    text = request.GET.get("q", "")
    found = _orderable_page(request, text, business_date(clock(request)))
    return render(request, "procurement/_orderable.html", {"found": found, "q": text})


@page(Role.HOSPITAL_BUYER)
def add(request):
    """One more row for the basket."""
    code = request.GET.get("code", "")
    on = business_date(clock(request))
    item = baskets.orderable_of(request.actor, [code], on).get(code)
    row = {
        "item": item,
        "obstacle": None if item else _obstacles(request, {code}, on).get(code),
        "typed": {"code": code, "agreement": "", "quantity": "", "plan_line": ""},
        "error": "",
    }
    return render(request, "procurement/_basket_row.html", {"row": row})


@page(Role.HOSPITAL_BUYER, methods=("POST",))
def preview(request):
    """The basket as it would be split, with amounts; nothing is written."""
    typed = [row for row in typed_lines(request.POST) if row["quantity"].strip()]
    if not typed:
        return render(request, "procurement/_basket_preview.html", {"trial": None, "refusal": None})
    trial, refusal = attempt(
        request,
        lambda: order_trial(
            actor=request.actor,
            at=clock(request),
            lines=as_lines(typed),
            plan_number=request.POST.get("plan_number", ""),
        ),
    )
    return render(request, "procurement/_basket_preview.html", {"trial": trial, "refusal": refusal})


@page(readers.DELIVERY_POINTS, methods=("GET", "POST"))
def points(request):
    """The hospital's delivery points: add one."""
    typed, refusal = dict.fromkeys(services.POINT_FIELDS, ""), None
    if request.method == "POST":
        typed = {name: request.POST.get(name, "") for name in services.POINT_FIELDS}
        made, refusal = attempt(
            request,
            lambda: services.delivery_point_add(actor=request.actor, at=clock(request), **typed),
            done="收货点已新增。",
        )
        if made:
            return redirect("procurement:delivery_points")
    context = {"points": queries.delivery_points_of(request.actor), "typed": typed, "refusal": refusal}
    return render(request, "procurement/delivery_points.html", context, status=422 if refusal else 200)


@page(*services.POINT_KEEPERS, methods=("POST",))
def point_switch(request, point_id):
    """Open or close a delivery point."""
    opening = request.POST.get("is_active") == "1"
    services.delivery_point_change(
        actor=request.actor, at=clock(request), delivery_point_id=point_id, is_active=opening
    )
    messages.success(request, "收货点已启用。" if opening else "收货点已停用，新订单不能再选择它。")
    return redirect("procurement:delivery_points")


routes = [
    path("orders/new/", new, name="order_new"),
    path("orders/new/find/", find, name="order_find"),
    path("orders/new/row/", add, name="order_row"),
    path("orders/new/preview/", preview, name="order_preview"),
    path("delivery-points/", points, name="delivery_points"),
    path("delivery-points/<int:point_id>/", point_switch, name="delivery_point_switch"),
]

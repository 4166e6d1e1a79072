"""The delivery desk of whoever ships: orders to send, the dispatch form with its scan field, deliveries sent."""

from django.contrib import messages
from django.http import JsonResponse
from django.shortcuts import redirect, render
from django.urls import path

from procurement import readers
from procurement.receiving.queries import deliveries as queries
from procurement.receiving.queries import lateness, views
from procurement.receiving.rules.udi import UdiError, udi_parse
from procurement.receiving.services import deliveries as services
from procurement.receiving.web import lists as goods
from procurement.receiving.workflows import DeliveryState
from sunlight.journal.refusals import Refused
from sunlight.scope import Role
from sunlight.scope.clock import business_date
from sunlight.web.lists import list_page
from sunlight.web.pages import STATUS_OF_KIND, attempt, clock, page

LOT_FIELDS = (
    "order_line",
    "quantity",
    "lot",
    "produced_on",
    "expires_on",
    "sterilisation_lot",
    "serial",
    "udi",
    "traceability_codes",
)
TEXTS = ("note_number", "carrier", "waybill", "expected_on")


@page(Role.SUPPLIER_SHIPPER)
def desk(request):
    """Orders to send, the first due first."""
    return list_page(request, goods.DELIVERY_DESK)


@page(Role.SUPPLIER_SHIPPER, methods=("GET", "POST"))
def dispatch(request, order_id):
    """The lots to send of one order. A line may be repeated for a second lot."""
    at = clock(request)
    if request.method == "GET":
        return _dispatch_page(request, order_id, at)
    typed = typed_lots(request.POST)
    sent, refusal = attempt(
        request,
        lambda: services.delivery_dispatch(
            actor=request.actor,
            at=at,
            order_id=order_id,
            lines=[_lot(row) for row in typed if row["quantity"].strip()],
            note_number=request.POST.get("note_number", ""),
            carrier=request.POST.get("carrier", ""),
            waybill=request.POST.get("waybill", ""),
            expected_on=request.POST.get("expected_on", ""),
        ),
        done="已发货，医院可以验收。",
    )
    if refusal:
        return _dispatch_page(request, order_id, at, typed, refusal)
    return redirect("procurement:delivery", sent.id)


def typed_lots(data) -> list[dict]:
    """The rows of the dispatch form as typed."""
    columns = [data.getlist(name) for name in LOT_FIELDS]
    return [dict(zip(LOT_FIELDS, row, strict=True)) for row in zip(*columns, strict=False)]


def _lot(row: dict) -> dict:
    """A row as `delivery_dispatch` takes it."""
    return row | {"traceability_codes": row["traceability_codes"].split()}


def _dispatch_page(request, order_id, at, typed=None, refusal: Refused | None = None):
    view = views.order_view(request.actor, order_id, business_date(at))
    lines = {str(each.line.id): each for each in view.lines}
    empty = dict.fromkeys(LOT_FIELDS, "")
    typed = typed or [
        empty | {"order_line": key, "quantity": f"{each.open_quantity.normalize():f}"}
        for key, each in lines.items()
        if each.open_quantity > 0
    ]
    field = (refusal.field or "") if refusal else ""
    # Rows without a quantity were left out of what was sent, so the service's numbering skips them.
    sent = [row for row in typed if row["quantity"].strip()]
    rows = [
        {
            "view": lines[row["order_line"]],
            "typed": row,
            "error": refusal.message if row in sent and field.startswith(f"lines[{sent.index(row)}].") else "",
        }
        for row in typed
        if row["order_line"] in lines
    ]
    context = {
        "view": view,
        "order": view.order,
        "rows": rows,
        "typed": {name: request.POST.get(name, "") for name in TEXTS},
        "refusal": refusal,
    }
    return render(
        request, "procurement/dispatch.html", context, status=STATUS_OF_KIND[refusal.kind] if refusal else 200
    )


@page(readers.UDI_SCANS)
def scan(request):
    """What a scanned barcode says, for the script that fills a form: JSON."""
    try:
        udi = udi_parse(request.GET.get("udi", ""), lot=request.GET.get("lot", ""))
    except UdiError as error:
        return JsonResponse({"code": error.code, "message": error.message}, status=422)
    return JsonResponse(
        {
            "barcode_type": udi.barcode_type,
            "di": udi.di,
            "lot": udi.lot,
            "serial": udi.serial,
            "produced_on": udi.produced_on.isoformat() if udi.produced_on else "",
            "expires_on": udi.expires_on.isoformat() if udi.expires_on else "",
        }
    )


@page(readers.DELIVERIES)
def deliveries(request):
    """Deliveries, newest first."""
    return list_page(request, goods.DELIVERIES)


@page(readers.DELIVERIES)
def delivery(request, delivery_id):
    """One delivery: the note that goes with the goods."""
    return _delivery_page(request, delivery_id)


def _delivery_page(request, delivery_id, refusal: Refused | None = None):
    found = lateness.delivery_in_full(request.actor, delivery_id, business_date(clock(request)))
    actor = request.actor
    context = {
        "delivery": found,
        "lots": views.lot_views(found.lines.all()),
        "acceptances": queries.acceptances_of(found),
        "refusal": refusal,
        "may_cancel": actor.has(Role.SUPPLIER_SHIPPER)
        and actor.organisation_id == (found.distributor_id or found.seller_id)
        and found.state == DeliveryState.DISPATCHED,
        "may_receive": actor.has(Role.HOSPITAL_RECEIVER) and found.state == DeliveryState.DISPATCHED,
    }
    return render(
        request, "procurement/delivery.html", context, status=STATUS_OF_KIND[refusal.kind] if refusal else 200
    )


@page(Role.SUPPLIER_SHIPPER, methods=("POST",))
def cancel(request, delivery_id):
    done, refusal = attempt(
        request,
        lambda: services.delivery_cancel(
            actor=request.actor, at=clock(request), delivery_id=delivery_id, reason=request.POST.get("reason", "")
        ),
    )
    if refusal:
        return _delivery_page(request, delivery_id, refusal)
    messages.success(request, "配送单已取消，数量可以重新发货。")
    return redirect("procurement:delivery", done.id)


routes = [
    path("delivery-desk/", desk, name="delivery_desk"),
    path("orders/<int:order_id>/dispatch/", dispatch, name="dispatch"),
    path("deliveries/scan/", scan, name="udi_scan"),
    path("deliveries/", deliveries, name="deliveries"),
    path("deliveries/<int:delivery_id>/", delivery, name="delivery"),
    path("deliveries/<int:delivery_id>/cancel/", cancel, name="delivery_cancel"),
]

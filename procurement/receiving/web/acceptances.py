"""Receiving and acceptance: deliveries on the way, one page for keyboard and scanner, reversal by a second person."""

from django.contrib import messages
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.translation import gettext as _

from procurement import readers
from procurement.receiving.queries import deliveries as queries
from procurement.receiving.queries import views
from procurement.receiving.services import acceptances as services
from procurement.receiving.web import lists as goods
from procurement.receiving.workflows import AcceptanceState, DeliveryState
from sunlight.journal.refusals import Refused
from sunlight.scope import Role
from sunlight.scope.clock import business_date
from sunlight.scope.duties import same_person
from sunlight.web.lists import list_page
from sunlight.web.pages import STATUS_OF_KIND, attempt, clock, page

LINE_FIELDS = ("delivery_line", "accepted", "rejected", "reason")


@page(Role.HOSPITAL_RECEIVER)
def receiving(request):
    """Deliveries on the way. A scanned delivery, note, waybill or order number opens the one delivery that bears it."""
    number = request.GET.get("q", "").strip()
    if number and "\x00" not in number:
        only = list(queries.by_any_number(queries.deliveries_on_the_way(request.actor), number)[:2])
        if len(only) == 1:
            return redirect("procurement:receive", only[0].id)
    return list_page(request, goods.RECEIVING, "procurement/receiving.html")


@page(Role.HOSPITAL_RECEIVER, methods=("GET", "POST"))
def receive(request, delivery_id):
    """Answer every line of a delivery: taken, or sent back with the reason."""
    at = clock(request)
    if request.method == "GET":
        return _receive_page(request, delivery_id, at)
    typed = typed_lines(request.POST)
    taken, refusal = attempt(request, lambda: _confirm(request, at, delivery_id, typed))
    if refusal:
        return _receive_page(request, delivery_id, at, typed, refusal)
    messages.success(request, _("验收单 %(number)s 已确认。") % {"number": taken.number})
    return redirect("procurement:acceptance", taken.id)


def typed_lines(data) -> list[dict]:
    """The rows of the acceptance form as typed."""
    columns = [data.getlist(name) for name in LINE_FIELDS]
    return [dict(zip(LINE_FIELDS, row, strict=True)) for row in zip(*columns, strict=False)]


def _confirm(request, at, delivery_id, typed):
    return services.acceptance_confirm(
        actor=request.actor,
        at=at,
        delivery_id=delivery_id,
        arrived_on=request.POST.get("arrived_on", ""),
        lines=typed,
        note=request.POST.get("note", ""),
    )


def _receive_page(request, delivery_id, at, typed=None, refusal: Refused | None = None):
    found = queries.access_delivery(request.actor, delivery_id)
    given = {row["delivery_line"]: row for row in typed or []}
    field = (refusal.field or "") if refusal else ""
    position = {row["delivery_line"]: index for index, row in enumerate(typed or [])}
    rows = []
    for lot in views.lot_views(found.lines.all()):
        key = str(lot.line.id)
        everything = {"accepted": lot.plain_quantity, "rejected": "0", "reason": ""}
        wrong = key in position and field.startswith(f"lines[{position[key]}].")
        rows.append({"lot": lot, "typed": given.get(key, everything), "error": refusal.message if wrong else ""})
    context = {
        "delivery": found,
        "rows": rows,
        "arrived_on": request.POST.get("arrived_on") or business_date(at).isoformat(),
        "note": request.POST.get("note", ""),
        "refusal": refusal,
        "is_open": found.state == DeliveryState.DISPATCHED,
        "ordered_it": same_person(request.actor, found.order.placed_by),
    }
    return render(request, "procurement/receive.html", context, status=STATUS_OF_KIND[refusal.kind] if refusal else 200)


@page(readers.ACCEPTANCES)
def acceptances(request):
    """Acceptances, newest first."""
    return list_page(request, goods.ACCEPTANCES)


@page(readers.ACCEPTANCES)
def acceptance(request, acceptance_id):
    """One acceptance: the slip, and its reversal."""
    return _acceptance_page(request, acceptance_id)


def _acceptance_page(request, acceptance_id, refusal: Refused | None = None):
    found = queries.access_acceptance(request.actor, acceptance_id)
    answers = list(found.lines.all())
    invoiced = any(line.invoiced_quantity for line in answers)
    receiver = request.actor.has(Role.HOSPITAL_RECEIVER) and found.state == AcceptanceState.CONFIRMED
    own = same_person(request.actor, found.accepted_by)
    context = {
        "acceptance": found,
        "lots": views.lot_views([line.delivery_line for line in answers], answers),
        "amount_fen": views.accepted_fen(answers),
        "refusal": refusal,
        "may_reverse": receiver and not invoiced and not own,
        "is_own": receiver and own and not invoiced,
        "is_invoiced": receiver and invoiced,
    }
    return render(
        request, "procurement/acceptance.html", context, status=STATUS_OF_KIND[refusal.kind] if refusal else 200
    )


@page(Role.HOSPITAL_RECEIVER, methods=("POST",), step_up=True)
def reverse(request, acceptance_id):
    done, refusal = attempt(
        request,
        lambda: services.acceptance_reverse(
            actor=request.actor,
            at=clock(request),
            acceptance_id=acceptance_id,
            reason=request.POST.get("reason", ""),
        ),
        done="验收已冲销，配送单重新等待验收。",
    )
    return redirect("procurement:acceptance", done.id) if done else _acceptance_page(request, acceptance_id, refusal)


routes = [
    path("receiving/", receiving, name="receiving"),
    path("receiving/<int:delivery_id>/", receive, name="receive"),
    path("acceptances/", acceptances, name="acceptances"),
    path("acceptances/<int:acceptance_id>/", acceptance, name="acceptance"),
    path("acceptances/<int:acceptance_id>/reverse/", reverse, name="acceptance_reverse"),
]

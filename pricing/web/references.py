"""Pages of reference prices: collected, published and dropped by the operator, read by everybody who deals (SZ20-5.2.1b)."""

from django.shortcuts import redirect, render
from django.urls import path

from pricing import readers
from pricing.queries.references import access_reference
from pricing.rules.provinces import PROVINCES
from pricing.services import references as services
from pricing.web.lists_moving import REFERENCES
from pricing.workflows import REFERENCE
from sunlight.journal.refusals import Refused
from sunlight.kernel import reading
from sunlight.scope.roles import Role
from sunlight.web.lists import list_page
from sunlight.web.pages import STATUS_OF_KIND, attempt, clock, page
from sunlight.web.review import version_of

FIELDS = ("province", "price", "source")
ROWS = 6


@page(readers.REFERENCE_PRICES)
def references(request):
    """Reference prices, newest first, by state."""
    return list_page(request, REFERENCES)


@page(readers.REFERENCE_PRICES)
def reference(request, reference_id: int):
    return _show(request, reference_id)


def _show(request, reference_id: int, refusal: Refused | None = None):
    row = access_reference(request.actor, reference_id)
    moves = {move.name for role in request.actor.roles for move in REFERENCE.moves_from(row.state, role)}
    prices = [each | {"name": PROVINCES[each["province"]]} for each in row.national_prices]
    context = {"row": row, "prices": prices, "moves": moves, "refusal": refusal}
    status = STATUS_OF_KIND[refusal.kind] if refusal else 200
    return render(request, "pricing/reference.html", context, status=status)


@page(Role.OPERATOR_CONFIRMER, methods=("GET", "POST"))
def collect(request):
    """The form: a product and what it costs on the platforms of the nation; rows without anything typed are left out."""
    typed = [{field: request.POST.get(f"{field}_{n}", "") for field in FIELDS} for n in range(ROWS)]
    group = request.POST.get("price_group", request.GET.get("price_group", ""))
    refusal = None
    if request.method == "POST":
        made, refusal = attempt(
            request,
            lambda: services.reference_collect(
                actor=request.actor,
                at=clock(request),
                price_group_id=reading.row_id(group, "price_group", "计价组的编号"),
                prices=[row for row in typed if any(value.strip() for value in row.values())],
            ),
            done="已采集，可以发布公示。",
        )
        if made is not None:
            return redirect("pricing:reference", made.id)
    context = {"typed": typed, "price_group": group, "provinces": PROVINCES, "refusal": refusal}
    status = STATUS_OF_KIND[refusal.kind] if refusal else 200
    return render(request, "pricing/reference_new.html", context, status=status)


@page(Role.OPERATOR_CONFIRMER, methods=("POST",))
def publish(request, reference_id: int):
    return _moved(request, reference_id, services.reference_publish, "已发布公示，公示期满无异议自动确认。")


@page(Role.OPERATOR_CONFIRMER, methods=("POST",))
def drop(request, reference_id: int):
    return _moved(request, reference_id, services.reference_drop, "已撤销采集。", reason=request.POST.get("reason", ""))


def _moved(request, reference_id: int, service, done: str, **facts):
    made, refusal = attempt(
        request,
        lambda: service(
            actor=request.actor,
            at=clock(request),
            reference_id=reference_id,
            version=version_of(request.POST),
            **facts,
        ),
        done=done,
    )
    return redirect("pricing:reference", reference_id) if made else _show(request, reference_id, refusal)


routes = [
    path("references/", references, name="references"),
    path("references/new/", collect, name="reference_new"),
    path("references/<int:reference_id>/", reference, name="reference"),
    path("references/<int:reference_id>/publish/", publish, name="reference_publish"),
    path("references/<int:reference_id>/drop/", drop, name="reference_drop"),
]

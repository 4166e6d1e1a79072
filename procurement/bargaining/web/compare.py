"""Products side by side, and what the charts of one product show."""

from django.shortcuts import render
from django.urls import path
from django.utils.translation import gettext as _

from procurement import readers
from procurement.bargaining.queries import history
from sunlight import scope
from sunlight.scope import Role
from sunlight.scope.clock import business_date
from sunlight.web.pages import attempt, clock, page

COLOURS = {"green": "#2b8a3e", "yellow": "#b7791f", "red": "#c92a2a"}


@page(readers.PRODUCTS)
def compare(request):
    """Up to five products, `?id=1&id=2`, line by line."""
    ids = request.GET.getlist("id")
    found, refusal = attempt(request, lambda: history.compared(request.actor, ids, business_date(clock(request))))
    products = found or []
    law = scope.law(request.actor, business_date(clock(request)))
    context = {
        "products": products,
        "left_out": len(set(ids)) - len(products) if found is not None else 0,
        "units": {product.row.units.base for product in products},
        "own_bounds": [each for each in law.every("bargain.bounds") if "own_latest" in each.value["prices"]],
        "refusal": refusal,
        "may_offer": request.actor.has(Role.HOSPITAL_BUYER),
    }
    return render(request, "procurement/compare.html", context, status=422 if refusal else 200)


def history_chart(own: history.History, view) -> dict | None:
    """The hospital's own deals as points of a line, with today's alert line and listed price."""
    points = own.points
    if not points:
        return None
    lines = [{"name": _("本院成交价"), "values": [float(deal.price) for deal in points]}]
    for name, price in ((_("今日预警线"), view.alert.line), (_("今日挂网价"), view.listed and view.listed.price)):
        if price is not None:
            lines.append({"name": name, "values": [float(price)] * len(points)})
    return {"labels": [deal.occurred_on.isoformat() for deal in points], "unit": _("元"), "lines": lines}


def distribution_chart(found: history.Distribution | None) -> dict | None:
    """The city's purchases as bars by segment; each bar's label carries number and colour word."""
    if found is None or not found.shares:
        return None
    labels = [
        f"{share.segment.number} {share.segment.word}" if share.segment else _("最高线以上") for share in found.shares
    ]
    values = [
        {
            "value": float(share.share),
            "itemStyle": {"color": COLOURS[share.segment.colour] if share.segment else "#495057"},
        }
        for share in found.shares
    ]
    return {"labels": labels, "unit": "%", "type": "bar", "lines": [{"name": _("采购量占比"), "values": values}]}


routes = [path("products/compare/", compare, name="compare")]

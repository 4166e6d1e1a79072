"""Published prices of one product, for bargaining: hospitals, the operator and regulators (SZ24-3.3a)."""

from django.shortcuts import render

from pricing import readers
from pricing.queries.declared import named_province_prices
from pricing.queries.products import access_price_group
from pricing.queries.view import price_view
from sunlight.journal.refusals import Invalid
from sunlight.kernel.money import MoneyError, parse_price
from sunlight.scope.clock import business_date
from sunlight.web.pages import clock, page


@page(readers.PRICE_INFORMATION)
def information(request, price_group_id: int):
    """Alert line, figures, segments and confirmed prices of other provinces; `?price=` shows where a price stands."""
    group = access_price_group(request.actor, price_group_id)
    region, typed = request.actor.region_code, request.GET.get("price", "").strip()
    price = refusal = None
    try:
        price = parse_price(typed) if typed else None
    except MoneyError as error:
        refusal = Invalid(error.code, f"{error.message}。", field="price")
    return render(
        request,
        "pricing/information.html",
        {
            "group": group,
            "view": price_view(
                price_group_id=group.id,
                region=region,
                on=business_date(clock(request)),
                drafts=request.actor.drafts,
                price=price,
            ),
            "provinces": named_province_prices(region=region, price_group_id=group.id),
            "typed": typed,
            "refusal": refusal,
        },
        status=422 if refusal else 200,
    )

"""Pages of bargaining for the hospital: find a product, see its prices and why, make an offer, follow it."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.translation import gettext as _

from catalog.queries import trading
from procurement import readers
from procurement.bargaining.queries import desk, history, products, reviews, watching
from procurement.bargaining.queries import offers as queries
from procurement.bargaining.queries.clearances import clearance_of_offer
from procurement.bargaining.services import offers as services
from procurement.bargaining.web import compare, lists
from procurement.bargaining.workflows import OfferState
from procurement.contracts import queries as contracts
from procurement.contracts.services.terms import law_of_buyer, legal_term
from procurement.contracts.workflows import AgreementSource
from sunlight import scope
from sunlight.journal.refusals import Refused
from sunlight.scope import Role
from sunlight.scope.clock import business_date
from sunlight.web.lists import list_page
from sunlight.web.pages import attempt, clock, page

PAGE_SIZE = 20


@page(readers.PRODUCTS)
def search(request):
    """Results as one types: htmx asks for the list alone."""
    text = request.GET.get("q", "")
    on = business_date(clock(request))
    rows = products.first_to_buy(request.actor, products.search(request.actor.platform_id, text, on), on)
    found = Paginator(rows, PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "page": found,
        "rows": products.rows_for(request.actor, found, on),
        "q": text,
        "may_order": request.actor.has(Role.HOSPITAL_BUYER),
    }
    template = "procurement/_products.html" if request.htmx else "procurement/products.html"
    return render(request, template, context)


@page(readers.PRODUCTS, methods=("GET", "POST"))
def product(request, price_group):
    at = clock(request)
    typed, refusal = {"price": "", "quantity": "", "months": "12", "payment_days": ""}, None
    if request.method == "POST":
        typed = {name: request.POST.get(name, "") for name in typed}
        made, refusal = attempt(
            request,
            lambda: services.offer_make(actor=request.actor, at=at, price_group_id=price_group, **typed),
        )
        if made is not None:
            messages.success(request, _offer_message(made))
            return redirect("procurement:offer", made.id)
    on = business_date(at)
    row = products.product(request.actor, price_group, on)
    buyer = products.organisation(request.actor.organisation_id)
    law = scope.law(request.actor, on, region=buyer.region.code)
    own = history.histories_of(request.actor, [price_group], on)[price_group]
    city = history.distributions_of([row.prices]).get(price_group)
    context = {
        "row": row,
        "own": own,
        "city": city,
        "own_chart": compare.history_chart(own, row.prices),
        "city_chart": compare.distribution_chart(city),
        "specifications": Paginator(_codes(request, row, on), PAGE_SIZE).get_page(request.GET.get("page")),
        "judged": services.offer_bounds(actor=request.actor, at=at, listing=row.listing),
        "legal_term": legal_term(law_of_buyer(request.actor, at)),
        "watch": watching.watched(request.actor, law, buyer, price_group),
        "review": reviews.waiting_of(request.actor, price_group),
        "typed": typed,
        "refusal": refusal,
        "may_offer": request.actor.has(Role.HOSPITAL_BUYER),
    }
    return render(request, "procurement/product.html", context, status=422 if refusal else 200)


def _codes(request, row, on):
    """The specifications that may be ordered today."""
    return trading.tradable_codes(platform_id=request.actor.platform_id, listing_id=row.listing.id, on=on)


def _offer_message(offer) -> str:
    if offer.state == OfferState.ACCEPTED:
        return _("报价 %(number)s 已自动确认成交，合同待双方签署。") % {"number": offer.number}
    day = str(offer.answer_due_on) + _("（暂定）") if offer.answer_due_provisional else offer.answer_due_on
    return _("报价 %(number)s 已送达企业，请企业于 %(day)s 前答复。") % {"number": offer.number, "day": day}


@page(readers.PRODUCTS)
def trial(request, price_group):
    """A trial of the typed price, as one types; nothing is written."""
    typed = {name: request.GET.get(name, "") for name in ("price", "quantity", "months")}
    if not typed["price"].strip():
        return render(request, "procurement/_trial.html", {"trial": None, "refusal": None})
    terms = typed | {"quantity": typed["quantity"].strip() or "1"}
    found, refusal = attempt(
        request,
        lambda: services.offer_trial(actor=request.actor, at=clock(request), price_group_id=price_group, **terms),
    )
    return render(
        request,
        "procurement/_trial.html",
        {"trial": found, "refusal": refusal, "has_quantity": bool(typed["quantity"].strip())},
    )


@page(readers.OFFERS)
def offers(request):
    """Offers made or received, newest first."""
    return list_page(request, lists.OFFERS)


@page(readers.OFFERS)
def offer(request, offer_id):
    """One offer with the decision it rests on, and what became of it."""
    return _offer_page(request, offer_id)


def _offer_page(request, offer_id, refusal: Refused | None = None):
    found = queries.access_offer(request.actor, offer_id)
    today = business_date(clock(request))
    decision = queries.decision_of(found)
    agreement = contracts.agreement_from(request.actor, AgreementSource.OFFER, found.id)
    context = {
        "offer": found,
        "row": desk.desk_rows([found], today, request.actor.drafts)[0],
        "decision": decision,
        "grounds": queries.grounds_of(decision) if decision else [],
        "first_deal": queries.first_deal_of(found),
        "clearance": clearance_of_offer(request.actor, found),
        "agreement": agreement,
        "may_order": request.actor.has(Role.HOSPITAL_BUYER) and contracts.is_in_force(agreement, today),
        "may_withdraw": found.state == OfferState.OPEN and request.actor.has(Role.HOSPITAL_BUYER),
        "may_answer": found.state == OfferState.OPEN and request.actor.has(Role.SUPPLIER_SELLER),
        "refusal": refusal,
    }
    return render(request, "procurement/offer.html", context, status=422 if refusal else 200)


@page(Role.HOSPITAL_BUYER, methods=("POST",))
def withdraw(request, offer_id):
    done, refusal = attempt(
        request,
        lambda: services.offer_withdraw(actor=request.actor, at=clock(request), offer_id=offer_id),
        done="报价已撤回，可以重新报价。",
    )
    return redirect("procurement:offer", done.id) if done else _offer_page(request, offer_id, refusal)


routes = [
    path("products/", search, name="products"),
    path("products/<int:price_group>/", product, name="product"),
    path("products/<int:price_group>/trial/", trial, name="offer_trial"),
    path("offers/", offers, name="offers"),
    path("offers/<int:offer_id>/", offer, name="offer"),
    path("offers/<int:offer_id>/withdraw/", withdraw, name="offer_withdraw"),
]

"""Pages of price reviews and first deals: asked for by a hospital, decided by the operator, watched by the authorities."""

from django.shortcuts import redirect, render
from django.urls import path

from procurement import readers
from procurement.bargaining.queries import reviews as queries
from procurement.bargaining.services import reviews as services
from procurement.bargaining.web.lists_reviews import BARGAIN_WATCH, FIRST_DEALS, PRICE_REVIEWS
from procurement.bargaining.workflows import PriceReviewState
from sunlight.journal.refusals import Refused
from sunlight.scope import Role
from sunlight.web.lists import list_page
from sunlight.web.pages import STATUS_OF_KIND, attempt, clock, page
from sunlight.web.review import decision_of, version_of


@page(readers.PRICE_REVIEWS)
def price_reviews(request):
    """Price reviews, those that wait first."""
    return list_page(request, PRICE_REVIEWS)


@page(readers.FIRST_DEALS)
def first_deals(request):
    """Products that nothing compares with: who bought them, and what is missing to end the limits."""
    return list_page(request, FIRST_DEALS)


@page(readers.BARGAIN_WATCH)
def bargain_watch(request):
    """Hospitals that have long bought a product without bargaining (JS20-12)."""
    return list_page(request, BARGAIN_WATCH)


@page(readers.PRICE_REVIEWS)
def price_review(request, price_review_id):
    return _review_page(request, price_review_id)


def _review_page(request, price_review_id, refusal: Refused | None = None):
    row = queries.access_price_review(request.actor, price_review_id)
    context = {
        "row": row,
        "earlier": queries.price_reviews_visible_to(request.actor)
        .filter(price_group_id=row.price_group_id)
        .exclude(id=row.id)[:8],
        "may_decide": row.state == PriceReviewState.WAITING and request.actor.has(Role.OPERATOR_CONFIRMER),
        "typed": request.POST.get("reason", "") if refusal else "",
        "refusal": refusal,
    }
    status = STATUS_OF_KIND[refusal.kind] if refusal else 200
    return render(request, "procurement/price_review.html", context, status=status)


@page(Role.HOSPITAL_BUYER, methods=("POST",))
def price_review_request(request, price_group):
    made = services.price_review_request(
        actor=request.actor,
        at=clock(request),
        price_group_id=price_group,
        price=request.POST.get("price", ""),
        reason=request.POST.get("reason", ""),
    )
    return redirect("procurement:price_review", made.id)


@page(Role.OPERATOR_CONFIRMER, methods=("POST",))
def price_review_decide(request, price_review_id):
    def decide():
        chosen = decision_of(request.POST, "pass", "refuse")
        service = services.price_review_pass if chosen == "pass" else services.price_review_refuse
        return service(
            actor=request.actor,
            at=clock(request),
            price_review_id=price_review_id,
            reason=request.POST.get("reason", ""),
            version=version_of(request.POST),
        )

    done, refusal = attempt(request, decide, done="审核意见已保存，并告知医疗机构与生产企业。")
    return redirect("procurement:price_reviews") if done else _review_page(request, price_review_id, refusal)


routes = [
    path("price-reviews/", price_reviews, name="price_reviews"),
    path("price-reviews/<int:price_review_id>/", price_review, name="price_review"),
    path("price-reviews/<int:price_review_id>/decide/", price_review_decide, name="price_review_decide"),
    path("products/<int:price_group>/review/", price_review_request, name="price_review_request"),
    path("first-deals/", first_deals, name="first_deals"),
    path("bargain-watch/", bargain_watch, name="bargain_watch"),
]

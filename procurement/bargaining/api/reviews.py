"""Price reviews over the API (A24)."""

from functools import partial

from django.urls import path
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers as s
from rest_framework.response import Response

from procurement import readers
from procurement.bargaining.queries import reviews as queries
from procurement.bargaining.services import reviews as services
from procurement.bargaining.workflows import PriceReviewState
from procurement.contracts.api.bodies import Reason
from procurement.contracts.api.render import PriceGroupRef
from sunlight.api.answers import Party, page_of
from sunlight.api.answers import price as _price
from sunlight.api.moves import move_endpoint
from sunlight.api.serializers import Number, StrictSerializer, Typed, TypedId
from sunlight.api.views import Endpoint, paged
from sunlight.scope import Role

BUYERS = frozenset({Role.HOSPITAL_BUYER})
CONFIRMERS = frozenset({Role.OPERATOR_CONFIRMER})


class PriceReview(s.Serializer):
    """A price that the operator reviews before a product's first deals, CNY a pricing unit."""

    id = s.IntegerField()
    number = s.CharField()
    state = s.CharField()
    state_label = s.CharField(source="get_state_display")
    buyer = Party()
    seller = Party()
    listing = s.IntegerField(source="listing_id")
    price_group = PriceGroupRef()
    price = _price()
    reason = s.CharField()
    law_date = s.DateField()
    requested_at = s.DateTimeField()
    decided_at = s.DateTimeField(allow_null=True)
    decision_note = s.CharField()
    version = s.IntegerField()


class PriceReviewBody(StrictSerializer):
    price_group = TypedId(help_text="计价组")
    price = Number(help_text="申请审核的价格，元/计价单位")
    reason = Typed(max_length=500, help_text="申请理由")


class PriceReviewList(Endpoint):
    """Price reviews the caller may see, newest first; a hospital's buyer asks for one."""

    roles = {"GET": readers.PRICE_REVIEWS, "POST": BUYERS}

    @extend_schema(
        summary="价格审核列表",
        parameters=[OpenApiParameter("state", str, enum=PriceReviewState.values())],
        responses={200: page_of(PriceReview)},
    )
    def get(self, request):
        rows = queries.price_reviews_visible_to(self.actor)
        if state := request.query_params.get("state"):
            rows = rows.filter(state=state)
        return paged(self, request, rows, lambda row: PriceReview(row).data)

    @extend_schema(summary="申请价格审核", request=PriceReviewBody, responses={201: PriceReview})
    def post(self, request):
        body = PriceReviewBody.read(request)
        made = services.price_review_request(
            actor=self.actor,
            at=self.now,
            price_group_id=body["price_group"],
            price=body["price"],
            reason=body["reason"],
        )
        return Response(_answer(self.actor, made.id), status=201)


class PriceReviewDetail(Endpoint):
    roles = {"GET": readers.PRICE_REVIEWS}

    @extend_schema(summary="价格审核", responses={200: PriceReview})
    def get(self, request, price_review_id: int):
        return Response(_answer(self.actor, price_review_id))


def _answer(actor, price_review_id: int) -> dict:
    return PriceReview(queries.access_price_review(actor, price_review_id)).data


_move = partial(
    move_endpoint,
    schema=PriceReview,
    answer=lambda view, moved: _answer(view.actor, moved.id),
    lock=queries.lock_price_review,
)
PriceReviewPass = _move(services.price_review_pass, CONFIRMERS, "价格审核通过", body=Reason)
PriceReviewRefuse = _move(services.price_review_refuse, CONFIRMERS, "价格审核不通过", body=Reason)

routes = [
    path("price-reviews/", PriceReviewList.as_view(), name="api-price-reviews"),
    path("price-reviews/<int:price_review_id>/", PriceReviewDetail.as_view(), name="api-price-review"),
    path("price-reviews/<int:price_review_id>/pass/", PriceReviewPass.as_view(), name="api-price-review-pass"),
    path("price-reviews/<int:price_review_id>/refuse/", PriceReviewRefuse.as_view(), name="api-price-review-refuse"),
]

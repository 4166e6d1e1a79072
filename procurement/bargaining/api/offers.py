"""Products and offers over the API, and the contracts that accepted offers become."""

from functools import partial

from django.urls import path
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from catalog.queries import trading
from procurement import readers
from procurement.bargaining.api import render
from procurement.bargaining.queries import offers as queries
from procurement.bargaining.queries import products
from procurement.bargaining.services import offers as services
from procurement.contracts.api import render as contracts
from procurement.contracts.api.bodies import Nothing, Reason
from procurement.contracts.api.contracts import SELLERS, ContractList
from procurement.contracts.queries import access_contract
from sunlight.api.batch import Batch, batch_answer, batch_request
from sunlight.api.moves import move_endpoint
from sunlight.api.serializers import Number, StrictSerializer, Typed, TypedId, WholeNumber
from sunlight.api.views import Endpoint, Paging, paged
from sunlight.scope import Role
from sunlight.scope.clock import business_date

BUYERS = frozenset({Role.HOSPITAL_BUYER})


def _lock_offer(actor, offer_id: int):
    return queries.lock_offers(actor, [offer_id])[0]


class OfferBody(StrictSerializer):
    """`price_group` or `listing`; price CNY a pricing unit; quantity in the pricing unit, or in packs (`"40 盒"`)."""

    price_group = TypedId(required=False)
    listing = TypedId(required=False)
    price = Number()
    quantity = Number()
    months = WholeNumber(required=False, default=12)
    payment_days = WholeNumber(required=False, allow_null=True, default=None)


class TrialBody(StrictSerializer):
    price = Number()
    quantity = Number(required=False, default="1")
    months = WholeNumber(required=False, default=12)


class AcceptBody(StrictSerializer):
    payment_days = WholeNumber(required=False, allow_null=True, default=None)
    note = Typed(required=False, allow_blank=True, default="", max_length=500)


class ContractBody(StrictSerializer):
    """Several open offers of one hospital, accepted into one contract."""

    offers = serializers.ListField(child=TypedId(), min_length=1, max_length=services.MOST_AT_ONCE)
    payment_days = WholeNumber(required=False, allow_null=True, default=None)


class ProductList(Endpoint):
    """What may be bought on this platform, with the prices to bargain by."""

    roles = {"GET": readers.PRODUCTS}

    @extend_schema(
        summary="可采购产品",
        parameters=[OpenApiParameter("q", str, description="中文名称、企业、注册证号、代码前缀或拼音首字母")],
        responses={200: render.ProductPage},
    )
    def get(self, request):
        on = business_date(self.now)
        listings = products.search(self.actor.platform_id, request.query_params.get("q", ""), on)
        paginator = Paging()
        page = paginator.paginate_queryset(listings, request, view=self)
        rows = products.rows_for(self.actor, page, on)
        return paginator.get_paginated_response([render.product(row) for row in rows])


class ProductDetail(Endpoint):
    """One product with its specifications and today's bounds of an offer."""

    roles = {"GET": readers.PRODUCTS}

    @extend_schema(summary="产品与当日报价上限", responses={200: render.ProductWithBounds})
    def get(self, request, price_group):
        on = business_date(self.now)
        row = products.product(self.actor, price_group, on)
        judged = services.offer_bounds(actor=self.actor, at=self.now, listing=row.listing)
        codes = trading.tradable_codes(platform_id=self.actor.platform_id, listing_id=row.listing.id, on=on)
        return Response(
            render.product(row) | render.bounds(judged) | {"codes": list(codes.values_list("code", flat=True))}
        )


class OfferTrial(Endpoint):
    """What would become of an offer; nothing is written."""

    roles = {"POST": readers.PRODUCTS}

    @extend_schema(summary="报价试算", request=TrialBody, responses={200: render.Trial})
    def post(self, request, price_group):
        trial = services.offer_trial(
            actor=self.actor, at=self.now, price_group_id=price_group, **TrialBody.read(request)
        )
        return Response(render.trial(trial.judged))


class OfferList(Endpoint):
    """Offers made or received."""

    roles = {"GET": readers.OFFERS, "POST": BUYERS}

    @extend_schema(summary="报价列表", parameters=[OpenApiParameter("state", str)], responses={200: render.OfferPage})
    def get(self, request):
        rows = queries.offers_visible_to(self.actor)
        if state := request.query_params.get("state"):
            rows = rows.filter(state=state)
        return paged(self, request, rows, render.offer)

    @extend_schema(summary="报价", request=OfferBody, responses={201: render.OfferWithDecision})
    def post(self, request):
        body = OfferBody.read(request)
        made = services.offer_make(
            actor=self.actor,
            at=self.now,
            price_group_id=body.get("price_group"),
            listing_id=body.get("listing"),
            price=body["price"],
            quantity=body["quantity"],
            months=body["months"],
            payment_days=body["payment_days"],
        )
        return Response(render.offer(made) | render.decision(queries.decision_of(made)), status=201)


class OfferBatch(Batch):
    """Up to 100 offers in one call, each judged, kept and answered by itself."""

    one = OfferList
    roles = {"POST": BUYERS}

    @extend_schema(
        summary="批量报价，逐笔应答",
        request=batch_request("Offer", OfferBody),
        responses={200: batch_answer("Offer")},
    )
    def post(self, request):
        return self.run(request)


class OfferDetail(Endpoint):
    roles = {"GET": readers.OFFERS}

    @extend_schema(summary="报价与裁定依据", responses={200: render.OfferWithDecision})
    def get(self, request, offer_id):
        found = queries.access_offer(self.actor, offer_id)
        return Response(render.offer(found) | render.decision(queries.decision_of(found)))


class OfferAccept(Endpoint):
    """Accept one offer: gives the contract to sign."""

    locked = staticmethod(_lock_offer)
    roles = {"POST": SELLERS}

    @extend_schema(summary="接受报价", request=AcceptBody, responses={201: contracts.Contract})
    def post(self, request, offer_id):
        made = services.offer_accept(actor=self.actor, at=self.now, offer_id=offer_id, **AcceptBody.read(request))
        return Response(contracts.contract(access_contract(self.actor, made.id)), status=201)


_move = partial(move_endpoint, schema=render.Offer, answer=lambda view, moved: render.offer(moved), lock=_lock_offer)
OfferDecline = _move(services.offer_decline, SELLERS, "拒绝报价", body=Reason)
OfferWithdraw = _move(services.offer_withdraw, BUYERS, "撤回报价", body=Nothing)


class ContractsFromOffers(ContractList):
    """Contracts; several offers of one hospital accepted at once become one."""

    roles = ContractList.roles | {"POST": SELLERS}

    @extend_schema(summary="接受多条报价，合并为一份合同", request=ContractBody, responses={201: contracts.Contract})
    def post(self, request):
        body = ContractBody.read(request)
        made = services.offers_accept(
            actor=self.actor, at=self.now, offer_ids=body["offers"], payment_days=body["payment_days"]
        )
        return Response(contracts.contract(access_contract(self.actor, made.id)), status=201)


routes = [
    path("products/", ProductList.as_view(), name="api-products"),
    path("products/<int:price_group>/", ProductDetail.as_view(), name="api-product"),
    path("products/<int:price_group>/trial/", OfferTrial.as_view(), name="api-offer-trial"),
    path("offers/", OfferList.as_view(), name="api-offers"),
    path("offers/batch/", OfferBatch.as_view(), name="api-offers-batch"),
    path("offers/<int:offer_id>/", OfferDetail.as_view(), name="api-offer"),
    path("offers/<int:offer_id>/accept/", OfferAccept.as_view(), name="api-offer-accept"),
    path("offers/<int:offer_id>/decline/", OfferDecline.as_view(), name="api-offer-decline"),
    path("offers/<int:offer_id>/withdraw/", OfferWithdraw.as_view(), name="api-offer-withdraw"),
    path("contracts/", ContractsFromOffers.as_view(), name="api-contracts"),
]

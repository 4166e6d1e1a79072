"""National codes and listings over the API."""

from functools import partial

from django.urls import path
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from catalog import readers
from catalog.api import render
from catalog.queries.codes import national_codes_search
from catalog.queries.listings import listings_visible_to, lock_listing
from catalog.queries.views import listing_view
from catalog.services import drafting
from catalog.services import listings as services
from sunlight.api.moves import move_endpoint
from sunlight.api.serializers import Day, Number, StrictSerializer, Text, Typed, WholeNumber
from sunlight.api.views import Endpoint, paged
from sunlight.scope import Role
from sunlight.scope.clock import business_date

LISTERS = frozenset({Role.SUPPLIER_LISTER})
REVIEWERS = frozenset({Role.OPERATOR_REVIEWER})
MOST_CODES = 500


class PackBody(StrictSerializer):
    """A pack as a whole number of pricing units: 盒 = 50."""

    name = Typed(max_length=20)
    factor = WholeNumber()


class CertificateBody(StrictSerializer):
    number = Typed(max_length=200)
    holder_name = Typed(required=False, max_length=300, allow_blank=True, default="")
    product_name = Typed(required=False, max_length=500, allow_blank=True, default="")
    valid_from = Day(required=False, allow_null=True, default=None)
    valid_until = Day(required=False, allow_null=True, default=None)


class ConversionBody(StrictSerializer):
    """One of the unit priced in is a whole `factor` of the certificate's own `unit`: 1 包 = 100 片."""

    unit = Typed(max_length=20)
    factor = WholeNumber()


class ListingBody(StrictSerializer):
    """Specifications of one product, certificate and producer; the price in CNY a pricing unit as text. A certificate and
    code has one unit; a price in another needs a `conversion`. `variant` names a group with a price of its own beside
    another of the certificate and code; where it is dearer, `price_reason` says why."""

    codes = serializers.ListField(child=Text(max_length=60), min_length=1, max_length=MOST_CODES)
    pricing_unit = Typed(max_length=20)
    declared_price = Number()
    packs = serializers.ListField(child=PackBody(), required=False, max_length=10, default=list)
    certificate = CertificateBody()
    conversion = ConversionBody(required=False, allow_null=True, default=None)
    variant = Typed(required=False, allow_blank=True, default="", max_length=60)
    price_reason = Typed(required=False, allow_blank=True, default="", max_length=500)


class RevisionBody(StrictSerializer):
    codes = serializers.ListField(child=Text(max_length=60), min_length=1, max_length=MOST_CODES)
    declared_price = Number()
    price_reason = Typed(required=False, allow_null=True, default=None, max_length=500)


class SubmitBody(StrictSerializer):
    """The hash of the commitment that was read: `commitment.sha256` of the listing."""

    commitment_sha256 = Text(required=False, allow_blank=True, max_length=64, default="")


class NoteBody(StrictSerializer):
    note = Typed(required=False, allow_blank=True, max_length=500, default="")


class ReasonBody(StrictSerializer):
    reason = Typed(max_length=500)


class NationalCodeList(Endpoint):
    """Search the national catalogue."""

    roles = {"GET": readers.NATIONAL_CODES}

    @extend_schema(
        summary="国家目录检索",
        parameters=[
            OpenApiParameter(
                "q", str, required=True, description="中文 2 字以上、编码开头、注册证号或拼音首字母；空格分隔多个词"
            )
        ],
        responses={200: render.NationalCodePage},
    )
    def get(self, request):
        rows = national_codes_search(request.query_params.get("q", ""))
        return paged(self, request, rows.order_by(), render.national_code)


class ListingList(Endpoint):
    """A supplier's own listings; for hospitals those open on their platform; for the operator those to review."""

    roles = {"GET": readers.LISTINGS, "POST": LISTERS}

    @extend_schema(summary="挂网列表", parameters=[OpenApiParameter("state", str)], responses={200: render.ListingPage})
    def get(self, request):
        rows = listings_visible_to(self.actor)
        if state := request.query_params.get("state"):
            rows = rows.filter(state=state[:12])
        return paged(self, request, rows, render.listing)

    @extend_schema(summary="新建挂网申请", request=ListingBody, responses={201: render.ListingDetail})
    def post(self, request):
        body = ListingBody.read(request)
        made = drafting.listing_draft(actor=self.actor, at=self.now, **body)
        return Response(_detail(self, made.id), status=201)


class ListingDetail(Endpoint):
    locked = staticmethod(lock_listing)
    roles = {"GET": readers.LISTINGS, "PUT": LISTERS}

    @extend_schema(summary="挂网详情、承诺书与核查结果", responses={200: render.ListingDetail})
    def get(self, request, listing_id):
        return Response(_detail(self, listing_id))

    @extend_schema(summary="修改未提交或已退回的申请", request=RevisionBody, responses={200: render.ListingDetail})
    def put(self, request, listing_id):
        body = RevisionBody.read(request)
        drafting.listing_revise(actor=self.actor, at=self.now, listing_id=listing_id, **body)
        return Response(_detail(self, listing_id))


def _detail(view: Endpoint, listing_id: int) -> dict:
    return render.listing_detail(listing_view(view.actor, listing_id, business_date(view.now)))


_move = partial(
    move_endpoint,
    schema=render.ListingDetail,
    answer=lambda view, moved: _detail(view, moved.id),
    lock=lock_listing,
)
MOVES = {
    "submit": _move(services.listing_submit, LISTERS, "签署承诺并提交", body=SubmitBody),
    "approve": _move(services.listing_approve, REVIEWERS, "审核通过", body=NoteBody),
    "reject": _move(services.listing_reject, REVIEWERS, "退回", body=NoteBody),
    "suspend": _move(services.listing_suspend, REVIEWERS, "暂停挂网", body=ReasonBody),
    "restore": _move(services.listing_restore, REVIEWERS, "恢复挂网", body=NoteBody),
    "delist": _move(services.listing_delist, LISTERS | REVIEWERS, "撤网", body=ReasonBody),
}

routes = [
    path("national-codes/", NationalCodeList.as_view(), name="api-national-codes"),
    path("listings/", ListingList.as_view(), name="api-listings"),
    path("listings/<int:listing_id>/", ListingDetail.as_view(), name="api-listing"),
    *(
        path(f"listings/<int:listing_id>/{name}/", endpoint.as_view(), name=f"api-listing-{name}")
        for name, endpoint in MOVES.items()
    ),
]

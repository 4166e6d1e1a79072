"""Reference prices (SZ20-5.2.1b) and notices that lower listed prices (JS20-11B) over the API."""

from functools import partial

from django.urls import path
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers as s
from rest_framework.response import Response

from pricing import readers
from pricing.queries.notices import access_notice, next_step, notices_visible_to
from pricing.queries.references import access_reference, lock_reference, references_visible_to
from pricing.services import references as services
from pricing.workflows import NoticeState, ReferenceState
from sunlight import scope
from sunlight.api.answers import Party, page_of, price
from sunlight.api.moves import move_endpoint
from sunlight.api.serializers import Number, StrictSerializer, Typed, TypedId
from sunlight.api.views import Endpoint, paged
from sunlight.journal.refusals import Invalid
from sunlight.scope import Role
from sunlight.scope.clock import business_date

CONFIRMERS = frozenset({Role.OPERATOR_CONFIRMER})
PRICE = price


class Product(s.Serializer):
    id = s.IntegerField()
    name = s.CharField()
    unit = s.CharField(source="pricing_unit")


class CollectedPrice(s.Serializer):
    province = s.CharField()
    price = s.CharField()
    source = s.CharField()


class ReferencePrice(s.Serializer):
    """The nation's lowest price of a product, CNY a pricing unit; it binds from `valid_from`, once confirmed."""

    id = s.IntegerField()
    number = s.CharField()
    state = s.CharField()
    state_label = s.CharField(source="get_state_display")
    region = s.CharField(source="region.code")
    price_group = Product()
    manufacturer = Party(source="price_group.manufacturer")
    price = PRICE()
    source = s.CharField()
    national_prices = CollectedPrice(many=True)
    publication = s.CharField(source="publication.number", default=None)
    valid_from = s.DateField(allow_null=True)
    valid_to = s.DateField(allow_null=True)
    collected_at = s.DateTimeField()
    note = s.CharField(source="ended_note")
    version = s.IntegerField()


class CollectedPriceRow(StrictSerializer):
    province = Typed(help_text="省份：国标六位代码或名称")
    price = Number(help_text="该省平台现行价格，元/计价单位")
    source = Typed(max_length=300, help_text="来源：公告文号或网址")


class ReferenceBody(StrictSerializer):
    price_group = TypedId(help_text="计价组")
    prices = CollectedPriceRow(many=True)


class DropBody(StrictSerializer):
    reason = Typed(max_length=500, help_text="撤销原因")


class NoBody(StrictSerializer):
    """Nothing to say."""


class PriceNotice(s.Serializer):
    """That a listed price is to fall, CNY a pricing unit: published for objection, in force from `effective_on`."""

    id = s.IntegerField()
    number = s.CharField()
    kind = s.CharField()
    state = s.CharField()
    state_label = s.CharField(source="get_state_display")
    region = s.CharField(source="region.code")
    listing = s.IntegerField(source="listing_id")
    price_group = Product()
    manufacturer = Party()
    old_price = PRICE()
    new_price = PRICE()
    ground = s.CharField()
    clause = s.CharField()
    evidence = s.CharField(source="ground_facts.evidence", default="")
    publication = s.CharField(source="publication.number", default=None)
    effective_on = s.DateField(allow_null=True)
    note = s.CharField(source="ended_note")
    next = s.CharField()


def _of_state(request, rows, states):
    state = request.query_params.get("state")
    if state and state not in states.values():
        raise Invalid("unknown_state", f"没有状态“{state[:20]}”，请从文档所列状态中选择。", field="state")
    return rows.filter(state=state) if state else rows


class ReferenceList(Endpoint):
    """Reference prices the caller may see, newest first; the operator's confirmer adds one."""

    roles = {"GET": readers.REFERENCE_PRICES, "POST": CONFIRMERS}

    @extend_schema(
        summary="挂网参考价列表",
        parameters=[OpenApiParameter("state", str, enum=ReferenceState.values())],
        responses={200: page_of(ReferencePrice)},
    )
    def get(self, request):
        rows = _of_state(request, references_visible_to(self.actor), ReferenceState)
        return paged(self, request, rows, lambda row: ReferencePrice(row).data)

    @extend_schema(summary="采集全国最低价", request=ReferenceBody, responses={201: ReferencePrice})
    def post(self, request):
        body = ReferenceBody.read(request)
        made = services.reference_collect(
            actor=self.actor, at=self.now, price_group_id=body["price_group"], prices=body["prices"]
        )
        return Response(_reference(self.actor, made.id), status=201)


class ReferenceDetail(Endpoint):
    roles = {"GET": readers.REFERENCE_PRICES}

    @extend_schema(summary="挂网参考价", responses={200: ReferencePrice})
    def get(self, request, reference_id: int):
        return Response(_reference(self.actor, reference_id))


def _reference(actor, reference_id: int) -> dict:
    return ReferencePrice(access_reference(actor, reference_id)).data


_move = partial(
    move_endpoint,
    schema=ReferencePrice,
    answer=lambda view, moved: _reference(view.actor, moved.id),
    lock=lock_reference,
)
ReferencePublish = _move(services.reference_publish, CONFIRMERS, "公示参考价", body=NoBody)
ReferenceDrop = _move(services.reference_drop, CONFIRMERS, "撤销采集", body=DropBody)


class NoticeList(Endpoint):
    """Notices the caller may see, newest first; a maker's of its own products."""

    roles = {"GET": readers.PRICE_NOTICES}

    @extend_schema(
        summary="挂网价调整公告列表",
        parameters=[OpenApiParameter("state", str, enum=NoticeState.values())],
        responses={200: page_of(PriceNotice)},
    )
    def get(self, request):
        rows = _of_state(request, notices_visible_to(self.actor), NoticeState)
        return paged(self, request, rows, lambda row: _notice(self, row))


class NoticeDetail(Endpoint):
    roles = {"GET": readers.PRICE_NOTICES}

    @extend_schema(summary="挂网价调整公告", responses={200: PriceNotice})
    def get(self, request, notice_id: int):
        return Response(_notice(self, access_notice(self.actor, notice_id)))


def _notice(view: Endpoint, row) -> dict:
    row.next = next_step(scope.law(view.actor, business_date(view.now), region=row.region.code), row)
    return PriceNotice(row).data


routes = [
    path("reference-prices/", ReferenceList.as_view(), name="api-reference-prices"),
    path("reference-prices/<int:reference_id>/", ReferenceDetail.as_view(), name="api-reference-price"),
    path("reference-prices/<int:reference_id>/publish/", ReferencePublish.as_view(), name="api-reference-publish"),
    path("reference-prices/<int:reference_id>/drop/", ReferenceDrop.as_view(), name="api-reference-drop"),
    path("price-notices/", NoticeList.as_view(), name="api-price-notices"),
    path("price-notices/<int:notice_id>/", NoticeDetail.as_view(), name="api-price-notice"),
]

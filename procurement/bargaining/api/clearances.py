"""Clearances over the API (A21)."""

from functools import partial

from django.urls import path
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers as s
from rest_framework.response import Response

from procurement import readers
from procurement.bargaining.queries import clearances as queries
from procurement.bargaining.services import clearances as services
from procurement.bargaining.workflows import ClearanceState
from procurement.contracts.api.bodies import Reason
from procurement.contracts.api.render import PriceGroupRef
from sunlight.api.answers import Party, page_of, price, quantity
from sunlight.api.moves import move_endpoint
from sunlight.api.serializers import Number, StrictSerializer, Typed, TypedId
from sunlight.api.views import Endpoint, paged
from sunlight.scope import Role

OFFICERS = frozenset({Role.REGULATOR_OFFICER})
CHIEFS = frozenset({Role.REGULATOR_CHIEF})


class Clearance(s.Serializer):
    """Up to `price` (CNY a pricing unit) and `quantity` (in it), of which `left` is left, to the end of `valid_to`."""

    id = s.IntegerField()
    number = s.CharField()
    state = s.CharField()
    state_label = s.CharField(source="get_state_display")
    buyer = Party()
    seller = Party()
    price_group = PriceGroupRef()
    price = price()
    left = quantity()
    quantity = quantity()
    valid_to = s.DateField()
    reason = s.CharField()
    proposed_at = s.DateTimeField()
    decided_at = s.DateTimeField(allow_null=True)
    decision_note = s.CharField()
    version = s.IntegerField()


class ClearanceBody(StrictSerializer):
    hospital = Typed(max_length=18, help_text="医疗机构的统一社会信用代码")
    price_group = TypedId(help_text="计价组")
    price = Number(help_text="放行的最高价，元/计价单位")
    quantity = Number(help_text="数量，计价单位或包装")
    valid_to = Typed(help_text="截止日期（含）")
    reason = Typed(max_length=500, help_text="放行理由")


class GrantBody(StrictSerializer):
    note = Typed(max_length=500, required=False, allow_blank=True, help_text="意见")


class ClearanceList(Endpoint):
    """Clearances the caller may see, newest first; an officer proposes one."""

    roles = {"GET": readers.CLEARANCES, "POST": OFFICERS}

    @extend_schema(
        summary="拦截放行列表",
        parameters=[OpenApiParameter("state", str, enum=ClearanceState.values())],
        responses={200: page_of(Clearance)},
    )
    def get(self, request):
        rows = queries.clearances_visible_to(self.actor)
        if state := request.query_params.get("state"):
            rows = rows.filter(state=state)
        return paged(self, request, rows, _rendered)

    @extend_schema(summary="提出放行", request=ClearanceBody, responses={201: Clearance})
    def post(self, request):
        made = services.clearance_propose(actor=self.actor, at=self.now, **ClearanceBody.read(request))
        return Response(_answer(self.actor, made.id), status=201)


class ClearanceDetail(Endpoint):
    roles = {"GET": readers.CLEARANCES}

    @extend_schema(summary="拦截放行", responses={200: Clearance})
    def get(self, request, clearance_id: int):
        return Response(_answer(self.actor, clearance_id))


def _rendered(row) -> dict:
    row.left = queries.left_of([row])[row.id]
    return Clearance(row).data


def _answer(actor, clearance_id: int) -> dict:
    return _rendered(queries.access_clearance(actor, clearance_id))


_move = partial(
    move_endpoint,
    schema=Clearance,
    answer=lambda view, moved: _answer(view.actor, moved.id),
    lock=queries.lock_clearance,
)
ClearanceGrant = _move(services.clearance_grant, CHIEFS, "同意放行", body=GrantBody, step_up=True)
ClearanceRefuse = _move(services.clearance_refuse, CHIEFS, "不予放行", body=Reason)
ClearanceRevoke = _move(services.clearance_revoke, CHIEFS, "撤销放行", body=Reason, step_up=True)

routes = [
    path("clearances/", ClearanceList.as_view(), name="api-clearances"),
    path("clearances/<int:clearance_id>/", ClearanceDetail.as_view(), name="api-clearance"),
    path("clearances/<int:clearance_id>/grant/", ClearanceGrant.as_view(), name="api-clearance-grant"),
    path("clearances/<int:clearance_id>/refuse/", ClearanceRefuse.as_view(), name="api-clearance-refuse"),
    path("clearances/<int:clearance_id>/revoke/", ClearanceRevoke.as_view(), name="api-clearance-revoke"),
]

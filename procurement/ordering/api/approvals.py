"""Orders that need their hospital's own approval, over the API."""

from django.urls import path
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from procurement import readers
from procurement.ordering.api import bodies, render
from procurement.ordering.services.approvals import order_approval_decide, order_submit
from procurement.ordering.services.placing import BasketFacts
from sunlight.api.answers import rendered
from sunlight.api.serializers import StrictSerializer, Typed
from sunlight.api.views import Endpoint, paged
from sunlight.approval import queries
from sunlight.approval.services import approval_withdraw
from sunlight.scope import Role

BUYERS = frozenset({Role.HOSPITAL_BUYER})


class ApprovalActAnswer(serializers.Serializer):
    step = serializers.IntegerField()
    label = serializers.CharField()
    is_yes = serializers.BooleanField()
    acted_at = serializers.DateTimeField()
    acted_by_name = serializers.CharField()
    for_user_id = serializers.IntegerField(allow_null=True)
    note = serializers.CharField()


class ApprovalRow(serializers.Serializer):
    """`counted_fen`: the amount and the hospital's other orders of the same suppliers within the window, by which `steps`
    were chosen. `step`: how many of them have been taken; `result.orders`: the orders placed once it was approved."""

    id = serializers.IntegerField()
    number = serializers.CharField()
    title = serializers.CharField()
    amount_fen = serializers.IntegerField()
    counted_fen = serializers.IntegerField()
    state = serializers.CharField()
    step = serializers.IntegerField()
    steps = serializers.JSONField()
    asked_at = serializers.DateTimeField()
    asked_by_name = serializers.CharField()
    result = serializers.JSONField()


class ApprovalAnswer(ApprovalRow):
    payload = serializers.JSONField()
    acts = ApprovalActAnswer(many=True)


class ApprovalPage(serializers.Serializer):
    next = serializers.CharField(allow_null=True)
    previous = serializers.CharField(allow_null=True)
    results = ApprovalRow(many=True)


class SubmittedAnswer(serializers.Serializer):
    """Orders placed at once, or the request that waits."""

    orders = render.OrderRow(many=True)
    request = ApprovalRow(allow_null=True)


class ApproveBody(StrictSerializer):
    note = Typed(required=False, allow_blank=True, max_length=500, default="")


class RejectBody(StrictSerializer):
    note = Typed(max_length=500)


def _answer(view: Endpoint, request_id: int) -> Response:
    return Response(ApprovalAnswer(queries.access_request(view.actor, request_id)).data)


class OrderApprovalList(Endpoint):
    roles = {"GET": readers.APPROVALS, "POST": BUYERS}

    @extend_schema(summary="订单审批列表", parameters=[OpenApiParameter("state", str)], responses={200: ApprovalPage})
    def get(self, request):
        rows = queries.requests_visible_to(self.actor)
        if state := request.query_params.get("state"):
            rows = rows.filter(state=state[:10])
        return paged(self, request, rows, rendered(ApprovalRow))

    @extend_schema(
        summary="提交订单：按本单位审批流程，须审批的转审批，不须的直接下单",
        request=bodies.OrderBody,
        responses={201: SubmittedAnswer},
    )
    def post(self, request):
        body = bodies.OrderBody.read(request)
        facts = BasketFacts(delivery_point_id=body.pop("delivery_point"), **body)
        done = order_submit(actor=self.actor, at=self.now, facts=facts)
        answer = {
            "orders": render.OrderRow(done.orders, many=True).data,
            "request": ApprovalRow(done.request).data if done.request else None,
        }
        return Response(answer, status=201)


class OrderApprovalDetail(Endpoint):
    roles = {"GET": readers.APPROVALS}

    @extend_schema(summary="订单审批详情与各步意见", responses={200: ApprovalAnswer})
    def get(self, request, request_id):
        return _answer(self, request_id)


class OrderApprovalApprove(Endpoint):
    """A person confirms again; a machine needs a mandate."""

    roles = {"POST": readers.APPROVALS}
    step_up = frozenset({"POST"})

    @extend_schema(summary="同意；最后一步同意即下单", request=ApproveBody, responses={200: ApprovalAnswer})
    def post(self, request, request_id):
        body = ApproveBody.read(request)
        order_approval_decide(actor=self.actor, at=self.now, request_id=request_id, is_yes=True, **body)
        return _answer(self, request_id)


class OrderApprovalReject(Endpoint):
    roles = {"POST": readers.APPROVALS}
    step_up = frozenset({"POST"})

    @extend_schema(summary="不同意", request=RejectBody, responses={200: ApprovalAnswer})
    def post(self, request, request_id):
        body = RejectBody.read(request)
        order_approval_decide(actor=self.actor, at=self.now, request_id=request_id, is_yes=False, **body)
        return _answer(self, request_id)


class OrderApprovalWithdraw(Endpoint):
    roles = {"POST": BUYERS}

    @extend_schema(summary="提交人撤回", request=None, responses={200: ApprovalAnswer})
    def post(self, request, request_id):
        approval_withdraw(actor=self.actor, at=self.now, request_id=request_id)
        return _answer(self, request_id)


routes = [
    path("order-approvals/", OrderApprovalList.as_view(), name="api-order-approvals"),
    path("order-approvals/<int:request_id>/", OrderApprovalDetail.as_view(), name="api-order-approval"),
    path(
        "order-approvals/<int:request_id>/approve/", OrderApprovalApprove.as_view(), name="api-order-approval-approve"
    ),
    path("order-approvals/<int:request_id>/reject/", OrderApprovalReject.as_view(), name="api-order-approval-reject"),
    path(
        "order-approvals/<int:request_id>/withdraw/",
        OrderApprovalWithdraw.as_view(),
        name="api-order-approval-withdraw",
    ),
]

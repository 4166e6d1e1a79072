"""An organisation's approval chain over the API."""

from django.urls import path
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from sunlight.api.serializers import StrictSerializer, Text, Typed, TypedId, WholeNumber
from sunlight.api.views import Endpoint
from sunlight.approval import queries, readers
from sunlight.approval.services import chain_set
from sunlight.scope import Role
from sunlight.scope.clock import business_date

MATTER = "order"


class ChainStepBody(StrictSerializer):
    """A step asked from `from_fen` on (integer fen), of whoever holds `role`, or of the one person `user_id`."""

    label = Typed(max_length=40)
    role = Text(max_length=40)
    from_fen = WholeNumber(required=False, default=0, min_value=0, max_value=10**15)
    user_id = TypedId(required=False, allow_null=True, default=None)


class ChainBody(StrictSerializer):
    steps = ChainStepBody(many=True, max_length=5)


class ChainAnswer(serializers.Serializer):
    """`version` 0: no chain was ever set, nothing is asked."""

    matter = serializers.CharField()
    version = serializers.IntegerField()
    steps = serializers.JSONField()


class ChainAsked(serializers.Serializer):
    """The change that waits for a second administrator, under /access-changes/."""

    change = serializers.IntegerField()
    state = serializers.CharField()


class OrderChain(Endpoint):
    roles = {"GET": readers.CHAINS, "PUT": frozenset({Role.HOSPITAL_ADMIN})}
    step_up = frozenset({"PUT"})

    def _answer(self) -> Response:
        chain = queries.chain_of(self.actor, MATTER, business_date(self.now))
        found = {"version": chain.version, "steps": chain.steps} if chain else {"version": 0, "steps": []}
        return Response({"matter": MATTER} | found)

    @extend_schema(summary="本单位订单审批流程", responses={200: ChainAnswer})
    def get(self, request):
        return self._answer()

    @extend_schema(
        summary="修改订单审批流程（须第二位管理员确认，次日生效；在办审批不受影响）",
        request=ChainBody,
        responses={202: ChainAsked},
    )
    def put(self, request):
        change = chain_set(actor=self.actor, at=self.now, matter=MATTER, **ChainBody.read(request))
        return Response({"change": change.pk, "state": change.state}, status=202)


urlpatterns = [path("approval-chains/order/", OrderChain.as_view(), name="api-approval-chain")]

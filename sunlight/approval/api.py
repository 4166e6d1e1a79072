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


class OrderChain(Endpoint):
    roles = {"GET": readers.CHAINS, "PUT": frozenset({Role.HOSPITAL_ADMIN})}

    def _answer(self) -> Response:
        chain = queries.chain_of(self.actor, MATTER)
        found = {"version": chain.version, "steps": chain.steps} if chain else {"version": 0, "steps": []}
        return Response({"matter": MATTER} | found)

    @extend_schema(summary="本单位订单审批流程", responses={200: ChainAnswer})
    def get(self, request):
        return self._answer()

    @extend_schema(
        summary="设置订单审批流程（新版本；在办审批不受影响）", request=ChainBody, responses={200: ChainAnswer}
    )
    def put(self, request):
        chain_set(actor=self.actor, at=self.now, matter=MATTER, **ChainBody.read(request))
        return self._answer()


urlpatterns = [path("approval-chains/order/", OrderChain.as_view(), name="api-approval-chain")]

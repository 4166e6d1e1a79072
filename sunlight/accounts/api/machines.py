"""Who answers for machines, and mandates, over the API: for people with a session alone, as on the pages."""

from django.urls import path
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from sunlight.accounts import readers
from sunlight.api.moves import move_endpoint
from sunlight.api.serializers import RowId, StrictSerializer, Text, Typed
from sunlight.api.views import Endpoint, paged
from sunlight.tenancy.queries.machines import duties_shown, mandates_visible_to
from sunlight.tenancy.services import machines, mandates

POST = frozenset({"POST"})


class DutyAnswer(serializers.Serializer):
    """`counts`: whether the machine may act in this role now: confirmed, and the person still holds the role."""

    id = serializers.IntegerField(source="duty.id")
    client = serializers.IntegerField(source="duty.client_id", allow_null=True)
    token = serializers.IntegerField(source="duty.token_id", allow_null=True)
    name = serializers.CharField(source="duty.name")
    role = serializers.CharField(source="duty.role")
    person = serializers.CharField()
    state = serializers.CharField(source="duty.state")
    counts = serializers.BooleanField()


class DutiesAnswer(serializers.Serializer):
    results = DutyAnswer(many=True)


class MovedAnswer(serializers.Serializer):
    id = serializers.IntegerField()
    state = serializers.CharField()


class MandateAnswer(serializers.Serializer):
    """Amounts in integer fen, tax included; both days included. `state`: GIVEN, IN_FORCE, ENDED."""

    id = serializers.IntegerField()
    number = serializers.IntegerField()
    client = serializers.IntegerField(source="client_id", allow_null=True)
    token = serializers.IntegerField(source="token_id", allow_null=True)
    name = serializers.CharField()
    role = serializers.CharField()
    machine = serializers.CharField()
    move = serializers.CharField()
    per_act_fen = serializers.IntegerField()
    per_day_fen = serializers.IntegerField()
    from_date = serializers.DateField()
    to_date = serializers.DateField()
    state = serializers.CharField()
    giver_name = serializers.CharField()
    confirmer_name = serializers.CharField()


class MandateBody(StrictSerializer):
    """`machine` and `move` as in the tables of states: `payment_run`, `approve`. Amounts in yuan."""

    machine_duty = RowId()
    machine = Text(max_length=40)
    move = Text(max_length=40)
    per_act = Typed(max_length=20)
    per_day = Typed(max_length=20)
    from_date = Typed(max_length=20)
    to_date = Typed(max_length=20)


class MachineMoveBody(StrictSerializer):
    """Nothing to say."""


class MandateEndBody(StrictSerializer):
    reason = Typed(max_length=300)


class MachineDuties(Endpoint):
    roles = {"GET": readers.MACHINE_DUTIES}

    @extend_schema(summary="接口职责及负责人", responses={200: DutiesAnswer})
    def get(self, request):
        return Response(DutiesAnswer({"results": duties_shown(self.actor)}).data)


class Mandates(Endpoint):
    """Giving one asks a person with a session to confirm again; a second person confirms it. No machine gives one."""

    roles = {"GET": readers.MANDATES, "POST": readers.MANDATES}
    step_up = POST

    @extend_schema(summary="接口授权书", responses={200: MandateAnswer(many=True)})
    def get(self, request):
        return paged(self, request, mandates_visible_to(self.actor), lambda each: MandateAnswer(each).data)

    @extend_schema(summary="提出授权书", request=MandateBody, responses={201: MandateAnswer})
    def post(self, request):
        facts = MandateBody.read(request)
        duty = facts.pop("machine_duty")
        made = mandates.mandate_give(actor=self.actor, at=self.now, duty_id=duty, **facts)
        return Response(MandateAnswer(made).data, status=201)


DUTY = {
    "body": MachineMoveBody,
    "schema": MovedAnswer,
    "answer": lambda view, moved: MovedAnswer(moved).data,
    "about": "For people with a session alone.",
}
MANDATE = {"schema": MandateAnswer, "answer": lambda view, moved: MandateAnswer(moved).data}
MachineDutyConfirm = move_endpoint(
    machines.machine_duty_confirm, readers.MACHINE_DUTIES, "确认为接口负责", step_up=True, **DUTY
)
MachineDutyEnd = move_endpoint(machines.machine_duty_end, readers.MACHINE_DUTIES, "终止接口职责", step_up=True, **DUTY)
MandateConfirm = move_endpoint(
    mandates.mandate_confirm, readers.MANDATES, "确认授权书", body=MachineMoveBody, step_up=True, **MANDATE
)
MandateEnd = move_endpoint(
    mandates.mandate_end, readers.MANDATES, "终止授权书", body=MandateEndBody, step_up=True, **MANDATE
)

routes = [
    path("machine-duties/", MachineDuties.as_view(), name="api-machine-duties"),
    path("machine-duties/<int:duty_id>/confirm/", MachineDutyConfirm.as_view(), name="api-machine-duty-confirm"),
    path("machine-duties/<int:duty_id>/end/", MachineDutyEnd.as_view(), name="api-machine-duty-end"),
    path("mandates/", Mandates.as_view(), name="api-mandates"),
    path("mandates/<int:mandate_id>/confirm/", MandateConfirm.as_view(), name="api-mandate-confirm"),
    path("mandates/<int:mandate_id>/end/", MandateEnd.as_view(), name="api-mandate-end"),
]

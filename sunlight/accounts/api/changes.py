"""Changes of rights that wait for a second person, over the API: for people alone, as on the page."""

from django.urls import path
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from sunlight.accounts import readers
from sunlight.api.serializers import StrictSerializer, Typed
from sunlight.api.views import Endpoint, paged
from sunlight.scope.readers import EVERY_ROLE
from sunlight.tenancy.changes import KINDS
from sunlight.tenancy.queries.changes import access_change, changes_visible_to, lock_change
from sunlight.tenancy.services import changes as services

POST = frozenset({"POST"})


class ChangeAnswer(serializers.Serializer):
    """`state`: ASKED, CONFIRMED, REFUSED, WITHDRAWN, EXPIRED."""

    id = serializers.IntegerField()
    kind = serializers.CharField()
    kind_label = serializers.SerializerMethodField()
    title = serializers.CharField()
    organisation = serializers.IntegerField(source="organisation_id")
    state = serializers.CharField()
    asked_by_name = serializers.CharField()
    asked_at = serializers.DateTimeField()
    expires_at = serializers.DateTimeField()
    decided_by_name = serializers.CharField()
    decided_at = serializers.DateTimeField(allow_null=True)
    note = serializers.CharField()
    version = serializers.IntegerField()

    def get_kind_label(self, change) -> str:
        return KINDS[change.kind].label


class RefuseBody(StrictSerializer):
    reason = Typed(max_length=500)


def waits(change) -> Response:
    """202: nothing has happened yet."""
    return Response(ChangeAnswer(change).data, status=202)


class Changes(Endpoint):
    roles = {"GET": readers.CHANGES}

    @extend_schema(summary="权限变更", responses={200: ChangeAnswer(many=True)})
    def get(self, request):
        return paged(self, request, changes_visible_to(self.actor), lambda each: ChangeAnswer(each).data)


class Change(Endpoint):
    roles = {"GET": readers.CHANGES}

    @extend_schema(summary="一项权限变更", responses={200: ChangeAnswer})
    def get(self, request, change_id):
        return Response(ChangeAnswer(access_change(self.actor, change_id)).data)


class ChangeMove(Endpoint):
    roles = {"POST": readers.CHANGES}
    step_up = POST
    locked = staticmethod(lock_change)

    def done(self, service, change_id: int, **facts) -> Response:
        made = service(actor=self.actor, at=self.now, change_id=change_id, **facts)
        return Response(ChangeAnswer(made).data)


class ChangeConfirm(ChangeMove):
    @extend_schema(summary="确认变更", request=None, responses={200: ChangeAnswer})
    def post(self, request, change_id):
        return self.done(services.change_confirm, change_id)


class ChangeRefuse(ChangeMove):
    @extend_schema(summary="不同意变更", request=RefuseBody, responses={200: ChangeAnswer})
    def post(self, request, change_id):
        return self.done(services.change_refuse, change_id, **RefuseBody.read(request))


class ChangeWithdraw(ChangeMove):
    roles = {"POST": EVERY_ROLE}
    step_up = frozenset()

    @extend_schema(summary="撤回变更", request=None, responses={200: ChangeAnswer})
    def post(self, request, change_id):
        return self.done(services.change_withdraw, change_id)


routes = [
    path("access-changes/", Changes.as_view(), name="api-changes"),
    path("access-changes/<int:change_id>/", Change.as_view(), name="api-change"),
    path("access-changes/<int:change_id>/confirm/", ChangeConfirm.as_view(), name="api-change-confirm"),
    path("access-changes/<int:change_id>/refuse/", ChangeRefuse.as_view(), name="api-change-refuse"),
    path("access-changes/<int:change_id>/withdraw/", ChangeWithdraw.as_view(), name="api-change-withdraw"),
]

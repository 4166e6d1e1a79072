"""An organisation's people over the API, for its ADMIN."""

from django.urls import path
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from sunlight.accounts import readers
from sunlight.accounts.api.changes import ChangeAnswer, waits
from sunlight.api.serializers import StrictSerializer, Text, Typed
from sunlight.api.views import Endpoint
from sunlight.tenancy.queries.people import access_member, members_of
from sunlight.tenancy.services import members as services

POST = frozenset({"POST"})


class MemberAnswer(serializers.Serializer):
    id = serializers.IntegerField()
    username = serializers.CharField(source="user.username")
    name = serializers.CharField(source="user.name")
    phone = serializers.CharField(source="user.phone")
    email = serializers.CharField(source="user.email")
    roles = serializers.ListField(child=serializers.CharField())
    is_active = serializers.BooleanField()


class MembersAnswer(serializers.Serializer):
    results = MemberAnswer(many=True)


class EndedAnswer(serializers.Serializer):
    """The number of sessions ended."""

    ended = serializers.IntegerField()


class RolesBody(StrictSerializer):
    roles = serializers.ListField(child=Text(max_length=40), max_length=20)


class MemberBody(RolesBody):
    """`phone` (a mobile) or `document` tells who it is; the link to choose a password goes to `phone` or `email`."""

    username = Typed(max_length=60)
    name = Typed(max_length=60)
    phone = Typed(max_length=40, required=False, allow_blank=True, default="")
    document = Typed(max_length=40, required=False, allow_blank=True, default="")
    email = Typed(max_length=120, required=False, allow_blank=True, default="")


class ContactBody(StrictSerializer):
    phone = Typed(max_length=40, required=False, allow_blank=True, default="")
    email = Typed(max_length=120, required=False, allow_blank=True, default="")


class StateBody(StrictSerializer):
    is_active = serializers.BooleanField()


class Members(Endpoint):
    """Everything that gives somebody something is answered by 202 and a change that waits for a second person
    (`/access-changes/`). People alone may call these, who have given their password lately."""

    roles = {"GET": readers.MEMBERS, "POST": services.CARING}
    step_up = POST

    @extend_schema(summary="本单位人员", responses={200: MembersAnswer})
    def get(self, request):
        return Response(MembersAnswer({"results": members_of(self.actor)}).data)

    @extend_schema(summary="添加人员（须第二人确认）", request=MemberBody, responses={202: ChangeAnswer})
    def post(self, request):
        made = services.member_add(actor=self.actor, at=self.now, **MemberBody.read(request))
        return waits(made)


class MemberMove(Endpoint):
    """What an administrator does with one of their people; 200 where it counts at once."""

    roles = {"POST": services.CARING}
    step_up = POST

    def done(self, service, membership_id: int, **facts) -> Response:
        made = service(actor=self.actor, at=self.now, membership_id=membership_id, **facts)
        if made is not None:
            return waits(made)
        return Response(MemberAnswer(access_member(self.actor, membership_id)).data)


AT_ONCE_OR_WAITS = {200: MemberAnswer, 202: ChangeAnswer}


class MemberRoles(MemberMove):
    @extend_schema(summary="设定岗位", request=RolesBody, responses=AT_ONCE_OR_WAITS)
    def post(self, request, membership_id):
        return self.done(services.member_roles_set, membership_id, **RolesBody.read(request))


class MemberState(MemberMove):
    @extend_schema(summary="停用或启用", request=StateBody, responses=AT_ONCE_OR_WAITS)
    def post(self, request, membership_id):
        return self.done(services.member_switch, membership_id, **StateBody.read(request))


class MemberContact(MemberMove):
    @extend_schema(summary="变更手机或邮箱（须第二人确认）", request=ContactBody, responses={202: ChangeAnswer})
    def post(self, request, membership_id):
        return self.done(services.member_contact_change, membership_id, **ContactBody.read(request))


class MemberFactorsReset(MemberMove):
    @extend_schema(summary="重置第二重验证（须第二人确认）", request=None, responses={202: ChangeAnswer})
    def post(self, request, membership_id):
        return self.done(services.member_factors_reset, membership_id)


class MemberPasswordReset(MemberMove):
    @extend_schema(summary="重置密码（须第二人确认）", request=None, responses={202: ChangeAnswer})
    def post(self, request, membership_id):
        return self.done(services.member_password_reset, membership_id)


class MemberSessionsEnd(Endpoint):
    roles = {"POST": services.CARING}
    step_up = POST

    @extend_schema(summary="退出其全部登录", request=None, responses={200: EndedAnswer})
    def post(self, request, membership_id):
        ended = services.member_sessions_end(actor=self.actor, at=self.now, membership_id=membership_id)
        return Response({"ended": ended})


routes = [
    path("members/", Members.as_view(), name="api-members"),
    path("members/<int:membership_id>/roles/", MemberRoles.as_view(), name="api-member-roles"),
    path("members/<int:membership_id>/state/", MemberState.as_view(), name="api-member-state"),
    path("members/<int:membership_id>/contact/", MemberContact.as_view(), name="api-member-contact"),
    path("members/<int:membership_id>/sessions-end/", MemberSessionsEnd.as_view(), name="api-member-sessions-end"),
    path("members/<int:membership_id>/factors-reset/", MemberFactorsReset.as_view(), name="api-member-factors-reset"),
    path(
        "members/<int:membership_id>/password-reset/", MemberPasswordReset.as_view(), name="api-member-password-reset"
    ),
]

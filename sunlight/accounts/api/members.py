"""An organisation's people over the API, for its ADMIN."""

from django.urls import path
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from sunlight.accounts import readers
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
    """The number of sessions or second factors removed."""

    ended = serializers.IntegerField()


class RolesBody(StrictSerializer):
    roles = serializers.ListField(child=Text(max_length=40), max_length=20)


class MemberBody(RolesBody):
    """`password` is the initial one: good for seven days, to be changed at the first login."""

    username = Typed(max_length=60)
    name = Typed(max_length=60)
    phone = Typed(max_length=40, required=False, allow_blank=True, default="")
    email = Typed(max_length=120, required=False, allow_blank=True, default="")
    password = Text(max_length=200, trim_whitespace=False)


class StateBody(StrictSerializer):
    is_active = serializers.BooleanField()


class Members(Endpoint):
    """Adding asks a person with a session for the password again; a machine's token is enough."""

    roles = {"GET": readers.MEMBERS, "POST": services.ADMINS}
    step_up = POST

    @extend_schema(summary="本单位人员", responses={200: MembersAnswer})
    def get(self, request):
        return Response(MembersAnswer({"results": members_of(self.actor)}).data)

    @extend_schema(summary="添加人员", request=MemberBody, responses={201: MemberAnswer})
    def post(self, request):
        made = services.member_add(actor=self.actor, at=self.now, **MemberBody.read(request))
        return Response(MemberAnswer(access_member(self.actor, made.pk)).data, status=201)


class MemberRoles(Endpoint):
    roles = {"POST": services.ADMINS}
    step_up = POST

    @extend_schema(summary="设定岗位", request=RolesBody, responses={200: MemberAnswer})
    def post(self, request, membership_id):
        facts = RolesBody.read(request)
        services.member_roles_set(actor=self.actor, at=self.now, membership_id=membership_id, **facts)
        return Response(MemberAnswer(access_member(self.actor, membership_id)).data)


class MemberState(Endpoint):
    roles = {"POST": services.ADMINS}
    step_up = POST

    @extend_schema(summary="停用或启用", request=StateBody, responses={200: MemberAnswer})
    def post(self, request, membership_id):
        facts = StateBody.read(request)
        services.member_switch(actor=self.actor, at=self.now, membership_id=membership_id, **facts)
        return Response(MemberAnswer(access_member(self.actor, membership_id)).data)


class MemberSessionsEnd(Endpoint):
    roles = {"POST": services.ADMINS}
    step_up = POST

    @extend_schema(summary="退出其全部登录", request=None, responses={200: EndedAnswer})
    def post(self, request, membership_id):
        ended = services.member_sessions_end(actor=self.actor, at=self.now, membership_id=membership_id)
        return Response({"ended": ended})


class MemberFactorsReset(Endpoint):
    roles = {"POST": services.ADMINS}
    step_up = POST

    @extend_schema(summary="清除第二重验证", request=None, responses={200: EndedAnswer})
    def post(self, request, membership_id):
        ended = services.member_factors_reset(actor=self.actor, at=self.now, membership_id=membership_id)
        return Response({"ended": ended})


routes = [
    path("members/", Members.as_view(), name="api-members"),
    path("members/<int:membership_id>/roles/", MemberRoles.as_view(), name="api-member-roles"),
    path("members/<int:membership_id>/state/", MemberState.as_view(), name="api-member-state"),
    path("members/<int:membership_id>/sessions-end/", MemberSessionsEnd.as_view(), name="api-member-sessions-end"),
    path("members/<int:membership_id>/factors-reset/", MemberFactorsReset.as_view(), name="api-member-factors-reset"),
]

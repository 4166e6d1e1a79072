"""Messages and the operator's notices over the API."""

from django.urls import path
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from sunlight.api.answers import rendered
from sunlight.api.serializers import StrictSerializer, Text, Typed
from sunlight.api.views import Endpoint, paged
from sunlight.journal.refusals import Invalid
from sunlight.messages import queries, readers
from sunlight.messages.faces import label_of, link_of
from sunlight.messages.kinds import KINDS
from sunlight.messages.services import messages as services
from sunlight.scope import Role
from sunlight.scope.roles import OrganisationKind

SENDERS = frozenset({Role.OPERATOR_SUPPORT})


class MessageAnswer(serializers.Serializer):
    """`page` is the address of the page that the message leads to, empty where there is none."""

    id = serializers.IntegerField()
    kind = serializers.CharField()
    label = serializers.SerializerMethodField()
    title = serializers.CharField()
    body = serializers.CharField()
    subject_type = serializers.CharField()
    subject_id = serializers.IntegerField(allow_null=True)
    page = serializers.SerializerMethodField()
    must_acknowledge = serializers.BooleanField()
    sent_at = serializers.DateTimeField()
    read_at = serializers.DateTimeField(allow_null=True)
    acknowledged_at = serializers.DateTimeField(allow_null=True)

    def get_label(self, message) -> str:
        return label_of(message)

    def get_page(self, message) -> str:
        return link_of(message)


class MessagePage(serializers.Serializer):
    next = serializers.CharField(allow_null=True)
    previous = serializers.CharField(allow_null=True)
    results = MessageAnswer(many=True)


class NoticeBody(StrictSerializer):
    title = Typed(max_length=200)
    body = Typed(max_length=5000)
    audience = serializers.ListField(
        child=serializers.ChoiceField([str(kind) for kind in OrganisationKind]), required=False, default=list
    )
    roles = serializers.ListField(child=Text(max_length=40), required=False, default=list)
    must_acknowledge = serializers.BooleanField(required=False, default=False)
    is_public = serializers.BooleanField(required=False, default=False)


class NoticeAnswer(serializers.Serializer):
    """`told` organisations received it; in `read` and `acknowledged` of them somebody did so."""

    id = serializers.IntegerField()
    title = serializers.CharField()
    body = serializers.CharField()
    audience = serializers.ListField(child=serializers.CharField())
    roles = serializers.ListField(child=serializers.CharField())
    must_acknowledge = serializers.BooleanField()
    is_public = serializers.BooleanField()
    state = serializers.CharField()
    published_at = serializers.DateTimeField()
    withdrawn_at = serializers.DateTimeField(allow_null=True)
    withdraw_reason = serializers.CharField()
    told = serializers.IntegerField()
    read = serializers.IntegerField()
    acknowledged = serializers.IntegerField()


class NoticePage(serializers.Serializer):
    next = serializers.CharField(allow_null=True)
    previous = serializers.CharField(allow_null=True)
    results = NoticeAnswer(many=True)


class ReasonBody(StrictSerializer):
    reason = Typed(max_length=300)


def answer_of(actor, message_id: int) -> Response:
    return Response(MessageAnswer(queries.access_message(actor, message_id)).data)


class MessageList(Endpoint):
    roles = {"GET": readers.MESSAGES}

    @extend_schema(
        summary="消息列表",
        parameters=[OpenApiParameter("unread", bool), OpenApiParameter("kind", str)],
        responses={200: MessagePage},
    )
    def get(self, request):
        unread, kind = request.query_params.get("unread", "false"), request.query_params.get("kind", "")
        if unread not in ("true", "false"):
            raise Invalid("unread_invalid", "unread 须为 true 或 false。", field="unread")
        if kind and kind not in KINDS:
            raise Invalid("kind_unknown", "没有这种消息类别，请去掉 kind 或换一个。", field="kind")
        rows = queries.messages_visible_to(self.actor, unread=unread == "true", kind=kind)
        return paged(self, request, rows, rendered(MessageAnswer))


class MessageDetail(Endpoint):
    roles = {"GET": readers.MESSAGES}

    @extend_schema(summary="一条消息", responses={200: MessageAnswer})
    def get(self, request, message_id):
        return answer_of(self.actor, message_id)


class MessageRead(Endpoint):
    roles = {"POST": readers.MESSAGES}

    @extend_schema(summary="标为已读", request=None, responses={200: MessageAnswer})
    def post(self, request, message_id):
        services.message_read(actor=self.actor, at=self.now, message_id=message_id)
        return answer_of(self.actor, message_id)


class MessageAcknowledge(Endpoint):
    roles = {"POST": readers.MESSAGES}

    @extend_schema(summary="确认知悉", request=None, responses={200: MessageAnswer})
    def post(self, request, message_id):
        services.message_acknowledge(actor=self.actor, at=self.now, message_id=message_id)
        return answer_of(self.actor, message_id)


class NoticeList(Endpoint):
    roles = {"GET": readers.NOTICES, "POST": SENDERS}

    @extend_schema(summary="平台通知列表", responses={200: NoticePage})
    def get(self, request):
        return paged(self, request, queries.notices_visible_to(self.actor), rendered(NoticeAnswer))

    @extend_schema(summary="发布平台通知", request=NoticeBody, responses={201: NoticeAnswer})
    def post(self, request):
        notice = services.notice_publish(actor=self.actor, at=self.now, **NoticeBody.read(request))
        return Response(NoticeAnswer(queries.access_notice(self.actor, notice.id)).data, status=201)


class NoticeWithdraw(Endpoint):
    roles = {"POST": SENDERS}

    @extend_schema(summary="撤回平台通知", request=ReasonBody, responses={200: NoticeAnswer})
    def post(self, request, notice_id):
        services.notice_withdraw(actor=self.actor, at=self.now, notice_id=notice_id, **ReasonBody.read(request))
        return Response(NoticeAnswer(queries.access_notice(self.actor, notice_id)).data)


urlpatterns = [
    path("messages/", MessageList.as_view(), name="api-messages"),
    path("messages/<int:message_id>/", MessageDetail.as_view(), name="api-message"),
    path("messages/<int:message_id>/read/", MessageRead.as_view(), name="api-message-read"),
    path("messages/<int:message_id>/acknowledge/", MessageAcknowledge.as_view(), name="api-message-acknowledge"),
    path("notices/", NoticeList.as_view(), name="api-notices"),
    path("notices/<int:notice_id>/withdraw/", NoticeWithdraw.as_view(), name="api-notice-withdraw"),
]

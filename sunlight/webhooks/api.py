"""Webhooks over the API: an organisation's administrators say where its events are sent."""

from django.urls import path
from drf_spectacular.utils import extend_schema, inline_serializer
from rest_framework import serializers
from rest_framework.response import Response

from sunlight.api.answers import rendered
from sunlight.api.serializers import StrictSerializer, Text, Typed
from sunlight.api.views import Endpoint, paged
from sunlight.webhooks import queries, readers
from sunlight.webhooks.services import webhooks as services
from sunlight.webhooks.workflows import KEEPERS


class WebhookBody(StrictSerializer):
    """`topics`: types of subject, none for all."""

    name = Typed(max_length=80)
    url = Typed(max_length=500, help_text="https 地址，公网域名，端口 443 或 8443")
    topics = serializers.ListField(child=Text(max_length=60), required=False, default=list, max_length=50)


class DisableBody(StrictSerializer):
    reason = Typed(required=False, allow_blank=True, default="", max_length=300)


class WebhookNothingBody(StrictSerializer):
    pass


class WebhookAnswer(serializers.Serializer):
    id = serializers.IntegerField()
    name = serializers.CharField()
    url = serializers.CharField()
    topics = serializers.ListField(child=serializers.CharField())
    state = serializers.CharField()
    created_at = serializers.DateTimeField()
    failing_since = serializers.DateTimeField(allow_null=True)
    disabled_at = serializers.DateTimeField(allow_null=True)
    disable_reason = serializers.CharField()
    old_secret_until = serializers.DateTimeField(allow_null=True)
    version = serializers.IntegerField()


class WebhookWithSecret(WebhookAnswer):
    """`secret` is shown this once."""

    secret = serializers.CharField()


class DeliveryAnswer(serializers.Serializer):
    id = serializers.IntegerField()
    event = serializers.CharField(source="event.name")
    subject_type = serializers.CharField(source="event.subject_type")
    subject_id = serializers.IntegerField(source="event.subject_id")
    sequence = serializers.IntegerField()
    state = serializers.CharField()
    attempts = serializers.IntegerField()
    next_try_at = serializers.DateTimeField()
    tried_at = serializers.DateTimeField(allow_null=True)
    last_status = serializers.IntegerField(allow_null=True)
    last_error = serializers.CharField()


def _page_of(item):
    address = serializers.URLField(allow_null=True)
    return inline_serializer(f"{item.__name__}Page", {"next": address, "previous": address, "results": item(many=True)})


def _with_secret(webhook, secret: str) -> dict:
    return WebhookAnswer(webhook).data | {"secret": secret}


class WebhookList(Endpoint):
    step_up = frozenset({"POST"})
    roles = {"GET": readers.WEBHOOKS, "POST": KEEPERS}
    tells_secret = True

    @extend_schema(summary="推送地址", responses={200: _page_of(WebhookAnswer)})
    def get(self, request):
        return paged(self, request, queries.webhooks_visible_to(self.actor), rendered(WebhookAnswer))

    @extend_schema(
        summary="登记推送地址；签名密钥只给出这一次", request=WebhookBody, responses={201: WebhookWithSecret}
    )
    def post(self, request):
        made, secret = services.webhook_register(actor=self.actor, at=self.now, **WebhookBody.read(request))
        return Response(_with_secret(made, secret), status=201)


class WebhookDetail(Endpoint):
    step_up = frozenset({"PUT"})
    locked = staticmethod(queries.lock_webhook)
    roles = {"GET": readers.WEBHOOKS, "PUT": KEEPERS}

    @extend_schema(summary="一个推送地址", responses={200: WebhookAnswer})
    def get(self, request, webhook_id):
        return Response(WebhookAnswer(queries.access_webhook(self.actor, webhook_id)).data)

    @extend_schema(summary="修改推送地址", request=WebhookBody, responses={200: WebhookAnswer})
    def put(self, request, webhook_id):
        body = WebhookBody.read(request)
        changed = services.webhook_change(actor=self.actor, at=self.now, webhook_id=webhook_id, **body)
        return Response(WebhookAnswer(changed).data)


class WebhookRotate(Endpoint):
    step_up = frozenset({"POST"})
    locked = staticmethod(queries.lock_webhook)
    roles = {"POST": KEEPERS}
    tells_secret = True

    @extend_schema(
        summary="轮换签名密钥；旧密钥 24 小时内继续签名", request=WebhookNothingBody, responses={200: WebhookWithSecret}
    )
    def post(self, request, webhook_id):
        WebhookNothingBody.read(request)
        webhook, secret = services.webhook_rotate(actor=self.actor, at=self.now, webhook_id=webhook_id)
        return Response(_with_secret(webhook, secret))


class WebhookDisable(Endpoint):
    locked = staticmethod(queries.lock_webhook)
    roles = {"POST": KEEPERS}

    @extend_schema(summary="停用", request=DisableBody, responses={200: WebhookAnswer})
    def post(self, request, webhook_id):
        body = DisableBody.read(request)
        done = services.webhook_disable(actor=self.actor, at=self.now, webhook_id=webhook_id, **body)
        return Response(WebhookAnswer(done).data)


class WebhookEnable(Endpoint):
    locked = staticmethod(queries.lock_webhook)
    roles = {"POST": KEEPERS}

    @extend_schema(summary="重新启用，补发停用期间的事件", request=WebhookNothingBody, responses={200: WebhookAnswer})
    def post(self, request, webhook_id):
        WebhookNothingBody.read(request)
        done = services.webhook_enable(actor=self.actor, at=self.now, webhook_id=webhook_id)
        return Response(WebhookAnswer(done).data)


class WebhookTest(Endpoint):
    roles = {"POST": KEEPERS}

    @extend_schema(summary="发送测试事件", request=WebhookNothingBody, responses={202: WebhookAnswer})
    def post(self, request, webhook_id):
        WebhookNothingBody.read(request)
        asked = services.webhook_test(actor=self.actor, at=self.now, webhook_id=webhook_id)
        return Response(WebhookAnswer(asked).data, status=202)


class WebhookDeliveries(Endpoint):
    roles = {"GET": readers.WEBHOOKS}

    @extend_schema(
        operation_id="webhooks_deliveries_list", summary="投递记录", responses={200: _page_of(DeliveryAnswer)}
    )
    def get(self, request, webhook_id):
        rows = queries.deliveries_of(queries.access_webhook(self.actor, webhook_id))
        return paged(self, request, rows, rendered(DeliveryAnswer))


class WebhookRedeliver(Endpoint):
    roles = {"POST": KEEPERS}

    @extend_schema(summary="再次投递", request=WebhookNothingBody, responses={202: DeliveryAnswer})
    def post(self, request, delivery_id):
        WebhookNothingBody.read(request)
        asked = services.webhook_redeliver(actor=self.actor, at=self.now, delivery_id=delivery_id)
        return Response(DeliveryAnswer(asked).data, status=202)


urlpatterns = [
    path("webhooks/", WebhookList.as_view(), name="api-webhooks"),
    path("webhooks/<int:webhook_id>/", WebhookDetail.as_view(), name="api-webhook"),
    path("webhooks/<int:webhook_id>/rotate/", WebhookRotate.as_view(), name="api-webhook-rotate"),
    path("webhooks/<int:webhook_id>/disable/", WebhookDisable.as_view(), name="api-webhook-disable"),
    path("webhooks/<int:webhook_id>/enable/", WebhookEnable.as_view(), name="api-webhook-enable"),
    path("webhooks/<int:webhook_id>/test/", WebhookTest.as_view(), name="api-webhook-test"),
    path("webhooks/<int:webhook_id>/deliveries/", WebhookDeliveries.as_view(), name="api-webhook-deliveries"),
    path("webhook-deliveries/<int:delivery_id>/redeliver/", WebhookRedeliver.as_view(), name="api-webhook-redeliver"),
]

"""One's saved views of lists over the API."""

from django.urls import path
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from sunlight.api.answers import page_of
from sunlight.api.serializers import StrictSerializer
from sunlight.api.views import Endpoint, paged
from sunlight.saved_views.queries import views_of
from sunlight.saved_views.services import LONGEST_NAME, LONGEST_QUERY, view_delete, view_save
from sunlight.scope.readers import EVERY_ROLE


class ViewRequest(StrictSerializer):
    list = serializers.CharField(max_length=60, help_text="列表，如 procurement.orders")
    name = serializers.CharField(max_length=LONGEST_NAME)
    query = serializers.CharField(
        max_length=LONGEST_QUERY, allow_blank=True, help_text="列表地址“?”之后的部分，如 state=PLACED&sort=-placed_at"
    )
    is_default = serializers.BooleanField(default=False, help_text="打开列表时默认使用")


class ViewAnswer(serializers.Serializer):
    id = serializers.IntegerField()
    list = serializers.CharField()
    name = serializers.CharField()
    query = serializers.CharField(allow_blank=True)
    is_default = serializers.BooleanField()
    saved_at = serializers.DateTimeField()


def view_answer(view) -> dict:
    return {"list": view.list_key} | {
        name: getattr(view, name) for name in ("id", "name", "query", "is_default", "saved_at")
    }


class ViewList(Endpoint):
    """One's own views, newest first; the same name again replaces."""

    roles = {"GET": EVERY_ROLE, "POST": EVERY_ROLE}

    @extend_schema(summary="列表视图", parameters=[OpenApiParameter("list", str)], responses={200: page_of(ViewAnswer)})
    def get(self, request):
        rows = views_of(self.actor, request.query_params.get("list", "").replace("\x00", "")[:60])
        return paged(self, request, rows, view_answer)

    @extend_schema(summary="保存列表视图", request=ViewRequest, responses={201: ViewAnswer})
    def post(self, request):
        asked = ViewRequest.read(request)
        view = view_save(actor=self.actor, at=self.now, list_key=asked.pop("list"), **asked)
        return Response(view_answer(view), status=201)


class ViewDetail(Endpoint):
    roles = {"DELETE": EVERY_ROLE}

    @extend_schema(summary="删除列表视图", responses={204: None})
    def delete(self, request, view_id: int):
        view_delete(actor=self.actor, at=self.now, view_id=view_id)
        return Response(status=204)


routes = [
    path("saved-views/", ViewList.as_view(), name="api-saved-views"),
    path("saved-views/<int:view_id>/", ViewDetail.as_view(), name="api-saved-view"),
]

"""The code feed over the API."""

from django.urls import path
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers as s
from rest_framework.response import Response

from pricing import readers
from pricing.queries.feeds import changes_after
from sunlight.api.views import Endpoint, Paging


class FeedMaker(s.Serializer):
    credit_code = s.CharField()
    name = s.CharField()


class FeedListing(s.Serializer):
    number = s.CharField()
    state = s.CharField()
    opened_on = s.DateField()
    closed_on = s.DateField(allow_null=True)
    price_group = s.IntegerField()
    manufacturer = FeedMaker()
    certificate_valid_until = s.DateField(allow_null=True)


class FeedPrice(s.Serializer):
    price = s.CharField()
    valid_from = s.DateField()


class CodeChangeAnswer(s.Serializer):
    """The whole state of a code; `is_gone`: retired (`replaced_by` where another took its place) or no longer listed."""

    sequence = s.IntegerField()
    is_gone = s.BooleanField()
    changed_at = s.DateTimeField()
    code = s.CharField()
    generic_code = s.CharField()
    kind = s.CharField()
    is_retired = s.BooleanField()
    replaced_by = s.CharField()
    product_name = s.CharField()
    producer_name = s.CharField()
    registration_number = s.CharField()
    specification = s.CharField()
    model = s.CharField()
    udi_di = s.CharField()
    listing = FeedListing()
    pricing_unit = s.CharField()
    listed_price = FeedPrice(allow_null=True)


class CodeFeedAnswer(s.Serializer):
    next = s.CharField(help_text="下次请求的 after；没有变化时也给出")
    has_more = s.BooleanField()
    results = CodeChangeAnswer(many=True)


class CodeFeed(Endpoint):
    """Codes of this platform that changed, each once at its last change, oldest first. Keep `next` and continue from
    there."""

    roles = {"GET": readers.CODE_FEED}

    @extend_schema(
        operation_id="feeds_codes_list",
        summary="编码与挂网价变更（供院内系统同步）",
        parameters=[
            OpenApiParameter("after", str, description="上一次应答的 next；首次不填"),
            OpenApiParameter("limit", {"type": "integer", "minimum": 1, "maximum": 500, "default": 50}),
        ],
        responses={200: CodeFeedAnswer},
    )
    def get(self, request):
        limit = Paging().get_page_size(request)
        page = changes_after(self.actor, request.query_params.get("after", ""), limit)
        return Response({"next": page.next, "has_more": page.has_more, "results": [_change(row) for row in page.rows]})


def _change(row) -> dict:
    return {"sequence": row.sequence, "is_gone": row.is_gone, "changed_at": row.changed_at, **row.facts}


routes = [path("feeds/codes/", CodeFeed.as_view(), name="api-feed-codes")]

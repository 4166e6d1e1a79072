"""What a hospital's yearly shares are measured by, over the API; and how much of the share without reference price is used."""

from functools import partial

from django.urls import path
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers as s
from rest_framework.parsers import MultiPartParser
from rest_framework.response import Response

from procurement import readers
from procurement.bargaining.queries.products import organisation
from procurement.contracts.api.bodies import Nothing, Reason
from procurement.filing import queries
from procurement.filing.services import year_bases as services
from procurement.filing.workflows import YEAR_BASE
from procurement.ordering.services.shares import share_now
from sunlight.api.answers import Party, page_of, rendered
from sunlight.api.moves import move_endpoint
from sunlight.api.serializers import StrictSerializer, Typed
from sunlight.api.views import Endpoint, paged
from sunlight.kernel.reading import whole_or
from sunlight.scope import Role

STATING = frozenset(Role(role) for role in YEAR_BASE.move("state").by)
DECIDING = frozenset(Role(role) for role in YEAR_BASE.move("confirm").by)


class YearBaseRow(s.Serializer):
    id = s.IntegerField()
    number = s.CharField()
    hospital = Party()
    year = s.IntegerField()
    amount_fen = s.IntegerField()
    document = s.CharField()
    file = s.IntegerField(source="file_id")
    state = s.CharField()
    state_label = s.CharField(source="get_state_display")
    stated_at = s.DateTimeField()
    decided_at = s.DateTimeField(allow_null=True)
    note = s.CharField()
    version = s.IntegerField()


YearBasesPage = page_of(YearBaseRow)


class YearShare(s.Serializer):
    """Amounts in fen. `is_capped` false: no text caps the hospital's share today, all else is null."""

    is_capped = s.BooleanField()
    year = s.IntegerField(allow_null=True)
    year_total_fen = s.IntegerField(allow_null=True)
    year_total_is = s.CharField(allow_null=True)
    used_fen = s.IntegerField(allow_null=True)
    cap = s.CharField(allow_null=True)
    clause = s.CharField(allow_null=True)


class YearBaseBody(StrictSerializer):
    """The budget in CNY as text, and the approving document as PDF or picture."""

    year = Typed(max_length=4)
    amount = Typed(max_length=20)
    document = Typed(max_length=100)
    file = s.FileField(allow_empty_file=True)


class YearBaseList(Endpoint):
    roles = {"GET": readers.YEAR_BASES, "POST": STATING}
    parser_classes = [MultiPartParser]

    @extend_schema(
        summary="年度采购预算申报列表", parameters=[OpenApiParameter("year", int)], responses={200: YearBasesPage}
    )
    def get(self, request):
        rows = queries.year_bases_visible_to(self.actor)
        year = whole_or(request.query_params.get("year"), None)
        return paged(self, request, rows if year is None else rows.filter(year=year), rendered(YearBaseRow))

    @extend_schema(
        summary="申报年度采购预算", request={"multipart/form-data": YearBaseBody}, responses={201: YearBaseRow}
    )
    def post(self, request):
        body = YearBaseBody.read(request)
        file = body.pop("file")
        made = services.year_base_state(actor=self.actor, at=self.now, name=file.name, content=file.read(), **body)
        return Response(YearBaseRow(made).data, status=201)


class YearBaseUsage(Endpoint):
    """The own hospital's year of products without a reference price, over all platforms (SZ20-5.2.1d)."""

    roles = {"GET": readers.YEAR_SHARES}

    @extend_schema(summary="无参考价产品年度占比", responses={200: YearShare})
    def get(self, request):
        hospital = organisation(self.actor.organisation_id)
        share = share_now(actor=self.actor, at=self.now, hospital=hospital)
        if share is None:
            return Response(YearShare(dict.fromkeys(YearShare().fields) | {"is_capped": False}).data)
        base, decision = share.base, share.decision
        answer = {
            "is_capped": True,
            "year": share.year,
            "year_total_fen": base.amount_fen if base else None,
            "year_total_is": base.source if base else None,
            "used_fen": share.used_fen,
            "cap": f"{decision.outcome['cap']:.2f}" if decision else None,
            "clause": share.ratio.clause,
        }
        return Response(YearShare(answer).data)


_move = partial(
    move_endpoint,
    by=DECIDING,
    schema=YearBaseRow,
    answer=lambda view, moved: YearBaseRow(queries.access_year_base(view.actor, moved.id)).data,
    lock=lambda actor, base_id: queries.lock_year_base(queries.access_year_base(actor, base_id).id),
)
YearBaseConfirm = _move(services.year_base_confirm, summary="确认年度采购预算", body=Nothing, step_up=True)
YearBaseRefuse = _move(services.year_base_refuse, summary="不予确认年度采购预算", body=Reason)

routes = [
    path("year-bases/", YearBaseList.as_view(), name="api-year-bases"),
    path("year-bases/usage/", YearBaseUsage.as_view(), name="api-year-base-usage"),
    path("year-bases/<int:base_id>/confirm/", YearBaseConfirm.as_view(), name="api-year-base-confirm"),
    path("year-bases/<int:base_id>/refuse/", YearBaseRefuse.as_view(), name="api-year-base-refuse"),
]

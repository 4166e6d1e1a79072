"""Bank statements of the supervised account, over the API; the operator's settler only."""

from django.urls import path
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.parsers import MultiPartParser
from rest_framework.response import Response

from settlement import readers
from settlement.api import render
from settlement.api.invoices import state_of
from settlement.queries import bank as queries
from settlement.services.bank import bank_statement_import, statement_line_assign
from settlement.workflows import StatementLineState
from sunlight.api.answers import page_of, rendered
from sunlight.api.serializers import StrictSerializer, Typed, TypedId
from sunlight.api.views import Endpoint, paged
from sunlight.scope import Role

SETTLERS = frozenset({Role.OPERATOR_SETTLER})


class StatementUpload(StrictSerializer):
    """The bank's CSV as it is; docs/formats.md has the form."""

    file = serializers.FileField(allow_empty_file=True)


class AssignBody(StrictSerializer):
    """For money in the hospital's id, for money out the number of the payment it confirms."""

    organisation = TypedId(required=False, allow_null=True, default=None)
    payment = Typed(required=False, allow_blank=True, default="", max_length=20)
    reason = Typed(max_length=300)


class BankStatementList(Endpoint):
    roles = {"GET": readers.BANK, "POST": SETTLERS}
    parser_classes = [MultiPartParser]

    @extend_schema(summary="银行对账单列表", responses={200: page_of(render.BankStatementAnswer)})
    def get(self, request):
        return paged(self, request, queries.statements_visible_to(self.actor), rendered(render.BankStatementAnswer))

    @extend_schema(
        summary="导入银行对账单",
        request={"multipart/form-data": StatementUpload},
        responses={201: render.BankStatementAnswer},
    )
    def post(self, request):
        file = StatementUpload.read(request)["file"]
        taken = bank_statement_import(actor=self.actor, at=self.now, name=file.name, content=file.read())
        return Response(render.BankStatementAnswer(queries.access_statement(self.actor, taken.id)).data, status=201)


class BankLineList(Endpoint):
    """Bookings, newest first; `state=UNIDENTIFIED` for those that wait for a person."""

    roles = {"GET": readers.BANK}

    @extend_schema(
        summary="银行流水", parameters=[OpenApiParameter("state", str)], responses={200: page_of(render.BankLineAnswer)}
    )
    def get(self, request):
        rows = queries.lines_visible_to(self.actor, state=state_of(request, StatementLineState))
        return paged(self, request, rows, rendered(render.BankLineAnswer))


class BankLineAssign(Endpoint):
    roles = {"POST": SETTLERS}

    @extend_schema(summary="认领银行流水", request=AssignBody, responses={200: render.BankLineAnswer})
    def post(self, request, line_id):
        body = AssignBody.read(request)
        line = statement_line_assign(
            actor=self.actor,
            at=self.now,
            line_id=line_id,
            reason=body["reason"],
            organisation_id=body["organisation"],
            payment_number=body["payment"],
        )
        return Response(render.BankLineAnswer(line).data)


routes = [
    path("bank-statements/", BankStatementList.as_view(), name="api-bank-statements"),
    path("bank-lines/", BankLineList.as_view(), name="api-bank-lines"),
    path("bank-lines/<int:line_id>/assign/", BankLineAssign.as_view(), name="api-bank-line-assign"),
]

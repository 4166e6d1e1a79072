"""Bank statements of the supervised account, over the API; the operator's settlers only. Whoever imported one does not
confirm it: confirm, assign and return are made by another person."""

from django.urls import path
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.parsers import MultiPartParser
from rest_framework.response import Response

from settlement import readers
from settlement.api import render
from settlement.api.invoices import state_of
from settlement.queries import bank as queries
from settlement.queries.views import statement_view
from settlement.services.bank import bank_statement_confirm, bank_statement_import, bank_statement_reject
from settlement.services.bank_lines import statement_line_assign, statement_line_propose, statement_line_send_back
from settlement.services.notices import bank_notices_import
from settlement.services.returns import payment_return_confirm, payment_return_propose, payment_return_refuse
from settlement.workflows.states import ReturnState, StatementLineState, StatementState
from sunlight.api.answers import page_of, rendered
from sunlight.api.moves import move_endpoint
from sunlight.api.serializers import StrictSerializer, Typed, TypedId
from sunlight.api.views import Endpoint, paged
from sunlight.scope import Role

SETTLERS = frozenset({Role.OPERATOR_SETTLER})


class StatementUpload(StrictSerializer):
    """The bank's file as it is, CSV or ISO 20022; docs/formats.md has the forms."""

    file = serializers.FileField(allow_empty_file=True)


class StatementConfirmBody(StrictSerializer):
    """`digest` of the statement as it was read, `acknowledged` the amount asked for where it is above a ceiling."""

    digest = Typed(max_length=64)
    acknowledged = Typed(required=False, allow_blank=True, default="", max_length=40)
    note = Typed(required=False, allow_blank=True, default="", max_length=300)


class BankReasonBody(StrictSerializer):
    reason = Typed(max_length=300)


class LineProposeBody(StrictSerializer):
    """For money in the hospital's id, or for what came back the number of the payment; for money out the number of the
    payment it confirms. For what an issuer pays back, the number of its red invoice."""

    organisation = TypedId(required=False, allow_null=True, default=None)
    payment = Typed(required=False, allow_blank=True, default="", max_length=20)
    red_invoice = Typed(required=False, allow_blank=True, default="", max_length=20)
    reason = Typed(max_length=300)


class LineAssignBody(StrictSerializer):
    """What was checked; `acknowledged` the amount where it is above the ceiling."""

    reason = Typed(max_length=300)
    acknowledged = Typed(required=False, allow_blank=True, default="", max_length=40)


class PaymentReturnBody(StrictSerializer):
    """The bank's notice that it refused the payment, and its code."""

    reason = Typed(max_length=300)
    code = Typed(required=False, allow_blank=True, default="", max_length=8)


class ReturnNoteBody(StrictSerializer):
    note = Typed(required=False, allow_blank=True, default="", max_length=300)


def _lock_statement(actor, statement_id):
    return queries.access_statement(actor, statement_id, lock=True)


def _statement(view, statement) -> dict:
    return render.BankStatementAnswer(queries.access_statement(view.actor, statement.id)).data


def _line(view, line) -> dict:
    return render.BankLineAnswer(line).data


def _return(view, found) -> dict:
    return render.PaymentReturnAnswer(found).data


class BankStatementList(Endpoint):
    roles = {"GET": readers.BANK, "POST": SETTLERS}
    parser_classes = [MultiPartParser]

    @extend_schema(
        summary="银行对账单列表",
        parameters=[OpenApiParameter("state", str)],
        responses={200: page_of(render.BankStatementAnswer)},
    )
    def get(self, request):
        rows = queries.statements_visible_to(self.actor, state=state_of(request, StatementState))
        return paged(self, request, rows, rendered(render.BankStatementAnswer))

    @extend_schema(
        summary="导入银行对账单（待另一位结算员确认）",
        request={"multipart/form-data": StatementUpload},
        responses={201: render.BankStatementAnswer},
    )
    def post(self, request):
        file = StatementUpload.read(request)["file"]
        taken = bank_statement_import(actor=self.actor, at=self.now, name=file.name, content=file.read())
        return Response(_statement(self, taken), status=201)


class BankStatementDetail(Endpoint):
    """A statement with what each of its bookings would do, and the digest to confirm it by."""

    roles = {"GET": readers.BANK}

    @extend_schema(summary="银行对账单与入账计划", responses={200: render.BankStatementPlanAnswer})
    def get(self, request, statement_id):
        return Response(render.BankStatementPlanAnswer(statement_view(self.actor, statement_id)).data)


BankStatementConfirm = move_endpoint(
    bank_statement_confirm,
    SETTLERS,
    "确认对账单入账",
    body=StatementConfirmBody,
    schema=render.BankStatementAnswer,
    answer=_statement,
    lock=_lock_statement,
    step_up=True,
)
BankStatementReject = move_endpoint(
    bank_statement_reject,
    SETTLERS,
    "拒收对账单",
    body=BankReasonBody,
    schema=render.BankStatementAnswer,
    answer=_statement,
    lock=_lock_statement,
)


class BankNoticeList(Endpoint):
    """Notifications of the bank (camt.054): they book nothing and complete the statement's bookings."""

    roles = {"POST": SETTLERS}
    parser_classes = [MultiPartParser]

    @extend_schema(
        summary="导入银行入账通知（camt.054）",
        request={"multipart/form-data": StatementUpload},
        responses={201: render.BankNoticesAnswer},
    )
    def post(self, request):
        file = StatementUpload.read(request)["file"]
        count = bank_notices_import(actor=self.actor, at=self.now, name=file.name, content=file.read())
        return Response({"taken": count}, status=201)


class BankLineList(Endpoint):
    """Bookings, newest first; `state=UNIDENTIFIED` for those that wait for a proposal, `PROPOSED` for a second person."""

    roles = {"GET": readers.BANK}

    @extend_schema(
        summary="银行流水", parameters=[OpenApiParameter("state", str)], responses={200: page_of(render.BankLineAnswer)}
    )
    def get(self, request):
        rows = queries.lines_visible_to(self.actor, state=state_of(request, StatementLineState))
        return paged(self, request, rows, rendered(render.BankLineAnswer))


class BankLinePropose(Endpoint):
    roles = {"POST": SETTLERS}

    @extend_schema(summary="提出认领银行流水", request=LineProposeBody, responses={200: render.BankLineAnswer})
    def post(self, request, line_id):
        body = LineProposeBody.read(request)
        line = statement_line_propose(
            actor=self.actor,
            at=self.now,
            line_id=line_id,
            reason=body["reason"],
            organisation_id=body["organisation"],
            payment_number=body["payment"],
            red_number=body["red_invoice"],
        )
        return Response(render.BankLineAnswer(line).data)


BankLineAssign = move_endpoint(
    statement_line_assign,
    SETTLERS,
    "复核认领银行流水",
    body=LineAssignBody,
    schema=render.BankLineAnswer,
    answer=_line,
    step_up=True,
)
BankLineSendBack = move_endpoint(
    statement_line_send_back,
    SETTLERS,
    "退回认领提议",
    body=BankReasonBody,
    schema=render.BankLineAnswer,
    answer=_line,
)


class PaymentReturnList(Endpoint):
    """Payments that the bank sent back, or of which a settler says so; newest first."""

    roles = {"GET": readers.RETURNS}

    @extend_schema(
        summary="退汇列表",
        parameters=[OpenApiParameter("state", str)],
        responses={200: page_of(render.PaymentReturnAnswer)},
    )
    def get(self, request):
        rows = queries.returns_visible_to(self.actor, state=state_of(request, ReturnState))
        return paged(self, request, rows, rendered(render.PaymentReturnAnswer))


PaymentReturnPropose = move_endpoint(
    payment_return_propose,
    SETTLERS,
    "提出银行退回付款（未入账）",
    body=PaymentReturnBody,
    schema=render.PaymentReturnAnswer,
    answer=_return,
)
PaymentReturnConfirm = move_endpoint(
    payment_return_confirm,
    SETTLERS,
    "复核银行退回付款",
    body=ReturnNoteBody,
    schema=render.PaymentReturnAnswer,
    answer=_return,
    step_up=True,
)
PaymentReturnRefuse = move_endpoint(
    payment_return_refuse,
    SETTLERS,
    "不采纳银行退回付款",
    body=BankReasonBody,
    schema=render.PaymentReturnAnswer,
    answer=_return,
)


_STATEMENT, _LINE, _RETURN = "bank-statements/<int:statement_id>/", "bank-lines/<int:line_id>/", "payment-returns/"
routes = [
    path("bank-statements/", BankStatementList.as_view(), name="api-bank-statements"),
    path(_STATEMENT, BankStatementDetail.as_view(), name="api-bank-statement"),
    path(_STATEMENT + "confirm/", BankStatementConfirm.as_view(), name="api-bank-statement-confirm"),
    path(_STATEMENT + "reject/", BankStatementReject.as_view(), name="api-bank-statement-reject"),
    path("bank-notices/", BankNoticeList.as_view(), name="api-bank-notices"),
    path("bank-lines/", BankLineList.as_view(), name="api-bank-lines"),
    path(_LINE + "propose/", BankLinePropose.as_view(), name="api-bank-line-propose"),
    path(_LINE + "assign/", BankLineAssign.as_view(), name="api-bank-line-assign"),
    path(_LINE + "send-back/", BankLineSendBack.as_view(), name="api-bank-line-send-back"),
    path(_RETURN, PaymentReturnList.as_view(), name="api-payment-returns"),
    path("payments/<int:payment_id>/return/", PaymentReturnPropose.as_view(), name="api-payment-return-propose"),
    path(_RETURN + "<int:return_id>/confirm/", PaymentReturnConfirm.as_view(), name="api-payment-return-confirm"),
    path(_RETURN + "<int:return_id>/refuse/", PaymentReturnRefuse.as_view(), name="api-payment-return-refuse"),
]

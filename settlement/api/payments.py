"""Payment runs, payments, the ledger's accounts and monthly statements, over the API."""

from datetime import datetime

from django.urls import path
from django.utils.dateparse import parse_datetime
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from settlement import readers
from settlement.api import render
from settlement.api.invoices import state_of
from settlement.queries import ledger, statements
from settlement.queries import payments as queries
from settlement.services.runs import run_approve, run_prepare, run_reject
from settlement.workflows.states import PaymentState, RunState
from sunlight.api.answers import page_of, rendered
from sunlight.api.serializers import Number, StrictSerializer, Typed, TypedId
from sunlight.api.views import Endpoint, paged
from sunlight.journal.refusals import Invalid
from sunlight.kernel import reading
from sunlight.scope import Role

CASHIERS = frozenset({Role.HOSPITAL_FINANCE})


def _lock_run(actor, run_id):
    return queries.access_run(actor, run_id, lock=True)


class PartBody(StrictSerializer):
    """How much of a payable is settled now, CNY as text."""

    payable = TypedId()
    amount = Number()


class RunBody(StrictSerializer):
    """Ids of the payables to settle: all that is open of each, or the part in `amounts`. `overpayments` are ids of what
    issuers owe back: each is set against the payables of its payee, the first due first, and the rest is paid."""

    payables = serializers.ListField(child=TypedId(), min_length=1, max_length=1000)
    amounts = PartBody(many=True, required=False, default=(), max_length=1000)
    overpayments = serializers.ListField(child=TypedId(), required=False, default=(), max_length=100)


class RunApproveBody(StrictSerializer):
    note = Typed(required=False, allow_blank=True, default="", max_length=300)


class RunRejectBody(StrictSerializer):
    reason = Typed(max_length=300)


class RunList(Endpoint):
    roles = {"GET": readers.RUNS, "POST": CASHIERS}

    @extend_schema(
        summary="付款批次列表",
        parameters=[OpenApiParameter("state", str)],
        responses={200: page_of(render.RunAnswer)},
    )
    def get(self, request):
        rows = queries.runs_visible_to(self.actor, state=state_of(request, RunState))
        return paged(self, request, rows, rendered(render.RunAnswer))

    @extend_schema(summary="编制付款批次", request=RunBody, responses={201: render.RunDetailAnswer})
    def post(self, request):
        body = RunBody.read(request)
        run = run_prepare(
            actor=self.actor,
            at=self.now,
            payable_ids=body["payables"],
            amounts=body["amounts"],
            overpayment_ids=body["overpayments"],
        )
        return Response(render.RunDetailAnswer(run).data, status=201)


class RunDetail(Endpoint):
    """A run and how far its payments are."""

    roles = {"GET": readers.RUNS}

    @extend_schema(summary="付款批次与进度", responses={200: render.RunDetailAnswer})
    def get(self, request, run_id):
        return Response(render.RunDetailAnswer(queries.access_run(self.actor, run_id)).data)


class RunApprove(Endpoint):
    """Approval by a second person. The payments are made after this is committed: ask the run for the progress."""

    locked = staticmethod(_lock_run)
    roles = {"POST": CASHIERS}
    step_up = frozenset({"POST"})

    @extend_schema(summary="复核付款批次", request=RunApproveBody, responses={202: render.RunAnswer})
    def post(self, request, run_id):
        run = run_approve(actor=self.actor, at=self.now, run_id=run_id, **RunApproveBody.read(request))
        return Response(render.RunAnswer(run).data, status=202)


class RunReject(Endpoint):
    locked = staticmethod(_lock_run)
    roles = {"POST": CASHIERS}

    @extend_schema(summary="驳回付款批次", request=RunRejectBody, responses={200: render.RunAnswer})
    def post(self, request, run_id):
        run = run_reject(actor=self.actor, at=self.now, run_id=run_id, **RunRejectBody.read(request))
        return Response(render.RunAnswer(run).data)


class PaymentList(Endpoint):
    roles = {"GET": readers.PAYMENTS}

    @extend_schema(
        summary="付款列表",
        parameters=[OpenApiParameter("state", str), OpenApiParameter("run", int)],
        responses={200: page_of(render.PaymentAnswer)},
    )
    def get(self, request):
        run_id = reading.row_id(request.query_params.get("run"), "run", "付款批次（run）", required=False)
        rows = queries.payments_visible_to(self.actor, state=state_of(request, PaymentState), run_id=run_id)
        return paged(self, request, rows, rendered(render.PaymentAnswer))


class AccountList(Endpoint):
    """The organisation's accounts in the ledger; the operator's and regulators' view is the platform's."""

    roles = {"GET": readers.ACCOUNTS}

    @extend_schema(summary="账户余额", responses={200: page_of(render.AccountAnswer)})
    def get(self, request):
        return paged(self, request, ledger.accounts_visible_to(self.actor), rendered(render.AccountAnswer))


class MonthlyStatement(Endpoint):
    """The organisation's own statement of a month; the same month and `known_until` give the same statement for ever."""

    roles = {"GET": readers.STATEMENTS}

    @extend_schema(
        summary="对账单",
        parameters=[OpenApiParameter("known_until", datetime)],
        responses={200: render.StatementAnswer},
    )
    def get(self, request, month):
        known_until = _moment(request.query_params.get("known_until", "")) or self.now
        return Response(render.StatementAnswer(statements.statement_of(self.actor, month, known_until)).data)


def _moment(text: str) -> datetime | None:
    if not text:
        return None
    try:
        moment = parse_datetime(text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise Invalid(
            "moment_invalid", "known_until 应为带时区的时刻，如 2026-08-01T00:00:00+08:00。", field="known_until"
        )
    return moment


routes = [
    path("payment-runs/", RunList.as_view(), name="api-payment-runs"),
    path("payment-runs/<int:run_id>/", RunDetail.as_view(), name="api-payment-run"),
    path("payment-runs/<int:run_id>/approve/", RunApprove.as_view(), name="api-payment-run-approve"),
    path("payment-runs/<int:run_id>/reject/", RunReject.as_view(), name="api-payment-run-reject"),
    path("payments/", PaymentList.as_view(), name="api-payments"),
    path("ledger/accounts/", AccountList.as_view(), name="api-ledger-accounts"),
    path("statements/<str:month>/", MonthlyStatement.as_view(), name="api-statement"),
]

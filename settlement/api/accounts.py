"""Changes of suppliers' bank accounts, over the API."""

from django.urls import path
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.parsers import MultiPartParser
from rest_framework.response import Response

from settlement import readers
from settlement.api import render
from settlement.api.invoices import state_of
from settlement.queries import accounts as queries
from settlement.services.accounts import (
    account_change_approve,
    account_change_ask,
    account_change_confirm,
    account_change_refuse,
    account_change_withdraw,
)
from settlement.workflows.account import FIRM
from settlement.workflows.states import AccountChangeState
from sunlight.api.answers import page_of, rendered
from sunlight.api.moves import move_endpoint
from sunlight.api.serializers import StrictSerializer, Typed
from sunlight.api.views import Endpoint, paged
from sunlight.scope import Role

REVIEWERS = frozenset({Role.OPERATOR_REVIEWER})


class AccountChangeBody(StrictSerializer):
    """The account in the firm's own name, and the bank's proof of it as PDF or picture."""

    bank_name = Typed(max_length=120)
    account_number = Typed(max_length=60)
    reason = Typed(max_length=300)
    proof = serializers.FileField(allow_empty_file=True)


class NoBody(StrictSerializer):
    """Nothing to say."""


class ReasonBody(StrictSerializer):
    reason = Typed(max_length=300)


class AccountChangeList(Endpoint):
    roles = {"GET": readers.ACCOUNT_CHANGES, "POST": FIRM}
    parser_classes = [MultiPartParser]
    step_up = frozenset({"POST"})

    @extend_schema(
        summary="收款账户变更列表",
        parameters=[OpenApiParameter("state", str)],
        responses={200: page_of(render.AccountChangeAnswer)},
    )
    def get(self, request):
        rows = queries.changes_visible_to(self.actor, state=state_of(request, AccountChangeState))
        return paged(self, request, rows, rendered(render.AccountChangeAnswer))

    @extend_schema(
        summary="申请变更收款账户",
        request={"multipart/form-data": AccountChangeBody},
        responses={201: render.AccountChangeAnswer},
    )
    def post(self, request):
        body = AccountChangeBody.read(request)
        file = body.pop("proof")
        change = account_change_ask(actor=self.actor, at=self.now, name=file.name, content=file.read(), **body)
        return Response(render.AccountChangeAnswer(change).data, status=201)


class AccountChangeDetail(Endpoint):
    roles = {"GET": readers.ACCOUNT_CHANGES}

    @extend_schema(summary="收款账户变更", responses={200: render.AccountChangeAnswer})
    def get(self, request, change_id):
        return Response(render.AccountChangeAnswer(queries.access_change(self.actor, change_id)).data)


def _move(service, by, summary, body=NoBody, *, step_up=False):
    return move_endpoint(
        service,
        by,
        summary,
        body=body,
        schema=render.AccountChangeAnswer,
        answer=lambda view, row: render.AccountChangeAnswer(row).data,
        lock=lambda actor, change_id: queries.access_change(actor, change_id, lock=True),
        step_up=step_up,
    ).as_view()


_ONE = "account-changes/<int:change_id>/"
routes = [
    path("account-changes/", AccountChangeList.as_view(), name="api-account-changes"),
    path(_ONE, AccountChangeDetail.as_view(), name="api-account-change"),
    path(
        f"{_ONE}confirm/",
        _move(account_change_confirm, FIRM, "复核收款账户变更", step_up=True),
        name="api-account-change-confirm",
    ),
    path(
        f"{_ONE}approve/",
        _move(account_change_approve, REVIEWERS, "核实收款账户变更", step_up=True),
        name="api-account-change-approve",
    ),
    path(
        f"{_ONE}refuse/",
        _move(account_change_refuse, REVIEWERS, "不予变更收款账户", ReasonBody),
        name="api-account-change-refuse",
    ),
    path(
        f"{_ONE}withdraw/",
        _move(account_change_withdraw, FIRM, "撤回收款账户变更", ReasonBody),
        name="api-account-change-withdraw",
    ),
]

"""Declarations of other provinces' prices over the API."""

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from pricing import readers
from pricing.api.answers import DECLARATION, declaration_answer
from pricing.queries.declared import access_declaration, declarations_visible_to, declared_rows, lock_declaration
from pricing.rules.commitment import CURRENT_VERSION
from pricing.services.declarations import declaration_confirm, declaration_reject, declaration_submit
from pricing.workflows import DeclarationState
from sunlight.api.schema import page_schema
from sunlight.api.serializers import Number, RowId, StrictSerializer, Text, Typed, WholeNumber
from sunlight.api.views import Endpoint, paged
from sunlight.journal.refusals import Invalid
from sunlight.scope.roles import Role

CONFIRMERS = frozenset({Role.OPERATOR_CONFIRMER})


class PriceRow(StrictSerializer):
    """One province's price as published there."""

    province = Typed(help_text="省份：国标六位代码或名称")
    price = Number(help_text="该省平台价，按所填单位计")
    unit = Typed(required=False, allow_blank=True, help_text="单位：计价单位或已登记的包装；不填为计价单位")
    factor = WholeNumber(required=False, allow_null=True, help_text="换算系数，填写时须与已登记的包装一致")
    valid_from = Typed(help_text="生效日期，2026-03-01")
    valid_to = Typed(required=False, allow_blank=True, allow_null=True, help_text="截止日期（含），长期有效不填")
    platform_name = Typed(required=False, allow_blank=True, help_text="平台名称")
    evidence = Typed(help_text="依据：公告文号或网址")


class Commitment(StrictSerializer):
    version = Text(help_text=f"承诺书版本，现行 {CURRENT_VERSION}")
    accepted = serializers.BooleanField(help_text="已阅读并承诺")


class DeclarationBody(StrictSerializer):
    price_group = RowId(help_text="计价组")
    commitment = Commitment()
    prices = PriceRow(many=True)


class RejectBody(StrictSerializer):
    reason = Typed(max_length=500, help_text="退回理由")


class ConfirmBody(StrictSerializer):
    note = Typed(max_length=500, required=False, allow_blank=True, help_text="备注")


class DeclarationList(Endpoint):
    """Declarations the caller may see, newest first; a maker's lister adds one."""

    roles = {"GET": readers.DECLARATIONS, "POST": frozenset({Role.SUPPLIER_LISTER})}

    @extend_schema(
        summary="省外价格申报列表",
        parameters=[OpenApiParameter("state", str, enum=DeclarationState.values())],
        responses={200: page_schema(DECLARATION)},
    )
    def get(self, request):
        rows = declarations_visible_to(self.actor)
        if state := request.query_params.get("state"):
            if state not in DeclarationState.values():
                raise Invalid("unknown_state", f"没有状态“{state[:20]}”，请从文档所列状态中选择。", field="state")
            rows = rows.filter(state=state)
        return paged(self, request, rows, lambda row: declaration_answer(row))

    @extend_schema(summary="申报省外价格", request=DeclarationBody, responses={201: DECLARATION})
    def post(self, request):
        body = DeclarationBody.read(request)
        made = declaration_submit(
            actor=self.actor,
            at=self.now,
            price_group_id=body["price_group"],
            rows=body["prices"],
            commits=body["commitment"]["accepted"],
            commitment_version=body["commitment"]["version"],
        )
        return Response(_detail(self.actor, made.id), status=201)


class DeclarationDetail(Endpoint):
    roles = {"GET": readers.DECLARATIONS}

    @extend_schema(summary="省外价格申报", responses={200: DECLARATION})
    def get(self, request, declaration_id: int):
        return Response(_detail(self.actor, declaration_id))


class DeclarationConfirm(Endpoint):
    locked = staticmethod(lock_declaration)
    roles = {"POST": CONFIRMERS}

    @extend_schema(summary="确认价格申报", request=ConfirmBody, responses={200: DECLARATION})
    def post(self, request, declaration_id: int):
        body = ConfirmBody.read(request)
        declaration_confirm(actor=self.actor, at=self.now, declaration_id=declaration_id, note=body.get("note", ""))
        return Response(_detail(self.actor, declaration_id))


class DeclarationReject(Endpoint):
    locked = staticmethod(lock_declaration)
    roles = {"POST": CONFIRMERS}

    @extend_schema(summary="退回价格申报", request=RejectBody, responses={200: DECLARATION})
    def post(self, request, declaration_id: int):
        body = RejectBody.read(request)
        declaration_reject(actor=self.actor, at=self.now, declaration_id=declaration_id, reason=body["reason"])
        return Response(_detail(self.actor, declaration_id))


def _detail(actor, declaration_id: int) -> dict:
    row = access_declaration(actor, declaration_id)
    return declaration_answer(row, declared_rows([row.id])[row.id])

"""Contracts and agreements over the API."""

from django.urls import path
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.response import Response

from procurement.contracts import queries
from procurement.contracts.api import render
from procurement.contracts.services import contracts
from sunlight.api.serializers import StrictSerializer, Text
from sunlight.api.views import Endpoint, paged
from sunlight.scope import Role
from sunlight.scope.clock import business_date

HOSPITAL = {Role.HOSPITAL_BUYER, Role.HOSPITAL_APPROVER, Role.HOSPITAL_AUDITOR, Role.HOSPITAL_REQUESTER}
SUPPLIER = {Role.SUPPLIER_SELLER}
WATCHING = {
    Role.OPERATOR_SUPPORT,
    Role.OPERATOR_REVIEWER,
    Role.OPERATOR_CONFIRMER,
    Role.REGULATOR_OFFICER,
    Role.REGULATOR_CHIEF,
    Role.REGULATOR_AUDITOR,
}
READERS = frozenset(HOSPITAL | SUPPLIER | WATCHING | {Role.HOSPITAL_FINANCE, Role.SUPPLIER_FINANCE})
SELLERS = frozenset({Role.SUPPLIER_SELLER})
SIGNERS = frozenset({Role.HOSPITAL_APPROVER, Role.SUPPLIER_SELLER})


LOCKED_CONTRACT = staticmethod(queries.lock_contract)


class ReasonBody(StrictSerializer):
    reason = Text(max_length=500)


class SignBody(StrictSerializer):
    """The hash of the text that was read: `text_sha256` of the contract."""

    text_sha256 = Text(max_length=64)


class ContractList(Endpoint):
    roles = {"GET": READERS}

    @extend_schema(
        summary="合同列表", parameters=[OpenApiParameter("state", str)], responses={200: render.ContractPage}
    )
    def get(self, request):
        rows = queries.contracts_visible_to(self.actor)
        if state := request.query_params.get("state"):
            rows = rows.filter(state=state)
        return paged(self, request, rows, render.contract_row)


class ContractDetail(Endpoint):
    roles = {"GET": READERS}

    @extend_schema(summary="合同全文与摘要", responses={200: render.Contract})
    def get(self, request, contract_id):
        return Response(render.contract(queries.access_contract(self.actor, contract_id)))


class ContractSign(Endpoint):
    """Sign for one's side: the manufacturer's SELLER, then an APPROVER of the hospital who did not bargain."""

    locked = LOCKED_CONTRACT
    roles = {"POST": SIGNERS}
    step_up = frozenset({"POST"})

    @extend_schema(summary="签署合同", request=SignBody, responses={200: render.Contract})
    def post(self, request, contract_id):
        contracts.contract_sign(actor=self.actor, at=self.now, contract_id=contract_id, **SignBody.read(request))
        return Response(render.contract(queries.access_contract(self.actor, contract_id)))


class ContractEnd(Endpoint):
    locked = LOCKED_CONTRACT
    roles = {"POST": SIGNERS}

    @extend_schema(summary="终止合同", request=ReasonBody, responses={200: render.Contract})
    def post(self, request, contract_id):
        contracts.contract_end(actor=self.actor, at=self.now, contract_id=contract_id, **ReasonBody.read(request))
        return Response(render.contract(queries.access_contract(self.actor, contract_id)))


class AgreementList(Endpoint):
    """Agreed prices; `?in_force=1` only those orders may draw on today."""

    roles = {"GET": READERS}

    @extend_schema(
        summary="协议价", parameters=[OpenApiParameter("in_force", bool)], responses={200: render.AgreementPage}
    )
    def get(self, request):
        on = business_date(self.now)
        only_in_force = request.query_params.get("in_force") in ("1", "true")
        rows = (
            queries.agreements_in_force(self.actor, on) if only_in_force else queries.agreements_visible_to(self.actor)
        )
        return paged(self, request, rows, render.agreement)


# The list's own path is bargaining's, which adds accepting several offers into one contract.
routes = [
    path("contracts/<int:contract_id>/", ContractDetail.as_view(), name="api-contract"),
    path("contracts/<int:contract_id>/sign/", ContractSign.as_view(), name="api-contract-sign"),
    path("contracts/<int:contract_id>/end/", ContractEnd.as_view(), name="api-contract-end"),
    path("agreements/", AgreementList.as_view(), name="api-agreements"),
]

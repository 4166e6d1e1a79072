"""Contracts and agreements over the API."""

from functools import partial

from django.urls import path
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.response import Response

from procurement import readers
from procurement.contracts import queries
from procurement.contracts.api import render
from procurement.contracts.api.bodies import Reason
from procurement.contracts.services import contracts as services
from procurement.contracts.services import terms
from procurement.contracts.workflows import CONTRACT, SIGNERS
from sunlight.api.moves import move_endpoint
from sunlight.api.serializers import StrictSerializer, Text, WholeNumber
from sunlight.api.views import Endpoint, paged
from sunlight.scope import Role
from sunlight.scope.clock import business_date

SELLERS = frozenset({Role.SUPPLIER_SELLER})


class SignBody(StrictSerializer):
    """The hash of the text that was read: `text_sha256` of the contract."""

    text_sha256 = Text(max_length=64)


class TermBody(StrictSerializer):
    """Within how many days from acceptance the hospital pays."""

    payment_days = WholeNumber()


class ContractList(Endpoint):
    roles = {"GET": readers.CONTRACTS}

    @extend_schema(
        summary="合同列表", parameters=[OpenApiParameter("state", str)], responses={200: render.ContractPage}
    )
    def get(self, request):
        rows = queries.contracts_visible_to(self.actor)
        if state := request.query_params.get("state"):
            rows = rows.filter(state=state)
        return paged(self, request, rows, render.contract_row)


class ContractDetail(Endpoint):
    roles = {"GET": readers.CONTRACTS}

    @extend_schema(summary="合同全文与摘要", responses={200: render.Contract})
    def get(self, request, contract_id):
        return Response(render.contract(queries.access_contract(self.actor, contract_id)))


_move = partial(
    move_endpoint,
    by=SIGNERS,
    schema=render.Contract,
    answer=lambda view, moved: render.contract(queries.access_contract(view.actor, moved.id)),
    lock=queries.lock_contract,
)
ContractSign = _move(
    services.contract_sign,
    summary="签署合同",
    body=SignBody,
    step_up=True,
    about="Sign for one's side: the manufacturer's SELLER, then an APPROVER of the hospital who did not bargain.",
)
ContractTerm = _move(
    terms.contract_term_state,
    by=CONTRACT.move("state_term").by,
    summary="约定付款期限（双方签署之前）",
    body=TermBody,
    about="Days from acceptance. The text and its hash change: read the contract again before signing.",
)
ContractEnd = _move(services.contract_end, summary="终止合同", body=Reason)


class AgreementList(Endpoint):
    """Agreed prices; `?in_force=1` only those orders may draw on today."""

    roles = {"GET": readers.AGREEMENTS}

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
    path("contracts/<int:contract_id>/payment-term/", ContractTerm.as_view(), name="api-contract-term"),
    path("contracts/<int:contract_id>/end/", ContractEnd.as_view(), name="api-contract-end"),
    path("agreements/", AgreementList.as_view(), name="api-agreements"),
]

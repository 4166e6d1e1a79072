"""Contracts: the list, the full text with its hash, signing and ending."""

from django.shortcuts import redirect, render
from django.urls import path

from procurement import readers
from procurement.contracts import queries
from procurement.contracts.services import contracts as services
from procurement.contracts.web.lists import CONTRACTS
from procurement.contracts.workflows import SIGNERS, ContractState
from sunlight.journal.refusals import Refused
from sunlight.scope import Role
from sunlight.scope.duties import same_person
from sunlight.web.lists import list_page
from sunlight.web.pages import STATUS_OF_KIND, attempt, clock, page


@page(readers.CONTRACTS)
def contracts(request):
    """Contracts, newest first; `?todo=1` those that await one's own side's signature."""
    return list_page(request, CONTRACTS)


@page(readers.CONTRACTS)
def contract(request, contract_id):
    return _contract_page(request, contract_id)


def _contract_page(request, contract_id, refusal: Refused | None = None):
    found = queries.access_contract(request.actor, contract_id)
    signing = found.state == ContractState.SIGNING
    seller_turn = signing and found.seller_signed_at is None
    is_seller = request.actor.organisation_id == found.seller_id and request.actor.has(Role.SUPPLIER_SELLER)
    is_approver = request.actor.organisation_id == found.buyer_id and request.actor.has(Role.HOSPITAL_APPROVER)
    bargainers = queries.contract_bargainers(found) if is_approver else ()
    bargained = any(same_person(request.actor, each) for each in bargainers)
    context = {
        "contract": found,
        "agreements": found.agreements.all(),
        "may_sign": seller_turn and is_seller or (signing and not seller_turn and is_approver and not bargained),
        "bargained": bargained and signing,
        "waits_for_seller": seller_turn and is_approver,
        "may_order": request.actor.has(Role.HOSPITAL_BUYER) and found.state == ContractState.IN_FORCE,
        "may_end": found.state != ContractState.ENDED and (is_seller or is_approver),
        "refusal": refusal,
    }
    status = STATUS_OF_KIND[refusal.kind] if refusal else 200
    return render(request, "procurement/contract.html", context, status=status)


@page(*SIGNERS, methods=("POST",), step_up=True)
def sign(request, contract_id):
    done, refusal = attempt(
        request,
        lambda: services.contract_sign(
            actor=request.actor,
            at=clock(request),
            contract_id=contract_id,
            text_sha256=request.POST.get("text_sha256", ""),
        ),
        done="已签署。",
    )
    return redirect("procurement:contract", done.id) if done else _contract_page(request, contract_id, refusal)


@page(*SIGNERS, methods=("POST",))
def end(request, contract_id):
    done, refusal = attempt(
        request,
        lambda: services.contract_end(
            actor=request.actor, at=clock(request), contract_id=contract_id, reason=request.POST.get("reason", "")
        ),
        done="合同已终止；已下的订单继续履行。",
    )
    return redirect("procurement:contract", done.id) if done else _contract_page(request, contract_id, refusal)


routes = [
    path("contracts/", contracts, name="contracts"),
    path("contracts/<int:contract_id>/", contract, name="contract"),
    path("contracts/<int:contract_id>/sign/", sign, name="contract_sign"),
    path("contracts/<int:contract_id>/end/", end, name="contract_end"),
]

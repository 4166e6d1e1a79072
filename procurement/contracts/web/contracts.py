"""Contracts: the list, the full text with its hash, signing and ending."""

from django.shortcuts import redirect, render
from django.urls import path

from procurement import readers
from procurement.contracts import queries
from procurement.contracts.services import contracts as services
from procurement.contracts.services import terms
from procurement.contracts.steps import CONTRACT_SIGN
from procurement.contracts.web.lists import CONTRACTS
from procurement.contracts.workflows import CONTRACT, SIGNERS, ContractState
from sunlight.deadlines.queries import deadline_of
from sunlight.journal.refusals import Refused
from sunlight.scope import Role
from sunlight.scope.clock import business_date
from sunlight.scope.duties import same_person
from sunlight.web.lists import list_page
from sunlight.web.pages import STATUS_OF_KIND, attempt, clock, page

TERM_STATERS = CONTRACT.move("state_term").by


@page(readers.CONTRACTS)
def contracts(request):
    """Contracts, newest first; `?todo=1` those that await one's own side's signature."""
    return list_page(request, CONTRACTS)


@page(readers.CONTRACTS)
def contract(request, contract_id):
    return _contract_page(request, contract_id)


def _contract_page(request, contract_id, refusal: Refused | None = None, typed: str | None = None):
    found = queries.access_contract(request.actor, contract_id)
    signing = found.state == ContractState.SIGNING
    seller_turn = signing and found.seller_signed_at is None
    is_seller = request.actor.organisation_id == found.seller_id and request.actor.has(Role.SUPPLIER_SELLER)
    is_approver = request.actor.organisation_id == found.buyer_id and request.actor.has(Role.HOSPITAL_APPROVER)
    bargainers = queries.contract_bargainers(found) if is_approver else ()
    bargained = any(same_person(request.actor, each) for each in bargainers)
    stating = found.buyer_id if request.actor.has(Role.HOSPITAL_BUYER) else found.seller_id
    law = terms.law_today(found, request.actor, clock(request))
    context = {
        "contract": found,
        "may_state_term": seller_turn
        and request.actor.organisation_id == stating
        and not request.actor.roles.isdisjoint(TERM_STATERS),
        "term_demanded": found.payment_days is None and [value.clause for value in terms.term_demanded(law)],
        "longest_term": terms.longest_term(law),
        "payment_days": (found.payment_days or "") if typed is None else typed,
        "signing_limit": deadline_of(request.actor, CONTRACT_SIGN, found.id) if signing else None,
        "today": business_date(clock(request)),
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


@page(*TERM_STATERS, methods=("POST",))
def term(request, contract_id):
    typed = request.POST.get("payment_days", "")
    done, refusal = attempt(
        request,
        lambda: terms.contract_term_state(
            actor=request.actor, at=clock(request), contract_id=contract_id, payment_days=typed
        ),
        done="付款期限已写入合同；请双方按新文本签署。",
    )
    return redirect("procurement:contract", done.id) if done else _contract_page(request, contract_id, refusal, typed)


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
    path("contracts/<int:contract_id>/payment-term/", term, name="contract_term"),
    path("contracts/<int:contract_id>/end/", end, name="contract_end"),
]

"""The payment term of a contract, in days from acceptance: stated before anybody signs, asked for where the law pays by the
contract (JS20-32, GD25-4.8a), never longer than the law's own (SZ20-6.2b, HB20-5.4a)."""

from datetime import datetime

from procurement.contracts import queries
from procurement.contracts.events import CONTRACT_TERM_STATED
from procurement.contracts.models import SupplyContract
from procurement.contracts.services.recording import record_contract
from procurement.contracts.services.text import text_hash, with_payment_term
from procurement.contracts.workflows import CONTRACT
from sunlight import scope
from sunlight.journal.refusals import Conflict, Invalid, Refused
from sunlight.journal.services import service
from sunlight.kernel import reading
from sunlight.kernel.policy import Law, Value
from sunlight.scope import Actor
from sunlight.scope.clock import business_date
from sunlight.scope.duties import moved
from sunlight.tenancy.models import Organisation

BY_CONTRACT = "settlement.payment_by_contract"


def law_today(contract: SupplyContract, actor: Actor, at: datetime) -> Law:
    """The law that a contract is signed under on the day of `at`: that of the hospital's region."""
    return scope.law(actor, business_date(at), region=contract.region.code)


def law_of_buyer(actor: Actor, at: datetime) -> Law:
    """The law of a hospital's own region on the day of `at`."""
    hospital = Organisation.objects.select_related("region").get(id=actor.organisation_id)
    return scope.law(actor, business_date(at), region=hospital.region.code)


def legal_term(law: Law) -> Value | None:
    """The days from acceptance that the law gives, which hold where a contract states none; None where it gives none."""
    limit = law.find("settlement.payment_days")
    return limit if limit is not None and law.binds(limit) else None


def longest_term(law: Law) -> Value:
    """The most days from acceptance that a contract may state: the law's, else the platforms' own (A92)."""
    return legal_term(law) or law.at("contract.payment_days_most")


def payment_days_of(law: Law, typed: object) -> int | None:
    """A payment term as typed; nothing typed states none. Raises Invalid."""
    if typed is None or (isinstance(typed, str) and not typed.strip()):
        return None
    longest = longest_term(law)
    try:
        return reading.whole(typed, "payment_days", "付款期限（日）", least=1, most=longest.value)
    except reading.Unreadable as fault:
        raise Invalid(
            "bad_payment_days",
            f"付款期限须为 1 至 {longest.value} 日（自验收起）。请改短后重试。",
            field="payment_days",
            basis=longest,
        ) from fault


def term_demanded(law: Law) -> tuple[Value, ...]:
    """The values by which a contract must state its payment term: where the law pays by the contract and gives no days of
    its own. Empty where it need not."""
    return () if legal_term(law) else law.basis(BY_CONTRACT)


def require_payment_term(law: Law, contract: SupplyContract) -> None:
    """Raises Refused where nobody would know when to pay."""
    demanded = term_demanded(law) if contract.payment_days is None else ()
    if demanded:
        clauses = "、".join(value.clause for value in demanded)
        raise Refused(
            "payment_term_missing",
            f"合同 {contract.number} 没有约定付款期限，不能签署（依据 {clauses}：按合同约定付款）。请先在合同页面“付款期限”"
            f"填写自验收合格起的天数（1 至 {longest_term(law).value} 日），双方再按新文本签署。",
            field="payment_days",
            basis=demanded,
            subject=("contract", contract.id),
        )


@service
def contract_term_state(*, actor: Actor, at: datetime, contract_id: int, payment_days: object) -> SupplyContract:
    """State or change the payment term before anybody has signed, by the firm's SELLER or the hospital's BUYER: the text and
    its hash change, so that both sign what it says. Raises Invalid, Conflict once a side has signed."""
    contract = queries.lock_contract(actor, contract_id)
    state = moved(CONTRACT, contract.state, "state_term", actor)
    if contract.seller_signed_at is not None:
        raise Conflict(
            "already_signed",
            "企业方已签署，付款期限不能再改。需要修改的，请终止本合同后重新议价。",
            field="payment_days",
        )
    law = law_today(contract, actor, at)
    days = payment_days_of(law, payment_days)
    if days is None:
        raise Invalid("missing", "请填写付款期限（自验收合格起的天数）。", field="payment_days")
    made = scope.law(actor, business_date(contract.made_at), region=contract.region.code)
    text = with_payment_term(contract.text, made, days)
    contract.state, contract.payment_days = state, days
    contract.text, contract.text_sha256 = text, text_hash(text)
    contract.version += 1
    who = scope.stamp(contract, "term_stated", actor)
    # The text no statement in either side's own scope may write.
    with scope.elevated(actor):
        contract.save(update_fields=["state", "payment_days", "text", "text_sha256", *who, "version"])
    record_contract(CONTRACT_TERM_STATED, contract, actor=actor, at=at)
    return contract

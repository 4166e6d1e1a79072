"""Supply contracts: made of what was agreed, signed by both on the hash of the text, ended (SZ20-6.2b, SZ24-3.4c)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from catalog.models import PriceGroup
from procurement.contracts import queries
from procurement.contracts.events import AGREEMENT_MADE, CONTRACT_ENDED, CONTRACT_MADE, CONTRACT_SIGNED
from procurement.contracts.models import PriceAgreement, SupplyContract
from procurement.contracts.services.clock import signature_awaited, signature_given, signatures_given_up
from procurement.contracts.services.recording import record_contract
from procurement.contracts.services.terms import law_today, legal_term, payment_days_of, require_payment_term
from procurement.contracts.services.text import Party, Product, Terms, contract_text, text_hash
from procurement.contracts.workflows import CONTRACT, AgreementSource, ContractState
from sunlight import scope
from sunlight.journal.refusals import Conflict, Forbidden, Invalid
from sunlight.journal.services import record, service
from sunlight.kernel import reading
from sunlight.kernel.money import amount_fen, price_text, quantity_text
from sunlight.numbering import platform_number
from sunlight.scope import Actor, Role
from sunlight.scope.clock import business_date
from sunlight.scope.duties import moved
from sunlight.scope.principal import Acted
from sunlight.tenancy.models import Organisation, Region
from sunlight.tenancy.services.mandates import mandated


@dataclass(frozen=True, slots=True)
class Parties:
    """Where a contract is made, and between whom."""

    platform_id: int
    region: Region
    buyer: Organisation
    seller: Organisation


@dataclass(frozen=True, slots=True)
class Agreed:
    """One agreed price in plain terms: CNY a pricing unit, tax included; quantity in the pricing unit; the last day on
    which orders may draw on it; and what it comes from, an offer as well as an award."""

    source_kind: AgreementSource
    source_id: int
    source_number: str
    bargained_by: Acted | None
    listing_id: int
    price_group: PriceGroup
    price: Decimal
    quantity: Decimal
    valid_to: date


def contract_make(
    *, actor: Actor, at: datetime, parties: Parties, agreed: Sequence[Agreed], payment_days: int | None = None
) -> SupplyContract:
    """The contract that holds what one hospital and one manufacturer agreed on, with its agreed prices from today on,
    awaiting both signatures. `payment_days`: days from acceptance; where none are stated the law's own, else they are to be
    stated before signing. Runs in the transaction of the service that agrees. Raises Invalid for a term above the law's."""
    on = business_date(at)
    number = platform_number(on)
    law = scope.law(actor, on, region=parties.region.code)
    days = payment_days_of(law, payment_days)
    if days is None and (limit := legal_term(law)):
        days = limit.value
    codes = queries.codes_of([each.listing_id for each in agreed])
    terms = Terms(
        number=number,
        platform=queries.platform_name(parties.platform_id),
        region=parties.region.code,
        made_on=on,
        buyer=Party(parties.buyer.name, parties.buyer.credit_code),
        seller=Party(parties.seller.name, parties.seller.credit_code),
        products=tuple(_product(each, codes[each.listing_id], on) for each in agreed),
        valid_from=on,
        valid_to=max(each.valid_to for each in agreed),
        payment_days=days,
    )
    text = contract_text(terms, law)
    # What was agreed no statement in either side's own scope may write.
    with scope.elevated(actor):
        contract = SupplyContract.objects.create(
            platform_id=parties.platform_id,
            region_id=parties.region.id,
            buyer_id=parties.buyer.id,
            seller_id=parties.seller.id,
            number=number,
            state=ContractState.SIGNING,
            valid_from=terms.valid_from,
            valid_to=terms.valid_to,
            payment_days=days,
            text=text,
            text_sha256=text_hash(text),
            made_at=at,
        )
        PriceAgreement.objects.bulk_create(_agreement(contract, each, on, at) for each in agreed)
    sources = [{"source_kind": each.source_kind, "source": each.source_id} for each in agreed]
    record_contract(CONTRACT_MADE, contract, actor=actor, at=at, sources=sources)
    signature_awaited(contract, actor=actor, at=at)
    return contract


def _agreement(contract: SupplyContract, agreed: Agreed, on: date, at: datetime) -> PriceAgreement:
    return PriceAgreement(
        platform_id=contract.platform_id,
        region_id=contract.region_id,
        buyer_id=contract.buyer_id,
        seller_id=contract.seller_id,
        contract=contract,
        source_kind=agreed.source_kind,
        source_id=agreed.source_id,
        **scope.by(agreed.bargained_by, "bargained"),
        listing_id=agreed.listing_id,
        price_group_id=agreed.price_group.id,
        price=agreed.price,
        quantity=agreed.quantity,
        valid_from=on,
        valid_to=agreed.valid_to,
        agreed_at=at,
    )


def _product(agreed: Agreed, codes: tuple[str, ...], on: date) -> Product:
    group = agreed.price_group
    return Product(
        source=f"{agreed.source_kind.label}编号：{agreed.source_number}",
        name=group.name,
        certificate=group.certificate.number,
        generic_code=group.generic_code,
        codes=codes,
        unit=group.pricing_unit,
        price=agreed.price,
        quantity=agreed.quantity,
        valid_from=on,
        valid_to=agreed.valid_to,
    )


@service
def contract_sign(*, actor: Actor, at: datetime, contract_id: int, text_sha256: str) -> SupplyContract:
    """Sign for one's side the text whose hash is given: the manufacturer's SELLER first, then the hospital's APPROVER,
    who must not have bargained any of it. The second signature puts contract and agreed prices in force. Raises Refused
    where the law pays by the contract and it states no payment term (JS20-32, GD25-4.8a)."""
    contract = queries.lock_contract(actor, contract_id)
    if actor.organisation_id == contract.seller_id:
        return _sign_for_seller(contract, actor=actor, at=at, text_sha256=text_sha256)
    if actor.organisation_id == contract.buyer_id:
        return _sign_for_buyer(contract, actor=actor, at=at, text_sha256=text_sha256)
    raise Forbidden("not_a_party", "只有合同双方可以签署。")


def _check_text(contract: SupplyContract, text_sha256: str) -> None:
    if text_hash(contract.text) != contract.text_sha256:
        raise Conflict("text_altered", "合同文本与登记的摘要不一致，不能签署。请立即联系平台运营机构。")
    if text_sha256 != contract.text_sha256:
        raise Invalid(
            "hash_differs",
            "所签署的文本摘要与本合同不一致。请打开合同全文核对后重新签署。",
            field="text_sha256",
        )


def _mandated(actor: Actor, contract: SupplyContract, move: str, at: datetime) -> Actor:
    """A machine signs under a mandate alone: for what the agreed quantities cost."""

    def fen() -> int:
        agreements = queries.agreements_visible_to(actor).filter(contract=contract)
        return sum(amount_fen(each.price, each.quantity) for each in agreements)

    return mandated(actor, CONTRACT, move, fen=fen, subject=("contract", contract.id), at=at)


def _sign_for_seller(contract: SupplyContract, *, actor: Actor, at: datetime, text_sha256: str) -> SupplyContract:
    actor = _mandated(actor, contract, "sign_seller", at)
    contract.state = moved(CONTRACT, contract.state, "sign_seller", actor)
    if contract.seller_signed_at is not None:
        raise Conflict("already_signed", "企业方已签署，请等待医疗机构签署。")
    require_payment_term(law_today(contract, actor, at), contract)
    _check_text(contract, text_sha256)
    contract.seller_signed_at = at
    contract.version += 1
    who = scope.stamp(contract, "seller_signed", actor)
    contract.save(update_fields=["state", "seller_signed_at", *who, "version"])
    record_contract(CONTRACT_SIGNED, contract, actor=actor, at=at, side="seller")
    signature_given(contract, actor=actor, at=at)
    signature_awaited(contract, actor=actor, at=at)
    return contract


def _sign_for_buyer(contract: SupplyContract, *, actor: Actor, at: datetime, text_sha256: str) -> SupplyContract:
    bargainers = {*queries.contract_bargainers(contract), contract.term_stated_by}
    actor = _mandated(actor, contract, "sign_buyer", at)
    state = moved(CONTRACT, contract.state, "sign_buyer", actor, earlier={"bargain": bargainers})
    if contract.seller_signed_at is None:
        raise Conflict("seller_signs_first", "企业方尚未签署。请等待企业签署后再签署。")
    if business_date(at) > contract.valid_to:
        raise Conflict("contract_over", "合同期限已过，不能签署。请重新议价。")
    require_payment_term(law_today(contract, actor, at), contract)
    _check_text(contract, text_sha256)
    contract.state = state
    contract.buyer_signed_at = at
    contract.version += 1
    who = scope.stamp(contract, "buyer_signed", actor)
    contract.save(update_fields=["state", "buyer_signed_at", *who, "version"])
    record_contract(CONTRACT_SIGNED, contract, actor=actor, at=at, side="buyer")
    signature_given(contract, actor=actor, at=at)
    for agreement in queries.agreements_visible_to(actor).filter(contract=contract).order_by("id"):
        _agreement_recorded(agreement, actor=actor, at=at)
    return contract


@service
def contract_end(*, actor: Actor, at: datetime, contract_id: int, reason: str) -> SupplyContract:
    """End a contract, signed or not, with a reason; its agreed prices can be ordered at no more. What was ordered stands."""
    text = reading.reason(reason, label="终止理由")
    contract = queries.lock_contract(actor, contract_id)
    return _end(contract, actor=actor, at=at, reason=text)


@service
def contracts_expire(*, actor: Actor, at: datetime, limit: int = 100) -> int:
    """End contracts in force whose last day is over. One chunk; gives how many."""
    if not actor.has(Role.SYSTEM):
        raise Forbidden("not_the_system", "只有系统可以处理到期合同。")
    expired = queries.expired_contracts(actor, business_date(at), limit)
    for contract in expired:
        _end(contract, actor=actor, at=at, reason=f"合同期限至 {contract.valid_to} 届满")
    return len(expired)


def _end(contract: SupplyContract, *, actor: Actor, at: datetime, reason: str) -> SupplyContract:
    contract.state = moved(CONTRACT, contract.state, "end", actor)
    contract.ended_at, contract.end_reason = at, reason
    contract.version += 1
    contract.save(update_fields=["state", "ended_at", "end_reason", "version"])
    record_contract(CONTRACT_ENDED, contract, actor=actor, at=at, reason=reason)
    signatures_given_up(contract, actor=actor, at=at)
    return contract


def _agreement_recorded(agreement: PriceAgreement, *, actor: Actor, at: datetime) -> None:
    record(
        AGREEMENT_MADE,
        subject=agreement.id,
        actor=actor,
        at=at,
        parties=[agreement.buyer_id, agreement.seller_id],
        payload={
            "contract": agreement.contract_id,
            "source_kind": agreement.source_kind,
            "source": agreement.source_id,
            "buyer": agreement.buyer_id,
            "seller": agreement.seller_id,
            "listing": agreement.listing_id,
            "price_group": agreement.price_group_id,
            "price": price_text(agreement.price),
            "quantity": quantity_text(agreement.quantity) if agreement.quantity is not None else None,
            "valid_from": agreement.valid_from,
            "valid_to": agreement.valid_to,
        },
    )

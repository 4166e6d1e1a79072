"""What may be read of offers, contracts and agreed prices."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from procurement.bargaining.models.offers import Offer, PriceAgreement, SupplyContract
from procurement.workflows import ContractState, OfferState
from sunlight.acts import current_policy
from sunlight.journal.models import Decision
from sunlight.journal.refusals import NotThere
from sunlight.scope import Actor

_OFFER_ROWS = ("buyer", "seller", "region", "price_group", "price_group__certificate", "listing")


def offers_visible_to(actor: Actor) -> QuerySet[Offer]:
    """Offers `actor` made, received or supervises, newest first, with what a list shows."""
    return Offer.objects.visible_to(actor).select_related(*_OFFER_ROWS).order_by("-id")


def access_offer(actor: Actor, offer_id: int) -> Offer:
    """The offer if `actor` may see it. Raises NotThere."""
    offer = offers_visible_to(actor).filter(id=offer_id).first()
    if offer is None:
        raise NotThere("该报价")
    return offer


def decision_of(offer: Offer) -> Decision | None:
    """The rule's answer the offer rests on, as it was kept."""
    return (
        Decision.objects.filter(subject_type="offer", subject_id=offer.id, rule="bargain.decide")
        .order_by("-id")
        .first()
    )


@dataclass(frozen=True, slots=True)
class Ground:
    """One dated parameter a kept decision rests on, in words."""

    clause: str
    label: str
    text: str
    is_draft: bool


def grounds_of(decision: Decision) -> list[Ground]:
    """What a kept decision rests on, for people: each parameter's label and its clause in our words."""
    policy = current_policy()
    return [
        Ground(
            clause=used["source"],
            label=policy.parameters[used["key"]].label if used["key"] in policy.parameters else used["key"],
            text=policy.clauses[used["source"]].summary if used["source"] in policy.clauses else "",
            is_draft=used["status"] == "draft",
        )
        for used in decision.parameters
    ]


def lock_offers(actor: Actor, offer_ids: Iterable[int]) -> list[Offer]:
    """The offers `actor` may see, locked in the order of their ids. Raises NotThere unless all are there."""
    wanted = set(offer_ids)
    found = list(
        Offer.objects.visible_to(actor)
        .select_related(*_OFFER_ROWS)
        .select_for_update(of=("self",))
        .filter(id__in=wanted)
        .order_by("id")
    )
    if len(found) != len(wanted):
        raise NotThere("该报价")
    return found


def due_offers(actor: Actor, on: date, limit: int) -> list[Offer]:
    """Up to `limit` open offers whose answer day ended before the day `on`, locked, those locked by others left out."""
    return list(
        Offer.objects.visible_to(actor)
        .select_related(*_OFFER_ROWS)
        .select_for_update(of=("self",), skip_locked=True)
        .filter(state=OfferState.OPEN, answer_due_on__lt=on)
        .order_by("answer_due_on", "id")[:limit]
    )


def open_offers_of(actor: Actor, price_group_ids: Iterable[int]) -> dict[int, Offer]:
    """The hospital's own open offer of each of these price groups."""
    rows = Offer.objects.visible_to(actor).filter(state=OfferState.OPEN, price_group_id__in=list(price_group_ids))
    return {row.price_group_id: row for row in rows}


def hospitals_trading(
    *, platform_id: int, region_id: int, price_group_ids: Iterable[int], except_id: int
) -> dict[int, int]:
    """How many other hospitals of a region have an open or accepted offer for each price group (A24), in one query;
    groups that nobody trades are absent. Needs the platform's scope: a party sees no other hospital's offers."""
    rows = (
        Offer.objects.filter(
            platform_id=platform_id,
            region_id=region_id,
            price_group_id__in=list(price_group_ids),
            state__in=[OfferState.OPEN, OfferState.ACCEPTED],
        )
        .exclude(buyer_id=except_id)
        .order_by()
        .values("price_group_id")
        .annotate(hospitals=Count("buyer_id", distinct=True))
    )
    return {row["price_group_id"]: row["hospitals"] for row in rows}


def contracts_visible_to(actor: Actor) -> QuerySet[SupplyContract]:
    """Contracts `actor` is a party of or supervises, newest first, without their text."""
    return SupplyContract.objects.visible_to(actor).select_related("buyer", "seller").defer("text").order_by("-id")


def access_contract(actor: Actor, contract_id: int) -> SupplyContract:
    """The contract with its text and agreements if `actor` may see it. Raises NotThere."""
    contract = (
        SupplyContract.objects.visible_to(actor)
        .select_related("buyer", "seller", "platform")
        .prefetch_related("agreements__price_group__certificate", "agreements__offer")
        .filter(id=contract_id)
        .first()
    )
    if contract is None:
        raise NotThere("该合同")
    return contract


def lock_contract(actor: Actor, contract_id: int) -> SupplyContract:
    """As `access_contract`, the row locked. Raises NotThere."""
    contract = (
        SupplyContract.objects.visible_to(actor)
        .select_related("buyer", "seller")
        .select_for_update(of=("self",))
        .filter(id=contract_id)
        .first()
    )
    if contract is None:
        raise NotThere("该合同")
    return contract


def expired_contracts(actor: Actor, on: date, limit: int) -> list[SupplyContract]:
    """Up to `limit` contracts in force whose last day is before `on`, locked, those locked by others left out."""
    return list(
        SupplyContract.objects.visible_to(actor)
        .select_for_update(of=("self",), skip_locked=True)
        .filter(state=ContractState.IN_FORCE, valid_to__lt=on)
        .order_by("id")[:limit]
    )


def contract_bargainers(contract: SupplyContract) -> set[int | None]:
    """Who made the offers of a contract: they may not sign it for the hospital."""
    return set(PriceAgreement.objects.filter(contract=contract).values_list("offer__made_by_id", flat=True))


def agreements_visible_to(actor: Actor) -> QuerySet[PriceAgreement]:
    """Agreed prices `actor` is a party of or supervises, newest first, with contract and price group."""
    return (
        PriceAgreement.objects.visible_to(actor)
        .select_related("contract", "price_group", "price_group__certificate", "buyer", "seller", "listing")
        .order_by("-id")
    )


def agreement_of(actor: Actor, offer: Offer) -> PriceAgreement | None:
    """The agreement an accepted offer became."""
    return agreements_visible_to(actor).filter(offer=offer).first()


def may_be_ordered_from(agreement: PriceAgreement | None, on: date) -> bool:
    """Whether orders may draw on an agreement on a day: its contract is in force and the day is within its days."""
    if agreement is None or agreement.contract.state != ContractState.IN_FORCE:
        return False
    return agreement.valid_from <= on <= agreement.valid_to


def _in_force(on: date, prefix: str = "") -> Q:
    return Q(
        **{
            f"{prefix}contract__state": ContractState.IN_FORCE,
            f"{prefix}valid_from__lte": on,
            f"{prefix}valid_to__gte": on,
        }
    )


def agreements_in_force(actor: Actor, on: date) -> QuerySet[PriceAgreement]:
    """The agreed prices orders may draw on at the day `on`: the contract is in force, the day within the agreement's,
    and no later agreement of the same hospital and price group is in force (SZ24-3.4c: the latest price binds)."""
    later = PriceAgreement.objects.filter(
        _in_force(on),
        platform_id=OuterRef("platform_id"),
        buyer_id=OuterRef("buyer_id"),
        price_group_id=OuterRef("price_group_id"),
        id__gt=OuterRef("id"),
    )
    return agreements_visible_to(actor).filter(_in_force(on)).filter(~Exists(later))


def access_agreement(actor: Actor, agreement_id: int, on: date) -> PriceAgreement:
    """The agreement if `actor` may see it and it may be drawn on at the day `on`. Raises NotThere."""
    agreement = agreements_in_force(actor, on).filter(id=agreement_id).first()
    if agreement is None:
        raise NotThere("该价格协议（或协议已不在有效期内）")
    return agreement


def own_latest_agreements(
    *, platform_id: int, buyer_id: int, price_group_ids: Iterable[int], on: date
) -> dict[int, PriceAgreement]:
    """A hospital's latest agreement of each price group, in force or ended, whichever is last, as of the day `on`.
    A contract that was never signed by both was never a price."""
    rows = (
        PriceAgreement.objects.filter(
            platform_id=platform_id,
            buyer_id=buyer_id,
            price_group_id__in=list(price_group_ids),
            valid_from__lte=on,
            contract__seller_signed_at__isnull=False,
            contract__buyer_signed_at__isnull=False,
        )
        .select_related("contract")
        .order_by("price_group_id", "-agreed_at", "-id")
        .distinct("price_group_id")
    )
    return {row.price_group_id: row for row in rows}


def own_latest_price(*, platform_id: int, buyer_id: int, price_group_id: int, on: date) -> Decimal | None:
    """The price of the hospital's latest agreement (SZ24-3.4c), CNY a pricing unit; None before the first one."""
    found = own_latest_agreements(
        platform_id=platform_id, buyer_id=buyer_id, price_group_ids=[price_group_id], on=on
    ).get(price_group_id)
    return found.price if found else None

"""What may be read of contracts and agreed prices."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime, time, timedelta

from django.db.models import Exists, OuterRef, Q, QuerySet

from catalog.models import ListedSpecification, PriceGroup
from procurement.contracts.models import PriceAgreement, StandingConsent, SupplyContract
from procurement.contracts.workflows import AgreementSource, ConsentState, ContractState
from sunlight.journal.refusals import NotThere
from sunlight.kernel.reading import possible_id
from sunlight.scope import Actor
from sunlight.scope.clock import SHANGHAI
from sunlight.scope.fields import done_by, who_did
from sunlight.scope.principal import Acted
from sunlight.scope.roles import OrganisationKind
from sunlight.tenancy.models import Platform


def contracts_visible_to(actor: Actor) -> QuerySet[SupplyContract]:
    """Contracts `actor` is a party of or supervises, newest first, without their text."""
    return SupplyContract.objects.visible_to(actor).select_related("buyer", "seller").defer("text").order_by("-id")


def access_contract(actor: Actor, contract_id: int) -> SupplyContract:
    """The contract with its text and agreements if `actor` may see it. Raises NotThere."""
    contract = (
        SupplyContract.objects.visible_to(actor)
        .select_related("buyer", "seller", "platform")
        .prefetch_related("agreements__price_group__certificate")
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


def contract_bargainers(contract: SupplyContract) -> set[Acted | None]:
    """Who bargained what a contract holds: they may not sign it for the hospital."""
    return who_did(PriceAgreement.objects.filter(contract=contract), "bargained_by")


def agreements_visible_to(actor: Actor) -> QuerySet[PriceAgreement]:
    """Agreed prices `actor` is a party of or supervises, newest first, with contract and price group."""
    return (
        PriceAgreement.objects.visible_to(actor)
        .select_related("contract", "price_group", "price_group__certificate", "buyer", "seller", "listing")
        .order_by("-id")
    )


def agreement_from(actor: Actor, kind: AgreementSource, source_id: int) -> PriceAgreement | None:
    """The agreement that an offer, an award, a negotiation or a filed purchase became."""
    return agreements_visible_to(actor).filter(source_kind=kind, source_id=source_id).first()


def is_in_force(agreement: PriceAgreement | None, on: date) -> bool:
    """Whether orders may draw on an agreement on a day: it and the contract it stands in, signed by both, hold
    (SZ20-6.2b). `_in_force` says the same of rows."""
    if agreement is None or agreement.contract.state != ContractState.IN_FORCE:
        return False
    contract = agreement.contract
    return agreement.valid_from <= on <= agreement.valid_to and contract.valid_from <= on <= contract.valid_to


def _in_force(on: date) -> Q:
    return Q(
        contract__state=ContractState.IN_FORCE,
        contract__valid_from__lte=on,
        contract__valid_to__gte=on,
        valid_from__lte=on,
        valid_to__gte=on,
    )


def agreements_in_force(actor: Actor, on: date) -> QuerySet[PriceAgreement]:
    """The agreed prices that an order takes on the day `on` where it names no other: in force, and no later agreement
    of the same hospital and price group is (SZ24-3.4c: the latest price binds)."""
    later = PriceAgreement.objects.filter(
        _in_force(on),
        Q(agreed_at__gt=OuterRef("agreed_at")) | Q(agreed_at=OuterRef("agreed_at"), id__gt=OuterRef("id")),
        platform_id=OuterRef("platform_id"),
        buyer_id=OuterRef("buyer_id"),
        price_group_id=OuterRef("price_group_id"),
    )
    return agreements_visible_to(actor).filter(_in_force(on)).filter(~Exists(later))


def contracts_to_sign(actor: Actor) -> QuerySet[SupplyContract]:
    """Contracts that await the actor's side: the manufacturer first, then the hospital."""
    waiting = contracts_visible_to(actor).filter(state=ContractState.SIGNING)
    if actor.kind is OrganisationKind.SUPPLIER:
        return waiting.filter(seller_signed_at=None)
    return waiting.filter(seller_signed_at__isnull=False, buyer_signed_at=None)


def consents_visible_to(actor: Actor) -> QuerySet[StandingConsent]:
    """Standing consents of the actor's firm, or of the platforms it watches, newest first; no hospital's."""
    if actor.kind is OrganisationKind.HOSPITAL:
        return StandingConsent.objects.none()
    rows = StandingConsent.objects.filter(platform_id__in=actor.platform_ids or [actor.platform_id])
    if actor.kind is OrganisationKind.SUPPLIER:
        rows = rows.filter(seller_id=actor.organisation_id)
    return rows.select_related("seller").order_by("-id")


def lock_consent(actor: Actor, consent_id: int) -> StandingConsent:
    """A consent of the actor's own firm, locked. Raises NotThere."""
    own = consents_visible_to(actor).filter(seller_id=actor.organisation_id, id=possible_id(consent_id))
    row = own.select_for_update(of=("self",)).first()
    if row is None:
        raise NotThere("这份常设同意")
    return row


def consents_to_confirm(actor: Actor) -> QuerySet[StandingConsent]:
    """Consents that wait for this person: not those they gave themselves."""
    return consents_visible_to(actor).filter(state=ConsentState.GIVEN).exclude(done_by(actor, "given_by"))


def consents_in_force(platform_id: int, seller_id: int, on: date) -> list[StandingConsent]:
    """A firm's consents that count on a day, locked, the oldest first."""
    return list(
        StandingConsent.objects.select_for_update(of=("self",))
        .filter(
            platform_id=platform_id,
            seller_id=seller_id,
            state=ConsentState.IN_FORCE,
            from_date__lte=on,
            to_date__gte=on,
        )
        .order_by("id")
    )


def contracts_under(consent: StandingConsent, on: date) -> QuerySet[SupplyContract]:
    """What the system signed under a consent on a day."""
    begins = datetime.combine(on, time(), SHANGHAI)
    return SupplyContract.objects.filter(
        seller_consent=consent, seller_signed_at__gte=begins, seller_signed_at__lt=begins + timedelta(days=1)
    )


def product_names(contract_ids: Iterable[int]) -> dict[int, list[str]]:
    """The products of contracts by their names, in order."""
    rows = PriceAgreement.objects.filter(contract_id__in=list(contract_ids)).order_by("id")
    found: dict[int, list[str]] = defaultdict(list)
    for contract_id, name in rows.values_list("contract_id", "price_group__name"):
        found[contract_id].append(name)
    return found


def names_of(price_group_ids: Iterable[int]) -> list[str]:
    """Names of price groups."""
    return list(PriceGroup.objects.filter(id__in=list(price_group_ids)).order_by("name").values_list("name", flat=True))


def platform_name(platform_id: int) -> str:
    return Platform.objects.values_list("name", flat=True).get(id=platform_id)


def codes_of(listing_ids: Iterable[int]) -> dict[int, tuple[str, ...]]:
    """The specification codes of listings, in order, in one query."""
    found: dict[int, list[str]] = defaultdict(list)
    rows = ListedSpecification.objects.filter(listing_id__in=list(listing_ids)).order_by("national_code__code")
    for listing_id, code in rows.values_list("listing_id", "national_code__code"):
        found[listing_id].append(code)
    return {listing_id: tuple(found[listing_id]) for listing_id in listing_ids}

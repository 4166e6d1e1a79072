"""Rows of procurement as its services would leave them, built as the platform itself.

`agreed(world, listing, price="12.5")` gives a price agreement in force, with its accepted offer and signed contract.
"""

import hashlib
from datetime import timedelta
from decimal import Decimal

import factory
from factory.django import DjangoModelFactory

from procurement.bargaining.models.clearances import Clearance
from procurement.bargaining.models.offers import Offer
from procurement.bargaining.models.reviews import PriceReview
from procurement.bargaining.workflows import ClearanceState, OfferState, PriceReviewState
from procurement.contracts.models import PriceAgreement, SupplyContract
from procurement.contracts.workflows import AgreementSource, ContractState
from sunlight import scope
from sunlight.scope.clock import business_date

_CONTRACT_TEXT = "测试供货合同"


class OfferFactory(DjangoModelFactory):
    """An open offer; give `platform, region, buyer, seller, listing, made_at` (see `offer`)."""

    class Meta:
        model = Offer

    number = factory.Sequence(lambda n: f"20990101{n:012d}")
    price_group = factory.SelfAttribute("listing.price_group")
    price = Decimal("100.0000")
    quantity = Decimal("1000.000")
    agreement_months = 12
    state = OfferState.OPEN
    law_date = factory.LazyAttribute(lambda o: business_date(o.made_at))
    on_silence = "withdraw"
    answer_due_on = factory.LazyAttribute(lambda o: business_date(o.made_at) + timedelta(days=7))


class SupplyContractFactory(DjangoModelFactory):
    """A contract both have signed; give `platform, region, buyer, seller, made_at`."""

    class Meta:
        model = SupplyContract

    number = factory.Sequence(lambda n: f"20990102{n:012d}")
    state = ContractState.IN_FORCE
    valid_from = factory.LazyAttribute(lambda o: business_date(o.made_at))
    valid_to = factory.LazyAttribute(lambda o: o.valid_from + timedelta(days=365))
    payment_days = 30
    text = _CONTRACT_TEXT
    text_sha256 = hashlib.sha256(_CONTRACT_TEXT.encode()).hexdigest()
    seller_signed_at = factory.SelfAttribute("made_at")
    buyer_signed_at = factory.SelfAttribute("made_at")


class PriceAgreementFactory(DjangoModelFactory):
    """The agreed price of an offer in a contract; give both."""

    class Meta:
        model = PriceAgreement

    class Params:
        offer = None

    source_kind = AgreementSource.OFFER
    source_id = factory.SelfAttribute("offer.id")
    bargained_by_kind = factory.SelfAttribute("offer.made_by_kind")
    bargained_by_id = factory.SelfAttribute("offer.made_by_id")
    platform = factory.SelfAttribute("offer.platform")
    region = factory.SelfAttribute("offer.region")
    buyer = factory.SelfAttribute("offer.buyer")
    seller = factory.SelfAttribute("offer.seller")
    listing = factory.SelfAttribute("offer.listing")
    price_group = factory.SelfAttribute("offer.price_group")
    price = factory.SelfAttribute("offer.price")
    quantity = factory.SelfAttribute("offer.quantity")
    valid_from = factory.SelfAttribute("contract.valid_from")
    valid_to = factory.SelfAttribute("contract.valid_to")
    agreed_at = factory.SelfAttribute("contract.made_at")


def _parties(world, listing, buyer) -> dict:
    hospital = world.organisations[buyer] if isinstance(buyer, str) else buyer
    return {
        "platform": world.platform,
        "region": hospital.region,
        "buyer": hospital,
        "seller": listing.manufacturer,
    }


def offer(world, listing, *, price="100", quantity="1000", buyer="hospital", at=None, **more) -> Offer:
    """An open offer of `buyer` (a key of the world, or an organisation) for the listing's price group."""
    with scope.opened(world.system):
        return OfferFactory(
            **_parties(world, listing, buyer),
            listing=listing,
            price=Decimal(price),
            quantity=Decimal(quantity),
            made_at=at or scope.now(),
            **more,
        )


def agreed(world, listing, *, price="100", quantity="1000", buyer="hospital", at=None, **contract) -> PriceAgreement:
    """A price agreement in force from the day of `at` (now) for a year; `contract` overrides the contract's fields."""
    at = at or scope.now()
    made = offer(
        world, listing, price=price, quantity=quantity, buyer=buyer, at=at, state=OfferState.ACCEPTED, answered_at=at
    )
    with scope.opened(world.system):
        signed = SupplyContractFactory(**_parties(world, listing, buyer), made_at=at, **contract)
        return PriceAgreementFactory(offer=made, contract=signed)


class PriceReviewFactory(DjangoModelFactory):
    """One the operator passed; give `platform, region, buyer, seller, listing, requested_at` (see `reviewed`)."""

    class Meta:
        model = PriceReview

    number = factory.Sequence(lambda n: f"20990106{n:012d}")
    price_group = factory.SelfAttribute("listing.price_group")
    price = Decimal("100.0000")
    reason = "本市首次采购"
    state = PriceReviewState.PASSED
    law_date = factory.LazyAttribute(lambda o: business_date(o.requested_at))
    decided_at = factory.SelfAttribute("requested_at")
    decision_note = "与同类产品相当"


def reviewed(world, listing, *, price="100", buyer="hospital", at=None, **more) -> PriceReview:
    """A price that the operator reviewed and passed for the first deals of a product (A24)."""
    with scope.opened(world.system):
        return PriceReviewFactory(
            **_parties(world, listing, buyer),
            listing=listing,
            price=Decimal(price),
            requested_at=at or scope.now(),
            **more,
        )


class ClearanceFactory(DjangoModelFactory):
    """One the chief granted; give `platform, region, buyer, seller, price_group, proposed_at` (see `cleared`)."""

    class Meta:
        model = Clearance

    number = factory.Sequence(lambda n: f"20990107{n:012d}")
    price = Decimal("110.0000")
    quantity = Decimal("1000.000")
    valid_to = factory.LazyAttribute(lambda o: business_date(o.proposed_at) + timedelta(days=90))
    reason = "罕见病急需"
    state = ClearanceState.GRANTED
    decided_at = factory.SelfAttribute("proposed_at")
    decision_note = "同意"


def cleared(world, listing, *, price="110", quantity="1000", buyer="hospital", at=None, **more) -> Clearance:
    """A price above the alert line that the authority lets a hospital deal at (A21)."""
    with scope.opened(world.system):
        return ClearanceFactory(
            **_parties(world, listing, buyer),
            price_group=listing.price_group,
            price=Decimal(price),
            quantity=Decimal(quantity),
            proposed_at=at or scope.now(),
            **more,
        )

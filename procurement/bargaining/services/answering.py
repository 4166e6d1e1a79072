"""The steps of an offer's life that making, answering and silence share. Each runs inside a service's transaction."""

from collections.abc import Collection
from datetime import date, datetime, timedelta

from procurement.bargaining.events import OFFER_ACCEPTED
from procurement.bargaining.models.offers import Offer
from procurement.bargaining.services.clearing import clearance_give_back
from procurement.bargaining.workflows import OFFER, OfferState
from procurement.contracts.services.contracts import Agreed, Parties, contract_make
from procurement.contracts.workflows import AgreementSource
from sunlight import scope
from sunlight.journal.declared import EventType
from sunlight.journal.services import record
from sunlight.kernel.money import price_text, quantity_text
from sunlight.kernel.period import months_back
from sunlight.kernel.rules import deadline_working_days
from sunlight.scope import Actor
from sunlight.scope.clock import business_date
from sunlight.scope.duties import moved
from sunlight.tenancy.queries.restrictions import permissions_of


def parties_may_trade(
    *, platform_id: int, buyer_id: int, seller_id: int, price_group_ids: Collection[int], on: date
) -> None:
    """Raises Refused where the hospital may not buy or the manufacturer may not sell one of these products."""
    permissions = permissions_of(platform_id=platform_id, organisation_ids=[buyer_id, seller_id], on=on)
    permissions.may_buy(buyer_id, price_group_ids)
    permissions.may_sell(seller_id, price_group_ids)


def answer_day(*, region: str, drafts: str, start: date, days: int | None) -> tuple[date | None, bool]:
    """The day an offer must be answered by, to its end (A17); None where no answer is awaited."""
    if days is None:
        return None, False
    law = scope.policy().law(region=region, on=start, drafts=drafts)
    outcome = deadline_working_days(law, start=start, days=days).outcome
    return outcome["deadline"], outcome["provisional"]


def silence_clause(offer: Offer) -> str:
    """The clause that says what silence does to this offer, by the law of its day."""
    law = scope.policy().law(region=offer.region.code, on=offer.law_date, drafts=offer.platform.drafts)
    key = {"listed": "bargain.at_listed.on_silence", "history": "bargain.at_history.on_silence"}.get(
        offer.basis, "bargain.on_silence"
    )
    return law.at(key).clause


def accept_offers(offers: list[Offer], *, actor: Actor, at: datetime, note: str, payment_days: int | None = None):
    for offer in offers:
        state = moved(OFFER, offer.state, "accept", actor)
        answer_offer(offer, state, OFFER_ACCEPTED, actor=actor, at=at, note=note)
    first = offers[0]
    if payment_days is None:
        # Of several of the hospital's promises in one contract the shortest.
        payment_days = min((offer.payment_days for offer in offers if offer.payment_days is not None), default=None)
    return contract_make(
        actor=actor,
        at=at,
        parties=Parties(first.platform_id, first.region, first.buyer, first.seller),
        agreed=[_agreed(offer, business_date(at)) for offer in offers],
        payment_days=payment_days,
    )


def _agreed(offer: Offer, on: date) -> Agreed:
    """What an accepted offer agrees on: from today for its months, the last day included."""
    return Agreed(
        source_kind=AgreementSource.OFFER,
        source_id=offer.id,
        source_number=offer.number,
        bargained_by=offer.made_by,
        listing_id=offer.listing_id,
        price_group=offer.price_group,
        price=offer.price,
        quantity=offer.quantity,
        valid_to=months_back(on, -offer.agreement_months) - timedelta(days=1),
    )


def answer_offer(offer: Offer, state, event: EventType, *, actor: Actor, at: datetime, note: str, **more) -> Offer:
    offer.state, offer.answered_at = state, at
    offer.answer_note = note
    offer.version += 1
    who = scope.stamp(offer, "answered", actor)
    offer.save(update_fields=["state", "answered_at", *who, "answer_note", "version"])
    if state != OfferState.ACCEPTED:
        clearance_give_back("OFFER", [offer.id], actor=actor)
    offer_record(event, offer, actor=actor, at=at, **more)
    return offer


def offer_record(event: EventType, offer: Offer, *, actor: Actor, at: datetime, **more) -> None:
    record(
        event,
        subject=offer.id,
        actor=actor,
        at=at,
        parties=[offer.buyer_id, offer.seller_id],
        payload={
            "number": offer.number,
            "buyer": offer.buyer_id,
            "seller": offer.seller_id,
            "listing": offer.listing_id,
            "price_group": offer.price_group_id,
            "price": price_text(offer.price),
            "quantity": quantity_text(offer.quantity),
            "months": offer.agreement_months,
            "payment_days": offer.payment_days,
            "state": str(offer.state),
            "basis": offer.basis,
            "on_silence": offer.on_silence,
            "answer_due_on": offer.answer_due_on,
            "answer_due_provisional": offer.answer_due_provisional,
            "note": offer.answer_note,
        }
        | more,
        version=offer.version,
    )

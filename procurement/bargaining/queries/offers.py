"""What may be read of offers."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import QuerySet

from procurement.bargaining.models.offers import Offer
from procurement.bargaining.workflows import OfferState
from sunlight import scope
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


def first_deal_of(offer: Offer) -> Decision | None:
    """The answer about first deals that was kept with an offer (A24); None where something compared with its product."""
    rows = Decision.objects.filter(subject_type="offer", subject_id=offer.id, rule="first_deal.check")
    return rows.order_by("-id").first()


@dataclass(frozen=True, slots=True)
class Ground:
    """One dated parameter a kept decision rests on, in words."""

    clause: str
    label: str
    text: str
    is_draft: bool


def grounds_of(decision: Decision) -> list[Ground]:
    """What a kept decision rests on, for people: each parameter's label and its clause in our words."""
    policy = scope.policy()
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

"""Price reviews, and the products whose first deals are limited (A24)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import OuterRef, QuerySet, Subquery

from catalog.models import Listing
from catalog.queries import trading
from pricing.models import DealFact, PriceInformation
from procurement.bargaining.models.reviews import PriceReview
from procurement.bargaining.queries import beyond
from procurement.bargaining.rules.first_deal import first_deal_check
from procurement.bargaining.workflows import PriceReviewState
from sunlight import scope
from sunlight.journal.refusals import NotThere
from sunlight.kernel.policy import Law
from sunlight.kernel.rule import Decision
from sunlight.scope import Actor
from sunlight.tenancy.models import Organisation
from sunlight.tenancy.queries.platforms import regions_under

_ROWS = ("buyer", "seller", "region", "platform", "price_group", "price_group__certificate", "listing")


def price_reviews_visible_to(actor: Actor) -> QuerySet[PriceReview]:
    """Price reviews that `actor` asked for, is the maker of, decides or supervises, newest first."""
    return PriceReview.objects.visible_to(actor).select_related(*_ROWS).order_by("-id")


def access_price_review(actor: Actor, price_review_id: int) -> PriceReview:
    """The price review if `actor` may see it. Raises NotThere."""
    found = price_reviews_visible_to(actor).filter(id=price_review_id).first()
    if found is None:
        raise NotThere("该价格审核")
    return found


def lock_price_review(actor: Actor, price_review_id: int) -> PriceReview:
    """As `access_price_review`, the row locked. Raises NotThere."""
    access_price_review(actor, price_review_id)
    rows = PriceReview.objects.select_for_update(of=("self",)).select_related(*_ROWS)
    return rows.get(id=price_review_id)


def waiting_of(actor: Actor, price_group_id: int) -> PriceReview | None:
    """The hospital's own review of a product that waits."""
    rows = price_reviews_visible_to(actor).filter(state=PriceReviewState.WAITING, price_group_id=price_group_id)
    return rows.first()


def waiting_reviews(actor: Actor) -> QuerySet[PriceReview]:
    """Those that wait for the operator, the longest wait first."""
    return price_reviews_visible_to(actor).filter(state=PriceReviewState.WAITING).order_by("id")


def incomparable_listings(actor: Actor, on: date) -> QuerySet[Listing]:
    """What may be traded on the actor's platform on a day and has no price of other provinces to be compared with, for
    those who watch; newest first. None where no text limits first deals that day."""
    limited = scope.law(actor, on).find("first_deal.limited")
    rows = trading.tradable_listings(platform_id=actor.platform_id, on=on)
    if limited is None:
        return rows.none()
    latest = PriceInformation.objects.filter(
        region__code=limited.region, price_group_id=OuterRef("price_group_id"), business_day__lte=on
    ).order_by("-business_day")
    rows = rows.annotate(lowest=Subquery(latest.values("provinces_lowest")[:1]))
    return rows.filter(lowest=None)


@dataclass(frozen=True, slots=True)
class Bought:
    """A hospital that bought a product, from its first net deal to its last."""

    hospital: Organisation
    deals: int
    first: date
    last: date


def bought_by(*, region: str, price_group_ids: Iterable[int], on: date) -> dict[int, Sequence[Bought]]:
    """For each product the public hospitals of a region that have net deals, in the order of their first."""
    rows = DealFact.objects.select_related("buyer").filter(
        region_id__in=regions_under(region),
        price_group_id__in=list(price_group_ids),
        occurred_on__lte=on,
        is_public=True,
        net_quantity__gt=0,
        is_gift=False,
        excluded_at=None,
    )
    found: dict[int, dict[int, Bought]] = {}
    for row in rows.order_by("occurred_on", "id"):
        own = found.setdefault(row.price_group_id, {})
        known = own.get(row.buyer_id)
        own[row.buyer_id] = (
            Bought(known.hospital, known.deals + 1, known.first, row.occurred_on)
            if known
            else Bought(row.buyer, 1, row.occurred_on, row.occurred_on)
        )
    return {group: tuple(own.values()) for group, own in found.items()}


@dataclass(frozen=True, slots=True)
class FirstDealRow:
    """A product under the limits of first deals: who bought it, what the rule says of a hospital that has not, and the
    highest price reviewed, CNY a pricing unit."""

    listing: Listing
    bought: Sequence[Bought]
    answer: Decision
    reviewed: Decimal | None


def first_deal_rows(actor: Actor, listings: Iterable[Listing], on: date) -> list[FirstDealRow]:
    """Listings with what their first deals stand at; a fixed number of queries."""
    listings, law = list(listings), scope.law(actor, on)
    limited = law.find("first_deal.limited")
    if limited is None:
        return []
    groups = [row.price_group_id for row in listings]
    bought = bought_by(region=limited.region, price_group_ids=groups, on=on)
    found = beyond.first_deals(region=limited.region, buyer_id=0, groups=dict.fromkeys(groups, ()), on=on)
    return [_row(law, row, bought.get(row.price_group_id, ()), found[row.price_group_id]) for row in listings]


def _row(law: Law, listing: Listing, bought: Sequence[Bought], first: beyond.FirstDeals) -> FirstDealRow:
    is_reviewed = first.reviewed is not None
    answer = first_deal_check(law, hospital=first.hospital, deals=first.deals, reviewed=is_reviewed)
    return FirstDealRow(listing, bought, answer, first.reviewed)

"""What waits for an answer or a signature, for the supplier's desk, the hospital's signing page and the workbench."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Count, Min, Q, QuerySet

from pricing.queries.declared import units_of
from pricing.queries.view import PriceView, price_views
from procurement.bargaining.models.offers import Offer
from procurement.bargaining.queries import offers as bargaining
from procurement.bargaining.workflows import OfferState
from sunlight.kernel.units import Units
from sunlight.kernel.workdays import official
from sunlight.scope import Actor


@dataclass(frozen=True, slots=True)
class DeskRow:
    """An offer next to the prices it is judged by; prices in CNY a pricing unit."""

    offer: Offer
    units: Units
    prices: PriceView
    working_days_left: int | None

    @property
    def quantity_text(self) -> str:
        return self.units.describe(self.offer.quantity)

    @property
    def share_of_listed(self) -> Decimal | None:
        """The offer as a percentage of the listed price."""
        listed = self.prices.listed
        return None if listed is None else (self.offer.price / listed.price * 100).quantize(Decimal("0.1"))


def working_days_left(today: date, due_on: date | None) -> int | None:
    """Working days after today up to and including the due day (A17): 0 on the day itself, -1 once it is over."""
    if due_on is None:
        return None
    left = official().left(today, due_on)
    # Over is over, on the holiday after it too.
    return -1 if left.overdue else left.days


def desk_rows(offers: Iterable[Offer], today: date, drafts: str) -> list[DeskRow]:
    """Offers with their prices; the queries grow with the buyers' regions only, not with the offers."""
    offers = list(offers)
    units = units_of([offer.price_group for offer in offers])
    by_region: dict[str, set[int]] = defaultdict(set)
    for offer in offers:
        by_region[offer.region.code].add(offer.price_group_id)
    prices = {
        region: price_views(region=region, price_group_ids=groups, on=today, drafts=drafts)
        for region, groups in by_region.items()
    }
    return [
        DeskRow(
            offer=offer,
            units=units[offer.price_group_id],
            prices=prices[offer.region.code][offer.price_group_id],
            working_days_left=working_days_left(today, offer.answer_due_on) if offer.state == OfferState.OPEN else None,
        )
        for offer in offers
    ]


def offers_to_answer(actor: Actor, today: date) -> QuerySet[Offer]:
    """Open offers within their answer time, the most urgent first."""
    return (
        bargaining.offers_visible_to(actor)
        .filter(state=OfferState.OPEN)
        .filter(Q(answer_due_on=None) | Q(answer_due_on__gte=today))
        .order_by("answer_due_on", "id")
    )


def open_offer_figures(actor: Actor, today: date) -> tuple[int, date | None]:
    """How many offers wait for an answer, and the nearest day one must be answered by."""
    found = offers_to_answer(actor, today).order_by().aggregate(count=Count("id"), due=Min("answer_due_on"))
    return found["count"], found["due"]

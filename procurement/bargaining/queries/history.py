"""What a hospital looks at before it bargains: its own deals and agreed prices, the city's published distribution."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from pricing.models import DealFact
from pricing.queries.deals import own_deals
from pricing.queries.published import distributions_for
from pricing.queries.view import LevelFigures, PriceView, Segment
from procurement.bargaining.queries import products
from procurement.contracts import queries as contracts
from procurement.contracts.models import PriceAgreement
from sunlight import scope
from sunlight.journal.refusals import Invalid
from sunlight.kernel import reading
from sunlight.kernel.period import months_back
from sunlight.scope import Actor

MOST_SHOWN = 60
MOST_COMPARED = 5
ABOVE = 10  # The band above the nine segments.


@dataclass(frozen=True, slots=True)
class Share:
    """One band of the city's purchases: its segment (None above the highest line), deals, share of quantity in percent."""

    segment: Segment | None
    deals: int
    share: Decimal


@dataclass(frozen=True, slots=True)
class Distribution:
    """The published distribution of a day; `shares` of all nine segments and what lies above, none where too few
    institutions bought."""

    business_day: date
    institutions: int
    deals: int
    shares: tuple[Share, ...]


@dataclass(frozen=True, slots=True)
class History:
    """A hospital's own deals of two years and agreed prices of a product, the newest first."""

    deals: Sequence[DealFact]
    agreements: Sequence[PriceAgreement]

    @property
    def points(self) -> list[DealFact]:
        """The deals in the order they happened."""
        return list(reversed(self.deals))


def histories_of(actor: Actor, price_group_ids: Iterable[int], on: date) -> dict[int, History]:
    """The hospital's own history of each group, in two queries."""
    ids = list(price_group_ids)
    deals = own_deals(
        platform_id=actor.platform_id,
        buyer_id=actor.organisation_id,
        price_group_ids=ids,
        after=months_back(on, scope.law(actor, on).at("history.shown_months").value),
    )
    agreements: dict[int, list[PriceAgreement]] = {group: [] for group in ids}
    for row in contracts.agreements_visible_to(actor).filter(price_group_id__in=ids):
        agreements[row.price_group_id].append(row)
    return {group: History(deals.get(group, [])[:MOST_SHOWN], agreements[group]) for group in ids}


def distributions_of(views: Iterable[PriceView]) -> dict[int, Distribution]:
    """The published distribution for each view (all of one region and day), in one query; absent where none was
    published yet."""
    views = {view.price_group_id: view for view in views}
    if not views:
        return {}
    first = next(iter(views.values()))
    found = distributions_for(region=first.region, price_group_ids=list(views), on=first.on)
    return {group: _distribution(views[group], row) for group, row in found.items()}


def _distribution(view: PriceView, row) -> Distribution:
    bands_by_name = {band["band"]: band for band in row.bands}
    shares = []
    if bands_by_name and view.segments:
        for number, segment in [(s.number, s) for s in view.segments] + [(ABOVE, None)]:
            band = bands_by_name.get(number, {"deals": 0, "share": "0.0"})
            shares.append(Share(segment, band["deals"], Decimal(band["share"])))
    return Distribution(row.business_day, row.institutions, row.deals, tuple(shares))


@dataclass(frozen=True, slots=True)
class Compared:
    """One product of a comparison."""

    row: products.ProductRow
    history: History
    distribution: Distribution | None

    @property
    def all_levels(self) -> LevelFigures | None:
        return next((level for level in self.row.prices.levels if level.level == "all"), None)


def compared(actor: Actor, price_group_ids: Sequence[int], on: date) -> list[Compared]:
    """Up to five products side by side, in the order asked for; a fixed number of queries. Products that cannot be traded
    are left out. Raises Invalid for none or more than five."""
    wanted = list(dict.fromkeys(reading.row_id(each, "id", "产品（计价组）") for each in price_group_ids))
    if not 1 <= len(wanted) <= MOST_COMPARED:
        raise Invalid("how_many", f"请勾选 2 至 {MOST_COMPARED} 个产品进行对比。", field="id")
    listings = {listing.price_group_id: listing for listing in products.tradable(actor, wanted, on)}
    rows = products.rows_for(actor, [listings[group] for group in wanted if group in listings], on)
    histories = histories_of(actor, listings, on)
    shares = distributions_of(row.prices for row in rows)
    return [
        Compared(row, histories[row.listing.price_group_id], shares.get(row.listing.price_group_id)) for row in rows
    ]

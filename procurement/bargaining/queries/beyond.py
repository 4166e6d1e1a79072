"""What a decision rests on beyond the hospital's own platform: its prices anywhere, other hospitals' deals, what operator
and authority decided. Read as the platform, over all platforms: a party sees none of it."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db import connection
from django.db.models import Max, Sum

from pricing.models import DealFact
from procurement.bargaining.models.clearances import Clearance, ClearanceUse
from procurement.bargaining.models.offers import Offer
from procurement.bargaining.models.reviews import PriceReview
from procurement.bargaining.rules.first_deal import FirstDeal
from procurement.bargaining.workflows import ClearanceState, PriceReviewState
from sunlight.tenancy.queries.platforms import regions_under


@dataclass(frozen=True, slots=True)
class OwnPrice:
    """The price of a hospital's latest agreement of a product, CNY a pricing unit, and the contract it stands in."""

    price: Decimal
    valid_from: date
    contract_id: int
    contract_number: str
    platform_id: int


# From the specifications of a price group to those they took the place of (转码), and to every group of the maker that was
# ever listed with one of them. A group in another unit is left out: its price cannot be compared. A contract that was never
# signed by both was never a price.
_OWN_LATEST = """
with recursive known (price_group_id, code_id, code) as (
  select l.price_group_id, c.id, c.code
    from catalog_listing l
    join catalog_listedspecification s on s.listing_id = l.id
    join catalog_nationalcode c on c.id = s.national_code_id
   where l.price_group_id = any(%(groups)s)
  union
  select k.price_group_id, c.id, c.code
    from known k join catalog_nationalcode c on c.replaced_by = k.code and c.replaced_by <> ''
), sold (price_group_id, sold_as) as (
  select id, id from catalog_pricegroup where id = any(%(groups)s)
  union
  select own.id, other.id
    from known k
    join catalog_listedspecification s on s.national_code_id = k.code_id
    join catalog_listing l on l.id = s.listing_id and l.listed_on is not null
    join catalog_pricegroup own on own.id = k.price_group_id
    join catalog_pricegroup other on other.id = l.price_group_id
   where other.manufacturer_id = own.manufacturer_id and other.pricing_unit = own.pricing_unit
)
select distinct on (sold.price_group_id) sold.price_group_id, a.price, a.valid_from, c.id, c.number, a.platform_id
  from sold
  join procurement_priceagreement a on a.price_group_id = sold.sold_as and a.buyer_id = %(buyer)s
  join procurement_supplycontract c on c.id = a.contract_id
 where a.valid_from <= %(on)s and c.seller_signed_at is not null and c.buyer_signed_at is not null
 order by sold.price_group_id, a.agreed_at desc, a.id desc
"""


def own_latest(*, buyer_id: int, price_group_ids: Collection[int], on: date) -> dict[int, OwnPrice]:
    """The hospital's latest price of each product on a day, in force or ended, on whichever platform, under whichever
    code or listing it was sold before (SZ24-3.4c). One query, in the scope of `on_all_platforms`."""
    if not price_group_ids:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(_OWN_LATEST, {"groups": list(price_group_ids), "buyer": buyer_id, "on": on})
        return {group: OwnPrice(*row) for group, *row in cursor.fetchall()}


@dataclass(frozen=True, slots=True)
class Cleared:
    """A clearance in force, what is left of its quantity, and the offers that hold a part of it."""

    clearance: Clearance
    left: Decimal
    held_by: frozenset[int] = frozenset()

    def covers(self, quantity: Decimal | None, offer_id: int | None) -> bool:
        """Whether it is enough for a quantity (in the pricing unit; None to learn the bounds alone), or the offer that an
        order draws on holds its part already."""
        return offer_id in self.held_by or (self.left > 0 if quantity is None else quantity <= self.left)


def clearances(
    *, buyer_id: int, price_group_ids: Iterable[int], offer_ids: Collection[int], on: date
) -> dict[int, Cleared]:
    """For each group the hospital's clearance of the highest price with something left on a day, or held by one of these
    offers."""
    rows = Clearance.objects.filter(
        buyer_id=buyer_id,
        price_group_id__in=list(price_group_ids),
        state=ClearanceState.GRANTED,
        valid_to__gte=on,
    ).order_by("price", "id")
    granted = list(rows)
    drawn = drawn_of([row.id for row in granted])
    held: dict[int, set[int]] = {}
    if granted and offer_ids:
        uses = ClearanceUse.objects.filter(source_kind="OFFER", source_id__in=offer_ids, clearance__in=granted)
        for clearance_id, offer_id in uses.values_list("clearance_id", "source_id"):
            held.setdefault(clearance_id, set()).add(offer_id)
    found: dict[int, Cleared] = {}
    for row in granted:
        each = Cleared(row, row.quantity - drawn.get(row.id, Decimal(0)), frozenset(held.get(row.id, ())))
        if each.left > 0 or each.held_by:
            found[row.price_group_id] = each
    return found


def drawn_of(clearance_ids: Collection[int]) -> dict[int, Decimal]:
    """What offers and orders took of clearances, less what came back."""
    if not clearance_ids:
        return {}
    rows = ClearanceUse.objects.filter(clearance_id__in=clearance_ids).order_by().values("clearance_id")
    return {
        row["clearance_id"]: row["drawn"] - row["back"]
        for row in rows.annotate(drawn=Sum("quantity"), back=Sum("given_back"))
    }


@dataclass(frozen=True, slots=True)
class FirstDeals:
    """The deals that A24 looks at, each hospital and group under a name that says nobody which it is, and the highest
    price that the operator reviewed."""

    hospital: str
    deals: tuple[FirstDeal, ...] = ()
    reviewed: Decimal | None = None


def first_deals(*, region: str, buyer_id: int, groups: dict[int, Collection[int]], on: date) -> dict[int, FirstDeals]:
    """For each product, which is a price group and those beside it (`groups`), the net deals of the public hospitals of a
    region up to a day, oldest first (A24), and the price reviewed. Three queries."""
    wanted = {each for group, beside in groups.items() for each in (group, *beside)}
    if not wanted:
        return {}
    regions = regions_under(region)
    rows = DealFact.objects.filter(
        region_id__in=regions,
        price_group_id__in=wanted,
        occurred_on__lte=on,
        is_public=True,
        net_quantity__gt=0,
        is_gift=False,
        excluded_at=None,
    ).order_by("occurred_on", "id")
    deals: dict[int, list[tuple[int, date]]] = {}
    for group, buyer, day in rows.values_list("price_group_id", "buyer_id", "occurred_on"):
        deals.setdefault(group, []).append((buyer, day))
    joint_offers = Offer.objects.filter(price_group_id__in=wanted, joint_id__isnull=False).order_by("id")
    joint = {
        (group, buyer): joint_id
        for group, buyer, joint_id in joint_offers.values_list("price_group_id", "buyer_id", "joint_id")
    }
    reviewed = dict(
        PriceReview.objects.filter(
            region_id__in=regions, price_group_id__in=wanted, state=PriceReviewState.PASSED, law_date__lte=on
        )
        .order_by()
        .values_list("price_group_id")
        .annotate(price=Max("price"))
    )
    found = {}
    for group, beside in groups.items():
        own = [
            (buyer, joint.get((each, buyer)), day) for each in (group, *beside) for buyer, day in deals.get(each, ())
        ]
        found[group] = _named(buyer_id, sorted(own, key=lambda deal: deal[2]), reviewed.get(group))
    return found


def _named(buyer_id: int, deals: list[tuple[int, int | None, date]], reviewed: Decimal | None) -> FirstDeals:
    hospitals = {
        buyer: f"医院{number}" for number, buyer in enumerate(dict.fromkeys(buyer for buyer, _, _ in deals), 1)
    }
    joint = {each: f"拼单{number}" for number, each in enumerate(dict.fromkeys(g for _, g, _ in deals if g), 1)}
    return FirstDeals(
        hospitals.get(buyer_id, "本机构"),
        tuple(FirstDeal(hospitals[buyer], joint.get(group), day) for buyer, group, day in deals),
        reviewed,
    )

"""What an order rests on, read for a whole basket at once: one query per table, whatever the number of lines."""

import unicodedata
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Aggregate, Case, DecimalField, F, Q, QuerySet, Sum, When

from catalog.models import ListedSpecification, NationalCode
from catalog.queries import trading
from catalog.queries.regions import listing_regions
from pricing.queries.declared import units_of
from procurement.contracts.models import PriceAgreement
from procurement.contracts.queries import agreements_in_force, is_in_force
from procurement.ordering.models import OrderLine
from procurement.ordering.workflows import OrderState
from sunlight.kernel.units import Units
from sunlight.scope import Actor
from sunlight.scope.prepared import Given, Prepared
from sunlight.tenancy.models import Organisation
from sunlight.tenancy.queries.restrictions import Permissions, permissions_of

LONGEST_SEARCH = 100
QUANTITY = DecimalField(max_digits=14, decimal_places=3)


class Median(Aggregate):
    """The ordinary median (mean of the two middle ones)."""

    function = "percentile_cont"
    template = "percentile_cont(0.5) within group (order by %(expressions)s)"


@dataclass(frozen=True, slots=True)
class Usual:
    """The hospital's own habit with a specification: medians of quantity and unit price."""

    quantity: Decimal
    price: Decimal


@dataclass
class Basket:
    """Facts about the codes of a basket on a day, keyed by code, price group, agreement or organisation."""

    day: date
    buyer: Organisation
    platform_code: str
    codes: dict[str, NationalCode] = field(default_factory=dict)
    # code -> ids of the price groups under which it may be traded on this platform today
    tradable_groups: dict[str, set[int]] = field(default_factory=dict)
    # code -> why it may not be traded, where it was ever listed
    obstacles: dict[str, str] = field(default_factory=dict)
    # price group -> codes of the regions where it is listed today
    listed_in: dict[int, frozenset[str]] = field(default_factory=dict)
    agreements: list[PriceAgreement] = field(default_factory=list)
    drawn: dict[int, Decimal] = field(default_factory=dict)
    units: dict[int, Units] = field(default_factory=dict)
    # price group -> what its agreed price is judged by; the services fill it.
    bargain: Mapping[int, Any] = field(default_factory=dict)
    usual: dict[int, Usual] = field(default_factory=dict)
    taken_plan_lines: set[tuple[str, str]] = field(default_factory=set)
    # What the buyer and the agreements' sellers may do.
    permissions: Permissions = field(default_factory=Permissions)

    def agreements_for(self, code: str) -> list[PriceAgreement]:
        """The agreements of this code's tradable price groups that are in force, the latest first: it binds (SZ24-3.4c)."""
        groups = self.tradable_groups.get(code, set())
        in_force = [a for a in self.agreements if a.price_group_id in groups and is_in_force(a, self.day)]
        return sorted(in_force, key=lambda a: (a.agreed_at, a.id), reverse=True)

    def left(self, agreement: PriceAgreement) -> Decimal | None:
        """What may still be ordered of an agreement; None where it sets no quantity."""
        if agreement.quantity is None:
            return None
        return agreement.quantity - self.drawn.get(agreement.id, Decimal(0))


def basket_of(
    actor: Actor,
    codes: Iterable[str],
    *,
    day: date,
    plan_lines: Collection[tuple[str, str]] = (),
    lock: bool = False,
) -> Basket:
    """Everything placing an order of `codes` looks at. `lock` holds the agreements until the transaction ends, so that
    two orders cannot both take the last of a quantity."""
    (buyer,) = _ORGANISATION.rows(id=actor.organisation_id)
    basket = Basket(day=day, buyer=buyer, platform_code=actor.platform_code)
    basket.codes = {row.code: row for row in _CODES.rows(codes=set(codes))}
    for code, group in _TRADABLE.rows(
        platform=actor.platform_id, codes=list(basket.codes), on=day, regions=listing_regions(day)
    ):
        basket.tradable_groups.setdefault(code, set()).add(group)
    if barred := basket.codes.keys() - basket.tradable_groups.keys():
        basket.obstacles = trading.obstacles_of_codes(platform_id=actor.platform_id, codes=barred, on=day)
    groups = sorted({group for found in basket.tradable_groups.values() for group in found})
    basket.listed_in = trading.regions_listed(price_group_ids=groups, on=day)
    mine = {"platform": actor.platform_id, "buyer": actor.organisation_id, "groups": groups}
    basket.agreements = (_AGREEMENTS_LOCKED if lock else _AGREEMENTS).rows(**mine)
    basket.drawn = drawn_quantities([a.id for a in basket.agreements if a.quantity is not None])
    basket.units = units_of({a.price_group_id: a.price_group for a in basket.agreements}.values())
    basket.usual = {
        code: Usual(Decimal(str(quantity)), Decimal(str(price)))
        for code, quantity, price in _USUAL.rows(**mine, codes=[row.id for row in basket.codes.values()])
    }
    basket.taken_plan_lines = _ordered_already(actor, plan_lines)
    parties = {actor.organisation_id, *(a.seller_id for a in basket.agreements)}
    basket.permissions = permissions_of(platform_id=actor.platform_id, organisation_ids=parties, on=day)
    return basket


def _tradable() -> QuerySet:
    rows = trading.tradable_specifications(platform_id=Given("platform"), on=Given("on"), regions=Given("regions"))
    return (
        rows.filter(national_code__code__in=Given("codes"))
        .values_list("national_code__code", "listing__price_group_id")
        .distinct()
    )


def _agreements() -> QuerySet:
    mine = {"platform_id": Given("platform"), "buyer_id": Given("buyer")}
    rows = PriceAgreement.objects.select_related("contract", "price_group", "seller")
    return rows.filter(**mine, price_group_id__in=Given("groups")).order_by("id")


def _drawn() -> QuerySet:
    taken = Sum(
        Case(When(order__state=OrderState.CLOSED, then=F("delivered_quantity")), default=F("quantity")),
        output_field=QUANTITY,
    )
    rows = OrderLine.objects.filter(agreement_id__in=Given("agreements"), is_live=True)
    return rows.values("agreement_id").annotate(taken=taken).values_list("agreement_id", "taken")


def _usual() -> QuerySet:
    rows = OrderLine.objects.filter(
        platform_id=Given("platform"),
        buyer_id=Given("buyer"),
        # The group names the index; the specification decides.
        price_group_id__in=Given("groups"),
        national_code_id__in=Given("codes"),
        is_live=True,
    ).values("national_code_id")
    medians = {"usual_quantity": Median("quantity"), "usual_price": Median("price")}
    return rows.annotate(**medians).values_list("national_code_id", *medians)


# What every order asks.
_ORGANISATION = Prepared(lambda: Organisation.objects.select_related("region").filter(id=Given("id")))
_CODES = Prepared(lambda: NationalCode.objects.filter(code__in=Given("codes")))
_TRADABLE = Prepared(_tradable)
_AGREEMENTS = Prepared(_agreements)
_AGREEMENTS_LOCKED = Prepared(lambda: _agreements().select_for_update(of=("self",)))
_DRAWN = Prepared(_drawn)
_USUAL = Prepared(_usual)


@dataclass(frozen=True, slots=True)
class Orderable:
    """A specification that may be ordered today, at the agreed price of its group."""

    national_code: NationalCode
    agreement: PriceAgreement
    units: Units
    left: Decimal | None

    @property
    def left_text(self) -> str:
        """What may still be ordered of the agreement; "" where it sets no quantity."""
        return "" if self.left is None else self.units.describe(max(self.left, Decimal(0)))

    @property
    def packs_text(self) -> str:
        """`1 盒 = 50 个`, for each pack."""
        return "，".join(f"1 {pack.name} = {pack.factor} {self.units.base}" for pack in self.units.packs)


def orderable(actor: Actor, text: str, on: date) -> QuerySet[ListedSpecification]:
    """Specifications that may be traded today at a price the hospital agreed, found by words of their names or the
    beginning of a code; newest listing first."""
    rows = trading.tradable_specifications(platform_id=actor.platform_id, on=on).filter(
        listing__price_group_id__in=agreements_in_force(actor, on).values("price_group_id")
    )
    for word in unicodedata.normalize("NFKC", text[:LONGEST_SEARCH]).replace("\x00", "").split():
        rows = rows.filter(
            Q(national_code__code__startswith=word.upper())
            | Q(national_code__product_name__icontains=word)
            | Q(national_code__specification__icontains=word)
            | Q(national_code__model__icontains=word)
            | Q(listing__manufacturer__name__icontains=word)
            | Q(listing__price_group__initials__icontains=word)
        )
    return rows.select_related("national_code", "listing").order_by("-listing_id", "national_code__code")


def orderable_rows(actor: Actor, found: Iterable[ListedSpecification], on: date) -> list[Orderable]:
    """What the order page shows of these specifications, in a fixed number of queries."""
    found = list(found)
    groups = {row.listing.price_group_id for row in found}
    agreed = {a.price_group_id: a for a in agreements_in_force(actor, on).filter(price_group_id__in=groups)}
    drawn = drawn_quantities([a.id for a in agreed.values() if a.quantity is not None])
    units = units_of([a.price_group for a in agreed.values()])
    rows = []
    for row in found:
        agreement = agreed.get(row.listing.price_group_id)
        if agreement is not None:
            left = None if agreement.quantity is None else agreement.quantity - drawn.get(agreement.id, Decimal(0))
            rows.append(Orderable(row.national_code, agreement, units[agreement.price_group_id], left))
    return rows


def orderable_of(actor: Actor, codes: Iterable[str], on: date) -> dict[str, Orderable]:
    """The rows of these codes, by code; codes that may not be ordered are absent."""
    found = orderable(actor, "", on).filter(national_code__code__in=list(codes))
    return {row.national_code.code: row for row in orderable_rows(actor, found, on)}


def drawn_quantities(agreement_ids: Collection[int]) -> dict[int, Decimal]:
    """What orders have taken of agreements: all that was ordered, of a closed order what was delivered."""
    return dict(_DRAWN.rows(agreements=list(agreement_ids)))


def _ordered_already(actor: Actor, plan_lines: Collection[tuple[str, str]]) -> set[tuple[str, str]]:
    if not plan_lines:
        return set()
    rows = OrderLine.objects.filter(
        platform_id=actor.platform_id,
        buyer_id=actor.organisation_id,
        plan_number__in={number for number, _ in plan_lines},
        plan_line__in={line for _, line in plan_lines},
        is_live=True,
    )
    return set(rows.values_list("plan_number", "plan_line")) & set(plan_lines)

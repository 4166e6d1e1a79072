"""A manufacturer's own products with their declarations, and a declaration next to what it would replace."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Exists, OuterRef, Q, QuerySet

from catalog.models import Listing, PriceGroup
from catalog.workflows import ACTIVE
from pricing.models import Declaration, DeclaredPrice, ProvincePrice
from pricing.queries.declared import current_province_prices, declared_rows, units_of
from pricing.queries.view import PriceView, price_views
from pricing.rules.provinces import PROVINCES, province_of_region
from pricing.workflows import DeclarationState
from sunlight import scope
from sunlight.journal.refusals import NotThere
from sunlight.kernel.money import round_half_up
from sunlight.kernel.units import Units
from sunlight.scope import Actor
from sunlight.scope.roles import OrganisationKind


def comparison_provinces(*, region: str, on: date, drafts: str) -> list[str]:
    """Codes of the provinces whose prices make the alert line (A2); where no text names any, all other provinces."""
    named = scope.policy().law(region=region, on=on, drafts=drafts).find("alert_line.provinces")
    return list(named.value) if named else [code for code in PROVINCES if code != province_of_region(region)]


def access_price_group(actor: Actor, price_group_id: int) -> PriceGroup:
    """A price group whose prices the actor may read: a supplier its own products', others what was listed or, before
    that, what they see an application for. Raises NotThere."""
    rows = PriceGroup.objects.select_related("manufacturer", "certificate").filter(id=price_group_id)
    if actor.kind is OrganisationKind.SUPPLIER:
        rows = rows.filter(manufacturer_id=actor.organisation_id)
    else:
        rows = rows.filter(Q(was_listed=True) | Exists(Listing.objects.filter(price_group=OuterRef("id"))))
    found = rows.first()
    if found is None or not actor.is_authenticated:
        raise NotThere("计价组")
    return found


def own_price_groups(actor: Actor, *, matching: str = "") -> QuerySet[PriceGroup]:
    """The price groups of the actor's organisation that are listed or on the way there, by name; `matching` looks in
    name, pinyin initials, code and registration number."""
    listings = Listing.objects.filter(price_group=OuterRef("id"), state__in=ACTIVE)
    rows = PriceGroup.objects.select_related("certificate").filter(
        Exists(listings), manufacturer_id=actor.organisation_id
    )
    if matching:
        rows = rows.filter(
            Q(name__icontains=matching)
            | Q(initials__istartswith=matching)
            | Q(generic_code__istartswith=matching)
            | Q(certificate__number__icontains=matching)
        )
    return rows.order_by("name", "id")


def undeclared_price_groups(actor: Actor) -> QuerySet[PriceGroup]:
    """Of one's own those for which no other province's price stands or awaits confirmation here."""
    standing = ProvincePrice.objects.filter(
        price_group=OuterRef("id"), region__code=actor.region_code, superseded_at=None
    )
    waiting = Declaration.objects.filter(
        price_group=OuterRef("id"), platform_id=actor.platform_id, state=DeclarationState.SUBMITTED
    )
    return own_price_groups(actor).filter(~Exists(standing), ~Exists(waiting))


@dataclass(frozen=True, slots=True)
class ProductPrices:
    """A maker's product: how many provinces stand confirmed and await confirmation, with its published prices."""

    group: PriceGroup
    confirmed: int
    waiting: int
    view: PriceView


def products_with_prices(actor: Actor, groups: Sequence[PriceGroup], *, on: date) -> list[ProductPrices]:
    """`groups` of the actor with their counts and prices, in four queries."""
    ids = [group.id for group in groups]
    confirmed = current_province_prices(region=actor.region_code, price_group_ids=ids)
    waiting = Counter(
        DeclaredPrice.objects.filter(
            declaration__price_group_id__in=ids,
            declaration__state=DeclarationState.SUBMITTED,
            declaration__platform_id=actor.platform_id,
        ).values_list("declaration__price_group_id", flat=True)
    )
    views = price_views(region=actor.region_code, price_group_ids=ids, on=on, drafts=actor.drafts)
    return [
        ProductPrices(group, len(confirmed.get(group.id, ())), waiting[group.id], views[group.id]) for group in groups
    ]


@dataclass(frozen=True, slots=True)
class ComparedPrice:
    """A declared price next to the confirmed one it would replace; `change` in percent of that, 2 decimals, with sign."""

    declared: DeclaredPrice
    province: str
    counts: bool
    previous: ProvincePrice | None
    difference: Decimal | None
    change: Decimal | None


@dataclass(frozen=True, slots=True)
class Comparison:
    """What the operator looks at to judge whether prices can be compared (SZ24-3.2a)."""

    units: Units
    prices: tuple[ComparedPrice, ...]
    view: PriceView


def comparison_of(declaration: Declaration, *, on: date) -> Comparison:
    """A declaration's prices by province: unit, factor and converted price, each next to the confirmed one before."""
    region, group = declaration.region.code, declaration.price_group_id
    drafts = declaration.platform.drafts
    counted = comparison_provinces(region=region, on=on, drafts=drafts)
    standing = {
        price.province: price
        for price in current_province_prices(region=region, price_group_ids=[group]).get(group, ())
    }
    rows = declared_rows([declaration.id])[declaration.id]
    own = {row.id for row in rows}
    return Comparison(
        units=units_of([declaration.price_group])[group],
        prices=tuple(_compared(row, counted, standing.get(row.province), own) for row in rows),
        view=price_views(region=region, price_group_ids=[group], on=on, drafts=drafts)[group],
    )


def _compared(
    row: DeclaredPrice, counted: Sequence[str], previous: ProvincePrice | None, own: set[int]
) -> ComparedPrice:
    if previous is not None and previous.declared_price_id in own:
        previous = None
    difference = change = None
    if previous is not None:
        difference = row.price - previous.price
        change = round_half_up(abs(difference) * 100 / previous.price, 2).copy_sign(difference)
    return ComparedPrice(row, PROVINCES[row.province], row.province in counted, previous, difference, change)

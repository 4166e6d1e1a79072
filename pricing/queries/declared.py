"""Declarations and the confirmed prices of other provinces."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery

from catalog.models import Pack, PriceGroup
from pricing.models import Declaration, DeclaredPrice, ProvincePrice
from pricing.rules.provinces import PROVINCES
from pricing.workflows import DeclarationState
from sunlight.files.uses import file_use
from sunlight.journal.refusals import NotThere
from sunlight.kernel import units
from sunlight.scope import Actor, Role
from sunlight.scope.prepared import Given, Prepared
from sunlight.scope.roles import OrganisationKind
from sunlight.sheets.models import ImportRun
from sunlight.sheets.queries import runs_visible_to

PRICE_LIST = "price_list"
_PACKS = Prepared(
    lambda: Pack.objects.filter(price_group_id__in=Given("groups"), factor__gte=2).values_list(
        "price_group_id", "name", "factor"
    )
)


def access_price_list(actor: Actor, run_id: int) -> ImportRun:
    """An import of a price list the actor may see. Raises NotThere."""
    run = runs_visible_to(actor, PRICE_LIST).filter(id=run_id).first()
    if run is None:
        raise NotThere("这次导入")
    return run


@file_use("price_list", Role.OPERATOR_CONFIRMER)
def price_list_files(actor: Actor, run_id: int) -> set[int]:
    """The sheet that an import of prices was read from. Raises NotThere."""
    return {access_price_list(actor, run_id).file_id}


def price_lists_visible_to(actor: Actor) -> QuerySet[ImportRun]:
    """Imports of price lists, newest first."""
    return runs_visible_to(actor, PRICE_LIST)


def waiting_declarations(actor: Actor) -> list[int]:
    """Declarations that wait for confirmation, the longest wait first; up to five hundred."""
    rows = declarations_visible_to(actor).filter(state=DeclarationState.SUBMITTED).order_by("id")
    return list(rows.values_list("id", flat=True)[:500])


def earlier_declarations(actor: Actor, row: Declaration) -> list[Declaration]:
    """What was declared for the same price group before, the newest first."""
    return list(declarations_visible_to(actor).filter(price_group_id=row.price_group_id, id__lt=row.id)[:8])


def declarations_visible_to(actor: Actor) -> QuerySet[Declaration]:
    """A maker's own; all of its platforms for operators and regulators; nothing for hospitals and strangers. Newest
    first, with the number of provinces as `provinces`."""
    counted = DeclaredPrice.objects.filter(declaration=OuterRef("id")).order_by().values("declaration")
    rows = (
        Declaration.objects.select_related("price_group__certificate", "manufacturer", "region")
        .annotate(provinces=Subquery(counted.annotate(n=Count("id")).values("n")))
        .order_by("-id")
    )
    if actor.kind is OrganisationKind.SUPPLIER:
        return rows.filter(platform_id=actor.platform_id, manufacturer_id=actor.organisation_id)
    if actor.is_party or not (actor.is_authenticated or actor.roles):
        return rows.none()
    return rows.filter(platform_id__in=actor.platform_ids, region_id__in=actor.region_ids)


def access_declaration(actor: Actor, declaration_id: int) -> Declaration:
    """A declaration the actor may see. Raises NotThere."""
    found = declarations_visible_to(actor).filter(id=declaration_id).first()
    if found is None:
        raise NotThere("价格申报")
    return found


def lock_declaration(actor: Actor, declaration_id: int) -> Declaration:
    """The same, locked for a change. Raises NotThere."""
    access_declaration(actor, declaration_id)
    rows = Declaration.objects.select_for_update(of=("self",)).select_related("price_group", "region")
    return rows.get(id=declaration_id)


def declared_rows(declaration_ids: Iterable[int]) -> dict[int, list[DeclaredPrice]]:
    """The provinces' prices of declarations, in one query, by province."""
    found: dict[int, list[DeclaredPrice]] = defaultdict(list)
    for row in DeclaredPrice.objects.filter(declaration_id__in=list(declaration_ids)).order_by("province"):
        found[row.declaration_id].append(row)
    return found


def current_province_prices(
    *, region: str, price_group_ids: Iterable[int], known_until: datetime | None = None
) -> dict[int, list[ProvincePrice]]:
    """The confirmed prices by group, in one query: those not superseded, now or as they were known at a moment.
    Public; the declarations behind them are not."""
    rows = ProvincePrice.objects.filter(region__code=region, price_group_id__in=list(price_group_ids))
    if known_until is None:
        rows = rows.filter(superseded_at=None)
    else:
        rows = rows.filter(Q(superseded_at=None) | Q(superseded_at__gt=known_until), confirmed_at__lte=known_until)
    found: dict[int, list[ProvincePrice]] = defaultdict(list)
    for row in rows.order_by("price_group_id", "province"):
        found[row.price_group_id].append(row)
    return found


def province_prices(*, region: str, price_group_id: int) -> list[ProvincePrice]:
    """The confirmed prices of one group, by province."""
    return current_province_prices(region=region, price_group_ids=[price_group_id]).get(price_group_id, [])


def named_province_prices(*, region: str, price_group_id: int) -> list[tuple[str, ProvincePrice]]:
    """The confirmed prices of one group with their provinces' names, the lowest first."""
    rows = sorted(province_prices(region=region, price_group_id=price_group_id), key=lambda row: row.price)
    return [(PROVINCES[row.province], row) for row in rows]


def units_of(price_groups: Iterable[PriceGroup]) -> dict[int, units.Units]:
    """Pricing unit and packs of groups, in one query."""
    groups = list(price_groups)
    packs: dict[int, list[units.Pack]] = defaultdict(list)
    for group, name, factor in _PACKS.rows(groups=[group.id for group in groups]):
        packs[group].append(units.Pack(name, factor))
    return {group.id: units.Units(group.pricing_unit, tuple(packs[group.id])) for group in groups}


def own_price_group(actor: Actor, price_group_id: int) -> PriceGroup:
    """A price group of the actor's own products. Raises NotThere for another's."""
    found = (
        PriceGroup.objects.select_related("manufacturer", "certificate")
        .filter(id=price_group_id, manufacturer_id=actor.organisation_id)
        .first()
    )
    if found is None:
        raise NotThere("计价组")
    return found

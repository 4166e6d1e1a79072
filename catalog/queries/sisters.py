"""What stands beside a price group: the one unit of its certificate and code, and the other groups of the certificate with
their prices. In a scope of the platform all of them, in a maker's its own and those that were listed."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Q

from catalog.models import CertificateUnit, Listing, PriceGroup
from catalog.workflows import ACTIVE, STANDING, ListingState
from sunlight import scope
from sunlight.scope import Actor


def unit_of(certificate_number: str, generic_code: str) -> str:
    """The pricing unit of a certificate and 20-digit code; empty before its first group was listed."""
    found = CertificateUnit.objects.filter(certificate__number=certificate_number, generic_code=generic_code)
    return found.values_list("unit", flat=True).first() or ""


def pricing_units(actor: Actor, on: date) -> Sequence[str]:
    """The units that may be priced in on a day, as the law of the actor's platform lists them."""
    value = scope.law(actor, on).find("catalog.pricing_units")
    return value.value if value else ()


def group_of(
    *, manufacturer_id: int, certificate_number: str, generic_code: str, unit: str, variant: str
) -> PriceGroup | None:
    """The maker's price group as `price_group_kept` would find it."""
    return PriceGroup.objects.filter(
        manufacturer_id=manufacturer_id,
        certificate__number=certificate_number,
        generic_code=generic_code,
        pricing_unit=unit,
        variant=variant,
    ).first()


def standing_listing_of(price_group_id: int, region_id: int, *, but: int | None = None) -> Listing | None:
    """The listing of a price group in a region that is reviewed and not ended; there is at most one."""
    rows = Listing.objects.filter(price_group_id=price_group_id, region_id=region_id, state__in=STANDING)
    return rows.exclude(id=but).first()


@dataclass(frozen=True, slots=True)
class Sister:
    """Another group of a certificate as it is listed or applied for; the price in CNY a base unit."""

    listing: Listing
    is_same_code: bool

    @property
    def price(self) -> Decimal:
        return self.listing.declared_price

    @property
    def unit(self) -> str:
        return self.listing.price_group.pricing_unit


def sisters_of(
    *, certificate_number: str, generic_code: str, region_id: int, but_group: int | None, states: Iterable = ACTIVE
) -> Sequence[Sister]:
    """The other groups of a certificate in a region: first those of the same code, the cheapest first."""
    rows = (
        Listing.objects.select_related("price_group", "manufacturer")
        .filter(price_group__certificate__number=certificate_number, region_id=region_id, state__in=list(states))
        .exclude(price_group_id=but_group)
    )
    found = [Sister(row, row.price_group.generic_code == generic_code) for row in rows]
    return sorted(found, key=lambda each: (not each.is_same_code, each.price, each.listing.id))


def cheapest_sister(
    *, certificate_number: str, generic_code: str, region_id: int, but_group: int | None
) -> Sister | None:
    """The cheapest group in trade of the same certificate and code."""
    found = sisters_of(
        certificate_number=certificate_number,
        generic_code=generic_code,
        region_id=region_id,
        but_group=but_group,
        states=STANDING,
    )
    return next((each for each in found if each.is_same_code), None)


def sister_groups(price_group_ids: Iterable[int]) -> dict[int, list[int]]:
    """Price group → the groups it stands beside (same certificate and code) from which it may not break away: none where
    two reviewers let it have a price of its own."""
    groups = list(PriceGroup.objects.filter(id__in=list(price_group_ids)))
    if not groups:
        return {}
    alone = set(
        Listing.objects.filter(
            price_group_id__in=[g.id for g in groups], endorsed_by_id__isnull=False, state=ListingState.LISTED
        ).values_list("price_group_id", flat=True)
    )
    pairs = {(g.certificate_id, g.generic_code) for g in groups if g.id not in alone}
    wanted = Q(pk__in=[])
    for certificate_id, generic_code in pairs:
        wanted |= Q(certificate_id=certificate_id, generic_code=generic_code)
    beside: dict[tuple, list[int]] = {}
    for row in PriceGroup.objects.filter(wanted, was_listed=True).order_by("id"):
        beside.setdefault((row.certificate_id, row.generic_code), []).append(row.id)
    return {
        g.id: [each for each in beside.get((g.certificate_id, g.generic_code), ()) if each != g.id]
        for g in groups
        if g.id not in alone
    }

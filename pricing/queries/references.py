"""Reference prices: those that bind on a day, and the desk that collects them. Regions are given by code (CN-GD-SZ)."""

from collections.abc import Iterable
from datetime import date

from django.db.models import Q

from pricing.models import ReferencePrice
from pricing.workflows import ReferenceState
from sunlight import scope
from sunlight.scope.prepared import Given, Prepared

_REFERENCES = Prepared(
    lambda: (
        ReferencePrice.objects.select_related("region")
        .filter(
            Q(valid_to=None) | Q(valid_to__gte=Given("on")),
            state=ReferenceState.CONFIRMED,
            region__code__in=Given("regions"),
            price_group_id__in=Given("groups"),
            valid_from__lte=Given("on"),
        )
        .order_by("valid_from", "id")
    )
)


def reference_prices(*, region: str, price_group_ids: Iterable[int], on: date) -> dict[int, ReferencePrice]:
    """The confirmed reference price of each group in `region` on a day, in one query: the region's own, else that of the
    nearest region above it. Groups without one are absent: they are of the alternative catalogue (SZ20-5.2.1a). Whether it
    bounds an offer that day is `bargain.bounds`' to say (SZ20-5.2.1c)."""
    path = scope.policy().path(region)
    found: dict[int, ReferencePrice] = {}
    for row in _REFERENCES.rows(regions=path, groups=list(price_group_ids), on=on):
        kept = found.get(row.price_group_id)
        if kept is None or path.index(row.region.code) <= path.index(kept.region.code):
            found[row.price_group_id] = row
    return found


def reference_price(*, region: str, price_group_id: int, on: date) -> ReferencePrice | None:
    """As `reference_prices` for one group; None where it has none on that day."""
    return reference_prices(region=region, price_group_ids=[price_group_id], on=on).get(price_group_id)

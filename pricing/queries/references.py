"""Reference prices: those that bind on a day, and the desk that collects them. Regions are given by code (CN-GD-SZ)."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from django.db.models import Q, QuerySet

from pricing.models import ReferencePrice
from pricing.workflows import UNPUBLISHED, ReferenceState
from sunlight import scope
from sunlight.journal.refusals import NotThere
from sunlight.scope import Actor
from sunlight.scope.prepared import Given, Prepared
from sunlight.scope.roles import OrganisationKind

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


def reference_prices(*, region: str, price_group_ids: Iterable[int], on: date) -> dict[int, Decimal]:
    """The confirmed reference price of each group in `region` on a day, CNY a pricing unit, in one query; see
    `references_in_force`."""
    rows = references_in_force(region=region, price_group_ids=price_group_ids, on=on)
    return {group: row.price for group, row in rows.items()}


def references_in_force(*, region: str, price_group_ids: Iterable[int], on: date) -> dict[int, ReferencePrice]:
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


def current_reference(region: str, price_group_id: int) -> ReferencePrice | None:
    """The last confirmed reference price of a group in a region, also before its first day: a new one must be lower."""
    rows = ReferencePrice.objects.filter(region__code=region, price_group_id=price_group_id)
    return rows.filter(state=ReferenceState.CONFIRMED, valid_to=None).first()


def references_visible_to(actor: Actor) -> QuerySet[ReferencePrice]:
    """Reference prices of the actor's platforms, the newest first; a supplier's own products'. What was only collected is
    the office's business."""
    rows = ReferencePrice.objects.select_related("price_group__manufacturer", "region", "publication").order_by("-id")
    if not actor.is_party:
        return rows.filter(platform_id__in=actor.platform_ids)
    rows = rows.filter(platform_id=actor.platform_id).exclude(state__in=UNPUBLISHED)
    if actor.kind is OrganisationKind.SUPPLIER:
        rows = rows.filter(price_group__manufacturer_id=actor.organisation_id)
    return rows


def access_reference(actor: Actor, reference_id: int) -> ReferencePrice:
    """A reference price the actor may see. Raises NotThere."""
    found = references_visible_to(actor).filter(id=reference_id).first()
    if found is None:
        raise NotThere("参考价")
    return found


def lock_reference(actor: Actor, reference_id: int) -> ReferencePrice:
    """The same, locked for a change. Raises NotThere."""
    access_reference(actor, reference_id)
    rows = ReferencePrice.objects.select_for_update(of=("self",))
    return rows.select_related("price_group__manufacturer", "price_group__certificate", "region", "publication").get(
        id=reference_id
    )

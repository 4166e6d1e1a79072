"""Reading listings: one's own, those under review, those open for trade."""

from collections.abc import Iterable
from datetime import date

from django.db.models import Count, Q, QuerySet

from catalog.models import Certificate, ListedSpecification, Listing, NationalCode, Pack, PlatformListing
from catalog.rules import zone_classify
from catalog.workflows import ACTIVE, WAITING, ListingState
from sunlight import scope
from sunlight.journal.refusals import NotThere
from sunlight.kernel.rule import Decision
from sunlight.scope import Actor
from sunlight.scope.fields import done_by
from sunlight.scope.roles import OrganisationKind
from sunlight.sheets.reading import narrow
from sunlight.tenancy.models import Platform, ProducerName

_WIDE_BRACKETS = str.maketrans("()", "（）")


def _with_facts(rows: QuerySet[Listing]) -> QuerySet[Listing]:
    return rows.select_related("price_group__certificate", "manufacturer", "region", "platform")


def _open_on(platform_ids: Iterable[int]) -> QuerySet:
    return PlatformListing.objects.filter(platform_id__in=list(platform_ids)).values("listing_id")


def listings_visible_to(actor: Actor) -> QuerySet[Listing]:
    """The listings an actor works with, newest first: a supplier's own in every state; for hospitals what was ever open
    on their platform; for the operator, regulators and the system those applied for or open on their platforms."""
    rows = _with_facts(Listing.objects.all()).order_by("-id")
    if actor.kind == OrganisationKind.SUPPLIER and not actor.on_behalf_of:
        return rows.filter(manufacturer_id=actor.organisation_id)
    if actor.kind == OrganisationKind.HOSPITAL and not actor.on_behalf_of:
        return rows.filter(listed_on__isnull=False, id__in=_open_on([actor.platform_id]))
    if actor.kind is not None or actor.roles:
        here = Q(platform_id__in=actor.platform_ids)
        return rows.filter(here | Q(listed_on__isnull=False, id__in=_open_on(actor.platform_ids)))
    return rows.none()


def waiting_for(actor: Actor) -> QuerySet[Listing]:
    """The listings that wait for a review by this reviewer."""
    rows = listings_visible_to(actor).filter(state__in=WAITING)
    return rows.exclude(Q(done_by(actor, "endorsed_by"), state=ListingState.ENDORSED))


def access_listing(actor: Actor, listing_id: int) -> Listing:
    """One listing the actor works with. Raises NotThere."""
    found = listings_visible_to(actor).filter(id=listing_id).first()
    if found is None:
        raise NotThere("这条挂网记录")
    return found


def lock_listing(actor: Actor, listing_id: int) -> Listing:
    """As `access_listing`, the row locked. Raises NotThere."""
    found = listings_visible_to(actor).filter(id=listing_id).select_for_update(of=("self",)).first()
    if found is None:
        raise NotThere("这条挂网记录")
    return found


def listed_specifications(listing_id: int) -> QuerySet[NationalCode]:
    """The specifications a listing covers, by code."""
    listed = ListedSpecification.objects.filter(listing_id=listing_id).values("national_code_id")
    return NationalCode.objects.filter(id__in=listed).order_by("code")


def specification_counts(listing_ids: Iterable[int]) -> dict[int, int]:
    """How many specifications each listing covers, in one query."""
    rows = ListedSpecification.objects.filter(listing_id__in=list(listing_ids)).values_list("listing_id")
    return dict(rows.annotate(count=Count("id")).order_by())


def zone_of(listing: Listing, *, on: date, drafts: str = "binding") -> Decision:
    """Active or inactive zone of a listing on a day, by rule `zone.classify` in the region of its platform (SZ24-3.5a).
    The listing carries its platform's region."""
    law = scope.policy().law(region=listing.platform.region.code, on=on, drafts=drafts)
    return zone_classify(
        law,
        listed_on=listing.listed_on or on,
        last_delivery_on=listing.last_delivered_on,
        last_sale_on=listing.last_sold_on,
    )


def packs_of(price_group_id: int) -> list[Pack]:
    """Packs of a price group, the smallest first."""
    return list(Pack.objects.filter(price_group_id=price_group_id).order_by("factor"))


def platforms_of_listing(listing_id: int) -> list[PlatformListing]:
    """Where a listing was opened, with the platforms."""
    return list(
        PlatformListing.objects.select_related("platform").filter(listing_id=listing_id).order_by("platform_id")
    )


def platforms_in(region_code: str) -> list[Platform]:
    """The open platforms that trade for a region or a part of it (GD25-2.2b)."""
    here = Q(region__code=region_code) | Q(region__code__startswith=f"{region_code}-")
    return list(Platform.objects.filter(here, is_open=True).order_by("id"))


def producer_names(organisation_id: int) -> list[str]:
    """The names under which the national catalogue knows this supplier's products: its own and those it is agent of."""
    return list(
        ProducerName.objects.filter(organisation_id=organisation_id)
        .order_by("is_agent", "name")
        .values_list("name", flat=True)
    )


def own_codes(actor: Actor, rows: QuerySet[NationalCode]) -> QuerySet[NationalCode]:
    """Of `rows`, the specifications made under one of the actor's producer names, brackets full-width or not."""
    spelled = {
        form
        for name in producer_names(actor.organisation_id)
        for form in (name, narrow(name), narrow(name).translate(_WIDE_BRACKETS))
    }
    return rows.filter(producer_name__in=spelled)


def certificate_of(number: str) -> Certificate | None:
    """A registration certificate the platform knows."""
    return Certificate.objects.filter(number=narrow(number)).first()


def active_listing_of(codes: Iterable[str], region_id: int, *, but: int | None = None) -> Listing | None:
    """An application or listing in the region that covers one of these codes already."""
    covering = ListedSpecification.objects.filter(national_code__code__in=list(codes)).values("listing_id")
    rows = Listing.objects.filter(id__in=covering, region_id=region_id, state__in=ACTIVE)
    return rows.exclude(id=but).order_by("-id").first()

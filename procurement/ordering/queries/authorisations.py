"""Standing distribution authorisations, and whom they name for an order."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import QuerySet

from catalog.models import PriceGroup
from procurement.ordering.models import DistributionAuthorisation
from procurement.ordering.rules.authorising import Authorised, most_specific
from procurement.ordering.workflows import AuthorisationState
from sunlight.journal.refusals import NotThere
from sunlight.kernel.reading import possible_id
from sunlight.scope import Actor
from sunlight.scope.branches import by_party, by_place
from sunlight.scope.roles import OrganisationKind
from sunlight.tenancy.models import Organisation, Region, Registration


def authorisations_visible_to(actor: Actor) -> QuerySet[DistributionAuthorisation]:
    """A manufacturer's own, a distributor's that name it, all for operator and regulators; hospitals see none: the choice
    is the manufacturer's (SZ24-3.6)."""
    rows = DistributionAuthorisation.objects.select_related(
        "manufacturer", "distributor", "price_group", "hospital", "region"
    )
    if actor.kind == OrganisationKind.SUPPLIER:
        columns = ["manufacturer_id", "distributor_id"]
        return rows.in_branches(by_party(columns, actor.organisation_id, actor.platform_id))
    if actor.is_party or not actor.roles:
        return rows.none()
    return rows.in_branches(by_place(actor.platform_ids))


def access_authorisation(actor: Actor, authorisation_id: int) -> DistributionAuthorisation:
    """Raises NotThere."""
    row = authorisations_visible_to(actor).filter(id=possible_id(authorisation_id)).first()
    if row is None:
        raise NotThere("配送授权")
    return row


def lock_authorisation(authorisation_id: int) -> DistributionAuthorisation:
    return DistributionAuthorisation.objects.select_for_update(of=("self",)).get(id=authorisation_id)


def standing(*, platform_id: int, manufacturer_ids: Collection[int], on: date) -> dict[int, list[Authorised]]:
    """Each manufacturer's authorisations in force on a day. Needs a scope that may see them: the manufacturer's own or
    the platform's."""
    rows = DistributionAuthorisation.objects.filter(
        platform_id=platform_id,
        manufacturer_id__in=manufacturer_ids,
        state=AuthorisationState.IN_FORCE,
        valid_from__lte=on,
        valid_to__gte=on,
    ).select_related("region")
    found: dict[int, list[Authorised]] = {each: [] for each in manufacturer_ids}
    for row in rows:
        found[row.manufacturer_id].append(
            Authorised(
                id=row.id,
                distributor_id=row.distributor_id,
                price_group_id=row.price_group_id,
                hospital_id=row.hospital_id,
                region_code=row.region.code if row.region else None,
                is_default=row.is_default,
                valid_from=row.valid_from,
            )
        )
    return found


def authorised_distributor(
    authorisations: Iterable[Authorised], *, price_group_id: int, hospital_id: int, region_code: str
) -> int | None:
    """The distributor of the most specific authorisation; None: the manufacturer delivers itself (SZ20-6.4)."""
    chosen = most_specific(
        authorisations, price_group_id=price_group_id, hospital_id=hospital_id, region_code=region_code
    )
    return chosen.distributor_id if chosen else None


def may_deliver(
    authorisations: Iterable[Authorised],
    *,
    distributor_id: int,
    price_group_ids: Collection[int],
    hospital_id: int,
    region_code: str,
) -> bool:
    """Whether a distributor is authorised for every one of these price groups at a hospital."""
    own = [each for each in authorisations if each.distributor_id == distributor_id]
    return all(
        any(each.covers(price_group_id=group, hospital_id=hospital_id, region_code=region_code) for each in own)
        for group in price_group_ids
    )


def distributors_registered(platform_id: int) -> QuerySet[Organisation]:
    """Distributors admitted to a platform, by name."""
    admitted = Registration.objects.filter(platform_id=platform_id, approved_at__isnull=False)
    return Organisation.objects.filter(is_distributor=True, id__in=admitted.values("organisation_id")).order_by("name")


def hospitals_registered(platform_id: int) -> QuerySet[Organisation]:
    """Hospitals admitted to a platform, by name."""
    admitted = Registration.objects.filter(platform_id=platform_id, approved_at__isnull=False)
    return Organisation.objects.filter(
        kind=OrganisationKind.HOSPITAL, id__in=admitted.values("organisation_id")
    ).order_by("name")


def is_manufacturer(actor: Actor) -> bool:
    """Whether the actor's organisation makes products."""
    return Organisation.objects.filter(id=actor.organisation_id, is_manufacturer=True).exists()


@dataclass(frozen=True, slots=True)
class Choices:
    """What an authorisation may name: all registered on the platform, products the manufacturer's own."""

    distributors: list[Organisation]
    hospitals: list[Organisation]
    products: list[PriceGroup]
    regions: list[Region]


def choices_for(actor: Actor) -> Choices:
    """For the form of the manufacturer's authorisations."""
    return Choices(
        distributors=list(distributors_registered(actor.platform_id).exclude(id=actor.organisation_id)),
        hospitals=list(hospitals_registered(actor.platform_id)),
        products=list(
            PriceGroup.objects.filter(manufacturer_id=actor.organisation_id, was_listed=True).order_by("name", "id")
        ),
        regions=list(Region.objects.filter(code__startswith=actor.region_code).order_by("code")),
    )

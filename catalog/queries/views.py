"""A listing with everything its page shows."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from catalog.commitments import Commitment, listing_commitment
from catalog.models import Listing, NationalCode, Pack, PlatformListing
from catalog.queries.checks import Check, application_of, listing_checks
from catalog.queries.listings import (
    access_listing,
    listed_specifications,
    packs_of,
    platforms_of_listing,
    zone_of,
)
from catalog.queries.sisters import Sister, sisters_of
from catalog.workflows import DRAFTED, LISTING, ListingState
from sunlight import scope
from sunlight.kernel.money import price_text
from sunlight.scope import Actor


@dataclass(frozen=True)
class ListingView:
    """`checks` are as of the day asked for; `moves` are those the actor may make now; `zone` is None before listing."""

    listing: Listing
    specifications: Sequence[NationalCode]
    packs: Sequence[Pack]
    opened: Sequence[PlatformListing]
    commitment: Commitment
    checks: Sequence[Check]
    # The other groups of the certificate in its region, those of the same code first.
    sisters: Sequence[Sister]
    zone: str | None
    moves: frozenset[str]

    @property
    def ready(self) -> bool:
        return all(check.passes for check in self.checks)


def commitment_of(listing: Listing) -> Commitment:
    """The commitment the maker signs with this application as it stands; once submitted, the one that was signed."""
    if listing.state not in DRAFTED:
        return Commitment(listing.commitment_text)
    group = listing.price_group
    return listing_commitment(
        manufacturer=listing.manufacturer.name,
        number=listing.number,
        product=group.name,
        certificate=group.certificate.number,
        unit=group.pricing_unit,
        price=price_text(listing.declared_price),
        codes=[spec.code for spec in listed_specifications(listing.id)],
    )


def listing_view(actor: Actor, listing_id: int, on: date) -> ListingView:
    """Raises NotThere."""
    listing = access_listing(actor, listing_id)
    law = scope.law(actor, on)
    application = application_of(listing)
    zone = None
    if listing.listed_on is not None:
        decision = zone_of(listing, on=on, drafts=actor.drafts)
        zone = decision.outcome["zone"] if decision.regulated else None
    return ListingView(
        listing=listing,
        specifications=application.specifications,
        packs=packs_of(listing.price_group_id),
        opened=platforms_of_listing(listing.id),
        commitment=commitment_of(listing),
        checks=listing_checks(application, on=on, law=law),
        sisters=sisters_of(
            certificate_number=application.certificate_number,
            generic_code=listing.price_group.generic_code,
            region_id=listing.region_id,
            but_group=listing.price_group_id,
        ),
        zone=zone,
        moves=frozenset(
            move.name for role in actor.roles for move in LISTING.moves_from(ListingState(listing.state), role)
        ),
    )

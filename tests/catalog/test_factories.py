"""The factories other tests rest on."""

from catalog.models import ListedSpecification, Listing, PlatformListing
from sunlight import scope
from sunlight.scope import Role
from tests.factories import catalog


def test_a_listed_product_is_seen_by_everybody_and_a_draft_by_its_maker_alone(world):
    listing = catalog.listed(world, price="99.5", specifications=2)
    draft = catalog.listed(world, state="DRAFT", listed_on=None, open_on_platform=False)
    buyer, maker, other = (
        world.actor("hospital", Role.HOSPITAL_BUYER),
        world.actor("maker", Role.SUPPLIER_LISTER),
        world.actor("other_maker", Role.SUPPLIER_LISTER),
    )
    for actor, seen in ((buyer, {listing.id}), (maker, {listing.id, draft.id}), (other, {listing.id})):
        with scope.opened(actor):
            assert set(Listing.objects.values_list("id", flat=True)) == seen
            assert ListedSpecification.objects.filter(listing=listing).count() == 2
            assert PlatformListing.objects.get(listing=listing).platform_id == world.platform.id

"""The factories other tests rest on."""

from decimal import Decimal

from catalog.models import Certificate, Listing, PriceGroup
from catalog.workflows import ListingState
from procurement.contracts.models import PriceAgreement
from sunlight import scope
from sunlight.scope import Role
from sunlight.scope.clock import business_date
from tests.factories import procurement


def test_an_agreement_in_force_is_seen_by_its_parties_alone(world):
    now = scope.now()
    with scope.opened(world.system):
        certificate = Certificate.objects.create(number="国械注准20263100099", holder_name="甲", product_name="支架")
        group = PriceGroup.objects.create(
            manufacturer=world.maker,
            certificate=certificate,
            generic_code="C0101010010100104744",
            name="支架",
            pricing_unit="个",
            created_at=now,
        )
        listing = Listing.objects.create(
            number="L1",
            price_group=group,
            manufacturer=world.maker,
            region=world.platform.region,
            platform=world.platform,
            state=ListingState.LISTED,
            declared_price=Decimal("120"),
            commitment_sha256="0" * 64,
            created_at=now,
            submitted_at=now,
            listed_on=business_date(now),
        )
    agreement = procurement.agreed(world, listing, price="12.5")
    assert agreement.price == Decimal("12.5")
    for key, role, seen in (
        ("hospital", Role.HOSPITAL_BUYER, 1),
        ("maker", Role.SUPPLIER_SELLER, 1),
        ("other_hospital", Role.HOSPITAL_BUYER, 0),
        ("other_maker", Role.SUPPLIER_SELLER, 0),
    ):
        actor = world.actor(key, role)
        with scope.opened(actor):
            assert PriceAgreement.objects.count() == seen
            assert PriceAgreement.objects.visible_to(actor).count() == seen

"""Rows of the catalogue as its services would leave them, built as the platform itself.

`listed(world, price="120.0000")` gives a tradable listing: LISTED in CN-GD, open on the world's platform, its certificate
valid, with its specifications and the pack 盒 = 50.
"""

import hashlib
from datetime import date, timedelta
from decimal import Decimal

import factory
from factory.django import DjangoModelFactory

from catalog.models import (
    Certificate,
    ListedSpecification,
    Listing,
    NationalCode,
    Pack,
    PlatformListing,
    PriceGroup,
)
from catalog.workflows import ListingState
from sunlight import scope
from sunlight.scope.clock import business_date
from sunlight.tenancy.models import Region

_COMMITMENT = "测试承诺书"


class CertificateFactory(DjangoModelFactory):
    class Meta:
        model = Certificate

    number = factory.Sequence(lambda n: f"国械注准2099{n:07d}")
    holder_name = "测试医疗器械有限公司"
    product_name = "测试支架"
    valid_from = date(2020, 1, 1)
    valid_until = date(2099, 12, 31)


class NationalCodeFactory(DjangoModelFactory):
    """A 27-digit specification; give `generic_code` to put several under one."""

    class Meta:
        model = NationalCode

    class Params:
        serial = factory.Sequence(lambda n: n + 1)

    generic_code = factory.LazyAttribute(lambda o: f"C02010100101001{o.serial % 100000:05d}")
    code = factory.LazyAttribute(lambda o: f"{o.generic_code}{o.serial:07d}")
    kind = "consumable"
    category_1 = "02-血管介入治疗类材料"
    registration_number = "国械注准20993000001"
    product_name = "测试支架"
    producer_name = "测试医疗器械有限公司"
    specification = factory.LazyAttribute(lambda o: f"直径 3.0 mm / {o.serial}")
    recorded_at = factory.LazyFunction(scope.now)


class PriceGroupFactory(DjangoModelFactory):
    """Give `manufacturer`."""

    class Meta:
        model = PriceGroup

    certificate = factory.SubFactory(CertificateFactory)
    generic_code = factory.Sequence(lambda n: f"C0201010010100{n % 1000000:06d}")
    name = "测试支架"
    pricing_unit = "个"
    initials = "cszj"
    created_at = factory.LazyFunction(scope.now)


class PackFactory(DjangoModelFactory):
    class Meta:
        model = Pack

    name = "盒"
    factor = 50


class ListingFactory(DjangoModelFactory):
    """LISTED since `listed_on`; give `price_group`, `region`, `platform`."""

    class Meta:
        model = Listing

    number = factory.Sequence(lambda n: f"20990103{n:012d}")
    manufacturer = factory.SelfAttribute("price_group.manufacturer")
    state = ListingState.LISTED
    declared_price = Decimal("120.0000")
    commitment_text = _COMMITMENT
    commitment_sha256 = hashlib.sha256(_COMMITMENT.encode()).hexdigest()
    created_at = factory.LazyFunction(scope.now)
    submitted_at = factory.SelfAttribute("created_at")
    reviewed_at = factory.SelfAttribute("created_at")
    listed_on = factory.LazyAttribute(lambda o: business_date(o.created_at) - timedelta(days=30))


class ListedSpecificationFactory(DjangoModelFactory):
    class Meta:
        model = ListedSpecification


class PlatformListingFactory(DjangoModelFactory):
    class Meta:
        model = PlatformListing

    opened_on = factory.SelfAttribute("listing.listed_on")


def listed(
    world,
    price: str = "120.0000",
    *,
    maker="maker",
    specifications: int = 1,
    region: str = "CN-GD",
    name: str = "测试支架",
    unit: str = "个",
    open_on_platform: bool = True,
    certificate: Certificate | None = None,
    **listing,
) -> Listing:
    """A tradable listing of `maker` (a key of the world, or an organisation) at `price` CNY a unit. `listing` overrides
    the listing's fields (`state`, `listed_on`, …)."""
    manufacturer = world.organisations[maker] if isinstance(maker, str) else maker
    with scope.opened(world.system):
        certificate = certificate or CertificateFactory(holder_name=manufacturer.name, product_name=name)
        group = PriceGroupFactory(manufacturer=manufacturer, certificate=certificate, name=name, pricing_unit=unit)
        PackFactory(price_group=group)
        made = ListingFactory(
            price_group=group,
            region=Region.objects.get(code=region),
            platform=world.platform,
            declared_price=Decimal(price),
            **listing,
        )
        for _ in range(specifications):
            code = NationalCodeFactory(
                generic_code=group.generic_code,
                registration_number=certificate.number,
                product_name=name,
                producer_name=manufacturer.name,
            )
            ListedSpecificationFactory(listing=made, national_code=code)
        if open_on_platform:
            PlatformListingFactory(listing=made, platform=world.platform)
        return made

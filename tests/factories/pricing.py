"""Rows of pricing as its services would leave them, built as the platform itself.

`priced(world, listing, provinces={"320000": "100.0000"})` gives a listing its listed price, confirmed prices of other
provinces and the price information published from them; `deal(world, listing, price="90.0000", on=day)` a deal that counts.
"""

import hashlib
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

import factory
from factory.django import DjangoModelFactory

from catalog.models import ListedSpecification
from pricing.models import DealFact, Declaration, DeclaredPrice, ListedPrice, PriceInformation, ProvincePrice
from pricing.services.publication import price_information_publish
from pricing.workflows import DeclarationState
from sunlight import scope
from sunlight.scope.clock import business_date
from sunlight.tenancy.models import Region

_COMMITMENT = "测试承诺书"


class ListedPriceFactory(DjangoModelFactory):
    """Give `region`, `price_group`."""

    class Meta:
        model = ListedPrice

    price = Decimal("120.0000")
    valid_from = factory.LazyFunction(lambda: scope.today() - timedelta(days=30))
    source = "LISTING"
    recorded_at = factory.LazyFunction(scope.now)


class DeclarationFactory(DjangoModelFactory):
    """CONFIRMED; give `platform`, `region`, `price_group`."""

    class Meta:
        model = Declaration

    number = factory.Sequence(lambda n: f"20990104{n:012d}")
    manufacturer = factory.SelfAttribute("price_group.manufacturer")
    state = DeclarationState.CONFIRMED
    commitment_version = "2025-01"
    commitment_text = _COMMITMENT
    commitment_sha256 = hashlib.sha256(_COMMITMENT.encode()).hexdigest()
    submitted_at = factory.LazyFunction(scope.now)
    decided_at = factory.LazyAttribute(lambda o: None if o.state == DeclarationState.SUBMITTED else o.submitted_at)


class DeclaredPriceFactory(DjangoModelFactory):
    """Give `declaration`, `province`."""

    class Meta:
        model = DeclaredPrice

    stated_price = Decimal("100.0000")
    stated_unit = factory.SelfAttribute("declaration.price_group.pricing_unit")
    factor = 1
    price = factory.SelfAttribute("stated_price")
    valid_from = factory.LazyFunction(lambda: scope.today() - timedelta(days=30))
    evidence = "该省平台公告"


class ProvincePriceFactory(DjangoModelFactory):
    """Give `declared_price`."""

    class Meta:
        model = ProvincePrice

    region = factory.SelfAttribute("declared_price.declaration.region")
    price_group = factory.SelfAttribute("declared_price.declaration.price_group")
    province = factory.SelfAttribute("declared_price.province")
    price = factory.SelfAttribute("declared_price.price")
    valid_from = factory.SelfAttribute("declared_price.valid_from")
    valid_to = factory.SelfAttribute("declared_price.valid_to")
    confirmed_at = factory.SelfAttribute("declared_price.declaration.submitted_at")


class DealFactFactory(DjangoModelFactory):
    """Accepted in full; give `platform`, `region`, `price_group`, `national_code`, `buyer`."""

    class Meta:
        model = DealFact

    seller = factory.SelfAttribute("price_group.manufacturer")
    order_line_number = factory.Sequence(lambda n: f"20990105{n:012d}")
    hospital_level = factory.SelfAttribute("buyer.level")
    is_public = factory.SelfAttribute("buyer.is_public")
    price = Decimal("100.0000")
    quantity = Decimal("10.000")
    net_quantity = factory.SelfAttribute("quantity")
    occurred_on = factory.LazyFunction(lambda: scope.today() - timedelta(days=1))
    recorded_at = factory.LazyAttribute(lambda o: datetime.combine(o.occurred_on, time(4), UTC))
    changed_at = factory.SelfAttribute("recorded_at")


class PriceInformationFactory(DjangoModelFactory):
    """An alert line of 100 from the provinces, nothing else; give `region`, `price_group`. Prefer `priced`."""

    class Meta:
        model = PriceInformation

    business_day = factory.LazyFunction(scope.today)
    known_until = factory.LazyFunction(scope.now)
    alert_line = Decimal("100.0000")
    alert_source = "provinces"
    provinces_lowest = factory.SelfAttribute("alert_line")
    alert_answer = factory.LazyFunction(dict)
    statistics = factory.LazyFunction(dict)
    segments = factory.LazyFunction(dict)
    published_at = factory.SelfAttribute("known_until")


def priced(
    world,
    listing,
    provinces: Mapping[str, str] | None = None,
    *,
    listed: str | None = None,
    at: datetime | None = None,
    publish: bool = True,
) -> PriceInformation | None:
    """A listed price (`listed`, else the listing's declared price) in the listing's region, confirmed `provinces` (code to
    CNY a pricing unit; 江苏 at 100 by default) in the platform's region, published for the day of `at` (now)."""
    at = at or scope.now()
    provinces = {"320000": "100.0000"} if provinces is None else provinces
    on = business_date(at)
    with scope.opened(world.system):
        region = Region.objects.get(id=world.platform.region_id)
        group = listing.price_group
        if not ListedPrice.objects.filter(region=listing.region, price_group=group, valid_to=None).exists():
            ListedPriceFactory(
                region=listing.region,
                price_group=group,
                price=Decimal(listed or listing.declared_price),
                valid_from=min(listing.listed_on or on, on),
                source_number=listing.number,
                recorded_at=at,
            )
        if provinces:
            declaration = DeclarationFactory(platform=world.platform, region=region, price_group=group, submitted_at=at)
            for province, price in provinces.items():
                declared = DeclaredPriceFactory(
                    declaration=declaration,
                    province=province,
                    stated_price=Decimal(price),
                    valid_from=on - timedelta(days=30),
                )
                ProvincePriceFactory(declared_price=declared)
        if not publish:
            return None
        price_information_publish(
            actor=world.system, at=at, region=region.code, price_group_ids=[group.id], business_day=on
        )
        return PriceInformation.objects.filter(region=region, price_group=group).order_by("-business_day").first()


def deal(
    world, listing, *, buyer="hospital", price: str = "100.0000", quantity: str = "10", on: date | None = None, **fields
) -> DealFact:
    """A deal of a hospital (a key of the world, or an organisation) on a day (yesterday), accepted in full unless
    `net_quantity` says otherwise. `fields` override the row's."""
    hospital = world.organisations[buyer] if isinstance(buyer, str) else buyer
    with scope.opened(world.system):
        code = ListedSpecification.objects.filter(listing=listing).order_by("id").first().national_code
        return DealFactFactory(
            platform=world.platform,
            region=hospital.region,
            price_group=listing.price_group,
            national_code=code,
            buyer=hospital,
            price=Decimal(price),
            quantity=Decimal(quantity),
            **({"occurred_on": on} if on else {}),
            **fields,
        )

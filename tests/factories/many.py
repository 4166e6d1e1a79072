"""Hundreds of tradable products in a few statements, for what must hold at the size of a full sheet."""

from datetime import UTC, date, datetime
from decimal import Decimal

from catalog.models import ListedSpecification, Listing, NationalCode, PlatformListing, PriceGroup
from pricing.models import ListedPrice, PriceInformation
from sunlight import scope
from sunlight.tenancy.models import Region
from tests.factories.catalog import CertificateFactory

_AT = datetime(2026, 1, 5, 2, 0, tzinfo=UTC)
_DAY = date(2026, 1, 5)


def generic(index: int) -> str:
    return f"C9901010010100{index:06d}"


def many_listed(system, platform, manufacturer, count: int, *, price: str = "120", line: str = "100") -> list[Listing]:
    """`count` listings of `manufacturer` at `price` CNY with an alert line, known by the codes `generic(0…)`."""
    with scope.opened(system):
        region, city = Region.objects.get(code="CN-GD"), Region.objects.get(id=platform.region_id)
        listings = _listings(region, platform, manufacturer, count, Decimal(price))
        groups = [listing.price_group for listing in listings]
        ListedPrice.objects.bulk_create(
            ListedPrice(
                region=region,
                price_group=group,
                price=Decimal(price),
                valid_from=_DAY,
                source="LISTING",
                recorded_at=_AT,
            )
            for group in groups
        )
        PriceInformation.objects.bulk_create(
            PriceInformation(
                region=city,
                price_group=group,
                business_day=_DAY,
                known_until=_AT,
                alert_line=Decimal(line),
                alert_source="provinces",
                provinces_lowest=Decimal(line),
                alert_answer={},
                statistics={},
                segments={},
                published_at=_AT,
            )
            for group in groups
        )
    return listings


def _listings(region, platform, manufacturer, count: int, price: Decimal) -> list[Listing]:
    certificate = CertificateFactory(
        holder_name=manufacturer.name, product_name="批量耗材", number="国械注准20990900001"
    )
    groups = PriceGroup.objects.bulk_create(
        PriceGroup(
            manufacturer=manufacturer,
            certificate=certificate,
            generic_code=generic(n),
            name=f"批量耗材{n:03d}",
            pricing_unit="个",
            initials="plhc",
            created_at=_AT,
        )
        for n in range(count)
    )
    listings = Listing.objects.bulk_create(
        Listing(
            number=f"20990106{n:012d}",
            price_group=group,
            manufacturer=manufacturer,
            region=region,
            platform=platform,
            state="LISTED",
            declared_price=price,
            created_at=_AT,
            submitted_at=_AT,
            reviewed_at=_AT,
            listed_on=_DAY,
            commitment_text="测试承诺书",
            commitment_sha256="0" * 64,
        )
        for n, group in enumerate(groups)
    )
    _specify(listings, certificate, platform)
    return listings


def _specify(listings: list[Listing], certificate, platform) -> None:
    """One code for each listing, open on the platform."""
    codes = NationalCode.objects.bulk_create(
        NationalCode(
            code=f"{listing.price_group.generic_code}{n + 1:07d}",
            generic_code=listing.price_group.generic_code,
            kind="consumable",
            product_name=listing.price_group.name,
            producer_name=listing.manufacturer.name,
            registration_number=certificate.number,
            recorded_at=_AT,
        )
        for n, listing in enumerate(listings)
    )
    ListedSpecification.objects.bulk_create(
        ListedSpecification(listing=listing, national_code=code) for listing, code in zip(listings, codes, strict=True)
    )
    PlatformListing.objects.bulk_create(
        PlatformListing(listing=listing, platform=platform, opened_on=_DAY) for listing in listings
    )

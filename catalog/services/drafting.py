"""An application to list, before it is submitted: drafted and revised by the maker."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from catalog.events import LISTING_DRAFTED, LISTING_REVISED
from catalog.models import ListedSpecification, Listing, NationalCode
from catalog.queries.checks import Application, application_of, listing_checks
from catalog.queries.listings import certificate_of, lock_listing
from catalog.queries.sisters import unit_of
from catalog.services.applications import (
    certificate_kept,
    certificate_read,
    conversion_of,
    in_base_unit,
    law_of,
    price_group_kept,
    price_of,
    region_of_listing,
    require,
    specifications_of,
    units_of,
)
from catalog.services.listings import listing_recorded, listing_written
from catalog.workflows import ListingState
from sunlight import scope
from sunlight.journal.refusals import Conflict, Forbidden, Refused
from sunlight.journal.services import service
from sunlight.kernel import reading
from sunlight.kernel.units import Units
from sunlight.numbering import platform_number
from sunlight.scope import Actor, Role
from sunlight.scope.clock import business_date
from sunlight.sheets.reading import narrow
from sunlight.tenancy.models import Organisation, Region

LONGEST_VARIANT, LONGEST_REASON = 60, 500


@service
def listing_draft(
    *,
    actor: Actor,
    at: datetime,
    codes: Sequence[str],
    pricing_unit: str,
    declared_price: object,
    certificate: dict,
    packs: Sequence[dict] = (),
    conversion: Mapping | None = None,
    variant: str = "",
    price_reason: str = "",
) -> Listing:
    """Begin an application to list specifications of one product, certificate and producer (the maker's own or one it is
    agent of), with a price in CNY a pricing unit, packs (`name`, `factor`) and the certificate (`number`, `valid_from`,
    `valid_until`, `holder_name`, `product_name`).

    One certificate and code has one pricing unit (A83). Who prices in another gives a `conversion` (`unit`, whole
    `factor`: 1 包 = 100 片): the price is converted exactly, and the specifications belong to the same price group. A group
    of its own beside another needs a `variant`; where it is dearer, a `price_reason` and two reviewers.

    Raises Invalid for codes, price or units as typed (SZ24-3.1a, SZ24-3.7), Refused for a check that fails: retired code,
    foreign producer, several certificates, certificate expired, category closed (SZ20-5.3.1), listed already, unit unknown
    or another than the certificate's, price of a group or sister not kept to.
    """
    maker = _maker_of(actor, at)
    on = business_date(at)
    law = law_of(actor, on)
    specifications = specifications_of(codes, law)
    read = reading.Collected()
    price = read(price_of, declared_price)
    units = read(units_of, pricing_unit, packs)
    converted = read(conversion_of, conversion, pricing_unit)
    certificate = read(certificate_read, certificate)
    variant = read(reading.text, variant, "variant", "计价组名称", most=LONGEST_VARIANT, required=False)
    price_reason = read(_price_reason, price_reason)
    read.check()
    generic_code = specifications[0].generic_code or specifications[0].code
    units, price = in_base_unit(unit_of(certificate["number"], generic_code), units, price, converted, law)
    region = region_of_listing(law)
    application = Application(
        organisation_id=maker.id,
        platform_id=actor.platform_id,
        region_id=region.id,
        specifications=specifications,
        **_certificate_facts(certificate),
        pricing_unit=units.base,
        price=price,
        price_reason=price_reason,
        variant=narrow(variant),
    )
    require(listing_checks(application, on=on, law=law))
    return _kept(actor, at, maker, region, application, certificate, units)


def _certificate_facts(certificate: Mapping) -> dict:
    """The certificate's number and term: as declared, else as the platform knows it."""
    known = certificate_of(certificate["number"])
    return {
        "certificate_number": certificate["number"],
        "valid_from": certificate.get("valid_from") or (known.valid_from if known else None),
        "valid_until": certificate.get("valid_until") or (known.valid_until if known else None),
    }


def _kept(
    actor: Actor,
    at: datetime,
    maker: Organisation,
    region: Region,
    application: Application,
    certificate: dict,
    units: Units,
) -> Listing:
    """The draft with its certificate, price group and specifications."""
    specifications = application.specifications
    kept = certificate_kept(application.certificate_number, certificate, specifications[0])
    group = price_group_kept(
        maker=maker,
        certificate=kept,
        specification=specifications[0],
        units=units,
        variant=application.variant,
        at=at,
    )
    listing = Listing.objects.create(
        number=platform_number(business_date(at)),
        price_group=group,
        manufacturer=maker,
        region=region,
        platform_id=actor.platform_id,
        declared_price=application.price,
        price_reason=application.price_reason,
        created_at=at,
        **scope.by(actor, "created"),
    )
    _cover(listing, specifications)
    listing_recorded(LISTING_DRAFTED, listing, actor, at)
    return listing


def _price_reason(typed: object) -> str:
    return reading.text(typed, "price_reason", "价格理由", most=LONGEST_REASON, required=False)


def _maker_of(actor: Actor, at: datetime) -> Organisation:
    if not actor.has(Role.SUPPLIER_LISTER):
        raise Forbidden("not_your_duty", "只有生产企业的挂网专员可以申请挂网。请联系本单位管理员。")
    maker = Organisation.objects.get(id=actor.organisation_id)
    if not maker.is_manufacturer:
        raise Forbidden(
            "not_a_manufacturer",
            "挂网由生产企业（或总代理）申请，配送企业不能申请。请联系生产企业。",
            basis=scope.basis(actor, at, "catalog.maker_applies"),
        )
    return maker


def _cover(listing: Listing, specifications: Sequence[NationalCode]) -> None:
    ListedSpecification.objects.bulk_create(
        ListedSpecification(listing=listing, national_code=spec) for spec in specifications
    )


@service
def listing_revise(
    *,
    actor: Actor,
    at: datetime,
    listing_id: int,
    declared_price: object,
    codes: Sequence[str],
    price_reason: str | None = None,
) -> Listing:
    """Change price (a unit of its price group), its reason and the specifications of an application not yet submitted, or
    sent back. Another certificate or unit is another application. Raises as `listing_draft`; Conflict once it is
    submitted."""
    _maker_of(actor, at)
    listing = lock_listing(actor, listing_id)
    if listing.state not in (ListingState.DRAFT, ListingState.REJECTED):
        raise Conflict("not_editable", f"该申请{listing.get_state_display()}，不能修改。请先等待审核结果。")
    on = business_date(at)
    law = law_of(actor, on)
    specifications = specifications_of(codes, law)
    listing.declared_price = price_of(declared_price)
    if price_reason is not None:
        listing.price_reason = _price_reason(price_reason)
    ListedSpecification.objects.filter(listing=listing).delete()
    _cover(listing, specifications)
    require(listing_checks(application_of(listing), on=on, law=law), subject=("listing", listing.id))
    if {spec.generic_code or spec.code for spec in specifications} != {listing.price_group.generic_code}:
        message = "所选规格不属于该申请的产品。请新建挂网申请。"
        raise Refused("another_product", message, field="codes", basis=law.basis("catalog.national_codes"))
    listing_written(listing, declared_price=listing.declared_price, price_reason=listing.price_reason)
    listing_recorded(LISTING_REVISED, listing, actor, at)
    return listing

"""What a maker's application holds before it is a listing: specifications, price group, packs, certificate."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction

from catalog.models import Certificate, Listing, NationalCode, Pack, PriceGroup
from catalog.queries.checks import UNIT, Check, unit_differs
from catalog.queries.listings import certificate_of, listed_specifications, packs_of
from catalog.services.release_rows import full_code, initials
from sunlight import scope
from sunlight.journal.refusals import Conflict, Invalid, Refused
from sunlight.kernel import reading
from sunlight.kernel.money import PRICE_PLACES, MoneyError, parse_price, price_text, round_half_up
from sunlight.kernel.policy import Law, NotInForce
from sunlight.kernel.units import Pack as PackUnit
from sunlight.kernel.units import Units
from sunlight.scope import Actor
from sunlight.sheets.reading import narrow
from sunlight.tenancy.models import Organisation, Region

MOST_SPECIFICATIONS = 500
MOST_PACKS = 10
LARGEST_FACTOR = 1_000_000
CERTIFICATE = {"number": ("注册证号", 200), "holder_name": ("注册人名称", 300), "product_name": ("注册证产品名称", 500)}


def law_of(actor: Actor, on: date) -> Law:
    """The law of the actor's platform on a day."""
    return scope.law(actor, on)


def region_of_listing(law: Law) -> Region:
    """The region a listing made on the platform on this day belongs to (parameter `catalog.listing_region`:
    GD25-2.2a, SZ20-5.1.2). Raises Refused where no text states it."""
    try:
        return Region.objects.get(code=law.at("catalog.listing_region").value)
    except NotInForce:
        raise Refused("no_listing_rule", f"{law.on} 在本地区没有生效的挂网规定，不能申请挂网。") from None


def specifications_of(codes: Sequence[str], law: Law) -> list[NationalCode]:
    """The specifications behind full codes as people typed them, each once. Raises Invalid naming each bad code."""
    if not codes or len(codes) > MOST_SPECIFICATIONS:
        raise Invalid("codes_count", f"请选择 1 至 {MOST_SPECIFICATIONS} 个规格编码。", field="codes")
    wanted: dict[str, int] = {}
    wrong: list[tuple[int, Invalid]] = []
    for place, typed in enumerate(codes):
        try:
            wanted.setdefault(full_code(typed, "编码", law)[0], place)
        except Invalid as refusal:
            wrong.append((place, refusal))
    found = {spec.code: spec for spec in NationalCode.objects.filter(code__in=wanted)}
    for code, place in wanted.items():
        if code not in found:
            message = f"国家目录中没有编码 {code}。请核对，或等待平台导入最新的国家目录。"
            wrong.append((place, Invalid("code_unknown", message, basis=law.basis("catalog.national_codes"))))
    if wrong:
        wrong.sort(key=lambda each: each[0])
        place, first = wrong[0]
        items = [{"field": f"codes[{p}]", "code": bad.code, "message": bad.message} for p, bad in wrong]
        raise Invalid(first.code, first.message, field=f"codes[{place}]", reasons=first.reasons, items=items)
    return [found[code] for code in sorted(found)]


def price_of(typed: object):
    """A declared price, CNY a pricing unit. Raises Unreadable."""
    try:
        return parse_price(typed)
    except MoneyError as wrong:
        code, message = f"price_{wrong.code}", f"{wrong.message}。请改正申报价。"
        raise reading.Unreadable(code, message, "declared_price") from wrong


def certificate_read(given: Mapping) -> dict:
    """What is said of a certificate, as values. Raises Unreadable with every fault."""
    read, where = reading.Collected(), "certificate"
    kept = {
        name: narrow(read(reading.text, given.get(name), f"{where}.{name}", label, most=most, required=False) or "")
        for name, (label, most) in CERTIFICATE.items()
    }
    for name, label in (("valid_from", "注册证生效日"), ("valid_until", "注册证有效期至")):
        kept[name] = read(reading.day, given.get(name), f"{where}.{name}", label, required=False)
    read.check()
    return kept


def units_of(pricing_unit: str, packs: Sequence[dict]) -> Units:
    """The pricing unit and its packs (`name`, whole `factor` of at least 2). Raises Unreadable, Invalid."""
    if len(packs) > MOST_PACKS:
        raise Invalid("bad_unit", f"包装最多 {MOST_PACKS} 种。", field="packs")
    read, factors = reading.Collected(), {"least": 2, "most": LARGEST_FACTOR, "code": "bad_pack"}
    unit = read(reading.text, pricing_unit, "pricing_unit", "计价单位", most=20, missing="bad_unit")
    names = [
        read(reading.text, pack["name"], f"packs[{place}].name", "包装名称", most=20, missing="bad_unit")
        for place, pack in enumerate(packs)
    ]
    numbers = [
        read(reading.whole, pack["factor"], f"packs[{place}].factor", f"包装“{names[place]}”的换算系数", **factors)
        for place, pack in enumerate(packs)
    ]
    read.check()
    try:
        made = (PackUnit(narrow(name), number) for name, number in zip(names, numbers, strict=True))
        return Units(narrow(unit), tuple(made))
    except MoneyError as wrong:
        raise Invalid(wrong.code, f"{wrong.message}。请改正。", field="packs") from wrong


@dataclass(frozen=True, slots=True)
class Conversion:
    """One of the unit that was priced is `factor` of `unit`: 1 包 = 100 片."""

    unit: str
    factor: int


def conversion_of(typed: Mapping | None, pricing_unit: str) -> Conversion | None:
    """A whole conversion of the unit priced in (`unit`, `factor` of at least 2). Raises Unreadable."""
    if typed is None:
        return None
    read, factors = reading.Collected(), {"least": 2, "most": LARGEST_FACTOR, "code": "bad_conversion"}
    unit = read(reading.text, typed.get("unit"), "conversion.unit", "换算为的计价单位", most=20, missing="bad_unit")
    factor = read(reading.whole, typed.get("factor"), "conversion.factor", "换算系数", **factors)
    read.check()
    if narrow(unit) == narrow(str(pricing_unit)):
        raise reading.Unreadable(
            "bad_conversion", "换算的两个单位相同。按同一单位计价的，请不要填写换算。", "conversion.unit"
        )
    return Conversion(narrow(unit), factor)


def in_base_unit(
    fixed: str, units: Units, price: Decimal, conversion: Conversion | None, law: Law
) -> tuple[Units, Decimal]:
    """Units and price in the unit of the certificate and code (`fixed`, empty where none is set yet), converted exactly.
    Raises Refused for another unit without a conversion, or one that leaves a broken price; Invalid for a conversion
    into a third unit."""
    if conversion is None:
        if fixed and fixed != units.base:
            message = unit_differs(fixed, units.base)
            raise Refused("unit_differs", message, field="pricing_unit", basis=law.basis(UNIT))
        return units, price
    if fixed and conversion.unit != fixed:
        raise Invalid(
            "bad_conversion",
            f"该注册备案号与 20 位码按“{fixed}”计价，请换算为“{fixed}”。",
            field="conversion.unit",
            basis=law.basis(UNIT),
        )
    exact = Fraction(price) / conversion.factor
    base = round_half_up(exact, PRICE_PLACES)
    if exact != Fraction(base) or base == 0:
        raise Refused(
            "conversion_not_exact",
            f"{price_text(price)} 元/{units.base} ÷ {conversion.factor} 不能精确到 {PRICE_PLACES} 位小数。"
            f"请改按“{conversion.unit}”申报价格，或申报可整除的价格。",
            field="declared_price",
            basis=law.basis(UNIT),
        )
    larger = [PackUnit(pack.name, pack.factor * conversion.factor) for pack in units.packs]
    try:
        return Units(conversion.unit, (PackUnit(units.base, conversion.factor), *larger)), base
    except MoneyError as wrong:
        raise Invalid(wrong.code, f"{wrong.message}。请改正。", field="packs") from wrong


def require(checks: Sequence[Check], *, subject: tuple[str, int] | None = None) -> None:
    """Raises Refused for the first check that fails, with the other failing ones attached."""
    failed = [check for check in checks if not check.passes]
    if failed:
        items = [{"field": c.field, "code": c.code, "message": c.message} for c in failed]
        first = failed[0]
        raise Refused(
            first.code,
            first.message,
            field=first.field,
            basis=first.basis,
            items=items,
            subject=subject,
            facts={"checks": [c.to_dict() for c in failed]},
        )


def certificate_kept(number: str, given: dict, specification: NationalCode) -> Certificate:
    """The certificate as the platform knows it; the first to declare it sets its data. Raises Conflict where another
    term of validity is declared than is known."""
    known = certificate_of(number)
    if known is None:
        return Certificate.objects.create(
            number=number,
            holder_name=given.get("holder_name") or specification.producer_name,
            product_name=given.get("product_name") or specification.product_name,
            valid_from=given.get("valid_from"),
            valid_until=given.get("valid_until"),
        )
    if given.get("valid_until") is not None and given["valid_until"] != known.valid_until:
        raise Conflict(
            "certificate_term_differs",
            f"平台已登记注册证 {number} 的有效期至 {known.valid_until or '长期'}，与填写的 {given['valid_until']} 不一致。"
            "请核对；确已延续注册的，请联系运营机构审核员更新。",
            field="certificate.valid_until",
        )
    return known


def price_group_kept(
    *,
    maker: Organisation,
    certificate: Certificate,
    specification: NationalCode,
    units: Units,
    at: datetime,
    variant: str = "",
) -> PriceGroup:
    """The maker's price group for this product, certificate, unit and variant, with its packs. Raises Conflict where a pack of
    that name holds another number."""
    group, _ = PriceGroup.objects.get_or_create(
        manufacturer=maker,
        certificate=certificate,
        generic_code=specification.generic_code or specification.code,
        pricing_unit=units.base,
        variant=variant,
        defaults={
            "name": _named(specification.product_name, variant),
            "initials": initials(specification.product_name),
            "created_at": at,
        },
    )
    known = {pack.name: pack.factor for pack in packs_of(group.id)}
    for pack in units.packs:
        if known.get(pack.name, pack.factor) != pack.factor:
            message = (
                f"包装“{pack.name}”已登记为 {known[pack.name]} {units.base}，不能改为 {pack.factor}。请换一个包装名称。"
            )
            raise Conflict("pack_differs", message, field="packs")
    Pack.objects.bulk_create(
        Pack(price_group=group, name=p.name, factor=p.factor) for p in units.packs if p.name not in known
    )
    return group


def _named(product: str, variant: str) -> str:
    return f"{product[: 300 - len(variant) - 2]}（{variant}）" if variant else product[:300]


def facts_of(listing: Listing) -> dict:
    """The complete facts of a listing for the journal."""
    group = listing.price_group
    return {
        "number": listing.number,
        "state": listing.state,
        "price_group": group.id,
        "name": group.name,
        "generic_code": group.generic_code,
        "variant": group.variant,
        "pricing_unit": group.pricing_unit,
        "packs": {pack.name: pack.factor for pack in packs_of(group.id)},
        "certificate": group.certificate.number,
        "certificate_valid_until": group.certificate.valid_until,
        "manufacturer": listing.manufacturer_id,
        "region": listing.region.code,
        "platform": listing.platform.code,
        "declared_price": f"{listing.declared_price:.4f}",
        "price_reason": listing.price_reason,
        "codes": [spec.code for spec in listed_specifications(listing.id)],
        "listed_on": listing.listed_on,
        "ended_on": listing.ended_on,
    }

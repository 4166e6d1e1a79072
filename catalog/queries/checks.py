"""What a listing must satisfy on a day: the same checks at draft, submission, review and return, each with its clause."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from catalog.models import Listing, NationalCode
from catalog.queries.categories import opened
from catalog.queries.listings import active_listing_of, listed_specifications, producer_names
from catalog.queries.sisters import Sister, cheapest_sister, group_of, standing_listing_of, unit_of
from catalog.workflows import DRAFTED, ListingState
from sunlight.kernel.money import price_text
from sunlight.kernel.policy import Law, Status, Value
from sunlight.kernel.rule import Reason, cited
from sunlight.sheets.reading import narrow
from sunlight.tenancy.queries.restrictions import permissions_of
from sunlight.tenancy.standing import TradeAct

UNIT = "catalog.one_unit"


@dataclass(frozen=True, slots=True)
class Check:
    """One condition: what it is, whether it holds, in Chinese what stands there or what to do, and the values of the policy
    it rests on. One that `warns` (a draft's alone, where drafts only warn) holds nothing up."""

    code: str
    label: str
    ok: bool
    message: str
    basis: tuple[Value | Reason, ...] = ()
    field: str = ""
    warns: bool = False

    @property
    def passes(self) -> bool:
        """Whether the application may go on."""
        return self.ok or self.warns

    @property
    def clause(self) -> str:
        """The first clause it rests on; empty where no text in force asks it."""
        return self.basis[0].clause if self.basis else ""

    @property
    def is_draft(self) -> bool:
        return bool(self.basis) and self.basis[0].status == Status.DRAFT

    def to_dict(self) -> dict:
        return {
            "code": self.code,
            "label": self.label,
            "ok": self.ok,
            "warns": self.warns,
            "message": self.message,
            "clause": self.clause,
            "status": str(self.basis[0].status) if self.basis else "",
            "field": self.field,
        }


@dataclass(frozen=True)
class Application:
    """What is checked: a supplier's specifications under a certificate on a platform, to be listed in a region."""

    organisation_id: int
    platform_id: int
    region_id: int
    specifications: Sequence[NationalCode]
    certificate_number: str
    valid_from: date | None
    valid_until: date | None
    pricing_unit: str
    # CNY a pricing unit, and why it is dearer than a sister, where it is.
    price: Decimal
    price_reason: str = ""
    variant: str = ""
    listing_id: int | None = None
    # None: not known yet.
    price_group_id: int | None = None
    # Whether the commitment of truth was signed; None before it is submitted.
    is_committed: bool | None = None

    @property
    def generic_code(self) -> str:
        return _product_of(self.specifications[0]) if self.specifications else ""

    @property
    def group_id(self) -> int | None:
        """The price group it would belong to, where there is one."""
        if self.price_group_id is not None:
            return self.price_group_id
        group = group_of(
            manufacturer_id=self.organisation_id,
            certificate_number=self.certificate_number,
            generic_code=self.generic_code,
            unit=self.pricing_unit,
            variant=self.variant,
        )
        return group.id if group else None


def application_of(listing: Listing) -> Application:
    certificate = listing.price_group.certificate
    return Application(
        organisation_id=listing.manufacturer_id,
        platform_id=listing.platform_id,
        region_id=listing.region_id,
        specifications=list(listed_specifications(listing.id)),
        certificate_number=certificate.number,
        valid_from=certificate.valid_from,
        valid_until=certificate.valid_until,
        pricing_unit=listing.price_group.pricing_unit,
        price=listing.declared_price,
        price_reason=listing.price_reason,
        variant=listing.price_group.variant,
        listing_id=listing.id,
        price_group_id=listing.price_group_id,
        is_committed=None if listing.state in DRAFTED else bool(listing.commitment_sha256),
    )


def listing_checks(application: Application, *, on: date, law: Law) -> list[Check]:
    """Every check, failed or not, in the order a reviewer reads them."""
    checks = [
        _not_retired(application, law),
        _one_product(application, law),
        _own_producer(application, law),
        _one_certificate(application, law),
        _certificate_valid(application, on, law),
        _category_open(application, law),
        _may_list(application, on),
        _not_listed_yet(application, law),
        _unit_known(application, law),
        _one_unit(application, law),
        _one_price(application, law),
        _sisters(application, law),
    ]
    return checks if application.is_committed is None else [*checks, *_committed(application, law)]


def _committed(application: Application, law: Law) -> list[Check]:
    """Whether the maker signed, where a text asks for it; a draft's alone warns where drafts only warn."""
    asked, label = law.basis("catalog.commitment"), "已签署产品与价格信息真实性承诺书"
    basis = asked or law.warned_by("catalog.commitment")
    if not basis:
        return []
    if application.is_committed:
        return [Check("commitment_missing", label, True, "已签署", basis)]
    message = f"尚未签署产品与价格信息真实性承诺书。请由生产企业签署后再提交{cited(basis)}。"
    return [Check("commitment_missing", label, False, message, basis, "commitment_sha256", warns=not asked)]


def _not_retired(application: Application, law: Law) -> Check:
    label, field, basis = "编码在国家目录中且未停用", "codes", law.basis("catalog.national_codes")
    if not application.specifications:
        return Check("no_codes", label, False, "没有规格编码。请至少选择一个规格。", basis, field)
    for spec in application.specifications:
        if spec.is_retired:
            instead = f"，已由 {spec.replaced_by} 替代，请改用新码" if spec.replaced_by else "，请先在国家目录维护编码"
            return Check("code_retired", label, False, f"编码 {spec.code} 已停用{instead}。", basis, field)
    return Check("code_retired", label, True, f"{len(application.specifications)} 个 27 位（试剂 22 位）全码", basis)


def _one_product(application: Application, law: Law) -> Check:
    label = "同一产品（20 位码相同）"
    found = sorted({_product_of(spec) for spec in application.specifications})
    message = f"所选规格属于 {len(found)} 个产品（{'、'.join(found[:3])}…）。请按产品分别申请挂网。"
    basis = law.basis("catalog.national_codes")
    return Check("several_products", label, len(found) <= 1, found[0] if len(found) == 1 else message, basis, "codes")


def _product_of(spec: NationalCode) -> str:
    return spec.generic_code or spec.code


def _own_producer(application: Application, law: Law) -> Check:
    label, basis = "生产企业为本企业或所代理企业", law.basis("catalog.maker_applies")
    found = sorted({narrow(spec.producer_name) for spec in application.specifications})
    own = {narrow(name) for name in producer_names(application.organisation_id)}
    if len(found) > 1:
        message = f"所选规格属于 {len(found)} 家生产企业（{'、'.join(found[:3])}）。请分别申请挂网。"
        return Check("several_producers", label, False, message, basis, "codes")
    ok = not found or found[0] in own
    message = (
        "、".join(found) if ok else f"“{found[0]}”不是本企业登记的生产企业名称。总代理请先向运营机构登记代理关系。"
    )
    return Check("producer_not_own", label, ok, message, basis, "codes")


def _one_certificate(application: Application, law: Law) -> Check:
    label, basis = "注册备案号与国家目录一致", law.basis("catalog.registered_only")
    found = sorted({spec.registration_number for spec in application.specifications})
    if len(found) > 1:
        message = f"所选规格属于 {len(found)} 个注册备案号（{'、'.join(found[:3])}）。请按注册证分别申请挂网。"
        return Check("several_certificates", label, False, message, basis, "codes")
    ok = not found or found[0] == application.certificate_number
    message = (
        application.certificate_number
        if ok
        else (f"国家目录中的注册备案号为“{found[0]}”，填写的是“{application.certificate_number}”。请核对后改正。")
    )
    return Check("certificate_differs", label, ok, message, basis, "certificate.number")


def _certificate_valid(application: Application, on: date, law: Law) -> Check:
    label, number = "注册证在有效期内", application.certificate_number
    basis = law.basis("catalog.registered_only")
    begins, ends = application.valid_from, application.valid_until
    if ends is not None and ends < on:
        message = f"注册证 {number} 已于 {ends} 到期。请延续注册并更新有效期后再办理。"
        return Check("certificate_expired", label, False, message, basis, "certificate.valid_until")
    if begins is not None and begins > on:
        message = f"注册证 {number} 自 {begins} 起才有效。请在生效后办理。"
        return Check("certificate_not_begun", label, False, message, basis, "certificate.valid_from")
    return Check("certificate_expired", label, True, f"有效期至 {ends}" if ends else "长期有效", basis)


def _category_open(application: Application, law: Law) -> Check:
    label, value = "产品类别已开放", law.find("catalog.open_categories")
    if value is None or "all" in value.value:
        return Check(
            "category_closed",
            label,
            True,
            "全部类别已开放" if value else "本地区不分批开放",
            (value,) if value else (),
        )
    for spec in application.specifications:
        if not opened(spec, value.value):
            message = f"类别“{spec.category_1 or spec.code[1:3]}”在 {law.on} 尚未开放挂网，待公布开放后再申请。"
            return Check("category_closed", label, False, message, (value,), "codes")
    return Check("category_closed", label, True, "所属类别已开放", (value,))


def _may_list(application: Application, on: date) -> Check:
    label, maker = "企业在本平台可以申报挂网", application.organisation_id
    permissions = permissions_of(platform_id=application.platform_id, organisation_ids=[maker], on=on)
    groups = [application.price_group_id] if application.price_group_id else []
    refusal = permissions.refusal(TradeAct.LIST, maker, groups)
    if refusal is None:
        return Check("lister_barred", label, True, "已登记，状态正常")
    return Check(refusal.code, label, False, refusal.message, tuple(Reason(**each) for each in refusal.reasons))


def _not_listed_yet(application: Application, law: Law) -> Check:
    label = "同一规格未重复挂网"
    codes = [spec.code for spec in application.specifications]
    other = active_listing_of(codes, application.region_id, but=application.listing_id)
    message = (
        "无重复"
        if other is None
        else (f"所选规格已有挂网或申请（编号 {other.number}，{other.get_state_display()}）。请在该条记录上办理。")
    )
    return Check("listed_already", label, other is None, message, law.basis("catalog.listed_once"), "codes")


def _unit_known(application: Application, law: Law) -> Check:
    label, unit = "计价单位在清单内", application.pricing_unit
    value = law.find("catalog.pricing_units")
    if value is None or unit in value.value:
        return Check("unit_unknown", label, True, unit, (value,) if value else ())
    message = f"“{unit}”不在计价单位清单内。请选用：{'、'.join(value.value)}。"
    return Check("unit_unknown", label, False, message, (value,), "pricing_unit")


def _one_unit(application: Application, law: Law) -> Check:
    label, unit = "同证同码只用一个计价单位", application.pricing_unit
    fixed = unit_of(application.certificate_number, application.generic_code)
    if fixed in ("", unit):
        return Check("unit_differs", label, True, unit, law.basis(UNIT))
    return Check("unit_differs", label, False, unit_differs(fixed, unit), law.basis(UNIT), "pricing_unit")


def unit_differs(fixed: str, unit: str) -> str:
    """The sentence that refuses another unit, with its way out."""
    return (
        f"该注册备案号与 20 位码已按“{fixed}”计价，不能另按“{unit}”计价。请按“{fixed}”申报价格；"
        f"如按“{unit}”报价，请填写换算（1 {unit} = 几{fixed}），系统折算后并入同一计价组。"
    )


def _one_price(application: Application, law: Law) -> Check:
    label, group = "同一计价组同一价格", application.group_id
    other = standing_listing_of(group, application.region_id, but=application.listing_id) if group else None
    price = f"{price_text(application.price)} 元/{application.pricing_unit}"
    if other is None:
        return Check("another_price_in_group", label, True, price, law.basis(UNIT))
    if other.state != ListingState.LISTED:
        message = f"该计价组的挂网（编号 {other.number}）{other.get_state_display()}。请待其挂网后再增加规格。"
        return Check("group_not_in_trade", label, False, message, law.basis(UNIT), "codes")
    if other.declared_price == application.price:
        return Check("another_price_in_group", label, True, f"并入已挂网的 {other.number}，{price}", law.basis(UNIT))
    message = (
        f"该计价组已按 {price_text(other.declared_price)} 元/{application.pricing_unit} 挂网（编号 {other.number}），"
        f"申报折合 {price}。同一计价组只有一个价格：请按已挂网价申报以增加规格；"
        "确需另定价格的，请填写计价组名称另立计价组，高于同证同码价格的须说明理由并经两名审核员审核。"
    )
    return Check("another_price_in_group", label, False, message, law.basis(UNIT), "declared_price")


def _sisters(application: Application, law: Law) -> Check:
    label, found = "不高于同证同码的其他计价组", dearer_than(application)
    if found is None:
        return Check("dearer_sister", label, True, "没有更低的同证同码价格", law.basis(UNIT))
    what = (
        f"申报 {price_text(application.price)} 元/{application.pricing_unit}，高于同证同码 {found.listing.number} 的"
        f" {price_text(found.price)} 元/{found.unit}"
    )
    if application.price_reason:
        return Check(
            "dearer_sister", label, True, f"{what}；理由：{application.price_reason}；须经两名审核员", law.basis(UNIT)
        )
    message = f"{what}。请降至不高于该价，或填写价格理由，由两名审核员审核。"
    return Check("dearer_sister", label, False, message, law.basis(UNIT), "price_reason")


def dearer_than(application: Application) -> Sister | None:
    """The cheapest group in trade of the same certificate and code, where the application is dearer a base unit; None for
    further specifications of a group in trade at its price."""
    group = application.group_id
    standing = standing_listing_of(group, application.region_id, but=application.listing_id) if group else None
    if standing is not None and standing.declared_price == application.price:
        return None
    found = cheapest_sister(
        certificate_number=application.certificate_number,
        generic_code=application.generic_code,
        region_id=application.region_id,
        but_group=group,
    )
    return found if found is not None and application.price > found.price else None

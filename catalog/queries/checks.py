"""What a listing must satisfy on a day: the same checks at draft, submission, review and return, each with its clause."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date

from catalog.models import Listing, NationalCode
from catalog.queries.listings import active_listing_of, listed_specifications, producer_names
from sunlight.kernel.policy import Law
from sunlight.sheets.reading import narrow
from sunlight.tenancy.queries.restrictions import permissions_of
from sunlight.tenancy.standing import TradeAct

# Categories opened by name rather than by code (SZ20-5.3.1): test reagents for the new coronavirus.
_COVID_REAGENT, _COVID_NAMES = "covid_reagent", ("新型冠状病毒", "新冠病毒")


@dataclass(frozen=True, slots=True)
class Check:
    """One condition: what it is, whether it holds, and in Chinese what stands there or what to do."""

    code: str
    label: str
    ok: bool
    message: str
    clause: str = ""
    field: str = ""

    def to_dict(self) -> dict:
        return asdict(self)


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
    listing_id: int | None = None
    # None: not known yet.
    price_group_id: int | None = None


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
        listing_id=listing.id,
        price_group_id=listing.price_group_id,
    )


def listing_checks(application: Application, *, on: date, law: Law) -> list[Check]:
    """Every check, failed or not, in the order a reviewer reads them."""
    return [
        _not_retired(application),
        _one_product(application),
        _own_producer(application),
        _one_certificate(application),
        _certificate_valid(application, on),
        _category_open(application, law),
        _may_list(application, on),
        _not_listed_yet(application),
    ]


def _not_retired(application: Application) -> Check:
    label, field = "编码在国家目录中且未停用", "codes"
    if not application.specifications:
        return Check("no_codes", label, False, "没有规格编码。请至少选择一个规格。", "SZ24-3.1a", field)
    for spec in application.specifications:
        if spec.is_retired:
            instead = f"，已由 {spec.replaced_by} 替代，请改用新码" if spec.replaced_by else "，请先在国家目录维护编码"
            return Check("code_retired", label, False, f"编码 {spec.code} 已停用{instead}。", "SZ24-3.1a", field)
    return Check(
        "code_retired", label, True, f"{len(application.specifications)} 个 27 位（试剂 22 位）全码", "SZ24-3.7"
    )


def _one_product(application: Application) -> Check:
    label = "同一产品（20 位码相同）"
    found = sorted({_product_of(spec) for spec in application.specifications})
    message = f"所选规格属于 {len(found)} 个产品（{'、'.join(found[:3])}…）。请按产品分别申请挂网。"
    return Check(
        "several_products", label, len(found) <= 1, found[0] if len(found) == 1 else message, "SZ20-5.1.1", "codes"
    )


def _product_of(spec: NationalCode) -> str:
    return spec.generic_code or spec.code


def _own_producer(application: Application) -> Check:
    label = "生产企业为本企业或所代理企业"
    found = sorted({narrow(spec.producer_name) for spec in application.specifications})
    own = {narrow(name) for name in producer_names(application.organisation_id)}
    if len(found) > 1:
        message = f"所选规格属于 {len(found)} 家生产企业（{'、'.join(found[:3])}）。请分别申请挂网。"
        return Check("several_producers", label, False, message, "SZ24-3.2b", "codes")
    ok = not found or found[0] in own
    message = (
        "、".join(found) if ok else f"“{found[0]}”不是本企业登记的生产企业名称。总代理请先向运营机构登记代理关系。"
    )
    return Check("producer_not_own", label, ok, message, "SZ24-3.2b", "codes")


def _one_certificate(application: Application) -> Check:
    label = "注册备案号与国家目录一致"
    found = sorted({spec.registration_number for spec in application.specifications})
    if len(found) > 1:
        message = f"所选规格属于 {len(found)} 个注册备案号（{'、'.join(found[:3])}）。请按注册证分别申请挂网。"
        return Check("several_certificates", label, False, message, "SZ24-3.2b", "codes")
    ok = not found or found[0] == application.certificate_number
    message = (
        application.certificate_number
        if ok
        else (f"国家目录中的注册备案号为“{found[0]}”，填写的是“{application.certificate_number}”。请核对后改正。")
    )
    return Check("certificate_differs", label, ok, message, "SZ24-3.2b", "certificate.number")


def _certificate_valid(application: Application, on: date) -> Check:
    label, number = "注册证在有效期内", application.certificate_number
    begins, ends = application.valid_from, application.valid_until
    if ends is not None and ends < on:
        message = f"注册证 {number} 已于 {ends} 到期。请延续注册并更新有效期后再办理。"
        return Check("certificate_expired", label, False, message, "SZ24-3.2b", "certificate.valid_until")
    if begins is not None and begins > on:
        message = f"注册证 {number} 自 {begins} 起才有效。请在生效后办理。"
        return Check("certificate_not_begun", label, False, message, "SZ24-3.2b", "certificate.valid_from")
    return Check("certificate_expired", label, True, f"有效期至 {ends}" if ends else "长期有效", "SZ24-3.2b")


def _category_open(application: Application, law: Law) -> Check:
    label, value = "产品类别已开放", law.find("catalog.open_categories")
    if value is None or "all" in value.value:
        return Check(
            "category_closed",
            label,
            True,
            "全部类别已开放" if value else "本地区不分批开放",
            value.clause if value else "",
        )
    for spec in application.specifications:
        if not _opened(spec, value.value):
            message = f"类别“{spec.category_1 or spec.code[1:3]}”在 {law.on} 尚未开放挂网，待公布开放后再申请。"
            return Check("category_closed", label, False, message, value.clause, "codes")
    return Check("category_closed", label, True, "所属类别已开放", value.clause)


def _opened(spec: NationalCode, opened: Sequence[str]) -> bool:
    if spec.kind == "reagent":
        return _COVID_REAGENT in opened and any(name in spec.product_name for name in _COVID_NAMES)
    return spec.code[1:3] in opened


def _may_list(application: Application, on: date) -> Check:
    label, maker = "企业在本平台可以申报挂网", application.organisation_id
    permissions = permissions_of(platform_id=application.platform_id, organisation_ids=[maker], on=on)
    groups = [application.price_group_id] if application.price_group_id else []
    refusal = permissions.refusal(TradeAct.LIST, maker, groups)
    if refusal is None:
        return Check("lister_barred", label, True, "已登记，状态正常", "SZ20-6.3")
    return Check(refusal.code, label, False, refusal.message, next(iter(refusal.clauses), "SZ20-6.3"))


def _not_listed_yet(application: Application) -> Check:
    label = "同一规格未重复挂网"
    codes = [spec.code for spec in application.specifications]
    other = active_listing_of(codes, application.region_id, but=application.listing_id)
    message = (
        "无重复"
        if other is None
        else (f"所选规格已有挂网或申请（编号 {other.number}，{other.get_state_display()}）。请在该条记录上办理。")
    )
    return Check("listed_already", label, other is None, message, "GD25-2.2b", "codes")

"""What an applicant declares about itself: the form's fields read, checked and written out as the commitment. Pure."""

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from sunlight.tenancy.rules import CAPACITIES, DOCUMENTS, OWNERSHIPS, uscc_is_valid

# Whom an authority may designate to take part (HB20-2a).
DESIGNATED = ("private_nonprofit", "private")
KINDS = [("HOSPITAL", "医疗机构"), ("SUPPLIER", "生产或配送企业")]
MOST_CONTACTS, MOST_STAKES, MOST_PRODUCERS = 3, 10, 20
# field: (label, longest, demanded)
FIELDS = {
    "name": ("机构名称", 200, True),
    "credit_code": ("统一社会信用代码", 18, True),
    "region_code": ("所在地区", 20, True),
    "legal_representative": ("法定代表人", 60, True),
    "registered_address": ("注册地址", 300, True),
    "business_address": ("经营地址", 300, True),
    "phone": ("单位电话", 40, True),
    "email": ("单位邮箱", 120, True),
    "bank_name": ("开户银行", 120, True),
    "account_name": ("户名", 200, True),
    "account_number": ("银行账号", 40, True),
    "admin_name": ("管理员姓名", 60, True),
    "admin_phone": ("管理员手机", 40, True),
    "admin_email": ("管理员邮箱", 120, True),
}
OF_HOSPITAL = {
    "level": ("医院等级", 10, True),
    "ownership": ("举办性质", 30, True),
    "hospital_code": ("医保定点机构编码", 12, False),
    "area_code": ("区划代码", 6, False),
}
CONTACT = {"name": 60, "duty": 60, "phone": 40, "email": 120, "address": 300}
STAKE = {"holder_name": 200, "holder_code": 40, "share": 8}
_PHONE = re.compile(r"\+?[0-9][0-9() -]{5,38}[0-9]")
# The first administrator's own: by it they are known again, and links go there.
_MOBILE = re.compile(r"(\+86 ?)?1[3-9][0-9]{9}|\+(?!86)[1-9][0-9]{7,14}")
_EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s.]+(\.[^@\s.]+)+")
_ACCOUNT = re.compile(r"[0-9]{8,30}")

Fault = tuple[str, str]


def fields_of(kind: str) -> dict[str, tuple[str, int, bool]]:
    """The single fields of the form for a kind of applicant."""
    return FIELDS | (OF_HOSPITAL if kind == "HOSPITAL" else {})


def _plain(value: object, longest: int) -> str:
    text = value if isinstance(value, str) else ""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())[:longest]


def _rows(given: object, shape: Mapping[str, int], most: int) -> list[dict[str, str]]:
    rows = [row for row in given if isinstance(row, Mapping)] if isinstance(given, Sequence) else []
    plain = [{name: _plain(row.get(name), longest) for name, longest in shape.items()} for row in rows[:most]]
    return [
        row | {"is_controller": bool(raw.get("is_controller"))} if "share" in shape else row
        for row, raw in zip(plain, rows, strict=False)
        if any(row.values())
    ]


def declared_of(kind: str, typed: Mapping[str, Any]) -> dict[str, Any]:
    """The typed values, cut to the known fields and lengths, without control characters; may be incomplete. Never
    raises."""
    kept: dict[str, Any] = {name: _plain(typed.get(name), longest) for name, (_, longest, _) in fields_of(kind).items()}
    kept["credit_code"] = kept["credit_code"].replace(" ", "").upper()
    kept["contacts"] = _rows(typed.get("contacts"), CONTACT, MOST_CONTACTS)
    if kind == "SUPPLIER":
        asked = typed.get("capacities")
        kept["capacities"] = [each for each in CAPACITIES if each in (asked if isinstance(asked, list) else ())]
        names = typed.get("producer_names")
        plain = [_plain(each, 200) for each in (names if isinstance(names, list) else ())]
        kept["producer_names"] = list(dict.fromkeys(each for each in plain if each))[:MOST_PRODUCERS]
        kept["stakes"] = _rows(typed.get("stakes"), STAKE, MOST_STAKES)
    return kept


def faults_of(kind: str, declared: Mapping[str, Any], *, regions: Sequence[str]) -> list[Fault]:
    """What is missing or wrong, as (field, message in Chinese), in the order of the form; empty where all is complete."""
    faults = [
        (name, f"请填写{label}。")
        for name, (label, _, demanded) in fields_of(kind).items()
        if demanded and not declared.get(name)
    ]
    code = declared.get("credit_code")
    if code and not uscc_is_valid(code):
        faults.append(("credit_code", "统一社会信用代码校验位不正确，请对照营业执照核对。"))
    if declared.get("region_code") and declared["region_code"] not in regions:
        faults.append(("region_code", "所在地区不在列表中，请重新选择。"))
    if declared.get("ownership") and declared["ownership"] not in OWNERSHIPS:
        faults.append(("ownership", "举办性质不在列表中，请重新选择。"))
    faults += _unreadable(declared)
    if not declared.get("contacts") or not all(row["name"] and row["phone"] for row in declared["contacts"]):
        faults.append(("contacts", "请至少填写一位业务联系人的姓名与电话。"))
    if kind == "SUPPLIER":
        faults += _faults_of_supplier(declared)
    return faults


def _unreadable(declared: Mapping[str, Any]) -> list[Fault]:
    forms = [
        ("phone", _PHONE, "电话号码格式不正确，请填写区号与号码。"),
        ("admin_phone", _MOBILE, "请填写管理员本人的手机号码（11 位；境外号码以 + 和国家代码开头），不能是单位座机。"),
        *((name, _EMAIL, "邮箱格式不正确。") for name in ("email", "admin_email")),
        ("account_number", _ACCOUNT, "银行账号应为 8 至 30 位数字。"),
    ]
    return [
        (name, message) for name, form, message in forms if declared.get(name) and not form.fullmatch(declared[name])
    ]


def _faults_of_supplier(declared: Mapping[str, Any]) -> list[Fault]:
    faults = []
    if not declared.get("capacities"):
        faults.append(("capacities", "请选择申请的身份：生产企业、进口产品总代理或配送企业。"))
    if "agent" in declared.get("capacities", ()) and not declared.get("producer_names"):
        faults.append(("producer_names", "总代理请填写所代理的境外生产企业名称（与国家目录一致）。"))
    if not declared.get("stakes"):
        return [*faults, ("stakes", "请申报股东与实际控制人，至少一位。")]
    shares = [share_of(row["share"]) for row in declared["stakes"]]
    if not all(row["holder_name"] for row in declared["stakes"]):
        faults.append(("stakes", "请填写每位股东或控制人的名称。"))
    if any(row["share"] and share is None for row, share in zip(declared["stakes"], shares, strict=True)):
        faults.append(("stakes", "持股比例应为 0 至 100 之间的数字，最多 3 位小数。"))
    elif sum(share for share in shares if share) > 100:
        faults.append(("stakes", "各股东持股比例合计超过 100%，请核对。"))
    if not any(row["is_controller"] for row in declared["stakes"]):
        faults.append(("stakes", "请标明实际控制人。"))
    return faults


def share_of(text: str) -> Decimal | None:
    """A share in percent, above 0 and at most 100; None where it is none."""
    try:
        share = Decimal(text) if re.fullmatch(r"[0-9]{1,3}(\.[0-9]{1,3})?", text, re.ASCII) else Decimal(0)
    except InvalidOperation:
        return None
    return share if 0 < share <= 100 else None


def commitment_of(
    number: str, platform: str, kind: str, declared: Mapping[str, Any], documents: Sequence[tuple]
) -> str:
    """The text an applicant commits itself to (JS20-34): what it declares and which documents, by their hashes.
    `documents` are (kind, number, valid_until, sha256)."""
    lines = [
        "真实性承诺书",
        f"本单位 {declared.get('name', '')}（统一社会信用代码 {declared.get('credit_code', '')}）申请在{platform}登记，"
        f"申请编号 {number}。本单位承诺：所填写的资料、数据与所附材料真实、合法、有效，资质变更或到期前及时申报，"
        "并对其真实性负责；如有不实，愿承担相应责任。",
        "所填资料：",
    ]
    lines += [f"{label}：{declared.get(name, '')}" for name, (label, _, _) in fields_of(kind).items()]
    for each in declared.get("contacts", ()):
        lines.append(f"联系人：{each['name']} {each['duty']} {each['phone']} {each['email']} {each['address']}")
    if kind == "SUPPLIER":
        lines.append("身份：" + "、".join(CAPACITIES[each] for each in declared.get("capacities", ())))
        lines += [f"代理的生产企业：{name}" for name in declared.get("producer_names", ())]
        for each in declared.get("stakes", ()):
            controller = "，实际控制人" if each["is_controller"] else ""
            lines.append(
                f"股东或控制人：{each['holder_name']} {each['holder_code']} {each['share'] or '—'}%{controller}"
            )
    lines.append("所附材料：")
    for document, own, until, digest in documents:
        lines.append(f"{DOCUMENTS[document]} {own or '—'} 有效期至 {until or '长期'} 校验值 {digest}")
    return "\n".join(lines)

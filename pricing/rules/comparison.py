"""When a price of another province's platform can be compared: known province, price in a known unit, in force today."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from pricing.rules.provinces import PROVINCES, province_code
from sunlight.kernel import reading
from sunlight.kernel.money import MoneyError, parse_price, price_text
from sunlight.kernel.units import Units

EARLIEST, LATEST = date(2004, 1, 1), date(2099, 12, 31)
FIELDS = ("province", "price", "unit", "factor", "valid_from", "valid_to", "platform_name", "evidence")
_DAY = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?")
_LONGEST = {"platform_name": ("平台名称", 100), "evidence": ("依据", 300)}


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a row cannot be taken: the field, a stable code, and what to do, in Chinese."""

    field: str
    code: str
    message: str

    @property
    def is_of_law(self) -> bool:
        """Whether such a price is none that is declared, rather than typed wrongly."""
        return self.code in ("own_province", "not_yet_valid", "no_longer_valid")


class RowRefused(Exception):
    """A row that cannot be compared; `faults` has at least one."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__("；".join(fault.message for fault in faults))
        self.faults = tuple(faults)


@dataclass(frozen=True, slots=True)
class DeclaredRow:
    """One province's price: as published there per `stated_unit`, and per pricing unit (4 decimals, ROUND_HALF_UP)."""

    province: str
    stated_price: Decimal
    stated_unit: str
    factor: int
    price: Decimal
    valid_from: date
    valid_to: date | None
    platform_name: str
    evidence: str

    def to_dict(self) -> dict[str, str | int | None]:
        """Plain values for the journal and for hashing."""
        return {
            "province": self.province,
            "stated_price": price_text(self.stated_price),
            "stated_unit": self.stated_unit,
            "factor": self.factor,
            "price": price_text(self.price),
            "valid_from": self.valid_from.isoformat(),
            "valid_to": self.valid_to.isoformat() if self.valid_to else None,
            "platform_name": self.platform_name,
            "evidence": self.evidence,
        }


def compared_row(typed: Mapping[str, object], *, units: Units, own_province: str, today: date) -> DeclaredRow:
    """A row as a person or a file states it, checked and converted to the pricing unit.

    `typed` has the keys of FIELDS: texts (the price may also be a number, dates may be dates); `factor` says how many
    pricing units one stated unit holds and, where given, must be the pack's own. Raises RowRefused with every fault.
    """
    faults: list[Fault] = []
    province = _province(typed, own_province, faults)
    stated = _price(typed, faults)
    unit, factor = _unit(typed, units, faults)
    valid_from = _valid(typed, "valid_from", "生效日期", faults, required=True)
    valid_to = _valid(typed, "valid_to", "截止日期", faults)
    _period(valid_from, valid_to, today, faults)
    words = {field: _words(typed, field, faults) for field in _LONGEST}
    if words["evidence"] == "":
        faults.append(Fault("evidence", "missing", "请填写依据（该省平台公告文号或网址），以便核对"))
    price = units.price_to_base(stated, unit) if stated is not None and factor else None
    if price == 0:
        faults.append(Fault("price", "too_small", f"换算为每{units.base}后价格为 0，请核对价格与单位"))
    if faults or stated is None or price is None or valid_from is None:
        raise RowRefused(faults)
    return DeclaredRow(province, stated, unit, factor, price, valid_from, valid_to, **words)


def _narrow(typed: Mapping[str, object], field: str) -> str:
    value = typed.get(field)
    return "" if value is None else unicodedata.normalize("NFKC", str(value)).strip()


def _province(typed: Mapping[str, object], own: str, faults: list[Fault]) -> str:
    text = _narrow(typed, "province")
    code = province_code(text)
    if code is None:
        what = f"省份“{text[:20]}”无法识别" if text else "未填写省份"
        faults.append(Fault("province", "unknown_province", f"{what}，请填写省份名称或国标六位代码（如 320000 江苏）"))
        return ""
    if code == own:
        message = f"{PROVINCES[code]}是本省，请只填写其他省份的平台价格"
        faults.append(Fault("province", "own_province", message))
    return code


def _price(typed: Mapping[str, object], faults: list[Fault]) -> Decimal | None:
    try:
        return parse_price(typed.get("price"))
    except MoneyError as error:
        faults.append(Fault("price", error.code, error.message))
        return None


def _unit(typed: Mapping[str, object], units: Units, faults: list[Fault]) -> tuple[str, int]:
    unit = _narrow(typed, "unit") or units.base
    try:
        factor = units.factor(unit)
    except MoneyError as error:
        faults.append(Fault("unit", error.code, f"{error.message}，无法换算；请改为其中之一，或先在产品包装中登记"))
        return unit, 0
    stated = _narrow(typed, "factor")
    if stated and stated != str(factor):
        message = f"换算系数应为 {factor}（1 {unit} = {factor} {units.base}），所填为“{stated[:20]}”；请核对包装后重填"
        faults.append(Fault("factor", "other_factor", message))
    return unit, factor


def _valid(
    typed: Mapping[str, object], field: str, label: str, faults: list[Fault], *, required: bool = False
) -> date | None:
    try:
        day = reading.day(_iso(typed.get(field)), field, label, required=required)
    except reading.Unreadable as fault:
        faults.append(Fault(field, fault.code, fault.message))
        return None
    if day is None:
        return None
    if not EARLIEST <= day <= LATEST:
        message = f"{label}须在 {EARLIEST.isoformat()} 至 {LATEST.isoformat()} 之间，请核对年份"
        faults.append(Fault(field, "out_of_range", message))
        return None
    return day


def _iso(typed: object) -> object:
    """A day as sheets write it, `2026/3/1` or `2026年3月1日`, written as everywhere else."""
    match = _DAY.fullmatch(unicodedata.normalize("NFKC", typed[:20]).strip()) if isinstance(typed, str) else None
    return "{}-{:0>2}-{:0>2}".format(*match.groups()) if match else typed


def _period(first: date | None, last: date | None, today: date, faults: list[Fault]) -> None:
    # A price that is over, or has not begun, would take the place of the one in force and leave the province without.
    if first and first > today:
        faults.append(Fault("valid_from", "not_yet_valid", "该价格尚未生效，请在生效当日起申报"))
    if last and first and last < first:
        faults.append(Fault("valid_to", "ends_before_it_begins", "截止日期早于生效日期，请核对"))
    elif last and last < today:
        faults.append(Fault("valid_to", "no_longer_valid", "该价格已过截止日期，请填写该省平台现行价格"))


def _words(typed: Mapping[str, object], field: str, faults: list[Fault]) -> str | None:
    label, most = _LONGEST[field]
    try:
        return reading.text(_narrow(typed, field), field, label, most=most, required=False)
    except reading.Unreadable as fault:
        faults.append(Fault(field, fault.code, fault.message))
        return None

"""Unique device identification as it is printed and scanned: GS1 element strings, MA codes, AHM codes.

A UDI is a DI (which product) and a PI (which lot, date, serial). GS1 is read by biip. MA (中关村) is read here. The inner
form of AHM (阿里健康) is not public: the entire text is kept as the DI and nothing is derived from it.
"""

import re
from dataclasses import dataclass
from datetime import date

from biip import ParseError
from biip.gs1_messages import GS1Message

GROUP_SEPARATOR = "\x1d"
_SYMBOLOGY = re.compile(r"^\][A-Za-z][0-9]")
_SEPARATORS_AS_TYPED = re.compile(r"<GS>|\{GS\}|\\x1d|\u241d")
_MA = re.compile(r"(MA\.[0-9]{3}\.[A-Z][0-9]\.[0-9A-Z]{4,8}\.[0-9A-Z]{4,20})((?:\.[A-Z][0-9A-Z/_-]*)*)")
_LONGEST = 254


class UdiError(ValueError):
    """Text that is no UDI we can read. `code` is stable, `message` is Chinese for the user."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code, self.message = code, message


@dataclass(frozen=True, slots=True)
class Udi:
    """What a UDI says; "" or None where it says nothing."""

    barcode_type: str
    di: str
    pi: str = ""
    lot: str = ""
    serial: str = ""
    produced_on: date | None = None
    expires_on: date | None = None


def udi_parse(text: str, *, lot: str = "") -> Udi:
    """A UDI as scanned or typed. `lot` is what the line states: where a scanner dropped the separator after the lot,
    it shows where the lot ends. Raises UdiError."""
    typed = _SEPARATORS_AS_TYPED.sub(GROUP_SEPARATOR, text.strip())
    if not typed or len(typed) > _LONGEST:
        raise UdiError("udi_unreadable", f"UDI 应为 1 至 {_LONGEST} 个字符，请重新扫描包装上的条码。")
    upper = typed.upper()
    if upper.startswith("MA."):
        return _ma(upper)
    if upper.startswith("AHM"):
        return Udi("AHM", upper)
    return _gs1(typed, lot)


def _gs1(typed: str, lot: str) -> Udi:
    text = _SYMBOLOGY.sub("", typed)
    try:
        message = GS1Message.parse_hri(text) if text.startswith("(") else GS1Message.parse(text)
    except ParseError as error:
        raise UdiError(
            "udi_unreadable", "读不出 UDI：不是 GS1、MA 或 AHM 条码。请重新扫描，或改填产品标识（DI）与批号。"
        ) from error
    said = {element.ai.ai: element for element in message.element_strings}
    product = said.get("01")
    if product is None or product.gtin is None:
        raise UdiError("udi_without_di", "UDI 中没有有效的产品标识（01），请扫描带产品标识的条码。")
    stated_lot = said["10"].value if "10" in said else ""
    serial = said["21"].value if "21" in said else ""
    if lot and not serial and stated_lot.startswith(f"{lot}21") and GROUP_SEPARATOR not in text and "(" not in text:
        stated_lot, serial = lot, stated_lot[len(lot) + 2 :]
    rest = "".join(f"({ai}){element.value}" for ai, element in said.items() if ai not in ("01", "10", "21"))
    if stated_lot:
        rest += f"(10){stated_lot}"
    if serial:
        rest += f"(21){serial}"
    return Udi(
        "GS1",
        product.value,
        rest,
        stated_lot,
        serial,
        said["11"].date if "11" in said else None,
        said["17"].date if "17" in said else None,
    )


def _ma(text: str) -> Udi:
    match = _MA.fullmatch(text)
    if match is None:
        raise UdiError("udi_unreadable", "MA 码格式不正确，应如 MA.156.M0.100001.10000011.L批号.E有效期。请重新扫描。")
    parts = {part[0]: part[1:] for part in match[2].split(".") if part}
    return Udi(
        "MA",
        match[1],
        match[2].removeprefix("."),
        parts.get("L", ""),
        parts.get("S", ""),
        _yymmdd(parts.get("M", "")),
        _yymmdd(parts.get("E", "") or parts.get("V", "")),
    )


def _yymmdd(text: str) -> date | None:
    """YYMMDD, the last day of the month where DD is 00; None if it is not a date."""
    if not re.fullmatch(r"[0-9]{6}", text):
        return None
    year, month, day = 2000 + int(text[:2]), int(text[2:4]), int(text[4:])
    try:
        if day:
            return date(year, month, day)
        return date.fromordinal(date(year + month // 12, month % 12 + 1, 1).toordinal() - 1)
    except ValueError:
        return None


def udi_contradictions(
    udi: Udi, *, lot: str, serial: str, produced_on: date | None, expires_on: date | None
) -> list[tuple[str, str]]:
    """Where the printed UDI and the stated line disagree: (field, Chinese message). What either leaves open agrees."""
    pairs = (
        ("lot", "批号", udi.lot, lot),
        ("serial", "序列号", udi.serial, serial),
        ("produced_on", "生产日期", udi.produced_on, produced_on),
        ("expires_on", "有效期", udi.expires_on, expires_on),
    )
    return [
        (field, f"{label}“{stated}”与 UDI 中的“{printed}”不一致，请核对实物标签后更正。")
        for field, label, printed, stated in pairs
        if printed and stated and printed != stated
    ]

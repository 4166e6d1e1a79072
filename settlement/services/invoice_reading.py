"""An invoice as it was typed, as values; every fault at once, each with its field."""

import base64
import binascii
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from settlement.rules.matching import Face, StatedLine
from settlement.workflows.states import InvoiceKind, RedReason
from sunlight.kernel import reading
from sunlight.kernel.money import MoneyError, parse_amount_fen, parse_price, parse_quantity

_DIGITAL = re.compile(r"[0-9]{20}")
_PAPER_CODE, _PAPER_NUMBER = re.compile(r"[0-9]{10}|[0-9]{12}"), re.compile(r"[0-9]{8}")
_RATE = re.compile(r"0(\.[0-9]{1,4})?")


@dataclass(frozen=True, slots=True)
class Sent:
    """A file as it was sent."""

    name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Typed:
    """What an invoice states, as typed; amounts in fen. `lines` refer to `acceptance_lines` in order."""

    kind: str
    code: str
    number: str
    issued_on: date
    tax_rate: Decimal
    net_fen: int
    tax_fen: int
    total_fen: int
    acceptance_lines: Sequence[int]
    lines: Sequence[StatedLine]
    original: Sent | None

    def face(self, *, seller: str, buyer: str) -> Face:
        """What its original should say, issued by and for organisations of these credit codes."""
        return Face(self.code, self.number, self.issued_on, self.net_fen, self.tax_fen, self.total_fen, seller, buyer)


def read_invoice(
    *,
    kind: object,
    code: object,
    number: object,
    issued_on: object,
    tax_rate: object,
    net: object,
    tax: object,
    amount: object,
    lines: Sequence[Mapping[str, Any]],
    original: Sent | Mapping[str, Any] | None,
) -> Typed:
    """Raises Unreadable with every fault of head and lines."""
    read = reading.Collected()
    code, number = read(_code_and_number, code, number) or ("", "")
    typed = Typed(
        kind=read(_kind, kind),
        code=code,
        number=number,
        issued_on=read(reading.day, issued_on, "issued_on", "开票日期"),
        tax_rate=read(_rate, tax_rate),
        net_fen=read(_fen, net, "net"),
        tax_fen=read(_fen, tax, "tax", allow_zero=True),
        total_fen=read(_fen, amount, "amount"),
        acceptance_lines=[
            read(reading.row_id, line["acceptance_line"], f"lines[{index}].acceptance_line", "验收明细")
            for index, line in enumerate(lines)
        ],
        lines=[read(_stated, line_no, line) for line_no, line in enumerate(lines, start=1)],
        original=read(_sent, original),
    )
    read.check()
    return typed


def _code_and_number(code: object, number: object) -> tuple[str, str]:
    plain_code = reading.text(code, "code", "发票代码", most=20, required=False)
    plain_number = reading.text(number, "number", "发票号码", most=20, required=False)
    digital = not plain_code and _DIGITAL.fullmatch(plain_number)
    paper = _PAPER_CODE.fullmatch(plain_code) and _PAPER_NUMBER.fullmatch(plain_number)
    if not digital and not paper:
        raise reading.Unreadable(
            "invoice_number_invalid",
            "发票号码不正确：数电票填 20 位号码、代码留空；其他发票填 10 或 12 位代码和 8 位号码。",
            "number",
        )
    return plain_code, plain_number


def _kind(typed: object) -> str:
    """A red invoice has no lines of its own: it names the blue one (`read_red`)."""
    if typed == InvoiceKind.RED:
        raise reading.Unreadable(
            "red_invoice_elsewhere",
            "红字发票不按明细提交。请打开它冲回的蓝字发票，在“提交红字发票”中办理（接口：red-invoices）。",
            "kind",
        )
    if typed != InvoiceKind.BLUE:
        raise reading.Unreadable("invoice_kind_unknown", "发票类别只能是蓝字（BLUE）。", "kind")
    return InvoiceKind.BLUE


@dataclass(frozen=True, slots=True)
class TypedRed:
    """What a red invoice states, as typed; amounts in fen without their sign."""

    blue_code: str
    blue_number: str
    number: str
    issued_on: date
    net_fen: int
    tax_fen: int
    amount_fen: int
    reason: str
    original: Sent | None

    def face(self, *, seller: str, buyer: str) -> Face:
        """What its original should say, where amounts have their sign."""
        return Face("", self.number, self.issued_on, -self.net_fen, -self.tax_fen, -self.amount_fen, seller, buyer)


def read_red(
    *,
    blue_code: object,
    blue_number: object,
    number: object,
    issued_on: object,
    net: object,
    tax: object,
    amount: object,
    reason: object,
    original: Sent | Mapping[str, Any] | None,
) -> TypedRed:
    """Raises Unreadable with every fault."""
    read = reading.Collected()
    blue_code, blue_number = read(_blue_number, blue_code, blue_number) or ("", "")
    typed = TypedRed(
        blue_code=blue_code,
        blue_number=blue_number,
        number=read(_red_number, number),
        issued_on=read(reading.day, issued_on, "issued_on", "开票日期"),
        net_fen=read(_unsigned, net, "net"),
        tax_fen=read(_unsigned, tax, "tax", allow_zero=True),
        amount_fen=read(_unsigned, amount, "amount"),
        reason=read(_red_reason, reason),
        original=read(_sent, original),
    )
    read.check()
    return typed


def _blue_number(code: object, number: object) -> tuple[str, str]:
    try:
        return _code_and_number(code, number)
    except reading.Unreadable as wrong:
        message = f"蓝字{wrong.message}" if wrong.code == "invoice_number_invalid" else wrong.message
        raise reading.Unreadable(wrong.code, message, f"blue_{wrong.field}") from wrong


def _red_number(typed: object) -> str:
    number = reading.text(typed, "number", "红字发票号码", most=20)
    if not _DIGITAL.fullmatch(number):
        raise reading.Unreadable("red_number_invalid", "红字数电发票的号码应为 20 位数字，请照票面填写。", "number")
    return number


def _red_reason(typed: object) -> str:
    if typed not in RedReason.values():
        known = "、".join(f"{each.label}（{each.value}）" for each in RedReason)
        raise reading.Unreadable("red_reason_unknown", f"请选择红冲原因：{known}。", "reason")
    return str(typed)


def _unsigned(typed: object, field: str, *, allow_zero: bool = False) -> int:
    """An amount as a red invoice prints it, with its minus or without."""
    plain = unicodedata.normalize("NFKC", typed).strip() if isinstance(typed, str) else typed
    return _fen(
        plain.removeprefix("-").removeprefix("−") if isinstance(plain, str) else plain, field, allow_zero=allow_zero
    )


def _rate(typed: object) -> Decimal:
    text = str(typed).strip()
    if not _RATE.fullmatch(text):
        raise reading.Unreadable("tax_rate_invalid", "税率应写作小数，如 0.13；免税写 0。", "tax_rate")
    return Decimal(text)


def _fen(typed: object, field: str, *, allow_zero: bool = False) -> int:
    try:
        return parse_amount_fen(typed, allow_zero=allow_zero)
    except MoneyError as error:
        raise reading.Unreadable(f"{field}_{error.code}", f"{error.message}。", field) from error


def _stated(line_no: int, line: Mapping[str, Any]) -> StatedLine:
    where = f"lines[{line_no - 1}]"
    try:
        return StatedLine(
            line_no, parse_quantity(line["quantity"]), parse_price(line["price"]), parse_amount_fen(line["amount"])
        )
    except MoneyError as error:
        raise reading.Unreadable(f"line_{error.code}", f"第 {line_no} 行：{error.message}。", where) from error


def _sent(given: Sent | Mapping[str, Any] | None) -> Sent | None:
    """The original, its content as bytes or in base64 as the API sends it."""
    if given is None or isinstance(given, Sent):
        return given
    name = reading.text(given.get("name"), "original.name", "发票原件的文件名", most=200)
    try:
        return Sent(name, base64.b64decode(str(given.get("content")).encode(), validate=True))
    except (binascii.Error, ValueError) as wrong:
        raise reading.Unreadable(
            "original_not_base64", "发票原件的内容须以 base64 编码。", "original.content"
        ) from wrong

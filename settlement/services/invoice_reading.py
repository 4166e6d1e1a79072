"""An invoice as it was typed, as values; every fault at once, each with its field."""

import base64
import binascii
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from settlement.rules.matching import Face, StatedLine
from settlement.workflows import InvoiceKind
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
    """A red invoice is not taken yet: what it would do to a payable is not decided here."""
    if typed == InvoiceKind.RED:
        raise reading.Unreadable(
            "red_invoice_not_taken",
            "平台暂不受理红字发票。未付款的，请作废原提交后按冲红后的新票提交；已付款的，请与医院协商退款，并联系平台结算人员。",
            "kind",
        )
    if typed != InvoiceKind.BLUE:
        raise reading.Unreadable("invoice_kind_unknown", "发票类别只能是蓝字（BLUE）。", "kind")
    return InvoiceKind.BLUE


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

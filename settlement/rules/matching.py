"""The three-way match: does an invoice state what was ordered and accepted (三流合一, SZ20-5.3.4)?"""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from sunlight.kernel.money import amount_fen, fen_text, price_text, quantity_text, round_half_up

# Invoicing software computes tax line by line and rounds each; the whole may be off by half a fen a line, here by one.


@dataclass(frozen=True)
class TakenLine:
    """What an invoice line refers to: the order's price, how much was accepted and is not invoiced yet, and the amount in
    fen that is due for the part stated (`part_amounts`)."""

    price: Decimal
    open_quantity: Decimal
    amount_fen: int


@dataclass(frozen=True)
class OrderLeft:
    """What of an order line is not invoiced yet: quantity and fen."""

    quantity: Decimal
    fen: int


@dataclass(frozen=True)
class Part:
    """A part of an order line on an invoice; the price is the order's."""

    order_line: Hashable
    price: Decimal
    quantity: Decimal


def part_amounts(parts: Iterable[Part], left: Mapping[Hashable, OrderLeft]) -> list[int]:
    """What each part amounts to in fen, in order: price times quantity, half up, but never more than is left of its order
    line, and the part that completes the order line gets exactly what is left. So the parts of an order line, on however
    many invoices, never sum up to more than the order line."""
    left, amounts = dict(left), []
    for part in parts:
        fen, rest = amount_fen(part.price, part.quantity), left[part.order_line]
        if part.quantity == rest.quantity:
            fen = rest.fen
        elif part.quantity < rest.quantity:
            fen = min(fen, rest.fen)
        # More than is left is a difference of its own, and compared with the plain product.
        left[part.order_line] = OrderLeft(rest.quantity - part.quantity, rest.fen - fen)
        amounts.append(fen)
    return amounts


@dataclass(frozen=True)
class StatedLine:
    """What an invoice line states; the amount in fen, tax included."""

    line_no: int
    quantity: Decimal
    price: Decimal
    amount_fen: int


@dataclass(frozen=True)
class Difference:
    """One thing that does not agree; `line` is None for the entire invoice."""

    line: int | None
    field: str
    expected: str
    stated: str
    message: str

    def to_dict(self) -> dict:
        return asdict(self)


def match(
    lines: Sequence[tuple[StatedLine, TakenLine]],
    *,
    tax_rate: Decimal,
    net_fen: int,
    tax_fen: int,
    total_fen: int,
    tolerance_fen: int,
) -> list[Difference]:
    """Every difference between an invoice and the order and acceptance behind it; an empty list is a match.
    Prices, quantities and amounts must agree exactly, the tax within `tolerance_fen` a line (A98)."""
    differences = [d for stated, taken in lines for d in _line(stated, taken)]
    summed = sum(stated.amount_fen for stated, _ in lines)
    if summed != total_fen:
        differences.append(_amount_difference("amount", summed, total_fen, "价税合计与各行金额之和不符"))
    if net_fen + tax_fen != total_fen:
        differences.append(
            _amount_difference("net", total_fen - tax_fen, net_fen, "不含税金额与税额之和不等于价税合计")
        )
    tax = int(round_half_up(Fraction(net_fen) * Fraction(tax_rate), 0))
    if abs(tax - tax_fen) > tolerance_fen * max(len(lines), 1):
        differences.append(_amount_difference("tax", tax, tax_fen, "税额与不含税金额乘税率不符"))
    return differences


def _line(stated: StatedLine, taken: TakenLine) -> list[Difference]:
    differences = []

    def differs(field: str, expected: str, said: str, what: str) -> None:
        message = f"第 {stated.line_no} 行{what}：应为 {expected}，发票为 {said}"
        differences.append(Difference(stated.line_no, field, expected, said, message))

    if stated.price != taken.price:
        differs("price", price_text(taken.price), price_text(stated.price), "单价与订单不符")
    if stated.quantity > taken.open_quantity:
        differs(
            "quantity",
            f"≤ {quantity_text(taken.open_quantity)}",
            quantity_text(stated.quantity),
            "数量超过已验收未开票数量",
        )
    # At another price than the order's the price is the difference; the amount need only agree with it.
    plain = amount_fen(stated.price, stated.quantity)
    amount = taken.amount_fen if stated.price == taken.price else plain
    if amount != stated.amount_fen:
        what = (
            "金额不等于单价乘数量"
            if amount == plain
            else "金额与订单行尚未开票的余额不符（分次开票合计不超过订单行金额）"
        )
        differs("amount", fen_text(amount), fen_text(stated.amount_fen), what)
    return differences


def _amount_difference(field: str, expected: int, stated: int, what: str) -> Difference:
    wanted, said = fen_text(expected), fen_text(stated)
    return Difference(None, field, wanted, said, f"{what}：应为 {wanted} 元，发票为 {said} 元")


@dataclass(frozen=True)
class Face:
    """What an invoice states of itself: as typed, or as its original file says it. `None` is not said; amounts in fen,
    tax numbers of the parties as printed."""

    code: str | None = None
    number: str | None = None
    issued_on: date | None = None
    net_fen: int | None = None
    tax_fen: int | None = None
    total_fen: int | None = None
    seller: str | None = None
    buyer: str | None = None


FACE = {
    "code": "发票代码",
    "number": "发票号码",
    "issued_on": "开票日期",
    "net_fen": "不含税金额",
    "tax_fen": "税额",
    "total_fen": "价税合计",
    "seller": "销售方纳税人识别号",
    "buyer": "购买方纳税人识别号",
}


def compare_faces(*, typed: Face, original: Face) -> list[Difference]:
    """Where the original says something else than was typed; what it does not say is not compared."""
    differences = []
    for name, label in FACE.items():
        said, entered = getattr(original, name), getattr(typed, name)
        if said is None or said == entered:
            continue
        wanted, given = _shown(name, said), _shown(name, entered)
        message = f"{label}与发票原件不符：原件为 {wanted}，填写为 {given}"
        differences.append(Difference(None, f"original.{name.removesuffix('_fen')}", wanted, given, message))
    return differences


def _shown(name: str, value: object) -> str:
    return fen_text(value) if name.endswith("_fen") else str(value or "（空）")

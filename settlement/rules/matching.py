"""The three-way match: does an invoice state what was ordered and accepted (三流合一, SZ20-5.3.4)?"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from decimal import Decimal
from fractions import Fraction

from sunlight.kernel.money import amount_fen, fen_text, price_text, quantity_text, round_half_up

# Invoicing software computes tax line by line and rounds each; the whole may be off by half a fen a line, here by one.
TAX_TOLERANCE_FEN_A_LINE = 1


@dataclass(frozen=True)
class TakenLine:
    """What an invoice line refers to: the order's price and how much was accepted and is not invoiced yet."""

    price: Decimal
    open_quantity: Decimal


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
    lines: Sequence[tuple[StatedLine, TakenLine]], *, tax_rate: Decimal, net_fen: int, tax_fen: int, total_fen: int
) -> list[Difference]:
    """Every difference between an invoice and the order and acceptance behind it; an empty list is a match.
    Prices, quantities and amounts must agree exactly, the tax within 1 fen a line."""
    differences = [d for stated, taken in lines for d in _line(stated, taken)]
    summed = sum(stated.amount_fen for stated, _ in lines)
    if summed != total_fen:
        differences.append(_amount_difference("amount", summed, total_fen, "价税合计与各行金额之和不符"))
    if net_fen + tax_fen != total_fen:
        differences.append(
            _amount_difference("net", total_fen - tax_fen, net_fen, "不含税金额与税额之和不等于价税合计")
        )
    tax = int(round_half_up(Fraction(net_fen) * Fraction(tax_rate), 0))
    if abs(tax - tax_fen) > TAX_TOLERANCE_FEN_A_LINE * max(len(lines), 1):
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
    amount = amount_fen(stated.price, stated.quantity)
    if amount != stated.amount_fen:
        differs("amount", fen_text(amount), fen_text(stated.amount_fen), "金额不等于单价乘数量")
    return differences


def _amount_difference(field: str, expected: int, stated: int, what: str) -> Difference:
    wanted, said = fen_text(expected), fen_text(stated)
    return Difference(None, field, wanted, said, f"{what}：应为 {wanted} 元，发票为 {said} 元")

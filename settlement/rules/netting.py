"""What a red invoice may take back, and how an issuer's overpayments are set against what is owed to it."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from sunlight.kernel.money import fen_text, round_half_up


@dataclass(frozen=True, slots=True)
class Blue:
    """The blue invoice: amounts in fen, tax included; what its red ones took back already."""

    issued_on: date
    tax_rate: Decimal
    amount_fen: int
    reddened_fen: int
    lines: int


@dataclass(frozen=True, slots=True)
class Red:
    """A red invoice as it was typed, its amounts without their sign, in fen; `whole` where its reason is that the blue one
    was issued wrongly, which only all of it can mend."""

    issued_on: date
    handed_in_on: date
    net_fen: int
    tax_fen: int
    amount_fen: int
    whole: bool


@dataclass(frozen=True, slots=True)
class Fault:
    field: str
    code: str
    message: str


def red_faults(red: Red, blue: Blue, *, tolerance_fen: int) -> list[Fault]:
    """Everything that keeps a red invoice from taking back its amount of the blue one; an empty list is none. The tax may
    differ by `tolerance_fen` a line (A98)."""
    faults = []
    if red.issued_on < blue.issued_on:
        message = f"红字发票的开票日期 {red.issued_on} 早于蓝字发票 {blue.issued_on}，请核对开票日期。"
        faults.append(Fault("issued_on", "red_before_blue", message))
    if red.issued_on > red.handed_in_on:
        message = f"红字发票的开票日期 {red.issued_on} 晚于今天 {red.handed_in_on}，请核对开票日期。"
        faults.append(Fault("issued_on", "red_from_the_future", message))
    if red.net_fen + red.tax_fen != red.amount_fen:
        summed = fen_text(red.net_fen + red.tax_fen)
        message = f"不含税金额与税额之和 {summed} 元不等于价税合计 {fen_text(red.amount_fen)} 元，请照票面填写。"
        faults.append(Fault("amount", "red_does_not_add_up", message))
    tax = int(round_half_up(Fraction(red.net_fen) * Fraction(blue.tax_rate), 0))
    if abs(tax - red.tax_fen) > tolerance_fen * max(blue.lines, 1):
        message = f"税额 {fen_text(red.tax_fen)} 元与不含税金额乘蓝字发票税率（{fen_text(tax)} 元）不符，请照票面填写。"
        faults.append(Fault("tax", "red_tax_differs", message))
    left = blue.amount_fen - blue.reddened_fen
    if red.amount_fen > left:
        message = f"红字发票 {fen_text(red.amount_fen)} 元超过蓝字发票尚可红冲的 {fen_text(left)} 元，请核对金额与蓝字发票号码。"
        faults.append(Fault("amount", "red_above_blue", message))
    elif red.whole and red.amount_fen != blue.amount_fen:
        message = (
            f"因开票有误红冲的，须冲回蓝字发票全额 {fen_text(blue.amount_fen)} 元。部分红冲请选择销货退回或销售折让。"
        )
        faults.append(Fault("amount", "red_of_an_error_is_whole", message))
    return faults


@dataclass(frozen=True, slots=True)
class Due:
    """What is to be settled of a payable now, in fen."""

    payable: Hashable
    payee: Hashable
    fen: int


@dataclass(frozen=True, slots=True)
class Over:
    """What is open of an overpayment, in fen."""

    overpayment: Hashable
    payee: Hashable
    fen: int


@dataclass(frozen=True, slots=True)
class Set:
    """An amount of an overpayment set against a payable."""

    overpayment: Hashable
    payable: Hashable
    fen: int


def spread(dues: Sequence[Due], overs: Sequence[Over]) -> list[Set]:
    """The overpayments set against what is owed to the same payee, both in the order given, each as far as it goes: never
    more than is due, never more than is open."""
    left, sets = {due.payable: due.fen for due in dues}, []
    for over in overs:
        rest = over.fen
        for due in dues:
            fen = min(rest, left[due.payable]) if due.payee == over.payee else 0
            if fen > 0:
                sets.append(Set(over.overpayment, due.payable, fen))
                left[due.payable] -= fen
                rest -= fen
    return sets

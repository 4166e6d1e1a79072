"""Prices, quantities and amounts.

A unit price is a Decimal with 4 places (CNY, tax included), a quantity a Decimal with 3 places in the listing's
pricing unit, an amount a whole number of fen. Price times quantity becomes fen once, ROUND_HALF_UP, here and nowhere else.
"""

import re
import unicodedata
from decimal import ROUND_HALF_UP, Context, Decimal, Inexact, InvalidOperation
from fractions import Fraction

PRICE_PLACES = 4
QUANTITY_PLACES = 3
MAX_PRICE = Decimal("9999999999.9999")
MAX_QUANTITY = Decimal("99999999999.999")
MAX_AMOUNT_FEN = 10**14  # 10^12 yuan

# Far above what prices, quantities and amounts need; longer numbers are computed as fractions.
_ROUNDING = Context(prec=60, rounding=ROUND_HALF_UP, traps=[InvalidOperation])
_EXACT = Context(prec=60, traps=[InvalidOperation, Inexact])

_PLAIN_NUMBER = re.compile(r"([0-9]+)(?:\.([0-9]+))?")
_LONGEST_NUMBER = 40

_DIGITS = "零壹贰叁肆伍陆柒捌玖"
_PLACES = ("", "拾", "佰", "仟")
_GROUPS = ("", "万", "亿", "万亿")


class MoneyError(ValueError):
    """A number that cannot be a price, a quantity or an amount. `code` is stable, `message` is Chinese for the user."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


def round_half_up(value: Decimal | Fraction | int, places: int) -> Decimal:
    """`value` (zero or more) with `places` decimals, ROUND_HALF_UP, from the exact value; any size."""
    if isinstance(value, Decimal) and not value.is_signed():
        try:
            return value.quantize(Decimal((0, (1,), -places)), context=_ROUNDING)
        except InvalidOperation:
            pass
    scaled = Fraction(value) * 10**places
    if scaled < 0:
        raise ValueError("round_half_up takes zero or more")
    return Decimal(f"{(2 * scaled.numerator + scaled.denominator) // (2 * scaled.denominator)}E-{places}")


def amount_fen(price: Decimal, quantity: Decimal | int) -> int:
    """Price (CNY a unit) times quantity (units) in fen, ROUND_HALF_UP once. Raises MoneyError above 10^12 yuan."""
    fen = int(round_half_up(_product(price, quantity) * 100, 0))
    if fen > MAX_AMOUNT_FEN:
        raise MoneyError("too_large", "金额超过 1 万亿元，请核对单价与数量")
    return fen


def _product(price: Decimal, quantity: Decimal | int) -> Decimal | Fraction:
    """The exact product; as a fraction where it has more digits than amounts have."""
    try:
        return _EXACT.multiply(price, quantity)
    except (Inexact, InvalidOperation, TypeError):
        return Fraction(price) * Fraction(quantity)


def fen_from_yuan(amount: Decimal) -> int:
    """Exact conversion of an amount in yuan with at most 2 decimals. Raises MoneyError where fen would be lost."""
    fen = Fraction(amount) * 100
    if fen.denominator != 1:
        raise MoneyError("too_many_decimals", "金额最多两位小数（精确到分）")
    return int(fen)


def yuan_from_fen(fen: int) -> Decimal:
    """An amount in fen as a Decimal in yuan with 2 places."""
    return Decimal(f"{fen}E-2")


def fen_text(fen: int, *, grouped: bool = False) -> str:
    """`123450` -> `1234.50`, grouped `1,234.50`; a minus sign where negative."""
    return f"{yuan_from_fen(fen):,.2f}" if grouped else f"{yuan_from_fen(fen):.2f}"


def price_text(price: Decimal) -> str:
    """A unit price with its 4 decimals."""
    return f"{round_half_up(price, PRICE_PLACES):.{PRICE_PLACES}f}"


def price_words(price: Decimal) -> str:
    """A unit price as people read it: grouped, with at least 2 and at most 4 decimals: `755.00`, `1,234.5678`."""
    text = f"{round_half_up(price, PRICE_PLACES):,.{PRICE_PLACES}f}"
    return text[:-2] if text.endswith("00") else text


def quantity_text(quantity: Decimal) -> str:
    """A quantity without superfluous zeros: `2000`, `2.5`."""
    text = f"{round_half_up(quantity, QUANTITY_PLACES):f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def parse_price(typed: object) -> Decimal:
    """A unit price as a person typed it (text, or a number from a sheet's cell) -> Decimal with 4 places.

    NFKC and outer white space are forgiven; signs, exponents, separators, NaN, more than 4 decimals, zero and more than
    9 999 999 999.9999 raise MoneyError: nobody enters a price of 0 anywhere.
    """
    return _parse(typed, "单价", PRICE_PLACES, MAX_PRICE, False)


def parse_quantity(typed: object) -> Decimal:
    """A quantity above zero in the pricing unit -> Decimal with 3 places; the same refusals as `parse_price`."""
    return _parse(typed, "数量", QUANTITY_PLACES, MAX_QUANTITY, False)


def parse_amount_fen(typed: object, *, allow_zero: bool = False) -> int:
    """An amount in yuan with at most 2 decimals -> fen; the same refusals as `parse_price`, above 10^12 yuan too."""
    return fen_from_yuan(_parse(typed, "金额", 2, yuan_from_fen(MAX_AMOUNT_FEN), allow_zero))


def _parse(typed: object, what: str, places: int, largest: Decimal, allow_zero: bool) -> Decimal:
    text = _as_text(typed, what)
    match = _PLAIN_NUMBER.fullmatch(text)
    if match is None:
        # What nobody sees is left out of what is shown: no database keeps a NUL, no answer carries half a character.
        shown = "".join(each for each in text[:_LONGEST_NUMBER] if each.isprintable())
        raise MoneyError("malformed", f"{what}“{shown}”不是数字，请只填阿拉伯数字和小数点")
    if len(match[2] or "") > places:
        raise MoneyError("too_many_decimals", f"{what}最多 {places} 位小数")
    if len(match[1].lstrip("0")) > len(str(int(largest))) or Decimal(text) > largest:
        raise MoneyError("too_large", f"{what}不得大于 {largest:f}")
    number = Decimal(text)
    if number == 0 and not allow_zero:
        raise MoneyError("zero", f"{what}必须大于 0")
    return round_half_up(number, places)


def _as_text(typed: object, what: str) -> str:
    if isinstance(typed, str):
        return unicodedata.normalize("NFKC", typed).strip()
    if isinstance(typed, float | int | Decimal) and not isinstance(typed, bool):
        # repr of a float is the shortest text that names it: what the sheet showed, not its binary expansion
        try:
            number = Decimal(repr(typed)) if isinstance(typed, float) else Decimal(typed)
        except InvalidOperation:  # pragma: no cover - repr of a float always parses
            number = Decimal("NaN")
        if number.is_finite() and abs(number.adjusted()) <= _LONGEST_NUMBER:
            return f"{number:f}".removesuffix(".0")
    raise MoneyError("malformed", f"{what}不是数字，请填写数字")


def rmb_upper(fen: int) -> str:
    """An amount in capital Chinese numerals as bills demand them: `140950` -> `壹仟肆佰零玖元伍角`.

    整 stands after 元 only; raises MoneyError for a negative amount or one above 10^12 yuan.
    """
    if fen < 0 or fen > MAX_AMOUNT_FEN:
        raise MoneyError("out_of_range", "大写金额须在 0 至 1 万亿元之间")
    yuan, cents = divmod(fen, 100)
    jiao, single = divmod(cents, 10)
    text = f"{_upper_integer(yuan)}元" if yuan or not cents else ""
    if not cents:
        return f"{text}整"
    if jiao:
        text += f"{_DIGITS[jiao]}角"
    elif yuan:
        text += "零"
    return f"{text}{_DIGITS[single]}分" if single else text


def _upper_integer(number: int) -> str:
    if number == 0:
        return _DIGITS[0]
    parts: list[str] = []
    gap = False
    for group in range(len(_GROUPS) - 1, -1, -1):
        four = number // 10 ** (4 * group) % 10**4
        if four == 0:
            gap = bool(parts)
            continue
        if parts and (gap or four < 1000):
            parts.append(_DIGITS[0])
        parts.append(_upper_group(four) + _GROUPS[group])
        gap = False
    return "".join(parts)


def _upper_group(four: int) -> str:
    text = ""
    zero = False
    for place in (3, 2, 1, 0):
        digit = four // 10**place % 10
        if digit:
            text += (_DIGITS[0] if zero and text else "") + _DIGITS[digit] + _PLACES[place]
            zero = False
        else:
            zero = True
    return text

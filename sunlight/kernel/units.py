"""One pricing unit (个, 套, 人份 …) and its packs, each a whole number of that unit (盒 = 50 个).

Prices and quantities are stored in the pricing unit; a screen shows both: "40 盒 = 2,000 个".
"""

import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from sunlight.kernel.money import MoneyError, parse_quantity, quantity_text, round_half_up

_TYPED = re.compile(r"([0-9.]+)\s*(\D*)")


class UnitError(MoneyError):
    """A unit that the listing does not know, or a conversion that leaves a broken unit."""


@dataclass(frozen=True, slots=True)
class Pack:
    """A pack of `factor` (2 or more) pricing units."""

    name: str
    factor: int

    def __post_init__(self) -> None:
        if not self.name or isinstance(self.factor, bool) or not isinstance(self.factor, int) or self.factor < 2:
            raise UnitError("bad_pack", f"包装“{self.name}”的换算系数必须是大于 1 的整数")


@dataclass(frozen=True, slots=True)
class Units:
    """The pricing unit of a listing with its packs, smallest first."""

    base: str
    packs: tuple[Pack, ...] = ()

    def __post_init__(self) -> None:
        names = [self.base, *(pack.name for pack in self.packs)]
        if not self.base or len(set(names)) != len(names):
            raise UnitError("duplicate_unit", "计价单位与包装单位不得为空或重名")
        object.__setattr__(self, "packs", tuple(sorted(self.packs, key=lambda pack: pack.factor)))

    def factor(self, unit: str) -> int:
        """How many pricing units one `unit` holds. Raises UnitError for a unit this listing does not have."""
        if unit == self.base:
            return 1
        for pack in self.packs:
            if pack.name == unit:
                return pack.factor
        known = "、".join([self.base, *(pack.name for pack in self.packs)])
        raise UnitError("unknown_unit", f"单位“{unit}”不是本产品的单位（{known}）")

    def to_base(self, quantity: Decimal, unit: str) -> Decimal:
        """`quantity` of `unit` in the pricing unit, 3 places."""
        return round_half_up(Fraction(quantity) * self.factor(unit), 3)

    def price_to_base(self, price: Decimal, unit: str) -> Decimal:
        """A price quoted per `unit` as a price per pricing unit, 4 places, ROUND_HALF_UP."""
        return round_half_up(Fraction(price) / self.factor(unit), 4)

    def parse(self, typed: object) -> Decimal:
        """`40 盒`, `40盒` or `2000` as typed -> quantity in the pricing unit. Raises MoneyError or UnitError."""
        text = unicodedata.normalize("NFKC", typed).strip() if isinstance(typed, str) else ""
        match = _TYPED.fullmatch(text)
        if match is None:
            return parse_quantity(typed)
        return self.to_base(parse_quantity(match[1]), match[2].strip() or self.base)

    def is_broken_pack(self, quantity: Decimal, unit: str) -> bool:
        """Whether a quantity in the pricing unit is not a whole number of `unit`."""
        return (Fraction(quantity) / self.factor(unit)).denominator != 1

    def describe(self, quantity: Decimal) -> str:
        """A quantity in its largest whole pack and in the pricing unit: "40 盒 = 2,000 个", or "7 个" alone."""
        base = f"{_thousands(quantity)} {self.base}"
        for pack in reversed(self.packs):
            if not self.is_broken_pack(quantity, pack.name):
                return f"{_thousands(Decimal(int(Fraction(quantity) / pack.factor)))} {pack.name} = {base}"
        return base


def _thousands(quantity: Decimal) -> str:
    whole, dot, rest = quantity_text(quantity).partition(".")
    return f"{int(whole):,}{dot}{rest}"

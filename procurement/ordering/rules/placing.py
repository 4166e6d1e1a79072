"""What is asked again before an order goes out: slips of unit and quantity that are expensive to correct later."""

from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from sunlight.kernel.money import price_words
from sunlight.kernel.units import Units


@dataclass(frozen=True, slots=True)
class Question:
    """One thing to confirm. `key` names question, product and quantity, so that a changed line asks again."""

    kind: str
    key: str
    message: str


def order_questions(
    *,
    code: str,
    quantity: Decimal,
    price: Decimal,
    units: Units,
    usual_quantity: Decimal | None,
    usual_price: Decimal | None,
    usual_multiple: int,
    near: Decimal,
) -> list[Question]:
    """一行订单下单前须再次确认的事项：拆散包装、数量超过本院常用量的若干倍、单价与常用单价相差约一个包装换算系数。

    Quantities and prices are in the pricing unit; `usual_*` are the hospital's medians, None where there are none.
    """
    found: list[Question] = []

    def ask(kind: str, message: str) -> None:
        found.append(Question(kind, f"{kind}:{code}:{quantity.normalize():f}", message))

    if units.packs and units.is_broken_pack(quantity, units.packs[0].name):
        pack = units.packs[0]
        ask(
            "broken_pack",
            f"数量 {units.describe(quantity)} 不是整{pack.name}（每{pack.name} {pack.factor} {units.base}）。",
        )
    if usual_quantity and quantity > usual_multiple * usual_quantity:
        ask(
            "unusual_quantity",
            f"数量 {units.describe(quantity)} 超过本院该产品常用量（中位数 {units.describe(usual_quantity)}）的"
            f" {usual_multiple} 倍。",
        )
    factor = near_pack_factor(price, usual_price, [pack.factor for pack in units.packs], near)
    if factor:
        ask(
            "price_near_pack",
            f"单价 {price_words(price)} 元与常用单价 {price_words(usual_price)} 元相差约 {factor} 倍，正好接近包装换算系数，"
            f"请确认计价单位是“{units.base}”。",
        )
    return found


def near_pack_factor(price: Decimal, usual: Decimal | None, factors: Collection[int], near: Decimal) -> int | None:
    """The pack factor by which `price` and `usual` differ, off by at most `near` of it; None where none fits."""
    if not usual:
        return None
    ratio = Fraction(max(price, usual)) / Fraction(min(price, usual))
    return next((f for f in sorted(factors) if f > 1 and abs(ratio / f - 1) <= Fraction(near)), None)

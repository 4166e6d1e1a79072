"""A price to begin with: help for the buyer, no bound of the law. The bounds are `bargain.decide`'s."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

GREEN_TOP = 3  # The fourth boundary: the end of the green segments, the median weighted by quantity.


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A price in CNY a pricing unit, what it rests on, and the clause behind that ("" for the lowest bound itself)."""

    price: Decimal
    why: str
    clause: str = ""


def suggested_price(
    *, ceiling: Decimal | None, boundaries: Sequence[Decimal], median: Decimal | None
) -> Suggestion | None:
    """The end of the green segments, else the median of the last twelve months, never above the lowest bound; None
    where there is nothing to rest on."""
    if boundaries:
        found = Suggestion(boundaries[GREEN_TOP], "绿区上沿（按数量加权的中位价）", "SZ24-3.3b")
    elif median is not None:
        found = Suggestion(median, "近十二个月中位价", "SZ24-3.3a")
    elif ceiling is not None:
        return Suggestion(ceiling, "没有成交可参考，取最低上限")
    else:
        return None
    if ceiling is not None and found.price > ceiling:
        return Suggestion(ceiling, f"{found.why}高于最低上限，取最低上限")
    return found

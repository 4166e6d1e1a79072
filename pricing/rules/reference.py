"""The reference price: the nation's lowest, published and unopposed (SZ20-5.2.1b); which catalogue a product stands in."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from catalog.workflows import CATALOGUES
from pricing.rules.publicity import CLAUSES, OBJECTION, OBJECTIONS, PARAMETERS, first_day, given_on
from sunlight.kernel.facts import DAY, PRICE, Choice, Field, ListOf
from sunlight.kernel.money import price_words
from sunlight.kernel.policy import Value
from sunlight.kernel.rule import Decision, Reading, rule

STATES = {
    "none": "没有更低的价格",
    "collected": "已采集",
    "publicity": "公示中",
    "opposed": "有异议",
    "confirmed": "已确认",
}


@rule(
    "price.reference",
    title="挂网参考价",
    where="深圳自 2020-07-01 至 2024-12-31；草案仅作提示时持续有效",
    clauses=("SZ20-5.2.1a", "SZ20-5.2.1b", "SZ20-5.2.1e", "ASSUMPTION-A27", "ASSUMPTION-A29", *CLAUSES),
    parameters=("reference.tracking", "catalog.catalogues", "catalog.catalogue_moves", *PARAMETERS),
    facts=(
        Field("national_prices", ListOf(PRICE), "采集到的全国各平台价格"),
        Field("current_reference", PRICE, "现行参考价", required=False),
        Field("published_on", DAY, "公示起始日", required=False),
        OBJECTION,
    ),
    outcome=(
        Field("state", Choice(STATES), "进行到哪一步"),
        Field("reference", PRICE, "当日有效的参考价"),
        Field("catalogue", Choice(CATALOGUES), "所属目录：有参考价的为限价目录，没有的为备选目录"),
        Field("effective_on", DAY, "新参考价的生效日"),
    ),
)
def price_reference(
    read: Reading,
    *,
    national_prices: Sequence[Decimal],
    current_reference: Decimal | None,
    published_on: date | None,
    objection: str,
) -> Decision:
    """采集到的全国最低价低于现行参考价的，公示五个工作日无异议（或异议不成立）即自次日起为参考价，只降不升；有参考价的为限价目录。"""
    value = read.find("reference.tracking")
    if value is None:
        return read.unregulated()
    lowest = min((price for price in national_prices if price > 0), default=None)
    state, effective_on = "none", None
    if lowest is not None and (current_reference is None or lowest < current_reference):
        state, effective_on = _state(read, given_on(read, published_on), objection)
    reference = lowest if state == "confirmed" else current_reference
    catalogue = "limit" if reference is not None else "alternative"
    _reasons(read, value, lowest, current_reference, state, objection, effective_on, catalogue)
    return read.decide({"state": state, "reference": reference, "catalogue": catalogue, "effective_on": effective_on})


def _state(read: Reading, published_on: date | None, objection: str) -> tuple[str, date | None]:
    """How far a lower price has come, and from which day it holds."""
    if published_on is None:
        return "collected", None
    if objection in ("open", "upheld"):
        return "opposed", None
    first = first_day(read, published_on)
    return ("confirmed" if first <= read.on else "publicity"), first


def _reasons(
    read: Reading,
    value: Value,
    lowest: Decimal | None,
    current: Decimal | None,
    state: str,
    objection: str,
    first: date | None,
    catalogue: str,
) -> None:
    found = "没有采集到价格（零价不算价格）" if lowest is None else f"采集到的全国最低价 {price_words(lowest)} 元"
    stands = "尚无参考价" if current is None else f"现行参考价 {price_words(current)} 元"
    what: dict[str, Any] = {
        "none": f"{found}，{stands}：不低于现行参考价的不采用，参考价只降不升",
        "collected": f"{found}，{stands}：尚未公示，不生效",
        "opposed": f"{found}，{stands}：公示期间的异议{OBJECTIONS[objection]}，不生效",
        "publicity": f"{found}，{stands}：公示中，无异议的自 {first} 起为参考价",
        "confirmed": f"{found}，{stands}：公示期满，自 {first} 起为参考价",
    }
    read.explain(value, f"reference_{state}", what[state])
    catalogues = read.find("catalog.catalogues")
    if catalogues is not None and catalogue in catalogues.value:
        which = "有参考价，列入限价目录" if catalogue == "limit" else "没有参考价，列入备选目录"
        read.explain(catalogues, f"catalogue_{catalogue}", which)
    moves = read.find("catalog.catalogue_moves") if state == "confirmed" and current is None else None
    if moves is not None:
        read.explain(moves, "catalogue_moved", "首次确认参考价，由备选目录移入限价目录")

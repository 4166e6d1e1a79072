"""Who may make the first deals of a product that nothing compares with, and until when (A24, A44)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sunlight.kernel.facts import BOOL, COUNT, DAY, PRICE, Choice, Field, ListOf, Record, Text
from sunlight.kernel.money import price_words
from sunlight.kernel.period import months_back
from sunlight.kernel.rule import Decision, Reading, rule

_NAME = Text(r"(?s).{1,64}", "名称（1 至 64 字）")
MATTERS = {"review": "价格未经审核", "hospitals": "已满首批医疗机构数", "months": "首批成交期限已过"}


@dataclass(frozen=True, slots=True)
class FirstDeal:
    """A net deal of a public hospital of the city; `group`: the consortium or joint offer it was part of."""

    hospital: str
    group: str | None
    on: date


_DEAL = Record(
    (
        Field("hospital", _NAME, "医疗机构"),
        Field("group", _NAME, "医联体、集团或拼单", required=False),
        Field("date", DAY, "成交日", attr="on"),
    ),
    FirstDeal,
)


@rule(
    "first_deal.check",
    title="首批成交",
    where="深圳自 2025-01-01",
    clauses=("SZ24-3.3c", "ASSUMPTION-A24", "ASSUMPTION-A31", "ASSUMPTION-A44"),
    parameters=(
        "first_deal.limited",
        "first_deal.hospitals",
        "first_deal.months",
        "first_deal.independent_deals",
    ),
    facts=(
        Field("hospital", _NAME, "采购的医疗机构"),
        Field("deals", ListOf(_DEAL), "本市公立医疗机构的净成交"),
        Field("comparison_price", PRICE, "十五省最低价", required=False),
        Field("reviewed", BOOL, "价格是否已经平台审核"),
    ),
    outcome=(
        Field("limited", BOOL, "是否受首批成交限制"),
        Field("independent_deals", COUNT, "独立成交数"),
        Field("deals_missing", COUNT, "尚缺独立成交数"),
        Field("hospitals_left", COUNT, "剩余医疗机构数"),
        Field("open_until", DAY, "首批成交截止日"),
        Field("broken", ListOf(Choice(MATTERS)), "不符事项"),
    ),
)
def first_deal_check(
    read: Reading, *, hospital: str, deals: Sequence[FirstDeal], comparison_price: Decimal | None, reviewed: bool
) -> Decision:
    """没有外省价可比的产品，独立成交满三笔之前，价格须经审核，限三家医疗机构、自首笔成交起六个月。"""
    ground = read.find("first_deal.limited")
    if ground is None:
        return read.unregulated()
    known = [deal for deal in deals if deal.on <= read.on]
    needed = read.at("first_deal.independent_deals").value
    independent = _independent(known)
    answer = {
        "limited": False,
        "independent_deals": independent,
        "deals_missing": 0,
        "hospitals_left": None,
        "open_until": None,
        "broken": (),
    }
    if comparison_price:
        read.explain(ground, "comparable", f"外省有可比价格 {price_words(comparison_price)} 元，不受首批成交限制")
        return read.decide(answer, judged=True)
    if (ended := _ended_on(known, needed)) is not None:
        read.explain(ground, "enough_deals", f"{ended} 独立成交已达 {needed} 笔，首批成交限制已永久解除")
        return read.decide(answer, judged=True)
    answer |= {"limited": True, "deals_missing": max(needed - independent, 0)}
    return read.decide(answer | _limits(read, ground, hospital, known, reviewed), judged=True)


def _limits(read: Reading, ground, hospital: str, deals: Sequence[FirstDeal], reviewed: bool) -> dict[str, Any]:
    """What is left of the first deals, and the one reason where something is broken."""
    most, months = read.at("first_deal.hospitals").value, read.at("first_deal.months").value
    bought = {deal.hospital for deal in deals}
    first = min((deal.on for deal in deals), default=None)
    until = None if first is None else months_back(first, -months)
    matters = {
        "review": (not reviewed, "价格尚未经平台运营机构审核"),
        "hospitals": (
            len(bought) >= most and hospital not in bought,
            f"已有 {len(bought)} 家医疗机构成交，首批最多 {most} 家",
        ),
        "months": (until is not None and read.on > until, f"首批成交期限 {months} 个月已于 {until} 届满"),
    }
    broken = tuple(name for name, (is_broken, _) in matters.items() if is_broken)
    if broken:
        said = "；".join(matters[name][1] for name in broken)
        read.breach(ground, f"first_deal_{broken[0]}", f"该产品没有外省价格可比，按首批成交管理：{said}")
    else:
        term = f"，截止 {until}" if until else ""
        read.explain(
            ground,
            "first_deal",
            f"该产品没有外省价格可比，按首批成交管理：价格已经审核，已有 {len(bought)} 家医疗机构成交"
            f"（最多 {most} 家）{term}，允许",
        )
    return {"hospitals_left": max(most - len(bought), 0), "open_until": until, "broken": broken}


def _independent(deals: Iterable[FirstDeal]) -> int:
    """How many deals are left as one where a common hospital or group links them, directly or through others (A44)."""
    parent: dict[tuple[str, str], tuple[str, str]] = {}

    def root(node: tuple[str, str]) -> tuple[str, str]:
        while parent.setdefault(node, node) != node:
            node = parent[node]
        return node

    for deal in deals:
        own = root(("hospital", deal.hospital))
        if deal.group is not None:
            parent[root(("group", deal.group))] = own
    return len({root(node) for node in list(parent)})


def _ended_on(deals: Sequence[FirstDeal], needed: int) -> date | None:
    """The first day at whose close enough deals were independent: a later link does not bring the limits back."""
    for day in sorted({deal.on for deal in deals}):
        if _independent(deal for deal in deals if deal.on <= day) >= needed:
            return day
    return None

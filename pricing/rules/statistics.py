"""Price information for bargaining: lowest, highest, weighted average and median by level of institution."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from sunlight.kernel.facts import COUNT, DAY, PRICE, QUANTITY, Choice, Field, ListOf, MapOf, Record
from sunlight.kernel.money import PRICE_PLACES, round_half_up
from sunlight.kernel.period import last_months
from sunlight.kernel.rule import Decision, Reading, rule

LEVELS = {"tertiary": "三级", "secondary": "二级", "primary": "一级", "unrated": "未定级"}


@dataclass(frozen=True, slots=True)
class LevelDeal:
    """One deal line: unit price (CNY), quantity, level of the institution, day."""

    price: Decimal
    quantity: Decimal
    level: str
    on: date


_DEAL = Record(
    (
        Field("price", PRICE, "成交单价"),
        Field("quantity", QUANTITY, "数量"),
        Field("level", Choice(LEVELS), "机构级别：三级、二级、一级、未定级"),
        Field("date", DAY, "成交日", attr="on"),
    ),
    LevelDeal,
)
_FIGURES = Record(
    (
        Field("count", COUNT, "成交笔数"),
        Field("lowest", PRICE, "最低价"),
        Field("highest", PRICE, "最高价"),
        Field("weighted_average", PRICE, "按数量加权平均价"),
        Field("median", PRICE, "中位价"),
    )
)


def price_figures(deals: Sequence[LevelDeal]) -> dict[str, int | Decimal]:
    """Figures of at least one deal; averages exact, then rounded once to 4 decimals."""
    prices = sorted(Fraction(deal.price) for deal in deals)
    quantity = sum(Fraction(deal.quantity) for deal in deals)
    value = sum(Fraction(deal.price) * Fraction(deal.quantity) for deal in deals)
    middle = (prices[(len(prices) - 1) // 2] + prices[len(prices) // 2]) / 2
    return {
        "count": len(deals),
        "lowest": round_half_up(prices[0], PRICE_PLACES),
        "highest": round_half_up(prices[-1], PRICE_PLACES),
        "weighted_average": round_half_up(value / quantity, PRICE_PLACES),
        "median": round_half_up(middle, PRICE_PLACES),
    }


@rule(
    "price.statistics",
    title="采购价格信息",
    where="全国，任何日期",
    clauses=("SZ24-3.3a", "ASSUMPTION-A13", "ASSUMPTION-A18"),
    parameters=("statistics.window_months",),
    facts=(Field("deals", ListOf(_DEAL), "成交明细"),),
    outcome=(Field("levels", MapOf(_FIGURES), "全部（all）及各级别的价格"),),
)
def price_statistics(read: Reading, *, deals: Sequence[LevelDeal]) -> Decision:
    """按机构级别统计截至当日最近十二个月的最低价、最高价、按数量加权平均价与中位价，四位小数，四舍五入。"""
    months = read.at("statistics.window_months")
    window = last_months(read.on, months.value)
    counted = [deal for deal in deals if deal.on in window]
    groups = {"all": counted} | {level: [deal for deal in counted if deal.level == level] for level in LEVELS}
    read.explain(
        months,
        "counted",
        f"统计 {window.first} 至 {window.last} 的成交 {len(counted)} 笔，其余 {len(deals) - len(counted)} 笔不在期内",
    )
    return read.decide({"levels": {name: price_figures(group) for name, group in groups.items() if group}})


# The rule as SQL over many price groups: reads `deals (price_group_id, price, quantity, level, occurred_on)`, gives
# `statistics (price_group_id, levels)`. Prices are counted in ten-thousandths, so that every division is of whole numbers.
STATISTICS_TWIN_VERSION = 1
STATISTICS_TWIN = """
figures_by_level as (
    select price_group_id, level, count(*) as n, sum(price * quantity) as value, sum(quantity) as quantity,
           array_agg((price * 10000)::bigint order by (price * 10000)::bigint) as ticks
      from deals
     where occurred_on > %(statistics_after)s and occurred_on <= %(day)s
     group by grouping sets ((price_group_id), (price_group_id, level))
),
statistics as (
    select price_group_id,
           jsonb_object_agg(coalesce(level, 'all'), jsonb_build_object(
               'count', n,
               'lowest', (ticks[1] * 0.0001)::text,
               'highest', (ticks[n] * 0.0001)::text,
               'weighted_average', (div(20000 * value + quantity, 2 * quantity) * 0.0001)::text,
               'median', ((ticks[(n + 1) / 2] + ticks[n / 2 + 1] + 1) / 2 * 0.0001)::text
           )) as levels
      from figures_by_level
     group by price_group_id
)"""

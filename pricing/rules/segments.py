"""The three-colour nine-segment bargaining aid."""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

from sunlight.kernel.facts import BOOL, COUNT, DAY, PRICE, QUANTITY, Choice, Field, ListOf, Record
from sunlight.kernel.money import PRICE_PLACES, price_words, round_half_up
from sunlight.kernel.period import last_months
from sunlight.kernel.rule import Decision, Reading, rule

COLOUR_WORDS = {"green": "绿", "yellow": "黄", "red": "红"}
COLOURS = tuple(COLOUR_WORDS)


@dataclass(frozen=True, slots=True)
class SegmentDeal:
    """One deal line of the region."""

    price: Decimal
    quantity: Decimal
    on: date


_DEAL = Record(
    (
        Field("price", PRICE, "成交单价"),
        Field("quantity", QUANTITY, "数量"),
        Field("date", DAY, "成交日", attr="on"),
    ),
    SegmentDeal,
)


def weighted_quantile(deals: Sequence[SegmentDeal], share: Decimal) -> Decimal:
    """The smallest price whose cumulative quantity reaches `share` of all; at least one deal."""
    needed = Fraction(share) * sum(Fraction(deal.quantity) for deal in deals)
    reached = Fraction(0)
    price = Decimal(0)
    for deal in sorted(deals, key=lambda deal: deal.price):
        reached += Fraction(deal.quantity)
        price = deal.price
        if reached >= needed:
            break
    return price


def segment_boundaries(deals: Sequence[SegmentDeal], green: Decimal, yellow: Decimal, top: Decimal) -> list[Decimal]:
    """Ten boundaries, low to high, 4 decimals: three equal-width segments in each colour."""
    lowest = min(deal.price for deal in deals)
    edges = [
        Fraction(edge) for edge in (lowest, weighted_quantile(deals, green), weighted_quantile(deals, yellow), top)
    ]
    exact = [low + (high - low) * step / 3 for low, high in pairwise(edges) for step in range(3)]
    return [round_half_up(boundary, PRICE_PLACES) for boundary in (*exact, edges[-1])]


def segment_of(price: Decimal, boundaries: Sequence[Decimal]) -> int:
    """1 to 9; a price on a boundary belongs to the lower segment, below the first to 1, above the top to 9."""
    return min(max(bisect_left(boundaries, price), 1), 9)


@rule(
    "price.segments",
    title="三色九段线",
    where="深圳自 2025-01-01",
    clauses=("SZ24-3.3b", "ASSUMPTION-A3", "ASSUMPTION-A18"),
    parameters=(
        "segments.aid",
        "segments.window_months",
        "segments.green_share",
        "segments.yellow_share",
        "segments.least_deals",
    ),
    facts=(
        Field("deals", ListOf(_DEAL), "本地区成交明细"),
        Field("alert_line", PRICE, "价格预警线", required=False),
        Field("price", PRICE, "待判断的价格", required=False),
    ),
    outcome=(
        Field("boundaries", ListOf(PRICE), "十条分界线，由低到高"),
        Field("segment", COUNT, "段号 1 至 9"),
        Field("colour", Choice(COLOUR_WORDS), "颜色：绿、黄、红"),
        Field("above_top", BOOL, "是否高于最高线"),
    ),
)
def price_segments(
    read: Reading, *, deals: Sequence[SegmentDeal], alert_line: Decimal | None, price: Decimal | None
) -> Decision:
    """以最近二十四个月不高于预警线的成交价按数量加权画线：绿至中位、黄至九成分位、红至预警线（无则最高成交价），各等分三段。"""
    aid = read.find("segments.aid")
    if aid is None:
        return read.unregulated()
    months = read.at("segments.window_months").value
    window = last_months(read.on, months)
    counted = [deal for deal in deals if deal.on in window and (alert_line is None or deal.price <= alert_line)]
    none = {"boundaries": None, "segment": None, "colour": None, "above_top": None}
    below = "" if alert_line is None else f"、不高于预警线 {price_words(alert_line)} 元"
    counting = f"最近 {months} 个月{below}的成交 {len(counted)} 笔"
    least = read.at("segments.least_deals").value
    if len(counted) < least:
        read.show(aid, "too_few_deals", f"{counting}，不足 {least} 笔，不画线")
        known = price is not None and alert_line is not None
        return read.decide(none | {"above_top": price > alert_line if known else None})
    top = max(deal.price for deal in counted) if alert_line is None else alert_line
    green, yellow = read.at("segments.green_share").value, read.at("segments.yellow_share").value
    boundaries = segment_boundaries(counted, green, yellow, top)
    drawn = f"{counting}，按数量加权画线 {price_words(boundaries[0])} 至 {price_words(boundaries[-1])} 元"
    if price is None:
        read.show(aid, "lines_drawn", drawn)
        return read.decide(none | {"boundaries": boundaries})
    segment = segment_of(price, boundaries)
    above = price > boundaries[-1]
    where = "高于最高线" if above else f"在第 {segment} 段（不高于 {price_words(boundaries[segment])} 元）"
    read.show(aid, "price_placed", f"{drawn}，{price_words(price)} 元{where}")
    return read.decide(
        {
            "boundaries": boundaries,
            "segment": segment,
            "colour": COLOURS[(segment - 1) // 3],
            "above_top": above,
        }
    )


# The rule as SQL over many price groups: reads `deals (price_group_id, price, quantity, occurred_on)` and `alert_line
# (price_group_id, line)`, gives `segments (price_group_id, boundaries)` where there are deals enough.
SEGMENTS_TWIN_VERSION = 1
SEGMENTS_TWIN = """
cumulated as (
    select price_group_id, line, (price * 10000)::bigint as ticks,
           sum(quantity) over (partition by price_group_id order by price rows unbounded preceding) as reached,
           sum(quantity) over (partition by price_group_id) as total
      from deals
      join alert_line using (price_group_id)
     where occurred_on > %(segments_after)s and occurred_on <= %(day)s and (line is null or price <= line)
),
edges as (
    select price_group_id,
           min(ticks) as e0,
           min(ticks) filter (where reached >= %(green_share)s * total) as e1,
           min(ticks) filter (where reached >= %(yellow_share)s * total) as e2,
           coalesce((line * 10000)::bigint, max(ticks)) as e3
      from cumulated
     group by price_group_id, line
    having count(*) >= %(least_deals)s
),
segments as (
    select price_group_id, jsonb_build_array(
               (e0 * 0.0001)::text, ((4 * e0 + 2 * e1 + 3) / 6 * 0.0001)::text, ((2 * e0 + 4 * e1 + 3) / 6 * 0.0001)::text,
               (e1 * 0.0001)::text, ((4 * e1 + 2 * e2 + 3) / 6 * 0.0001)::text, ((2 * e1 + 4 * e2 + 3) / 6 * 0.0001)::text,
               (e2 * 0.0001)::text, ((4 * e2 + 2 * e3 + 3) / 6 * 0.0001)::text, ((2 * e2 + 4 * e3 + 3) / 6 * 0.0001)::text,
               (e3 * 0.0001)::text) as boundaries
      from edges
)"""

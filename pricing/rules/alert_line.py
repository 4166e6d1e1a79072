"""The alert line: the lower of the comparison provinces' lowest and the city's highest price."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sunlight.kernel.facts import BOOL, DAY, PRICE, PROVINCE, QUANTITY, Choice, Field, ListOf, Record
from sunlight.kernel.money import price_words
from sunlight.kernel.period import Period, last_years
from sunlight.kernel.rule import Decision, Reading, rule


@dataclass(frozen=True, slots=True)
class ProvincePrice:
    """A price of one province's platform, valid from a day to a day (both included; None is open)."""

    province: str
    price: Decimal
    valid_from: date
    valid_to: date | None = None


@dataclass(frozen=True, slots=True)
class CityDeal:
    """One deal line of the city; `public`: bought by a public institution."""

    price: Decimal
    quantity: Decimal
    public: bool
    on: date


# Which bound an alert line is.
SOURCES = {"provinces": "外省最低价", "city": "本市最高成交价", "none": "无"}

_PROVINCE_PRICE = Record(
    (
        Field("province", PROVINCE, "省份代码"),
        Field("price", PRICE, "该省平台价"),
        Field("from", DAY, "生效日", attr="valid_from"),
        Field("to", DAY, "失效日（含）", required=False, attr="valid_to"),
    ),
    ProvincePrice,
)
_DEAL = Record(
    (
        Field("price", PRICE, "成交单价"),
        Field("quantity", QUANTITY, "数量"),
        Field("public", BOOL, "是否公立机构"),
        Field("date", DAY, "成交日", attr="on"),
    ),
    CityDeal,
)


@rule(
    "price.alert_line",
    title="价格预警线",
    where="深圳自 2025-01-01",
    clauses=("SZ24-3.3c", "ASSUMPTION-A2", "ASSUMPTION-A18"),
    parameters=("alert_line.window_years", "alert_line.provinces"),
    facts=(
        Field("province_prices", ListOf(_PROVINCE_PRICE), "各省平台价", decided_by="provinces_lowest"),
        Field("deals", ListOf(_DEAL), "本市成交明细", decided_by="city_highest"),
    ),
    outcome=(
        Field("line", PRICE, "预警线"),
        Field("source", Choice(SOURCES), "取自省际最低价、本市最高价，或无"),
        Field("provinces_lowest", PRICE, "比价省份最低价"),
        Field("city_highest", PRICE, "本市公立机构近两年最高成交价"),
    ),
)
def price_alert_line(read: Reading, *, province_prices: Sequence[ProvincePrice], deals: Sequence[CityDeal]) -> Decision:
    """预警线取十五个比价省份当日有效价的最低值与本市公立机构最近两年成交最高价两者中较低者；都没有则无预警线。"""
    years = read.find("alert_line.window_years")
    if years is None:
        return read.unregulated()
    provinces = read.at("alert_line.provinces").value
    window = last_years(read.on, years.value)
    lowest = min(
        (
            row.price
            for row in province_prices
            if row.province in provinces and read.on in Period(row.valid_from, row.valid_to)
        ),
        default=None,
    )
    highest = max((deal.price for deal in deals if deal.public and deal.on in window), default=None)
    line, source = alert_line_of(lowest, highest)
    read.show(years, f"line_{source}", _compared(lowest, highest, years.value))
    return read.decide({"line": line, "source": source, "provinces_lowest": lowest, "city_highest": highest})


def _compared(lowest: Decimal | None, highest: Decimal | None, years: int) -> str:
    """What was compared with what, in words."""
    elsewhere = "比价省份没有当日有效价" if lowest is None else f"比价省份最低价 {price_words(lowest)} 元"
    here = f"本市公立机构最近 {years} 年"
    here += "没有成交" if highest is None else f"最高成交价 {price_words(highest)} 元"
    if lowest is None and highest is None:
        return f"{elsewhere}，{here}，没有预警线"
    if lowest is None or highest is None:
        return f"{elsewhere}，{here}，以仅有的一项为预警线"
    return f"{elsewhere}，{here}，取{'相同的价格' if lowest == highest else '较低者'}为预警线"


def alert_line_of(lowest: Decimal | None, highest: Decimal | None) -> tuple[Decimal | None, str]:
    """The line and where it comes from; at a tie the provinces."""
    if lowest is None and highest is None:
        return None, "none"
    if highest is None or (lowest is not None and lowest <= highest):
        return lowest, "provinces"
    return highest, "city"


# The rule as SQL over many price groups: reads `groups (price_group_id)`, `prices (price_group_id, province, price,
# valid_from, valid_to)` and `deals (price_group_id, price, public, occurred_on)`, gives `alert_line (price_group_id, line,
# source, provinces_lowest, city_highest)` with a row for every group.
ALERT_LINE_TWIN_VERSION = 1
ALERT_LINE_TWIN = """
lowest_of_provinces as (
    select price_group_id, min(price) as provinces_lowest
      from prices
     where province = any (%(provinces)s) and valid_from <= %(day)s and (valid_to is null or valid_to >= %(day)s)
     group by price_group_id
),
highest_of_city as (
    select price_group_id, max(price) as city_highest
      from deals
     where public and occurred_on > %(city_after)s and occurred_on <= %(day)s
     group by price_group_id
),
alert_line as (
    select price_group_id, provinces_lowest, city_highest,
           least(provinces_lowest, city_highest) as line,
           case when provinces_lowest is null and city_highest is null then 'none'
                when city_highest is null or provinces_lowest <= city_highest then 'provinces'
                else 'city' end as source
      from groups
      left join lowest_of_provinces using (price_group_id)
      left join highest_of_city using (price_group_id)
)"""

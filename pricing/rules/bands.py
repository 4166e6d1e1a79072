"""Jiangsu's three colours: red warns, yellow reminds, blue recommends."""

from decimal import Decimal

from sunlight.kernel.facts import PRICE, Choice, Field
from sunlight.kernel.money import PRICE_PLACES, price_words, round_half_up
from sunlight.kernel.rule import Decision, Reading, rule

BANDS = {"blue": "蓝", "yellow": "黄", "red": "红"}


@rule(
    "bargain.zone",
    title="红黄蓝三色区域",
    where="江苏自 2020-05-01",
    clauses=("JS20-12", "ASSUMPTION-A4"),
    parameters=("bands.aid", "bands.blue_margin"),
    facts=(
        Field("lowest", PRICE, "本地区近十二个月最低成交价", required=False),
        Field("weighted_average", PRICE, "本地区近十二个月加权平均价", required=False),
        Field("price", PRICE, "待判断的价格", required=False),
    ),
    outcome=(
        Field("blue_top", PRICE, "蓝色区域上界"),
        Field("yellow_top", PRICE, "黄色区域上界"),
        Field("colour", Choice(BANDS), "颜色：蓝、黄、红"),
    ),
)
def bargain_zone(
    read: Reading, *, lowest: Decimal | None, weighted_average: Decimal | None, price: Decimal | None
) -> Decision:
    """不高于最低成交价 1.05 倍为蓝色区域（推荐参考），其上至加权平均价为黄色区域（提醒），再高为红色区域（预警）；重叠时先蓝后黄。"""
    aid = read.find("bands.aid")
    if aid is None:
        return read.unregulated()
    nothing = {"blue_top": None, "yellow_top": None, "colour": None}
    if lowest is None or weighted_average is None:
        read.explain(aid, "no_figures", "近十二个月没有成交，不分区")
        return read.decide(nothing)
    margin = read.at("bands.blue_margin").value
    blue = round_half_up(lowest * margin, PRICE_PLACES)
    yellow = max(blue, weighted_average)
    colour = None
    if price is not None:
        colour = "blue" if price <= blue else "yellow" if price <= yellow else "red"
    tops = (
        f"蓝色区域至最低成交价 {price_words(lowest)} 元的 {margin} 倍即 {price_words(blue)} 元，"
        f"黄色区域至 {price_words(yellow)} 元（加权平均价 {price_words(weighted_average)} 元）"
    )
    placed = f"，{price_words(price)} 元在{BANDS[colour]}色区域" if price is not None else ""
    read.explain(aid, f"band_{colour}" if colour else "bands", f"{tops}{placed}")
    return read.decide({"blue_top": blue, "yellow_top": yellow, "colour": colour})

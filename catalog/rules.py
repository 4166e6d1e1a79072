"""Rules about what may be traded: national codes, active and inactive zones."""

import re
import unicodedata
from datetime import date

from sunlight.kernel.facts import BOOL, DAY, TEXT, Choice, Field
from sunlight.kernel.period import last_years
from sunlight.kernel.rule import Decision, Reading, rule

_CONSUMABLE = re.compile(r"C[0-9]{26}")
_GENERIC = re.compile(r"C[0-9]{19}")
_REAGENT = re.compile(r"CJ[0-9A-Z]{20}")


def code_normalise(typed: str) -> str:
    """A code as people paste it -> NFKC, without any white space, upper case."""
    return "".join(unicodedata.normalize("NFKC", typed).split()).upper()


def _segments(code: str) -> dict[str, str | None]:
    return {
        "generic": code[:20],
        "category": code[1:7],
        "common_name": code[7:10],
        "feature": code[10:15],
        "producer": code[15:20],
        "specification": code[20:] or None,
    }


@rule(
    "code.parse",
    title="医保耗材编码解析",
    where="全国，任何日期",
    clauses=("SZ20-5.1.1", "SZ24-3.1a", "SZ24-3.7"),
    facts=(Field("code", TEXT, "编码（可含全角字符与空白）"),),
    outcome=(
        Field(
            "kind",
            Choice({"consumable": "耗材全码", "generic": "20 位通用码", "reagent": "试剂码"}),
            "种类：耗材全码、20 位通用码、试剂码",
        ),
        Field("valid", BOOL, "格式是否正确"),
        Field("full", BOOL, "是否全码（27 位或试剂 22 位）"),
        Field("normalised", TEXT, "整理后的编码"),
        Field("generic", TEXT, "前 20 位"),
        Field("category", TEXT, "分类（6 位）"),
        Field("common_name", TEXT, "医保通用名（3 位）"),
        Field("feature", TEXT, "材质与规格特征（5 位）"),
        Field("producer", TEXT, "生产企业（5 位）"),
        Field("specification", TEXT, "规格型号流水（7 位）"),
    ),
)
def code_parse(read: Reading, *, code: str) -> Decision:
    """耗材全码为 C 加 26 位数字，通用码为 C 加 19 位数字，试剂码为 CJ 加 20 位数字或字母；先统一全半角、去空白、转大写。"""
    normalised = code_normalise(code)
    kind = None
    segments = dict.fromkeys(_segments(""))
    if _CONSUMABLE.fullmatch(normalised):
        kind, segments = "consumable", _segments(normalised)
    elif _GENERIC.fullmatch(normalised):
        kind, segments = "generic", _segments(normalised)
    elif _REAGENT.fullmatch(normalised):
        kind = "reagent"  # its segments are not public
    head = {
        "kind": kind,
        "valid": kind is not None,
        "full": kind in ("consumable", "reagent"),
        "normalised": normalised,
    }
    return read.decide(head | segments)


@rule(
    "zone.classify",
    title="挂网产品分区",
    where="深圳自 2025-01-01（两年内配送）；江苏自 2020-05-01（一年内销售）",
    clauses=("SZ24-3.5a", "JS20-14a", "ASSUMPTION-A16", "ASSUMPTION-A18"),
    parameters=("zone.window_years", "zone.counts", "zone.when_idle", "zone.never_active_from"),
    facts=(
        Field("listed_on", DAY, "挂网日"),
        Field("last_delivery_on", DAY, "最近一次配送日（深圳）", required=False),
        Field("last_sale_on", DAY, "最近一次销售日（江苏）", required=False),
    ),
    outcome=(
        Field(
            "zone",
            Choice({"active": "活跃区", "inactive": "不活跃区", "suspension_due": "应暂停"}),
            "活跃、不活跃，或（江苏）应暂停挂网",
        ),
    ),
)
def zone_classify(
    read: Reading, *, listed_on: date, last_delivery_on: date | None, last_sale_on: date | None
) -> Decision:
    """最近两年有配送（江苏：最近一年有销售）的产品为活跃；从未配送（销售）的自挂网日起算；否则为不活跃（江苏：应暂停挂网）。"""
    years = read.find("zone.window_years")
    if years is None:
        return read.unregulated()
    counts = read.at("zone.counts").value
    act = "配送" if counts == "delivery" else "销售"
    last = last_delivery_on if counts == "delivery" else last_sale_on
    # What lies after the day has not happened; a day of listing counts as it stands.
    if last is not None and last > read.on:
        last = None
    what = f"最近一次{act} {last}"
    if last is None:
        read.at("zone.never_active_from")
        last, what = listed_on, f"从未{act}，自挂网日 {listed_on} 起算"
    window = last_years(read.on, years.value)
    zone = "active" if last in window else read.at("zone.when_idle").value
    within = "在" if zone == "active" else "不在"
    read.show(
        years,
        "active" if zone == "active" else "idle",
        f"{what}，{within} {window.first} 至 {window.last} 之内",
    )
    return read.decide({"zone": zone})


# The rule as SQL over many listings: reads `listings (listing_id, listed_on, last_delivery_on, last_sale_on)`, gives
# `zones (listing_id, zone)`. `zone_after` is the day before the window, `counts_deliveries` what counts there.
ZONE_TWIN = """
zones as (
    select listing_id,
           case when coalesce(
                         case when %(counts_deliveries)s then case when last_delivery_on <= %(day)s then last_delivery_on end
                              when last_sale_on <= %(day)s then last_sale_on end, listed_on)
                     between %(zone_after)s::date + 1 and %(day)s then 'active' else %(when_idle)s end as zone
      from listings
)"""

"""What a listed price falls to: lower prices elsewhere, or a real deal whose offer the firm left unanswered."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from pricing.rules.publicity import CLAUSES, OBJECTION, PARAMETERS, first_day, given_on
from sunlight.kernel.facts import BOOL, DAY, PRICE, PROVINCE, Choice, Field, ListOf, Record
from sunlight.kernel.money import price_words
from sunlight.kernel.policy import Value
from sunlight.kernel.rule import Decision, Reading, rule

GROUNDS = {"outside": "其他平台的更低价格", "deal": "真实成交价", "none": "没有更低的价格"}


@dataclass(frozen=True, slots=True)
class OutsidePrice:
    """A price at which the product is listed elsewhere; CNY a pricing unit."""

    province: str
    price: Decimal


_OUTSIDE = Record(
    (Field("province", PROVINCE, "省份代码"), Field("price", PRICE, "当地挂网价")),
    OutsidePrice,
)


@rule(
    "price.linked",
    title="挂网价联动",
    where="深圳自 2020-07-01；广东 2025-12-01 至 2030-11-30；江苏自 2020-05-01",
    clauses=("SZ20-5.3.3", "GD25-3.6a", "JS20-11B", "JS20-13b", "ASSUMPTION-A20", "ASSUMPTION-A29", *CLAUSES),
    parameters=("linkage.prices", *PARAMETERS),
    facts=(
        Field("listed", PRICE, "现行挂网价"),
        Field("outside_prices", ListOf(_OUTSIDE), "其他平台的挂网价"),
        Field("deal_price", PRICE, "企业逾期未答复的真实成交价（江苏）", required=False),
        Field("published_on", DAY, "公示起始日", required=False),
        OBJECTION,
    ),
    outcome=(
        Field("new_price", PRICE, "联动后的挂网价"),
        Field("ground", Choice(GROUNDS), "联动的依据"),
        Field("publicity", BOOL, "是否须先公示"),
        Field("first_day", DAY, "新价的生效日"),
    ),
)
def price_linked(
    read: Reading,
    *,
    listed: Decimal,
    outside_prices: Sequence[OutsidePrice],
    deal_price: Decimal | None,
    published_on: date | None,
    objection: str,
) -> Decision:
    """挂网价随其他平台的更低价格（江苏还随企业逾期未答复的真实成交价）下调，只降不升；先公示五个工作日，异议成立的不下调。"""
    values = read.every("linkage.prices")
    if not values:
        return read.unregulated()
    found = _lowest(values, outside_prices, deal_price)
    ground = min(found, key=lambda each: (found[each], each != "outside"), default="none")
    if ground == "none" or found[ground] >= listed or objection == "upheld":
        _decided(read, values, "none", _no(found.get(ground), listed, objection))
        return read.decide({"new_price": None, "ground": "none", "publicity": False, "first_day": None})
    given = given_on(read, published_on)
    first = first_day(read, given) if given is not None and objection != "open" else None
    _decided(read, values, ground, _yes(found[ground], listed, ground, first, objection))
    return read.decide({"new_price": found[ground], "ground": ground, "publicity": True, "first_day": first})


def _lowest(
    values: Sequence[Value], outside_prices: Sequence[OutsidePrice], deal_price: Decimal | None
) -> dict[str, Decimal]:
    """The lowest price of each kind that the law of the place follows; a zero price is none (A29)."""
    prices: dict[str, list[Decimal]] = {}
    for value in values:
        left_out = value.value["except"]
        if value.value["from"] == "deal":
            counted = [deal_price] if deal_price else []
        else:
            counted = [
                row.price
                for row in outside_prices
                if row.price > 0 and not (left_out and row.province.startswith(left_out))
            ]
        prices.setdefault(value.value["from"], []).extend(counted)
    return {kind: min(each) for kind, each in prices.items() if each}


def _decided(read: Reading, values: Sequence[Value], ground: str, message: str) -> None:
    """Says by each clause that decides what was compared with what; without a ground by those on prices elsewhere."""
    kind = "outside" if ground == "none" else ground
    for value in values:
        if value.value["from"] == kind:
            read.use(value)
            read.explain(value, f"linked_{ground}", message)


def _no(lowest: Decimal | None, listed: Decimal, objection: str) -> str:
    stands = f"现行挂网价 {price_words(listed)} 元"
    if lowest is None:
        return f"{stands}，没有可联动的价格，不调整"
    if lowest >= listed:
        return f"最低价 {price_words(lowest)} 元不低于{stands}，不调整（只降不升）"
    return f"最低价 {price_words(lowest)} 元低于{stands}，但公示期间异议{'成立' if objection == 'upheld' else '未决'}，不调整"


def _yes(lowest: Decimal, listed: Decimal, ground: str, first: date | None, objection: str) -> str:
    compared = f"{GROUNDS[ground]} {price_words(lowest)} 元低于现行挂网价 {price_words(listed)} 元"
    if first is not None:
        return f"{compared}，公示期满自 {first} 起按此价挂网"
    waits = "异议尚未答复，答复前不调整" if objection == "open" else "须先公示，公示期满无异议方调整"
    return f"{compared}，{waits}"

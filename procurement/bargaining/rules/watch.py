"""How long a hospital has bought a product without bargaining (JS20-12, A5, A32)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from sunlight.kernel.facts import BOOL, COUNT, DAY, PRICE, Choice, Field, ListOf, Record
from sunlight.kernel.rule import Decision, Reading, rule

LEVELS = {"tertiary": "三级", "secondary": "二级", "primary": "一级", "unrated": "未定级"}
TOLD = {"hospital": "医疗机构", "supervisors": "监管部门"}


@dataclass(frozen=True, slots=True)
class WatchedDeal:
    """A hospital's deal at a price, beside the price the product was listed at; CNY a pricing unit."""

    on: date
    price: Decimal
    listed: Decimal
    winner_in_cycle: bool

    @property
    def is_bargain(self) -> bool:
        return self.price < self.listed


_DEAL = Record(
    (
        Field("date", DAY, "成交日", attr="on"),
        Field("price", PRICE, "成交单价"),
        Field("listed", PRICE, "当日挂网价"),
        Field("winner_in_cycle", BOOL, "是否协议期内中选产品", required=False, default=False),
    ),
    WatchedDeal,
)


@rule(
    "bargain.watch",
    title="长期不议价",
    where="江苏自 2020-05-01",
    clauses=("JS20-12", "ASSUMPTION-A5", "ASSUMPTION-A32"),
    parameters=("bargain.watched", "bargain.watch_levels", "bargain.watch_days"),
    facts=(
        Field("level", Choice(LEVELS), "医疗机构等级"),
        Field("public", BOOL, "是否公立医疗机构", required=False, default=True),
        Field("deals", ListOf(_DEAL), "本机构该产品的成交"),
        Field("anomaly", BOOL, "价格是否异常", required=False, default=False),
    ),
    outcome=(
        Field("days_without", COUNT, "未议价天数"),
        Field("deals_without", COUNT, "未议价成交数"),
        Field("focus", BOOL, "是否重点监测"),
        Field("interview_due", BOOL, "是否须约谈"),
        Field("tell", ListOf(Choice(TOLD)), "提醒对象"),
    ),
)
def bargain_watch(read: Reading, *, level: str, public: bool, deals: Sequence[WatchedDeal], anomaly: bool) -> Decision:
    """长期按挂网价采购而不议价，或价格异常的，提醒医疗机构和监管部门，由监管部门视情约谈；公立二、三级医疗机构重点监测。"""
    ground = read.find("bargain.watched")
    if ground is None:
        return read.unregulated()
    days = read.at("bargain.watch_days")
    counted = [deal for deal in deals if deal.on <= read.on and not deal.winner_in_cycle]
    start = max((deal.on for deal in counted if deal.is_bargain), default=None)
    if start is None:
        start = min((deal.on for deal in counted), default=None)
    without = [] if start is None else [deal for deal in counted if deal.on >= start and not deal.is_bargain]
    since = None if start is None else (read.on - start).days
    buying = any(deal.on > read.on - timedelta(days=days.value) for deal in without)
    is_long = since is not None and since >= days.value and buying
    due = anomaly or is_long
    if due:
        why = "价格异常" if not is_long else f"自 {start} 起 {since} 天按挂网价采购 {len(without)} 笔而未议价"
        read.explain(ground, "interview_due", f"{why}（满 {days.value} 天即提醒），由监管部门视情约谈")
    elif since is None:
        read.explain(ground, "no_deals", "尚无成交，不涉及议价提醒")
    else:
        read.explain(ground, "bargains", f"自 {start} 起 {since} 天，未满 {days.value} 天或近期未再采购，不提醒")
    return read.decide(
        {
            "days_without": since,
            "deals_without": len(without),
            "focus": public and level in read.at("bargain.watch_levels").value,
            "interview_due": due,
            "tell": ("hospital", "supervisors") if due else (),
        }
    )

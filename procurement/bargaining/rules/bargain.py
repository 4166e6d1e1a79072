"""Which bounds an offer meets, whether its price is permitted, and what the firm's silence does to it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sunlight.kernel.facts import BOOL, COUNT, PRICE, TEXT, BadFacts, Choice, Field, ListOf, Record
from sunlight.kernel.money import price_words
from sunlight.kernel.policy import Status, Value
from sunlight.kernel.rule import Decision, Effect, Reading, Reason, rule

PRICE_LABELS = {
    "reference": "挂网参考价",
    "own_latest": "本机构最新采购价",
    "alert_line": "价格预警线",
    "listed": "挂网价",
    "cleared": "监管部门放行价",
}


@dataclass(frozen=True, slots=True)
class Bound:
    """One price that an offer must not exceed, with the clause that says so; CNY a pricing unit."""

    name: str
    price: Decimal
    clause: str
    is_draft: bool

    @property
    def label(self) -> str:
        return PRICE_LABELS[self.name]


_BOUND = Record(
    (
        Field("name", Choice(PRICE_LABELS), "比较的价格"),
        Field("price", PRICE, "上限"),
        Field("clause", TEXT, "依据的条款"),
    ),
    Bound,
)
_PRICES = (
    Field("listed", PRICE, "挂网价", required=False),
    Field("reference", PRICE, "挂网参考价", required=False),
    Field("alert_line", PRICE, "价格预警线", required=False),
    Field("own_latest", PRICE, "本机构最新采购价", required=False),
    Field("cleared", PRICE, "监管部门放行的最高价（A21）", required=False),
    Field("winner_in_cycle", BOOL, "是否协议期内中选产品"),
    Field("agreed", PRICE, "中选价（中选产品必填）", required=False),
)
_PARTIES = (Field("buyer_is_public", BOOL, "采购方是否公立医疗机构", required=False, default=True),)
_TERMS = (
    Field("ceiling", PRICE, "最低的报价上限"),
    Field("required", PRICE, "中选产品须按此价"),
    Field("bounds", ListOf(_BOUND), "各项报价上限，由低到高"),
    Field("warned", ListOf(_BOUND), "征求意见稿所提上限，超过只提示，由低到高"),
)
_CLAUSES = (
    "SZ20-5.2.1c",
    "SZ20-5.2.3",
    "SZ24-3.3c",
    "SZ24-3.4c",
    "GD25-2.1",
    "GD25-2.2a",
    "HB20-3a",
    "HB20-5.2",
    "JS20-11",
    "JS20-25",
    "ASSUMPTION-A19",
    "ASSUMPTION-A21",
    "ASSUMPTION-A23",
    "ASSUMPTION-A27",
)
_PARAMETERS = ("bargain.bounds", "bargain.award_price", "bargain.clearance")
# Codes of reasons that say what an allowed price was compared with.
KEPT = frozenset({"within_bound", "no_bound_today", "no_bound", "at_award_price"})
# The code of the reason that a price stands by a clearance.
CLEARED = "cleared"
_NO_ANSWER = {"basis": None, "on_silence": None, "answer_working_days": None}


@rule(
    "bargain.ceiling",
    title="报价上限",
    where="深圳自 2020-07-01；广东 2025-12-01 至 2030-11-30；江苏自 2020-05-01；湖北自 2020-06-18",
    clauses=_CLAUSES,
    parameters=_PARAMETERS,
    facts=(*_PRICES, *_PARTIES),
    outcome=_TERMS,
)
def bargain_ceiling(read: Reading, **facts: Any) -> Decision:
    """出价之前：当日、当地有效的各项报价上限；中选产品只按中选价。"""
    terms = _terms(read, None, **facts)
    return read.unregulated() if terms is None else read.decide(terms, judged=True)


@rule(
    "bargain.decide",
    title="报价裁定",
    where="深圳自 2020-07-01；广东 2025-12-01 至 2030-11-30；江苏自 2020-05-01；湖北自 2020-06-18",
    clauses=(*_CLAUSES, "JS20-11A", "JS20-11B", "JS20-11C", "ASSUMPTION-A14"),
    parameters=(
        *_PARAMETERS,
        "bargain.at_listed.on_silence",
        "bargain.at_history.on_silence",
        "bargain.at_history.answer_days",
        "bargain.on_silence",
        "bargain.answer_days",
    ),
    facts=(
        Field("offer", PRICE, "报价"),
        *_PRICES,
        Field("history_prices", ListOf(PRICE), "已有成交价（江苏）"),
        *_PARTIES,
    ),
    outcome=(
        *_TERMS,
        Field("basis", Choice({"listed": "挂网价", "history": "已有成交价", "other": "其他价格"}), "报价依据（江苏）"),
        Field(
            "on_silence",
            Choice({"auto_confirm": "自动确认", "link_price": "按成交价联动", "withdraw": "自动撤回"}),
            "企业未答复的后果",
        ),
        Field("answer_working_days", COUNT, "答复时限（工作日）"),
    ),
)
def bargain_decide(read: Reading, *, offer: Decimal, history_prices: Sequence[Decimal], **facts: Any) -> Decision:
    """协议期内中选产品只按中选价成交；其他报价不得高于当日、当地有效的各项上限，未答复的按当地规定处理。"""
    terms = _terms(read, offer, **facts)
    if terms is None:
        return read.unregulated()
    answer = _NO_ANSWER
    if terms["required"] is None and not read.broken:
        answer = answer | _answer(read, offer, facts["listed"], history_prices)
    return read.decide(terms | answer, judged=True)


def _terms(
    read: Reading,
    offer: Decimal | None,
    *,
    winner_in_cycle: bool,
    agreed: Decimal | None,
    buyer_is_public: bool,
    cleared: Decimal | None,
    **prices: Decimal | None,
) -> dict[str, Any] | None:
    """The bounds of the day, and the reasons they and the parties give; `offer` None where no price was named yet. None
    where no text here today speaks of offers. Raises BadFacts for a winner without its award price."""
    if winner_in_cycle and agreed is None:
        raise BadFacts("missing", "facts.agreed", "协议期内中选产品须给出中选价")
    every, award = read.every("bargain.bounds"), read.law.find("bargain.award_price")
    if not every and award is None:
        return None
    if winner_in_cycle and award is not None:
        _check_award(read, award, offer, agreed)
        return {"ceiling": None, "required": agreed, "bounds": (), "warned": ()}
    clearance = read.law.find("bargain.clearance") if cleared is not None else None
    by_clause = [(value, _bounds(value, prices)) for value in every]
    if clearance is not None:
        by_clause = [(value, _lifted(value, found, clearance, cleared)) for value, found in by_clause]
    binding = _sorted(bound for value, found in by_clause if read.law.binds(value) for bound in found)
    warned = _sorted(bound for value, found in by_clause if not read.law.binds(value) for bound in found)
    ceiling = binding[0].price if binding else None
    for value, found in by_clause:
        if found or not value.value["prices"]:
            read.use(value)
        _check(read, value, found, offer, ceiling)
    if clearance is not None:
        _tell_clearance(read, clearance, cleared, prices["alert_line"], offer)
    if not read.reasons:
        _tell_unbounded(read, every, offer)
    if not buyer_is_public:
        read.state(_VOLUNTARY)
    return {"ceiling": ceiling, "required": None, "bounds": binding, "warned": warned}


def _sorted(bounds: Iterable[Bound]) -> tuple[Bound, ...]:
    return tuple(sorted(bounds, key=lambda bound: bound.price))


# A19: a voluntary participant is bound by the platform's rules for what it trades there; only caps and bans on buying
# elsewhere are for public institutions alone.
_VOLUNTARY = Reason(
    "ASSUMPTION-A19",
    Effect.INFO,
    "voluntary_participant",
    Status.IN_FORCE,
    "本机构为自愿参加机构：在平台上的交易同样适用平台的价格上限（依据 ASSUMPTION-A19）",
)


def _check_award(read: Reading, award: Value, offer: Decimal | None, agreed: Decimal) -> None:
    read.use(award)
    if offer is not None and offer != agreed:
        read.breach(
            award,
            "not_award_price",
            f"该产品为协议期内中选产品，只能按中选价 {price_words(agreed)} 元成交，报价 {price_words(offer)} 元不符，"
            f"请改按中选价报价",
        )
    elif offer is None:
        read.explain(award, "award_price", f"该产品为协议期内中选产品，只能按中选价 {price_words(agreed)} 元成交")
    else:
        read.explain(award, "at_award_price", f"报价 {price_words(offer)} 元等于中选价 {price_words(agreed)} 元，允许")


def _bounds(value: Value, prices: Mapping[str, Decimal | None]) -> list[Bound]:
    """The bounds that one clause sets; none where a price it rests on does not exist."""
    needed = value.value.get("only_with")
    if needed and prices[needed] is None:
        return []
    return [
        Bound(name, price, value.clause, value.is_draft)
        for name in value.value["prices"]
        if (price := prices[name]) is not None
    ]


def _lifted(value: Value, found: list[Bound], clearance: Value, cleared: Decimal) -> list[Bound]:
    """The bounds of a clause, the cleared price in the place of the bound that the authority lifted (A21)."""
    lifted = clearance.value
    return [
        Bound("cleared", cleared, value.clause, value.is_draft)
        if bound.name == lifted and cleared > bound.price
        else bound
        for bound in found
    ]


def _check(
    read: Reading, value: Value, bounds: Iterable[Bound], offer: Decimal | None, ceiling: Decimal | None
) -> None:
    """One reason where the offer is above a bound of this clause, and one that says it is not."""
    if not bounds:
        return
    if offer is None:
        stated = "、".join(f"{bound.label} {price_words(bound.price)} 元" for bound in bounds)
        read.explain(
            value, "bound", f"报价不得高于{stated}" if read.law.binds(value) else f"报价高于{stated}的予以提示"
        )
        return
    broken = [bound for bound in bounds if offer > bound.price]
    if not broken:
        kept = "、".join(f"{bound.label} {price_words(bound.price)} 元{_equal(offer, bound)}" for bound in bounds)
        read.explain(value, "within_bound", f"报价 {price_words(offer)} 元不高于{kept}")
        return
    above = "、".join(f"{bound.label} {price_words(bound.price)} 元" for bound in broken)
    way_out = f"，请以不高于 {price_words(ceiling)} 元的价格重新报价" if read.law.binds(value) else "，仅提示"
    read.breach(value, value.value["code"], f"报价 {price_words(offer)} 元高于{above}{way_out}")


def _equal(offer: Decimal, bound: Bound) -> str:
    return "（等于上限，允许）" if offer == bound.price else ""


def _tell_clearance(
    read: Reading, clearance: Value, cleared: Decimal, line: Decimal | None, offer: Decimal | None
) -> None:
    """Says that a price stands by the authority's clearance alone (A21)."""
    if line is None or cleared <= line or (offer is not None and not line < offer <= cleared):
        return
    read.use(clearance)
    if offer is not None:
        read.explain(
            clearance,
            CLEARED,
            f"报价 {price_words(offer)} 元高于价格预警线 {price_words(line)} 元，"
            f"监管部门已放行至 {price_words(cleared)} 元",
        )


def _tell_unbounded(read: Reading, every: Iterable[Value], offer: Decimal | None) -> None:
    """Says, of a price (or of any) that meets no bound, which clauses would have set one and what they rest on."""
    named = f"报价 {price_words(offer)} 元" if offer is not None else "报价"
    for value in every:
        names = "、".join(PRICE_LABELS[name] for name in value.value["prices"])
        read.use(value)
        if names:
            read.explain(value, "no_bound_today", f"当日没有{names}可比，本条对{named}不设上限")
        else:
            read.explain(
                value,
                value.value["code"],
                f"本地区文件未规定报价上限，{named}允许，价格由部门共享监测",
            )


def _answer(read: Reading, offer: Decimal, listed: Decimal | None, history_prices: Sequence[Decimal]) -> dict[str, Any]:
    """What the offer rests on and what silence does to it; the listed price comes before history."""
    by_basis = read.law.find("bargain.at_listed.on_silence") is not None
    if by_basis and offer == listed:
        return {"basis": "listed", "on_silence": read.at("bargain.at_listed.on_silence").value}
    if by_basis and offer in history_prices:
        return {
            "basis": "history",
            "on_silence": read.at("bargain.at_history.on_silence").value,
            "answer_working_days": read.at("bargain.at_history.answer_days").value,
        }
    return {
        "basis": "other" if by_basis else None,
        "on_silence": read.at("bargain.on_silence").value,
        "answer_working_days": read.at("bargain.answer_days").value,
    }

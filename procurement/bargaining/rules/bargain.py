"""Whether an offer's price is permitted, and what becomes of it when the firm stays silent."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from sunlight.kernel.facts import BOOL, COUNT, PRICE, BadFacts, Choice, Field, ListOf
from sunlight.kernel.money import price_words
from sunlight.kernel.policy import Value
from sunlight.kernel.rule import Decision, Reading, rule

_LABELS = {
    "reference": "挂网参考价",
    "own_latest": "本机构最新采购价",
    "alert_line": "价格预警线",
    "listed": "挂网价",
}
_NOTHING = {"ceiling": None, "required": None, "basis": None, "on_silence": None, "answer_working_days": None}


@rule(
    "bargain.decide",
    title="报价裁定",
    where="深圳自 2020-07-01；广东自 2025-12-01；江苏自 2020-05-01",
    clauses=(
        "SZ20-5.2.1c",
        "SZ20-5.2.3",
        "SZ24-3.3c",
        "SZ24-3.4c",
        "GD25-2.1",
        "GD25-2.2a",
        "JS20-11",
        "JS20-11A",
        "JS20-11B",
        "JS20-11C",
        "JS20-25",
        "ASSUMPTION-A14",
        "ASSUMPTION-A23",
    ),
    parameters=(
        "bargain.bounds",
        "bargain.award_price",
        "bargain.at_listed.on_silence",
        "bargain.at_history.on_silence",
        "bargain.at_history.answer_days",
        "bargain.on_silence",
        "bargain.answer_days",
    ),
    facts=(
        Field("offer", PRICE, "报价"),
        Field("listed", PRICE, "挂网价", required=False),
        Field("reference", PRICE, "挂网参考价", required=False),
        Field("alert_line", PRICE, "价格预警线", required=False),
        Field("own_latest", PRICE, "本机构最新采购价", required=False),
        Field("winner_in_cycle", BOOL, "是否协议期内中选产品"),
        Field("agreed", PRICE, "中选价（中选产品必填）", required=False),
        Field("history_prices", ListOf(PRICE), "已有成交价（江苏）"),
    ),
    outcome=(
        Field("ceiling", PRICE, "最低的报价上限"),
        Field("required", PRICE, "中选产品须按此价"),
        Field("basis", Choice({"listed": "挂网价", "history": "已有成交价", "other": "其他价格"}), "报价依据（江苏）"),
        Field(
            "on_silence",
            Choice({"auto_confirm": "自动确认", "link_price": "按成交价联动", "withdraw": "自动撤回"}),
            "企业未答复的后果",
        ),
        Field("answer_working_days", COUNT, "答复时限（工作日）"),
    ),
)
def bargain_decide(
    read: Reading,
    *,
    offer: Decimal,
    listed: Decimal | None,
    reference: Decimal | None,
    alert_line: Decimal | None,
    own_latest: Decimal | None,
    winner_in_cycle: bool,
    agreed: Decimal | None,
    history_prices: Sequence[Decimal],
) -> Decision:
    """协议期内中选产品只按中选价成交；其他报价不得高于当日、当地有效的各项上限，未答复的按当地规定处理。"""
    if winner_in_cycle and agreed is None:
        raise BadFacts("missing", "facts.agreed", "中选产品须给出中选价（agreed）")
    bounds, award = read.every("bargain.bounds"), read.law.find("bargain.award_price")
    if not bounds and award is None:
        return read.unregulated()
    if winner_in_cycle and award is not None:
        return _winner(read, award, offer, agreed)
    prices = {"listed": listed, "reference": reference, "alert_line": alert_line, "own_latest": own_latest}
    limits = [(bound, found) for bound in bounds if (found := _limits(bound, prices))]
    ceiling = min((price for _, found in limits for price in found.values()), default=None)
    for bound, found in limits:
        _check(read, bound, found, offer, ceiling)
    outcome = _NOTHING | {"ceiling": ceiling}
    if not read.broken:
        outcome |= _answer(read, offer, listed, history_prices)
    return read.decide(outcome, judged=True)


def _winner(read: Reading, award: Value, offer: Decimal, agreed: Decimal | None) -> Decision:
    read.use(award)
    if offer != agreed:
        read.breach(
            award,
            "not_award_price",
            f"该产品为协议期内中选产品，只能按中选价 {price_words(agreed)} 元成交，报价 {price_words(offer)} 元不符，"
            f"请改按中选价报价",
        )
    return read.decide(_NOTHING | {"required": agreed}, judged=True)


def _limits(bound: Value, prices: Mapping[str, Decimal | None]) -> dict[str, Decimal]:
    """The prices this bound sets; none where a price it rests on does not exist."""
    needed = bound.value.get("only_with")
    if needed and prices[needed] is None:
        return {}
    return {name: price for name in bound.value["prices"] if (price := prices[name]) is not None}


def _check(read: Reading, bound: Value, limits: Mapping[str, Decimal], offer: Decimal, ceiling: Decimal | None) -> None:
    """One reason where the offer is above this bound."""
    read.use(bound)
    broken = "、".join(f"{_LABELS[name]} {price_words(price)} 元" for name, price in limits.items() if offer > price)
    if broken:
        read.breach(
            bound,
            bound.value["code"],
            f"报价 {price_words(offer)} 元高于{broken}，请以不高于 {price_words(ceiling)} 元的价格重新报价",
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

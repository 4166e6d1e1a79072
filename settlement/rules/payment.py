"""Rules about who owes what, and when: prepayment, due day, payment standard, retained surplus."""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from settlement.rules.invoices import percent
from sunlight.kernel.facts import AMOUNT, BOOL, DAY, PRICE, RATIO, SCORE, BadFacts, Choice, Field, ListOf
from sunlight.kernel.money import price_words, round_half_up
from sunlight.kernel.rule import Decision, Reading, rule


def money(amount: Decimal) -> str:
    """An amount of CNY as people read it: 1,060.00."""
    return f"{amount:,.2f}"


ROUNDS = {"national": "国家集采", "province": "省级集采", "city": "市级集采"}


@rule(
    "prepayment.amount",
    title="医保基金预付",
    where="深圳自 2020-07-01；湖北自 2020-06-18",
    clauses=("SZ20-5.4.1", "HB20-5.4b"),
    parameters=("prepayment.ratio", "prepayment.is_minimum"),
    facts=(
        Field("contract_amount", AMOUNT, "合同金额（元）"),
        Field("volume", BOOL, "是否带量采购"),
    ),
    outcome=(
        Field("ratio", RATIO, "预付比例"),
        Field("amount", AMOUNT, "预付金额（元）"),
        Field("is_minimum", BOOL, "是否为下限"),
    ),
)
def prepayment_amount(read: Reading, *, contract_amount: Decimal, volume: bool) -> Decision:
    """带量采购货款由医保基金预付：深圳按 50%，湖北不低于 30%；其他采购不适用。"""
    ratio = read.find("prepayment.ratio") if volume else None
    if ratio is None:
        return read.unregulated()
    amount = round_half_up(Fraction(ratio.value) * Fraction(contract_amount), 2)
    is_minimum = read.at("prepayment.is_minimum").value
    least = "不低于" if is_minimum else ""
    read.explain(
        ratio,
        "prepaid",
        f"带量采购合同金额 {money(contract_amount)} 元，医保基金{least}预付 {percent(ratio.value)}，即 {money(amount)} 元",
    )
    return read.decide({"ratio": ratio.value, "amount": amount, "is_minimum": is_minimum})


@rule(
    "payment.due",
    title="货款支付期限",
    where="深圳自 2020-07-01；湖北自 2020-06-18；江苏自 2020-05-01；广东自 2025-12-01",
    clauses=("SZ20-6.2b", "HB20-5.4a", "JS20-32", "GD25-4.8a", "ASSUMPTION-A22"),
    parameters=("settlement.payment_days", "settlement.payment_by_contract"),
    facts=(
        Field("accepted_on", DAY, "验收合格日"),
        Field("contract_due_on", DAY, "合同约定付款日", required=False),
    ),
    outcome=(Field("due_on", DAY, "最迟付款日"),),
)
def payment_due(read: Reading, *, accepted_on: date, contract_due_on: date | None) -> Decision:
    """深圳、湖北自验收起 30 个自然日内付款，合同约定更早的从合同；江苏、广东按合同约定日付款；遇休息日不顺延。"""
    days = read.find("settlement.payment_days")
    by_contract = read.find("settlement.payment_by_contract")
    if days is None and by_contract is None:
        return read.unregulated()
    limits = [contract_due_on] if contract_due_on is not None else []
    if days is not None:
        latest = accepted_on + timedelta(days=days.value)
        limits.append(latest)
        agreed = f"合同约定 {contract_due_on}，取较早者" if contract_due_on is not None else "合同未约定更早的日期"
        message = f"{accepted_on} 验收合格，{days.value} 个自然日内（至 {latest}）付款；{agreed}"
        read.explain(days, "within_days", message)
    elif contract_due_on is not None:
        read.explain(by_contract, "by_contract", f"按合同约定于 {contract_due_on} 付款")
    else:
        read.explain(by_contract, "no_day_agreed", "按合同约定付款，合同没有写明付款日，没有最迟付款日")
    return read.decide({"due_on": min(limits, default=None)})


@rule(
    "payment.standard",
    title="医保支付标准",
    where="深圳自 2020-07-01；国家集采：广东 2025-12-01 至 2030-11-30",
    clauses=("SZ20-5.4.2", "GD25-4.7"),
    parameters=tuple(f"payment_standard.{name}" for name in ROUNDS),
    facts=(
        Field("round", Choice(ROUNDS), "集采层级：国家、省、市", attr="round_level"),
        Field("winning_prices", ListOf(PRICE, filled=True), "各中选价"),
        Field("own_price", PRICE, "本产品中选价（国家集采自 2025-12-01 起必填）", required=False),
    ),
    outcome=(Field("standard", PRICE, "支付标准"),),
)
def payment_standard(
    read: Reading, *, round_level: str, winning_prices: Sequence[Decimal], own_price: Decimal | None
) -> Decision:
    """同类产品原则上以最低中选价为支付标准；广东自 2025-12-01 起国家集采中选产品以各自中选价为支付标准。"""
    method = read.find(f"payment_standard.{round_level}")
    if method is None:
        return read.unregulated()
    if method.value == "lowest":
        lowest = min(winning_prices)
        message = f"{len(winning_prices)} 个中选价中最低为 {price_words(lowest)} 元，以此为支付标准"
        read.explain(method, "lowest_price", message)
        return read.decide({"standard": lowest})
    if own_price is None:
        raise BadFacts("missing", "facts.own_price", f"国家集采中选产品须给出本产品中选价（依据 {method.clause}）")
    read.explain(method, "own_price", f"国家集采中选产品以自身中选价 {price_words(own_price)} 元为支付标准")
    return read.decide({"standard": own_price})


@rule(
    "surplus.retained",
    title="结余留用",
    where="深圳自 2020-07-01",
    clauses=("SZ20-5.4.3", "ASSUMPTION-A12"),
    parameters=("surplus.retention", "surplus.share", "surplus.least_score"),
    facts=(
        Field("budget", AMOUNT, "专项预算（元）"),
        Field("expenditure", AMOUNT, "医保支出（元）"),
        Field("score", SCORE, "考核得分（0 至 100）"),
    ),
    outcome=(
        Field("surplus", AMOUNT, "结余（元）"),
        Field("retained", AMOUNT, "留用（元）"),
    ),
)
def surplus_retained(read: Reading, *, budget: Decimal, expenditure: Decimal, score: Decimal) -> Decision:
    """带量采购结余（预算减支出，不小于零）的一半按考核得分折算留用，得分不满 60 分不留用。"""
    retention = read.find("surplus.retention")
    if retention is None:
        return read.unregulated()
    surplus = max(budget - expenditure, Decimal(0))
    share, least = read.at("surplus.share").value, read.at("surplus.least_score").value
    retained = Fraction(share) * Fraction(surplus) * Fraction(score) / 100 if score >= least else 0
    spent = f"预算 {money(budget)} 元减支出 {money(expenditure)} 元，结余 {money(surplus)} 元"
    scored = (
        f"得分 {score}，留用 {percent(share)} 再按得分折算" if score >= least else f"得分 {score} 不满 {least}，不留用"
    )
    read.explain(retention, "retained", f"{spent}；{scored}")
    return read.decide({"surplus": surplus, "retained": round_half_up(retained, 2)})

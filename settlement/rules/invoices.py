"""What an invoice must say of itself before anybody compares it: its day and its tax rate."""

from datetime import date, timedelta
from decimal import Decimal

from sunlight.kernel.facts import DAY, Field, ListOf, Number
from sunlight.kernel.policy import Law, Value
from sunlight.kernel.rule import Decision, Reading, rule

TAX_RATE = Number(1, 4, "税率")
RATES = ("invoice.rates", "invoice.rates_simple", "invoice.rates_relief", "invoice.rates_exempt")


@rule(
    "invoice.admit",
    title="发票的日期与税率",
    where="全国，税率自 2019-04-01；深圳、湖北、江苏、广东相同",
    clauses=(
        "ASSUMPTION-A85",
        "VAT17-12",
        "VAT17-15",
        "VAT19-1",
        "VAT23-2",
        "VAT26-10",
        "VAT26-11",
        "VAT26-24",
    ),
    parameters=("invoice.days_before_dispatch", *RATES),
    facts=(
        Field("issued_on", DAY, "开票日期"),
        Field("dispatched_on", DAY, "货物发出日（最晚的一批）"),
        Field("handed_in_on", DAY, "提交日"),
        Field("tax_rate", TAX_RATE, "税率"),
    ),
    outcome=(Field("rates", ListOf(TAX_RATE), "开票日可用的税率"),),
)
def invoice_admit(
    read: Reading, *, issued_on: date, dispatched_on: date, handed_in_on: date, tax_rate: Decimal
) -> Decision:
    """发票日期不早于所开货物发出之日、不晚于提交之日；税率须是开票日有效的税率或征收率之一（免税为 0）。"""
    tolerance = read.find("invoice.days_before_dispatch", on=handed_in_on)
    if tolerance is None:
        return read.unregulated()
    if issued_on < dispatched_on - timedelta(days=tolerance.value):
        message = f"开票日期 {issued_on} 早于货物发出之日 {dispatched_on}"
        read.breach(tolerance, "invoice_before_the_goods", message)
    if issued_on > handed_in_on:
        read.breach(tolerance, "invoice_from_the_future", f"开票日期 {issued_on} 晚于今天 {handed_in_on}")
    stated = [value for value in (read.find(key, on=issued_on) for key in RATES) if value is not None]
    rates = rates_of(stated)
    if tax_rate not in rates and stated:
        known = "、".join(percent(rate) for rate in rates)
        message = f"税率 {percent(tax_rate)} 在 {issued_on} 不是有效税率，可用：{known}"
        read.breach(stated[0], "tax_rate_not_in_force", message)
    if not read.broken:
        shipped = (
            f"开票日期 {issued_on} 不早于货物发出之日 {dispatched_on}，不晚于提交之日 {handed_in_on}（等于也可以）"
        )
        read.explain(tolerance, "invoice_day_fits", shipped)
        for value in stated:
            if tax_rate in rates_of([value]):
                read.explain(value, "tax_rate_in_force", f"税率 {percent(tax_rate)} 在 {issued_on} 有效")
    return read.decide({"rates": rates}, judged=True)


def rates_in_force(law: Law) -> list[Decimal]:
    """The tax rates an invoice of the law's day may state, the highest first."""
    return rates_of([value for value in (law.find(key) for key in RATES) if value is not None])


def rates_of(values: list[Value]) -> list[Decimal]:
    return sorted({Decimal(rate) for value in values for rate in value.value}, reverse=True)


def percent(rate: Decimal) -> str:
    """A rate as people read it: 13%."""
    return f"{(rate * 100).normalize():f}%"

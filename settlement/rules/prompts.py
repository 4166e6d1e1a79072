"""Whether an authority may prompt a hospital in writing for a debt."""

from sunlight.kernel.facts import Choice, Field, Integer, ListOf
from sunlight.kernel.rule import Decision, Reading, rule

AUTHORITIES = {
    "insurance": "医保部门",
    "health": "卫生健康部门",
    "market": "市场监管部门",
    "discipline": "纪检监察机关",
}


@rule(
    "payment.prompt",
    title="书面督促逾期货款",
    where="广东 2025-12-01 至 2030-11-30；其他地区按平台推定",
    clauses=("GD25-4.8a", "ASSUMPTION-A97"),
    parameters=("arrears.prompted_by",),
    facts=(
        Field("authority", Choice(AUTHORITIES), "发函部门"),
        Field("days_late", Integer(least=0), "逾期天数（自然日）"),
    ),
    outcome=(Field("authorities", ListOf(Choice(AUTHORITIES)), "可以督促的部门"),),
)
def payment_prompt(read: Reading, *, authority: str, days_late: int) -> Decision:
    """过了最迟付款日仍未付清的货款，由医保部门和卫生健康部门书面督促；没有逾期的不督促。"""
    value = read.find("arrears.prompted_by")
    if value is None:
        return read.unregulated()
    may = "和".join(AUTHORITIES[each] for each in value.value)
    if authority not in value.value:
        read.breach(value, "not_prompting", f"逾期货款由{may}书面督促，{AUTHORITIES[authority]}不发督促函")
    elif days_late < 1:
        read.breach(value, "nothing_late", "还没有过最迟付款日，逾期 0 日，不书面督促")
    else:
        read.explain(value, "may_prompt", f"{AUTHORITIES[authority]}可以书面督促：已逾期 {days_late} 日，超过 0 日")
    return read.decide({"authorities": tuple(value.value)}, judged=True)

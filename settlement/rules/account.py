"""When a supplier's changed bank account may be paid to."""

from datetime import date

from sunlight.kernel.facts import DAY, Field
from sunlight.kernel.rule import Decision, Reading, rule
from sunlight.kernel.workdays import official


@rule(
    "payee_account.starts",
    title="收款账户变更的启用日",
    where="全国",
    clauses=("ASSUMPTION-A17", "ASSUMPTION-A86"),
    parameters=("settlement.account_wait_days", "workdays.calendar"),
    facts=(Field("approved_on", DAY, "平台核实日"),),
    outcome=(Field("starts_on", DAY, "启用日"),),
)
def payee_account_starts(read: Reading, *, approved_on: date) -> Decision:
    """变更后的收款账户自平台核实之日起第 n 个工作日启用；在此之前本单位和平台均可撤回。"""
    days = read.at("settlement.account_wait_days", on=approved_on)
    read.at("workdays.calendar", on=approved_on)
    starts_on = official().shift(approved_on, days.value).on
    read.explain(days, "waits", f"平台于 {approved_on} 核实，满 {days.value} 个工作日，于 {starts_on} 启用")
    return read.decide({"starts_on": starts_on})

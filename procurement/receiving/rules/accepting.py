"""By when goods that arrived must be accepted."""

from datetime import date

from sunlight.kernel.facts import BOOL, DAY, Field, Integer
from sunlight.kernel.rule import Decision, Reading, rule
from sunlight.kernel.workdays import official


@rule(
    "acceptance.overdue",
    title="到货验收期限",
    where="全国，任何日期",
    clauses=("ASSUMPTION-A25", "ASSUMPTION-A17"),
    parameters=("acceptance.working_days",),
    facts=(
        Field("arrived_on", DAY, "到货日"),
        Field("accepted_on", DAY, "验收日", required=False),
    ),
    outcome=(
        Field("deadline", DAY, "最迟验收日"),
        Field("days_late", Integer(), "超期天数（自然日）"),
        Field("open", BOOL, "是否仍未验收"),
        Field("provisional", BOOL, "是否经过尚未公布放假安排的年份"),
    ),
)
def acceptance_overdue(read: Reading, *, arrived_on: date, accepted_on: date | None) -> Decision:
    """到货后三个工作日内验收；超过的记录在案，一直未验收的也记录。"""
    days = read.find("acceptance.working_days", on=arrived_on)
    if days is None:
        return read.unregulated()
    term = official().shift(arrived_on, days.value)
    done = accepted_on if accepted_on is not None and accepted_on <= read.on else None
    days_late = max(((done or read.on) - term.on).days, 0)
    state = f"{done} 验收" if done else f"截至 {read.on} 尚未验收"
    words = f"{arrived_on} 到货，{state}，期限为到货后第 {days.value} 个工作日（{term.on}）"
    read.explain(
        days,
        "late" if days_late else "in_time",
        f"{words}，{'超期 ' + str(days_late) + ' 日' if days_late else '没有超期'}",
    )
    return read.decide(
        {"deadline": term.on, "days_late": days_late, "open": done is None, "provisional": term.provisional}
    )

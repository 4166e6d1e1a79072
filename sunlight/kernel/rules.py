"""Rules that belong to no trade: counting working days."""

from datetime import date

from sunlight.kernel.facts import BOOL, DAY, BadFacts, Field, Integer
from sunlight.kernel.rule import Decision, Reading, rule
from sunlight.kernel.workdays import official


@rule(
    "deadline.working_days",
    title="工作日期限",
    where="全国，任何日期",
    clauses=("ASSUMPTION-A17",),
    parameters=("workdays.calendar",),
    facts=(
        Field("start", DAY, "起算日（事件发生日，本日不计）"),
        Field("days", Integer(nonzero=True), "工作日数（负数向前推）"),
    ),
    outcome=(
        Field("deadline", DAY, "截止日（当日 24 时止）"),
        Field("provisional", BOOL, "是否暂定（经过尚未公布放假安排的年份）"),
    ),
)
def deadline_working_days(read: Reading, *, start: date, days: int) -> Decision:
    """期限自事件次日起按国务院公布的工作日计算，至第 n 个工作日 24 时届满；未公布安排的年份按周一至周五暂定。"""
    calendar = read.at("workdays.calendar")
    try:
        deadline = official().shift(start, days)
    except OverflowError:
        raise BadFacts("out_of_range", "facts.days", "工作日数过大，超出日历范围") from None
    toward = "向后" if days > 0 else "向前"
    told = f"自 {start} 的次日起{toward}数 {abs(days)} 个工作日，至 {deadline.on} 24 时止"
    read.explain(calendar, "counted", told + ("（经过尚未公布放假安排的年份，暂定）" if deadline.provisional else ""))
    return read.decide({"deadline": deadline.on, "provisional": deadline.provisional})

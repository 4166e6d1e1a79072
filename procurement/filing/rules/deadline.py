"""How soon a purchase made first must be registered."""

from datetime import date

from sunlight.kernel.facts import BOOL, DAY, Field
from sunlight.kernel.rule import Decision, Reading, rule
from sunlight.kernel.workdays import official


@rule(
    "filing.deadline",
    title="备案登记时限",
    where="按采购完成日：深圳 2020-07-01 至 2025-11-30；广东 2025-12-01 至 2030-11-30；江苏自 2020-05-01",
    clauses=(
        "SZ20-5.2.4",
        "SZ24-3.4b",
        "GD25-2.3a",
        "GD25-2.3b",
        "JS20-15",
        "JS20-19",
        "ASSUMPTION-A17",
        "ASSUMPTION-A25",
        "ASSUMPTION-A38",
    ),
    parameters=(
        "filing.days",
        "filing.emergency_days",
        "filing.file_first",
        "filing.exemption",
        "workdays.calendar",
    ),
    facts=(
        Field("completed_on", DAY, "采购完成日（发票、送货单、收货最早者）"),
        Field("emergency", BOOL, "是否紧急采购"),
        Field("exempt", BOOL, "是否港澳药械通等免除登记要求的产品", required=False, default=False),
    ),
    outcome=(
        Field("deadline", DAY, "登记截止日"),
        Field("file_first", BOOL, "须先备案后采购"),
    ),
)
def filing_deadline(read: Reading, *, completed_on: date, emergency: bool, exempt: bool) -> Decision:
    """先采后报的须在采购完成后的规定工作日内登记：深圳 10 日、广东（2025-12-01 起）7 日，港澳药械通产品除外；江苏紧急采购 20 日，其他须先备案。"""
    file_first = read.law.on_day(completed_on).find("filing.file_first")
    if file_first is not None and not emergency:
        read.use(file_first)
        read.explain(file_first, "file_first", "非紧急采购须先备案后采购")
        return read.decide({"deadline": None, "file_first": True})
    free = read.find("filing.exemption", on=completed_on) if exempt else None
    if free is not None:
        read.explain(free, "exempt", "港澳药械通等产品不受登记时限要求")
        return read.decide({"deadline": None, "file_first": False})
    days = read.find("filing.emergency_days" if file_first is not None else "filing.days", on=completed_on)
    if days is None:
        return read.unregulated()
    read.at("workdays.calendar", on=completed_on)
    deadline = official().shift(completed_on, days.value).on
    told = f"{completed_on} 完成采购，须在其后 {days.value} 个工作日内（至 {deadline}）登记"
    read.explain(days, "registered_within", told)
    return read.decide({"deadline": deadline, "file_first": False})

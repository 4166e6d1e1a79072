"""By when an order's goods must be there, and what it means that they are not."""

from collections.abc import Callable
from datetime import date, timedelta

from procurement.ordering.rules.levels import LEVELS
from sunlight.kernel.facts import BOOL, DAY, Choice, Field, Integer
from sunlight.kernel.policy import Law, Value
from sunlight.kernel.rule import Decision, Reading, rule

MOST_DAYS = 365
_HOURS = 24


def contract_deadline(law: Law, *, confirmed_on: date, contract_days: int | None, emergency: bool) -> date:
    """The last day by the contract alone, where no text sets an alert: what the contract says, else the platform's own
    term, which every contract states (A8, A42)."""
    return _deadline(law.at, confirmed_on, contract_days, emergency)[0]


def _deadline(
    at: Callable[[str], Value], confirmed_on: date, contract_days: int | None, emergency: bool
) -> tuple[date, str]:
    """The last day, and where it comes from."""
    if emergency:
        hours = at("delivery.emergency_hours").value
        # To the end of the day in which they pass (A42).
        days = -(-hours // _HOURS)
        if contract_days is None or days <= contract_days:
            return confirmed_on + timedelta(days=days), f"紧急订单 {hours} 小时，计至确认后第 {days} 日 24 时"
    if contract_days is not None:
        return confirmed_on + timedelta(days=contract_days), f"约定确认后 {contract_days} 日"
    days = at("delivery.days").value
    return confirmed_on + timedelta(days=days), f"未另行约定，确认后 {days} 日"


@rule(
    "delivery.overdue",
    title="超期未配送",
    where="广东 2025-12-01 至 2030-11-30；其他地区按合同追究",
    clauses=("GD25-5.10b", "ASSUMPTION-A8", "ASSUMPTION-A42", "ASSUMPTION-A43"),
    parameters=("delivery.alert_when_late", "delivery.days", "delivery.emergency_hours", "delivery.serious_days"),
    facts=(
        Field("confirmed_on", DAY, "企业确认订单之日"),
        Field("contract_days", Integer(least=0, most=MOST_DAYS), "约定的配送天数（自然日）", required=False),
        Field("emergency", BOOL, "是否紧急订单", required=False, default=False),
        Field("delivered_on", DAY, "全部送达之日", required=False),
    ),
    outcome=(
        Field("deadline", DAY, "配送期限"),
        Field("days_late", Integer(), "超期天数（自然日）"),
        Field("level", Choice(LEVELS), "预警级别：未超期、预警、严重"),
    ),
)
def delivery_overdue(
    read: Reading, *, confirmed_on: date, contract_days: int | None, emergency: bool, delivered_on: date | None
) -> Decision:
    """订单确认后须在约定日数（没有约定的 3 日）内送达，紧急订单为次日 24 时；超期未送达的预警，超过 7 日或紧急订单超期的为严重。"""
    alerts = read.every("delivery.alert_when_late")
    if not alerts:
        return read.unregulated()
    deadline, basis = _deadline(read.at, confirmed_on, contract_days, emergency)
    came = delivered_on if delivered_on is not None and delivered_on <= read.on else None
    days_late = max(((came or read.on) - deadline).days, 0)
    level = "none"
    if came is None and days_late:
        above = read.at("delivery.serious_days").value
        level = "serious" if emergency or days_late > above else "alert"
    code = f"overdue_{level}" if level != "none" else "late" if days_late else "in_time"
    words = _words(came or read.on, deadline, basis, days_late, level, is_there=came is not None)
    for alert in alerts:
        read.use(alert)
        read.explain(alert, code, words)
    return read.decide({"deadline": deadline, "days_late": days_late, "level": level})


def _words(on: date, deadline: date, basis: str, days_late: int, level: str, *, is_there: bool) -> str:
    state = f"{on} 全部送达" if is_there else f"截至 {on} 尚未全部送达"
    term = f"配送期限 {deadline}（{basis}）"
    if not days_late:
        return f"{state}，{term}，没有超期"
    if is_there:
        return f"{state}，{term}，超期 {days_late} 日"
    return f"{state}，{term}，已超期 {days_late} 日，{LEVELS[level]}"

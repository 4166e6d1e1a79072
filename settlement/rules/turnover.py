"""Whether goods that were delivered count as delivered and sold."""

from datetime import date, timedelta

from sunlight.kernel.facts import BOOL, DAY, Field
from sunlight.kernel.rule import Decision, Reading, rule


@rule(
    "delivery.net",
    title="净配送与净销售",
    where="全国，任何日期",
    clauses=("ASSUMPTION-A16", "ASSUMPTION-A107"),
    parameters=("delivery.net_days",),
    facts=(
        Field("accepted_on", DAY, "验收日"),
        Field("invoiced_on", DAY, "开票日（未开票或已作废的不填）", required=False),
        Field("returned_on", DAY, "全额退货（红冲）日", required=False),
    ),
    outcome=(
        Field("counts", BOOL, "是否计为配送与销售"),
        Field("watched_until", DAY, "退货观察期的最后一日"),
    ),
)
def delivery_net(read: Reading, *, accepted_on: date, invoiced_on: date | None, returned_on: date | None) -> Decision:
    """验收并开票的才计为配送与销售；验收后六十日内全额退货的不计。"""
    days = read.find("delivery.net_days", on=accepted_on)
    if days is None:
        return read.unregulated()
    until = accepted_on + timedelta(days=days.value)
    invoiced = invoiced_on is not None and invoiced_on <= read.on
    returned = returned_on is not None and returned_on <= min(read.on, until)
    counts = invoiced and not returned
    head = f"{accepted_on} 验收"
    if not invoiced:
        code, words = "not_invoiced", f"{head}，尚未开票，不计为配送与销售"
    elif returned:
        code, words = (
            "returned",
            f"{head}，{returned_on} 全额退货，在 {days.value} 日之内（至 {until}），不计为配送与销售",
        )
    elif returned_on is not None and returned_on <= read.on:
        code, words = (
            "returned_later",
            f"{head}，{returned_on} 退货已过 {days.value} 日（至 {until}），仍计为配送与销售",
        )
    else:
        code, words = (
            "counts",
            f"{head}，{invoiced_on} 开票，{days.value} 日内（至 {until}）没有全额退货，计为配送与销售",
        )
    read.explain(days, code, words)
    return read.decide({"counts": counts, "watched_until": until})

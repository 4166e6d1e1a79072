"""What a debt past its day amounts to, and what the authority may do about it."""

from datetime import date
from decimal import Decimal
from fractions import Fraction

from settlement.rules.degrees import LEVELS, OFFICES, STEPS
from sunlight.kernel.facts import AMOUNT, BOOL, DAY, POSITIVE_AMOUNT, RATIO, Choice, Field, Integer, ListOf
from sunlight.kernel.money import round_half_up
from sunlight.kernel.policy import Value
from sunlight.kernel.rule import Decision, Reading, rule


@rule(
    "payment.arrears",
    title="拖欠货款",
    where="深圳自 2020-07-01；湖北自 2020-06-18；江苏自 2020-05-01；广东 2025-12-01 至 2030-11-30（分级、移送）",
    clauses=(
        "SZ20-6.2b",
        "HB20-5.4a",
        "JS20-32",
        "GD25-4.8a",
        "GD25-4.8b",
        "ASSUMPTION-A22",
        "ASSUMPTION-A59",
        "ASSUMPTION-A60",
    ),
    parameters=(
        "settlement.payment_days",
        "settlement.payment_by_contract",
        "arrears.prompted",
        "arrears.handed_over",
        "arrears.serious_days",
        "arrears.days_with_share",
        "arrears.serious_share",
        "arrears.malicious_days",
        "arrears.malicious_prompts",
    ),
    facts=(
        Field("due_on", DAY, "最迟付款日"),
        Field("paid_on", DAY, "付清之日", required=False),
        Field("amount", AMOUNT, "拖欠金额（元）"),
        Field("total", POSITIVE_AMOUNT, "医院最近十二个月应付金额（元）"),
        Field("warnings", Integer(least=0), "未回应的书面督促次数"),
    ),
    outcome=(
        Field("open", BOOL, "是否仍未付清"),
        Field("days_late", Integer(), "逾期天数（自然日）"),
        Field("share", RATIO, "占年应付金额的比例"),
        Field("level", Choice(LEVELS), "程度：未逾期、逾期、严重拖欠、恶意拖欠"),
        Field("next_step", Choice(STEPS), "可采取的下一步：无须处理、书面督促、约谈指导、移送"),
        Field("ranked", BOOL, "是否列入定期排名"),
        Field("hand_over_to", ListOf(Choice(OFFICES)), "移送的机关：主管部门、纪检监察机关"),
    ),
)
def payment_arrears(
    read: Reading, *, due_on: date, paid_on: date | None, amount: Decimal, total: Decimal, warnings: int
) -> Decision:
    """过了最迟付款日未付清为逾期，先书面督促；广东对督促未回应的再约谈指导，超过 90 日或超过 30 日且达年应付额一成的为严重拖欠，超过 30 日且三次督促未回应的为恶意拖欠，可移送主管部门和纪检；每一步由主管部门决定。"""
    terms = [v for key in ("settlement.payment_days", "settlement.payment_by_contract") if (v := read.find(key))]
    if not terms:
        return read.unregulated()
    paid = paid_on if paid_on is not None and paid_on <= read.on else None
    days_late = max(((paid or read.on) - due_on).days, 0)
    share = Fraction(amount) / Fraction(total)
    graded = read.find("arrears.prompted")
    level, why = _level(read, days_late, share, warnings) if graded else ("late" if days_late else "none", "")
    step = _step(level, warnings, is_graded=graded is not None) if paid is None else "none"
    for value in _one_each(terms + ([graded] if graded else [])):
        read.explain(
            value, level if level != "none" else "in_time", _words(read.on, due_on, paid, days_late, level, why)
        )
    ranked = graded is not None and paid is None and days_late > 0
    if ranked:
        handed_over = read.at("arrears.handed_over")
        said = (
            f"可移送{'和'.join(OFFICES.values())}，由主管部门决定"
            if step == "hand_over"
            else "列入各医院的定期回款排名"
        )
        read.explain(handed_over, step, said)
    return read.decide(
        {
            "open": paid is None,
            "days_late": days_late,
            "share": round_half_up(share, 2),
            "level": level,
            "next_step": step,
            "ranked": ranked,
            "hand_over_to": tuple(OFFICES) if step == "hand_over" else (),
        }
    )


def _level(read: Reading, days_late: int, share: Fraction, warnings: int) -> tuple[str, str]:
    """How grave it is by Guangdong's measure (A59), and what made it so."""
    if not days_late:
        return "none", ""
    days, prompts = read.at("arrears.malicious_days").value, read.at("arrears.malicious_prompts").value
    if days_late > days and warnings >= prompts:
        return "malicious", f"超过 {days} 日，且 {warnings} 次书面督促未回应（达到 {prompts} 次）"
    longest = read.at("arrears.serious_days").value
    if days_late > longest:
        return "serious", f"超过 {longest} 日"
    shorter, least = read.at("arrears.days_with_share").value, read.at("arrears.serious_share").value
    percent = f"{round_half_up(share * 100, 2)}%"
    if days_late > shorter and share >= Fraction(least):
        return "serious", f"超过 {shorter} 日，且占年应付额 {percent}（达到 {least:.0%}）"
    return "late", f"未超过 {longest} 日，占年应付额 {percent}，{warnings} 次书面督促未回应，未达严重或恶意拖欠"


def _step(level: str, warnings: int, *, is_graded: bool) -> str:
    if level == "none":
        return "none"
    if level in ("serious", "malicious"):
        return "hand_over"
    return "guide" if warnings and is_graded else "prompt"


def _one_each(values: list[Value]) -> list[Value]:
    """The values, of each clause the first."""
    return list({value.clause: value for value in reversed(values)}.values())[::-1]


def _words(on: date, due_on: date, paid: date | None, days_late: int, level: str, why: str) -> str:
    state = f"{paid} 付清" if paid else f"截至 {on} 未付清"
    if not days_late:
        return f"最迟付款日 {due_on}，{state}，没有逾期"
    more = f"：{why}" if why else ""
    return f"最迟付款日 {due_on}，{state}，逾期 {days_late} 日，{LEVELS[level]}{more}"

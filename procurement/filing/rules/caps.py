"""Yearly caps on purchases outside the regular way."""

from decimal import Decimal
from fractions import Fraction

from sunlight.kernel.facts import AMOUNT, BOOL, POSITIVE_AMOUNT, SHARE, Choice, Field
from sunlight.kernel.money import round_half_up
from sunlight.kernel.rule import Decision, Effect, Reading, rule

KINDS = {"no_reference": "无参考价产品采购", "self_procured": "自行采购", "filed": "备案采购"}


@rule(
    "cap.check",
    title="年度采购占比上限",
    where="无参考价：深圳 2020-07-01 至 2024-12-31；备案与自行采购：深圳至 2025-11-30，广东 2025-12-01 至 2030-11-30",
    clauses=("SZ20-5.2.1d", "SZ20-5.2.4", "SZ24-3.4b", "SZ24-3.5c", "GD25-2.3b", "ASSUMPTION-A15", "ASSUMPTION-A19"),
    parameters=(
        "cap.no_reference.ratio",
        "cap.no_reference.effect",
        "cap.filed.ratio",
        "cap.filed.effect",
        "cap.filed.exemption",
    ),
    facts=(
        Field("kind", Choice(KINDS), "采购种类：无参考价、自行采购、备案采购"),
        Field("year_total", POSITIVE_AMOUNT, "年度采购总金额（元）"),
        Field("used", AMOUNT, "本年已用金额（元）"),
        Field("amount", AMOUNT, "本次金额（元）"),
        Field("exempt", BOOL, "是否港澳药械通等不计入的产品", required=False, default=False),
        Field("public", BOOL, "是否公立机构", required=False, default=True),
    ),
    outcome=(
        Field("cap", AMOUNT, "上限金额（元）"),
        Field("used_after", AMOUNT, "计入本次后的金额（元）"),
        Field("share", SHARE, "占年度总金额的比例"),
        Field("effect", Choice({"block": "拦截", "flag": "标记"}), "超过时：拦截或标记"),
    ),
)
def cap_check(
    read: Reading, *, kind: str, year_total: Decimal, used: Decimal, amount: Decimal, exempt: bool, public: bool
) -> Decision:
    """公立机构的无参考价采购全年不超过年度采购总额的 15%（超过即拦截），备案与自行采购合计不超过 5%（超过照收并标记）；达到上限不算超过。"""
    family = "no_reference" if kind == "no_reference" else "filed"
    ratio = read.find(f"cap.{family}.ratio") if public else None
    if ratio is None:
        return read.unregulated()
    effect = read.at(f"cap.{family}.effect").value
    exemption = read.law.find("cap.filed.exemption") if exempt and family == "filed" else None
    cap = Fraction(ratio.value) * Fraction(year_total)
    after = used if exemption is not None else used + amount
    if exemption is not None:
        read.use(exemption)
        read.explain(exemption, "exempt", "该产品不计入备案采购上限")
    elif Fraction(after) > cap:
        read.breach(
            ratio,
            "above_cap",
            f"{KINDS[kind]}本年累计 {after:.2f} 元，超过年度采购总额 {year_total:.2f} 元的 {ratio.value:.0%}"
            f"（上限 {round_half_up(cap, 2)} 元），{_consequence(effect)}",
            Effect.REFUSE if effect == "block" else Effect.FLAG,
        )
    else:
        equal = "（等于上限，允许）" if Fraction(after) == cap else ""
        message = (
            f"{KINDS[kind]}本年累计 {after:.2f} 元，不超过年度采购总额 {year_total:.2f} 元的 {ratio.value:.0%}"
            f"（上限 {round_half_up(cap, 2)} 元）{equal}"
        )
        read.explain(ratio, "within_cap", message)
    share = round_half_up(Fraction(after) / Fraction(year_total), 4)
    outcome = {"cap": round_half_up(cap, 2), "used_after": after, "share": share, "effect": effect}
    return read.decide(outcome, judged=True)


def _consequence(effect: str) -> str:
    return "本次采购不能提交，请改选有参考价的产品" if effect == "block" else "记录照收并标记，请说明原因"

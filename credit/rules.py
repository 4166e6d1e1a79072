"""How parties behave: the national three-grade credit evaluation."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from sunlight.kernel.facts import AMOUNT, BOOL, TEXT, Choice, Field, ListOf, Record
from sunlight.kernel.policy import Value
from sunlight.kernel.rule import Decision, Reading, rule

GRADE_WORDS = {"none": "无", "discredited": "失信", "serious": "严重失信", "extreme": "特别严重失信"}
GRADES = tuple(GRADE_WORDS)
MATTERS = {
    "bribery": "医药商业贿赂",
    "tax": "涉税违法",
    "price_monopoly": "垄断",
    "price_violation": "不正当价格行为",
    "resisting_supervision": "抗拒监管",
    "illegal_bidding": "扰乱公平竞争",
    "broken_commitment": "违反协议或承诺",
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One established fact: matter, amount (CNY), its source, the authority's grade, aggravation."""

    matter: str
    basis: str
    aggravated: bool
    amount: Decimal | None = None
    severity: str | None = None


_FINDING = Record(
    (
        Field("matter", Choice(MATTERS), "事项"),
        Field("amount", AMOUNT, "涉案金额（元）", required=False),
        Field("basis", TEXT, "事实来源"),
        Field(
            "severity",
            Choice({grade: GRADE_WORDS[grade] for grade in GRADES[1:]}),
            "主管部门认定的等级",
            required=False,
        ),
        Field("aggravated", BOOL, "是否有加重情形"),
    ),
    Finding,
)


@rule(
    "credit.grade",
    title="信用评级",
    where="全国自 2025-07-01",
    clauses=("ASSUMPTION-A11", "GD25-5.11c", "SZ20-6.3"),
    parameters=(
        "credit.bases",
        "credit.bribery_grades",
        "credit.tax_grades",
        "credit.at_most_serious",
        "credit.aggravated_matters",
    ),
    facts=(Field("findings", ListOf(_FINDING), "认定的失信事实"),),
    outcome=(Field("grade", Choice(GRADE_WORDS), "等级：无、失信、严重失信、特别严重失信"),),
)
def credit_grade(read: Reading, *, findings: Sequence[Finding]) -> Decision:
    """按最重的一项评定：贿赂、涉税看金额，其他事项看主管部门认定；只认法院判决、行政处罚、审计结论（广东自 2025-12-01 起不认审计结论）。"""
    bases = read.find("credit.bases")
    if bases is None:
        return read.unregulated()
    counted = [finding for finding in findings if finding.basis in bases.value]
    if len(counted) < len(findings):
        read.explain(bases, "basis_not_counted", f"{len(findings) - len(counted)} 项事实的来源不计入评级")
    graded = [(finding, *_grade(read, finding)) for finding in counted]
    worst = max(graded, key=lambda row: GRADES.index(row[1]), default=None)
    if worst is None:
        read.explain(bases, "nothing_counted", "没有计入评级的失信事实")
        return read.decide({"grade": "none"})
    finding, grade, value, why = worst
    message = f"{len(counted)} 项事实中最重的为{MATTERS[finding.matter]}：{why}，评为{GRADE_WORDS[grade]}"
    read.explain(value, "graded", message)
    return read.decide({"grade": grade})


def _grade(read: Reading, finding: Finding) -> tuple[str, Value, str]:
    """The grade of one fact, the value that gives it, and why in words."""
    aggravated = read.at("credit.aggravated_matters") if finding.aggravated else None
    if aggravated is not None and finding.matter in aggravated.value:
        return "extreme", aggravated, "有加重情形"
    if finding.matter in ("bribery", "tax"):
        thresholds = read.at(f"credit.{finding.matter}_grades")
        # Bribery without a known amount is still bribery.
        amount = finding.amount or Decimal(0)
        known = f"涉案金额 {amount:,.2f} 元" if finding.amount is not None else "涉案金额不明"
        return _by_amount(thresholds.value, amount), thresholds, known
    grade = finding.severity or "discredited"
    capped = read.at("credit.at_most_serious")
    if grade == "extreme" and finding.matter in capped.value:
        return "serious", capped, "该事项至多评为严重失信"
    said = "主管部门认定的等级" if finding.severity else "主管部门没有认定等级"
    return grade, capped, said


def _by_amount(thresholds: Mapping[str, str], amount: Decimal) -> str:
    """The worst grade whose threshold the amount reaches."""
    reached = (grade for grade in reversed(GRADES[1:]) if amount >= Decimal(thresholds[grade]))
    return next(reached, "none")

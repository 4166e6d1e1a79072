"""How fast a recall must be answered."""

from sunlight.kernel.facts import COUNT, Choice, Field
from sunlight.kernel.rule import Decision, Reading, rule

GRADES = {"first": "一级", "second": "二级", "third": "三级"}
DAYS = {"first": 1, "second": 3, "third": 7}


@rule(
    "recall.answer",
    title="召回答复期限",
    where="测试用",
    clauses=(),
    facts=(Field("grade", Choice(GRADES), "召回级别"),),
    outcome=(Field("days", COUNT, "答复天数"),),
)
def recall_answer(read: Reading, *, grade: str) -> Decision:
    """召回级别越高，答复越快。"""
    return read.decide({"days": DAYS[grade]})

"""What passed, and which day moved."""

from sunlight.deadlines.workflows import DeadlineState
from sunlight.journal.declared import event, labels, subject

labels(
    {
        "about": "事由",
        "awaits": "等待方",
        "cancelled_on": "取消日",
        "days": "期限（天）",
        "demanded_by": "要求设置时限的条款",
        "done_on": "办理日",
        "in_working_days": "按工作日计",
        "is_provisional": "暂定",
        "owes": "应办理方",
        "parameter": "参数",
        "passed_on": "认定超过时限之日",
        "started_on": "起算日",
    }
)

DEADLINE = subject("deadline", "时限", states=DeadlineState, is_topic=True)
DEADLINE_PASSED = event("deadline_passed", "超过时限", DEADLINE)
DEADLINE_MOVED = event("deadline_moved", "放假安排公布后重算时限", DEADLINE)

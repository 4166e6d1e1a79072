"""What those who watch find out and check."""

from sunlight.journal.declared import Label, event, labels, subject
from supervision.workflows import Conclusion, FindingState

labels(
    {
        "conclusion": Label("结论", Conclusion.words()),
        "faults": "问题",
        "follow_up_on": "复查日",
        "head": "封存点",
        "legal_act": "法规文件",
    }
)

FINDING = subject("finding", "核查记录", states=FindingState)
FINDING_NOTED = event("finding_noted", "记录核查情况", FINDING)
FINDING_AGREED = event("finding_agreed", "同意处置", FINDING)
FINDING_SENT_BACK = event("finding_sent_back", "退回补充核查", FINDING)

JOURNAL_CHECK = subject("journal_check", "日志核验", has_trace=False)
JOURNAL_CHECKED = event("journal_checked", "核验日志", JOURNAL_CHECK)

ACT_DOCUMENT = subject("act_document", "法规原文", has_trace=False)
ACT_DOCUMENT_ADDED = event("act_document_added", "上传法规原文", ACT_DOCUMENT, labels={"file": "文件"})
ACT_DOCUMENT_TAKEN_BACK = event("act_document_taken_back", "撤下法规原文", ACT_DOCUMENT, labels={"file": "文件"})
labels({"edits": "修改项数"})
# What is tried, and what came of it, is each authority's own: the journal says only that it was.
POLICY_DRAFT = subject("policy_draft", "政策草案", has_trace=False)
POLICY_DRAFT_MADE = event("policy_draft_made", "编制政策草案", POLICY_DRAFT)
POLICY_DRAFT_CHANGED = event("policy_draft_changed", "修改政策草案", POLICY_DRAFT)
POLICY_DRAFT_DISCARDED = event("policy_draft_discarded", "放弃政策草案", POLICY_DRAFT)

WHAT_IF = subject("what_if", "政策试算", has_trace=False)
_PERIOD = {"since": "期间起", "until": "期间止"}
WHAT_IF_STARTED = event("what_if_started", "发起政策试算", WHAT_IF, labels=_PERIOD)
WHAT_IF_FINISHED = event("what_if_finished", "完成政策试算", WHAT_IF, labels=_PERIOD)

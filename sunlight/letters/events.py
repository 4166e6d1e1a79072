"""Official letters, from the draft to their end."""

from sunlight.journal.declared import Label, event, labels, subject
from sunlight.letters.workflows import ExtensionState, LetterKind, LetterState, ProposalState

labels(
    {
        "letter_about": "涉及事项",
        "letter_due_on": "公函期限",
        "addressee": "收件单位",
        "answer_files": "附件",
        "asked_until": "申请延期至",
        "delivered_role": "送达岗位",
        "due_before": "原期限",
        "letter_kind": Label("公函种类", LetterKind.words()),
        "must_answer": "须答复",
        "sender": "发文单位",
        "short_name": "机关代字",
        "letter_sha256": "公函正文摘要",
    }
)

# A letter's own page tells what happened to it; another authority may not learn it from a trace.
LETTER = subject("letter", "公函", states=LetterState, has_trace=False)
LETTER_WRITTEN = event("letter_written", "起草公函", LETTER)
LETTER_EDITED = event("letter_edited", "修改公函", LETTER)
LETTER_SUBMITTED = event("letter_submitted", "公函送签", LETTER)
LETTER_SENT_BACK = event("letter_sent_back", "公函退回修改", LETTER)
LETTER_SENT = event("letter_sent", "签发公函", LETTER)
LETTER_DELIVERED = event("letter_delivered", "公函送达", LETTER)
LETTER_NOT_DELIVERED = event("letter_not_delivered", "公函无人接收", LETTER)
LETTER_OPENED = event("letter_opened", "查阅公函", LETTER)
LETTER_ACKNOWLEDGED = event("letter_acknowledged", "签收公函", LETTER)
LETTER_ANSWERED = event("letter_answered", "答复公函", LETTER)
LETTER_EXTENSION_ASKED = event("letter_extension_asked", "申请公函延期", LETTER)
LETTER_EXTENSION_GRANTED = event("letter_extension_granted", "同意公函延期", LETTER)
LETTER_EXTENSION_DECLINED = event("letter_extension_declined", "不同意公函延期", LETTER)
LETTER_ESCALATED = event("letter_escalated", "公函逾期未回应，转报负责人", LETTER)
LETTER_CLOSED = event("letter_closed", "办结公函", LETTER)
LETTER_WITHDRAWN = event("letter_withdrawn", "撤回公函", LETTER)

EXTENSION = subject("letter_extension", "公函延期申请", states=ExtensionState, has_trace=False)

TEMPLATE = subject("letter_template", "公函模板", states=ProposalState, has_trace=False)
LETTER_TEMPLATE_PROPOSED = event("letter_template_proposed", "提出公函模板", TEMPLATE)
LETTER_TEMPLATE_AGREED = event("letter_template_agreed", "同意公函模板", TEMPLATE)
LETTER_TEMPLATE_DECLINED = event("letter_template_declined", "不同意公函模板", TEMPLATE)

HEAD = subject("letter_head", "公函版头", states=ProposalState, has_trace=False)
LETTER_HEAD_PROPOSED = event("letter_head_proposed", "提出公函版头", HEAD)
LETTER_HEAD_AGREED = event("letter_head_agreed", "同意公函版头", HEAD)
LETTER_HEAD_DECLINED = event("letter_head_declined", "不同意公函版头", HEAD)

"""Publications (公示) and the objections to them."""

from sunlight.journal.declared import event, labels, subject
from sunlight.publicity.workflows import PublicationState

labels(
    {
        "answer": "答复",
        "evidence_sha256": "证据摘要",
        "objection": "异议",
        "objection_number": "异议编号",
        "term_days": "期限（天）",
        "text": "内容",
        "upheld": "异议成立",
    }
)

PUBLICATION = subject("publication", "公示", states=PublicationState)
PUBLICITY_OPENED = event("publicity_opened", "发布公示", PUBLICATION)
PUBLICITY_ENDED = event("publicity_ended", "公示结束", PUBLICATION)
PUBLICITY_TERM_OVER = event("publicity_term_over", "公示期满，异议处理中", PUBLICATION)
OBJECTION_LODGED = event("objection_lodged", "收到异议", PUBLICATION)
OBJECTION_ANSWERED = event("objection_answered", "答复异议", PUBLICATION)

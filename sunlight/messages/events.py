"""Messages to people: what they confirm having read, the operator's notices, reminders by mail."""

from sunlight.journal.declared import event, labels, subject
from sunlight.messages.workflows import NoticeState
from sunlight.tenancy.events import USER

labels({"audience": "对象", "must_acknowledge": "须确认", "told": "通知对象"})

MESSAGE = subject("message", "消息", has_trace=False)
MESSAGE_ACKNOWLEDGED = event("message_acknowledged", "确认消息", MESSAGE)

NOTICE = subject("notice", "通知", states=NoticeState, has_trace=False)
NOTICE_PUBLISHED = event("notice_published", "发布通知", NOTICE, labels={"is_public": "对外公开"})
NOTICE_WITHDRAWN = event("notice_withdrawn", "撤回通知", NOTICE)

MAIL_ADDRESS_SET = event("mail_address_set", "设置邮件提醒", USER)

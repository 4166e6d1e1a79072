"""Events that only tests record, declared like an app's."""

from procurement.ordering.events import ORDER
from sunlight.journal.declared import event, subject

THING = subject("thing", "测试对象", has_trace=False)
THING_HAPPENED = event("thing_happened", "测试事件", THING)
THING_MADE = event("thing_made", "另一测试事件", THING)

CONTACT = subject("contact", "测试联系人", has_trace=False)
CONTACT_ADDED = event("contact_added", "添加测试联系人", CONTACT)

SOMETHING_HAPPENED = event("something_happened", "订单的测试事件", ORDER)

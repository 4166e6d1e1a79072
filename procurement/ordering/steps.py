"""The key step of an order that has a time limit: the firm answers it (GD25-5.10a)."""

from sunlight.deadlines.kinds import deadline_kind
from sunlight.scope import Role

ORDER_ANSWER = deadline_kind(
    "order_answer",
    "答复订单",
    subject_type="order",
    noun="订单",
    parameter="deadline.order_answer",
    way_out="请立即确认订单，不能供货的请拒绝并说明原因。",
    owes=[Role.SUPPLIER_SELLER],
    waits=[Role.HOSPITAL_BUYER],
    url_name="procurement:order",
)
URGENT_ANSWER = "deadline.urgent_order_answer"

"""What happens to orders and to who delivers them."""

from procurement.ordering.rules.levels import LEVELS
from procurement.ordering.workflows import AuthorisationState, OrderState
from sunlight.journal.declared import Label, event, labels, subject
from sunlight.tenancy.events import PLATFORM

labels(
    {
        "address": "地址",
        "alert_level": Label("预警级别", LEVELS),
        "amount_fen": "金额（元）",
        "answer_note": "答复说明",
        "close_reason": "关闭原因",
        "confirmations": "已确认提示",
        "contact_name": "联系人",
        "delivered_quantity": "到货数量",
        "contact_phone": "联系电话",
        "delivery_due_at": "配送期限",
        "delivery_due_on": "配送期限",
        "days_late": "逾期天数",
        "distributor_code": "配送企业代码",
        "distributor_before": "原配送企业",
        "is_default": "默认",
        "is_urgent": "紧急",
        "latest_arrival_on": "最迟到货日",
        "law_date": "适用规定的日期",
        "line_no": "行号",
        "order_number": "订单号",
        "order_state": Label("订单状态", OrderState.words()),
        "own_product_code": "院内产品代码",
        "pack_factor": "包装换算",
        "pack_name": "包装",
        "plan_line": "计划行",
        "plan_number": "计划号",
        "request_numbers": "请领单号",
        "several_deliveries": "可分批到货",
    }
)

AUTHORISATION = subject("authorisation", "配送授权", states=AuthorisationState)
AUTHORISATION_MADE = event("authorisation_made", "授权配送", AUTHORISATION)
AUTHORISATION_REVOKED = event("authorisation_revoked", "撤销配送授权", AUTHORISATION)

DELIVERY_POINT = subject("delivery_point", "收货点", has_trace=False)
DELIVERY_POINT_ADDED = event("delivery_point_added", "新增收货点", DELIVERY_POINT)
DELIVERY_POINT_CHANGED = event("delivery_point_changed", "修改收货点", DELIVERY_POINT)

ORDER = subject("order", "订单", states=OrderState, is_topic=True)
ORDER_PLACED = event("order_placed", "下单", ORDER)
ORDER_ACCEPTED = event("order_accepted", "企业确认订单", ORDER)
ORDER_DECLINED = event("order_declined", "企业拒绝订单", ORDER)
ORDER_CANCELLED = event("order_cancelled", "撤单", ORDER)
ORDER_CLOSED = event("order_closed", "关闭订单", ORDER)
ORDER_DISTRIBUTOR_CHANGED = event("order_distributor_changed", "更换订单的配送企业", ORDER)
ORDER_OVERDUE = event("order_overdue", "订单逾期", ORDER)
ORDER_SERIOUSLY_OVERDUE = event("order_seriously_overdue", "订单严重逾期", ORDER)
ORDERS_FOUND_OVERDUE = event("orders_found_overdue", "发现逾期未送达的订单", PLATFORM)

# Nothing is recorded about a line by itself, but rules decide about it.
ORDER_LINE = subject("order_line", "订单行", read_as="order")

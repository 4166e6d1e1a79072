"""What happens in a purchase, room by room."""

from procurement.workflows import (
    AcceptanceState,
    AuthorisationState,
    ContractState,
    DeliveryState,
    OfferSheetState,
    OfferState,
    OrderState,
)
from sunlight.journal.declared import Label, event, labels, subject
from sunlight.tenancy.events import PLATFORM

# Contracts.
labels({"payment_days": "付款天数", "side": "方向", "text_sha256": "合同全文摘要"})

CONTRACT = subject("contract", "购销合同", states=ContractState, is_topic=True)
CONTRACT_MADE = event("contract_made", "生成合同", CONTRACT)
CONTRACT_SIGNED = event("contract_signed", "签署合同", CONTRACT)
CONTRACT_ENDED = event("contract_ended", "终止合同", CONTRACT)

AGREEMENT = subject("agreement", "价格协议", aliases=("price_agreement",), is_topic=True)
AGREEMENT_MADE = event("agreement_made", "价格协议生效", AGREEMENT)

# Bargaining.
labels({
    "answer_due_on": "答复期限", "answer_due_provisional": "答复期限暂定", "basis": "依据", "months": "月数",
    "on_silence": "逾期未答复的后果",
})  # fmt: skip

OFFER = subject("offer", "报价", states=OfferState, is_topic=True)
OFFER_MADE = event("offer_made", "报价", OFFER)
OFFER_ACCEPTED = event("offer_accepted", "接受报价", OFFER)
OFFER_DECLINED = event("offer_declined", "拒绝报价", OFFER)
OFFER_WITHDRAWN = event("offer_withdrawn", "撤回报价", OFFER)
OFFER_LAPSED = event("offer_lapsed", "报价逾期失效", OFFER)
OFFER_DUE_DAY_MOVED = event("offer_due_day_moved", "答复期限随放假安排调整", OFFER)
PRICE_NOTICE_DUE = event("price_notice_due", "须公示联动价格", OFFER)

OFFER_SHEET = subject("offer_sheet", "议价表", states=OfferSheetState, has_trace=False)
OFFER_SHEET_OPENED = event("offer_sheet_opened", "新建议价表", OFFER_SHEET)
OFFER_SHEET_CLOSED = event("offer_sheet_closed", "结束议价表", OFFER_SHEET)

# Ordering.
labels({
    "address": "地址", "amount_fen": "金额（元）", "answer_note": "答复说明", "close_reason": "关闭原因",
    "confirmations": "已确认提示", "contact_name": "联系人", "delivered_quantity": "到货数量", "contact_phone": "联系电话", "delivery_due_at": "配送期限", "delivery_due_on": "配送期限",
    "distributor_code": "配送企业代码", "distributor_before": "原配送企业",
    "is_default": "默认", "is_urgent": "紧急", "latest_arrival_on": "最迟到货日", "law_date": "适用规定的日期",
    "line_no": "行号", "order_number": "订单号", "order_state": Label("订单状态", OrderState),
    "own_product_code": "院内产品代码", "pack_factor": "包装换算",
    "pack_name": "包装", "plan_line": "计划行", "plan_number": "计划号", "request_numbers": "请领单号",
    "several_deliveries": "可分批到货",
})  # fmt: skip

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
ORDERS_FOUND_OVERDUE = event("orders_found_overdue", "发现逾期未送达的订单", PLATFORM)

# Nothing is recorded about a line by itself, but rules decide about it.
ORDER_LINE = subject("order_line", "订单行")

# Receiving.
labels({
    "acceptance_line": "验收行", "accepted_fen": "验收金额（元）", "accepted_on": "验收日", "accepted_quantity": "验收数量",
    "arrived_on": "到货日", "barcode_type": "条码类型", "cancel_reason": "取消原因", "carrier": "承运人",
    "delivery_line": "配送行", "delivery_number": "配送单号", "expected_on": "预计到货日", "expires_on": "有效期至",
    "lot": "批号", "note_number": "随货单号", "produced_on": "生产日期", "rejected_quantity": "拒收数量",
    "rejection_reason": "拒收原因", "reversal_reason": "冲销原因", "serial": "序列号", "sterilisation_lot": "灭菌批号",
    "traceability_codes": "追溯码", "udi_pi": "UDI-PI", "waybill": "运单号",
})  # fmt: skip

DELIVERY = subject("delivery", "配送单", states=DeliveryState, is_topic=True)
DELIVERY_DISPATCHED = event("delivery_dispatched", "发货", DELIVERY)
DELIVERY_CANCELLED = event("delivery_cancelled", "取消发货", DELIVERY)

ACCEPTANCE = subject("acceptance", "验收单", states=AcceptanceState, is_topic=True)
ACCEPTANCE_CONFIRMED = event("acceptance_confirmed", "验收", ACCEPTANCE)
ACCEPTANCE_REVERSED = event("acceptance_reversed", "冲销验收", ACCEPTANCE)

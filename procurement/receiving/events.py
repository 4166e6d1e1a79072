"""What happens from dispatch to acceptance."""

from procurement.receiving.workflows import AcceptanceState, DeliveryState
from sunlight.journal.declared import event, labels, subject
from sunlight.tenancy.events import PLATFORM

labels(
    {
        "accept_by": "最迟验收日",
        "acceptance_line": "验收行",
        "accepted_fen": "验收金额（元）",
        "accepted_on": "验收日",
        "accepted_quantity": "验收数量",
        "arrived_on": "到货日",
        "barcode_type": "条码类型",
        "cancel_reason": "取消原因",
        "carrier": "承运人",
        "deliveries": "配送单",
        "delivery_line": "配送行",
        "delivery_number": "配送单号",
        "expected_on": "预计到货日",
        "expires_on": "有效期至",
        "invoiced_quantity": "已开票数量",
        "lot": "批号",
        "note_number": "随货单号",
        "produced_on": "生产日期",
        "rejected_quantity": "拒收数量",
        "rejection_reason": "拒收原因",
        "reversal_reason": "冲销原因",
        "serial": "序列号",
        "sterilisation_lot": "灭菌批号",
        "traceability_codes": "追溯码",
        "udi_pi": "UDI-PI",
        "waybill": "运单号",
    }
)

DELIVERY = subject("delivery", "配送单", states=DeliveryState, is_topic=True)
DELIVERY_DISPATCHED = event("delivery_dispatched", "发货", DELIVERY)
DELIVERY_CANCELLED = event("delivery_cancelled", "取消发货", DELIVERY)
ACCEPTANCE_OVERDUE = event("acceptance_overdue", "到货逾期未验收", DELIVERY)
ACCEPTANCES_FOUND_OVERDUE = event("acceptances_found_overdue", "发现逾期未验收的到货", PLATFORM)

ACCEPTANCE = subject("acceptance", "验收单", states=AcceptanceState, is_topic=True)
ACCEPTANCE_CONFIRMED = event("acceptance_confirmed", "验收", ACCEPTANCE)
ACCEPTANCE_REVERSED = event("acceptance_reversed", "冲销验收", ACCEPTANCE)

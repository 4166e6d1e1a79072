"""What the journal keeps, in words: the keys of a record's contents as people read them."""

from catalog.workflows import ListingState
from pricing.workflows import DeclarationState
from procurement.bargaining.workflows import OfferState
from procurement.contracts.workflows import ContractState
from procurement.ordering.workflows import AuthorisationState, OrderState
from procurement.receiving.workflows import AcceptanceState, DeliveryState
from settlement.workflows import InvoiceState, PayableState, PaymentState, RunState, StatementLineState
from sunlight.kernel.money import fen_text
from supervision.workflows import Conclusion, FindingState

STATES = {
    "listing": ListingState, "declaration": DeclarationState, "offer": OfferState, "contract": ContractState,
    "authorisation": AuthorisationState, "order": OrderState, "delivery": DeliveryState, "acceptance": AcceptanceState,
    "invoice": InvoiceState, "payable": PayableState, "payment_run": RunState, "payment": PaymentState,
    "statement_line": StatementLineState, "finding": FindingState,
}  # fmt: skip
# Keys that end in `_fen` are shown in yuan; `_id` and `_ids` are read as the key without them.
LABELS = {
    "client_id": "客户端编号", "conclusion": "结论", "follow_up_on": "复查日", "head": "封存点", "faults": "问题", "delegate": "代理人", "ends_on": "截止日", "matter": "事项", "outcome": "结果", "party": "当事方",
    "principal": "委托人", "replaces": "替代", "scopes": "权限范围", "starts_on": "开始日", "steps": "步骤",
    "subject_id": "对象编号", "subject_type": "对象类型", "term_days": "期限（天）", "topics": "事件类型", "url": "接收地址",
    "acceptance": "验收单", "acceptance_number": "验收单号", "acceptance_line": "验收行", "accepted_fen": "验收金额（元）",
    "accepted_on": "验收日", "accepted_quantity": "验收数量", "account": "账号", "address": "地址",
    "agreement": "价格协议", "agreements": "价格协议", "agreement_months": "协议期限（月）", "amount_fen": "金额（元）",
    "answer_due_on": "答复期限", "answer_due_provisional": "答复期限暂定", "answer_note": "答复说明",
    "arrived_on": "到货日", "attempts": "次数", "audience": "对象", "authority": "监管部门", "bank_account": "银行账户",
    "bank_serial": "银行流水号", "barcode_type": "条码类型", "basis": "依据", "before": "原状态", "body": "内容",
    "booked_on": "入账日", "buyer": "采购方", "cancel_reason": "取消原因", "carrier": "承运人",
    "certificate": "注册备案号", "certificate_valid_until": "注册证有效期至", "clause": "条款", "clauses": "条款",
    "close_reason": "关闭原因", "closing_fen": "期末余额（元）", "code": "编码", "codes": "编码",
    "commitment_version": "承诺书版本", "contact_name": "联系人", "contact_phone": "联系电话", "contacts": "联系方式",
    "contract": "合同", "count": "数量", "credit_code": "统一社会信用代码", "declared_price": "申报价（元）",
    "decided_at": "办理时间", "delivers_itself": "自行配送", "delivery": "配送单", "delivery_due_at": "配送期限",
    "delivery_line": "配送行", "delivery_number": "配送单号", "delivery_point": "收货点", "differences": "差异",
    "direction": "收支", "distributor": "配送企业", "distributor_before": "原配送企业", "due_clause": "付款期限依据",
    "due_on": "最迟付款日", "end_reason": "终止原因", "ended": "已结束", "ended_on": "结束日", "entry": "记账凭证",
    "event": "事件", "expected_on": "预计到货日", "expires_at": "失效时间", "expires_on": "有效期至", "field": "字段",
    "from": "起始日", "generic_code": "20 位码", "hospital": "医疗机构", "hospital_level": "医院等级",
    "id": "编号", "identified": "已识别笔数", "import_run": "导入记录", "invoice": "发票", "invoice_number": "发票号码",
    "is_active": "启用", "is_default": "默认", "is_gift": "赠品", "is_late": "逾期", "is_on": "启用",
    "is_public": "公立医疗机构", "is_urgent": "紧急", "issued_on": "开票日期", "issuer": "开票单位", "kind": "类别",
    "latest_arrival_on": "最迟到货日", "law_date": "适用规定的日期", "line": "行", "line_no": "行号", "lines": "明细",
    "listed_on": "挂网日", "listed_price": "挂网价", "listing": "挂网", "lot": "批号", "made_at": "报价时间",
    "manufacturer": "生产企业", "message": "说明", "months": "月数", "must_acknowledge": "须确认", "name": "名称",
    "national_code": "医保编码", "net_fen": "不含税金额（元）", "net_quantity": "净数量", "note": "说明",
    "note_number": "随货单号", "notice": "公告", "number": "编号", "occurred_on": "业务日", "offer": "报价",
    "on_silence": "逾期未答复的后果", "opening_fen": "期初余额（元）", "order": "订单", "order_line": "订单行",
    "order_line_number": "订单行号", "order_number": "订单号", "order_state": "订单状态", "orders": "订单",
    "organisation": "机构", "pack_factor": "包装换算", "pack_name": "包装", "packs": "包装", "paid_on": "划拨日",
    "parties": "当事方", "participation": "参与范围", "payable": "应付款", "payables": "应付款", "payee": "收款单位",
    "payment": "付款", "payment_days": "付款天数", "payments": "付款", "placed_at": "下单时间", "plan_line": "计划行",
    "plan_number": "计划号", "platform": "平台", "price": "单价（元）", "price_group": "计价组", "prices": "价格",
    "pricing_unit": "计价单位", "produced_on": "生产日期", "profile": "机构资料", "province": "省份",
    "provinces": "省份", "quantity": "数量", "reason": "理由", "reference": "附言", "region": "地区",
    "rejected_quantity": "拒收数量", "rejection_reason": "拒收原因", "request_numbers": "请领单号",
    "reversal_reason": "冲销原因", "reversed_by": "冲销凭证", "roles": "岗位", "run": "付款批次",
    "seller": "销售方", "serial": "序列号", "settled_on": "到账日", "several_deliveries": "可分批到货",
    "sha256": "摘要", "side": "方向", "source": "来源", "source_kind": "来源种类", "source_number": "来源单号", "stakes": "股东与实际控制人",
    "state": "状态", "statement": "对账单", "status": "状态", "sterilisation_lot": "灭菌批号", "submitted_at": "提交时间",
    "subscriber": "订阅方", "tax_fen": "税额（元）", "tax_rate": "税率", "text_sha256": "合同全文摘要", "title": "标题",
    "to": "截止日", "told": "通知对象", "total_fen": "合计（元）", "traceability_codes": "追溯码", "udi_di": "UDI-DI",
    "udi_pi": "UDI-PI", "unidentified": "待认领笔数", "unit": "单位", "user": "人员", "username": "登录名",
    "valid_from": "生效日", "valid_to": "到期日", "valid_until": "有效期至", "version": "版本", "visibility": "可见范围",
    "was_matched": "原已匹配", "waybill": "运单号",
}  # fmt: skip


def label_of(key: str) -> str:
    """A key of a record as people read it; one nobody named keeps its own."""
    return LABELS.get(key) or LABELS.get(key.removesuffix("s").removesuffix("_id")) or key


def recorded(payload: dict, subject_type: str = "") -> list[tuple[str, object]]:
    """The contents of a record under words for people, in their order: amounts in yuan, states by their labels."""
    states = STATES.get(subject_type)
    return [(label_of(key), _value(key, value, states)) for key, value in payload.items()]


def _value(key: str, value, states):
    if isinstance(value, dict):
        return {label_of(inner): _value(inner, each, states) for inner, each in value.items()}
    if isinstance(value, list):
        return [_value(key, each, states) for each in value]
    if key.endswith("_fen") and type(value) is int:
        return fen_text(value, grouped=True)
    found = {"order_state": OrderState, "conclusion": Conclusion}.get(key)
    found = found or (states if key in ("state", "before") else None)
    return found(value).label if found is not None and value in found.values() else value

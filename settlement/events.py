"""What happens to money: invoiced, due, paid, seen by the bank."""

from settlement.rules.degrees import LEVELS, STEPS
from settlement.workflows.states import (
    AccountChangeState,
    InstructionState,
    InvoiceState,
    PayableState,
    PaymentState,
    RunState,
    StatementLineState,
    StatementState,
)
from sunlight.journal.declared import Label, event, labels, subject
from sunlight.tenancy.events import ORGANISATION, PLATFORM

labels(
    {
        "proof": "证明材料",
        "former_number": Label("原账号", whole_for="payee_account"),
        "end_reason": "终止原因",
        "debtors": "尚欠货款的医院",
        "bank_name": "开户行",
        "account_name": "账户名称",
        "account": Label("账号", whole_for="payee_account"),
        "acknowledged_fen": "再次确认的金额（元）",
        "arrears": Label("拖欠程度", LEVELS),
        "next_step": Label("可采取的下一步", STEPS),
        "balance_fen": "余额（元）",
        "blue": "蓝字发票",
        "blue_number": "蓝字发票号码",
        "bank_code": "开户行行号",
        "bank_reference": "银行受理编号",
        "bank_serial": "银行流水号",
        "booked_on": "入账日",
        "closing_fen": "期末余额（元）",
        "counterparty_account": "对方账号",
        "counterparty_name": "对方户名",
        "credit_fen": "贷方合计（元）",
        "debit_fen": "借方合计（元）",
        "due_clause": "付款期限依据",
        "due_on": "最迟付款日",
        "direction": "收支",
        "earliest": "最早应付日",
        "end_to_end": "端到端标识",
        "expected": "应为",
        "export_count": "导出次数",
        "file_sha256": "文件校验码",
        "finding": "待核实原因",
        "form": "格式",
        "hold_reason": "暂缓原因",
        "hold_until": "暂缓至",
        "identified": "已识别笔数",
        "in_fen": "收入合计（元）",
        "invoice_number": "发票号码",
        "is_late": "逾期",
        "is_whole": "全额退回",
        "issued_on": "开票日期",
        "meaning": "款项性质",
        "memo": "摘要说明",
        "message_id": "报文标识",
        "netted_fen": "抵扣合计（元）",
        "netting": "抵扣",
        "nettings": "抵扣",
        "net_fen": "不含税金额（元）",
        "open_fen": "未付金额（元）",
        "opening_fen": "期初余额（元）",
        "original": "发票原件",
        "original_read": "已与原件核对",
        "original_sha256": "原件 SHA-256",
        "out_fen": "支出合计（元）",
        "overpaid_fen": "红冲应退款（元）",
        "overpayment": "红冲应退款",
        "paid_on": "划拨日",
        "payable_state": "应付款状态",
        "red_number": "红字发票号码",
        "red_reason": "红冲原因",
        "reddened_fen": "红冲冲减（元）",
        "payee": "收款单位",
        "payee_account_name": "收款户名",
        "payee_account_number": "收款账号",
        "payee_bank_name": "收款开户行",
        "payer_account": "付款账号",
        "payer_kind": "付款资金来源",
        "proposed": "待复核认领笔数",
        "purpose": "用途",
        "reference": "附言",
        "return": "退汇记录",
        "return_code": "退回代码",
        "return_reason": "退回原因",
        "returned_fen": "累计退回（元）",
        "reversed_by": "冲销凭证",
        "settled_on": "到账日",
        "stated": "票面为",
        "tax_fen": "税额（元）",
        "tax_rate": "税率",
        "total_fen": "合计（元）",
        "unidentified": "待认领笔数",
        "unpaid_fen": "未付清金额（元）",
        "verification": "查验状态",
        "verifier": "查验渠道",
        "was_matched": "原已匹配",
    }
)

LINE_WORDS = {"serial": "银行流水号", "lines": "流水", "name": "对方户名", "account": "对方账号"}

INVOICE = subject("invoice", "发票", states=InvoiceState, is_topic=True)
INVOICE_SUBMITTED = event("invoice_submitted", "开票并匹配", INVOICE)
RED_INVOICE_SUBMITTED = event("red_invoice_submitted", "提交红字发票", INVOICE)
INVOICE_VERIFIED = event("invoice_verified", "发票查验", INVOICE)
INVOICE_VOIDED = event("invoice_voided", "作废发票", INVOICE)

PAYABLE = subject("payable", "应付款", states=PayableState, is_topic=True)
PAYABLE_HELD = event("payable_held", "暂缓付款", PAYABLE)
PAYABLE_LET_GO = event("payable_let_go", "解除暂缓付款", PAYABLE)
PAYABLE_NETTED = event("payable_netted", "以红冲应退款抵扣", PAYABLE)
PAYMENT_DUE_SOON = event("payment_due_soon", "货款即将到期", PAYABLE)
PAYMENT_OVERDUE = event("payment_overdue", "货款逾期", PAYABLE)
PAYMENT_IN_GRAVE_ARREARS = event("payment_in_grave_arrears", "严重或恶意拖欠货款", PAYABLE)
# The same, added up for each side and for those who watch.
PAYMENTS_DUE_SOON = event("payments_due_soon", "医院货款即将到期", ORGANISATION)
PAYMENTS_OVERDUE = event("payments_overdue", "医院货款逾期", ORGANISATION)
RECEIVABLES_OVERDUE = event("receivables_overdue", "企业应收货款逾期", ORGANISATION)
PAYMENTS_FOUND_OVERDUE = event("payments_found_overdue", "发现逾期未付的货款", PLATFORM)

PAYMENT_RUN = subject("payment_run", "付款批次", states=RunState, aliases=("run",), is_topic=True)
RUN_PREPARED = event("run_prepared", "编制付款批次", PAYMENT_RUN)
RUN_APPROVED = event("run_approved", "复核付款批次", PAYMENT_RUN)
RUN_REJECTED = event("run_rejected", "驳回付款批次", PAYMENT_RUN)
RUN_FINISHED = event("run_finished", "付款批次完成", PAYMENT_RUN)

PAYMENT = subject("payment", "付款", states=PaymentState, is_topic=True)
PAYMENT_MADE = event("payment_made", "付款", PAYMENT)
PAYMENT_SETTLED = event("payment_settled", "银行确认到账", PAYMENT, labels={"serial": "银行流水号"})
PAYMENT_RETURN_PROPOSED = event("payment_return_proposed", "提出银行退回付款", PAYMENT)
PAYMENT_RETURN_REFUSED = event("payment_return_refused", "不采纳银行退回付款", PAYMENT)
PAYMENT_RETURNED = event("payment_returned", "付款退汇", PAYMENT, labels={"serial": "银行流水号"})

# What the bank is told: the hospital reads the batches of its own runs.
INSTRUCTION = subject("instruction", "银行指令批次", states=InstructionState, has_trace=False)
INSTRUCTION_MADE = event("instruction_made", "编制银行指令批次", INSTRUCTION)
INSTRUCTION_RELEASED = event("instruction_released", "放行银行指令批次", INSTRUCTION)
INSTRUCTION_EXPORTED = event("instruction_exported", "导出银行指令", INSTRUCTION)
INSTRUCTION_ACKNOWLEDGED = event("instruction_acknowledged", "银行受理指令批次", INSTRUCTION)
INSTRUCTION_RETURNED = event("instruction_returned", "银行整批退回指令", INSTRUCTION)
INSTRUCTION_CANCELLED = event("instruction_cancelled", "作废银行指令批次", INSTRUCTION)

BANK_STATEMENT = subject("bank_statement", "对账单", states=StatementState, aliases=("statement",), has_trace=False)
BANK_STATEMENT_TAKEN = event("bank_statement_taken", "导入银行对账单", BANK_STATEMENT)
BANK_STATEMENT_CONFIRMED = event("bank_statement_confirmed", "确认银行对账单入账", BANK_STATEMENT)
BANK_STATEMENT_REJECTED = event("bank_statement_rejected", "拒收银行对账单", BANK_STATEMENT)
STATEMENT_LINES_TAKEN = event("statement_lines_taken", "读入银行流水", BANK_STATEMENT, labels=LINE_WORDS)
STATEMENT_LINES_BOOKED = event("statement_lines_booked", "银行流水入账", BANK_STATEMENT, labels=LINE_WORDS)
BANK_NOTICES_TAKEN = event("bank_notices_taken", "导入银行通知", PLATFORM, labels=LINE_WORDS)

STATEMENT_LINE = subject("statement_line", "银行流水", states=StatementLineState, has_trace=False)
OVERPAYMENT_REFUNDED = event("overpayment_refunded", "供应商退回红冲应退款", STATEMENT_LINE)
DEPOSIT_RECEIVED = event("deposit_received", "货款入金", STATEMENT_LINE, labels={"serial": "银行流水号"})
STATEMENT_LINE_PROPOSED = event(
    "statement_line_proposed", "提出认领银行流水", STATEMENT_LINE, labels={"serial": "银行流水号"}
)
STATEMENT_LINE_SENT_BACK = event(
    "statement_line_sent_back", "退回认领提议", STATEMENT_LINE, labels={"serial": "银行流水号"}
)
STATEMENT_LINE_ASSIGNED = event(
    "statement_line_assigned", "认领银行流水", STATEMENT_LINE, labels={"serial": "银行流水号"}
)

LEDGER_ENTRY = subject("ledger_entry", "记账凭证", aliases=("entry",), has_trace=False)
ENTRY_REVERSED = event("entry_reversed", "冲正记账凭证", LEDGER_ENTRY)

ACCOUNT_CHANGE = subject("account_change", "收款账户变更", states=AccountChangeState)
ACCOUNT_CHANGE_ASKED = event("account_change_asked", "申请变更收款账户", ACCOUNT_CHANGE)
ACCOUNT_CHANGE_CONFIRMED = event("account_change_confirmed", "复核收款账户变更", ACCOUNT_CHANGE)
ACCOUNT_CHANGE_APPROVED = event("account_change_approved", "核实收款账户变更", ACCOUNT_CHANGE)
ACCOUNT_CHANGE_REFUSED = event("account_change_refused", "不予变更收款账户", ACCOUNT_CHANGE)
ACCOUNT_CHANGE_WITHDRAWN = event("account_change_withdrawn", "撤回收款账户变更", ACCOUNT_CHANGE)
ACCOUNT_CHANGE_IN_FORCE = event("account_change_in_force", "启用新的收款账户", ACCOUNT_CHANGE)

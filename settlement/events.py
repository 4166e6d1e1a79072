"""What happens to money: invoiced, due, paid, seen by the bank."""

from settlement.workflows import (
    AccountChangeState,
    InvoiceState,
    PayableState,
    PaymentState,
    RunState,
    StatementLineState,
)
from sunlight.journal.declared import event, labels, subject
from sunlight.tenancy.events import ORGANISATION, PLATFORM

labels(
    {
        "proof": "证明材料",
        "former_number": "原账号",
        "end_reason": "终止原因",
        "debtors": "尚欠货款的医院",
        "bank_name": "开户行",
        "account_number": "银行账号",
        "account_name": "账户名称",
        "account": "账号",
        "booked_on": "入账日",
        "closing_fen": "期末余额（元）",
        "differences": "差异",
        "due_clause": "付款期限依据",
        "due_on": "最迟付款日",
        "earliest": "最早应付日",
        "expected": "应为",
        "identified": "已识别笔数",
        "invoice_number": "发票号码",
        "is_late": "逾期",
        "issued_on": "开票日期",
        "net_fen": "不含税金额（元）",
        "opening_fen": "期初余额（元）",
        "paid_on": "划拨日",
        "payee": "收款单位",
        "reference": "附言",
        "reversed_by": "冲销凭证",
        "settled_on": "到账日",
        "stated": "票面为",
        "tax_fen": "税额（元）",
        "tax_rate": "税率",
        "total_fen": "合计（元）",
        "unidentified": "待认领笔数",
        "was_matched": "原已匹配",
    }
)

INVOICE = subject("invoice", "发票", states=InvoiceState, is_topic=True)
INVOICE_SUBMITTED = event("invoice_submitted", "开票并匹配", INVOICE)
INVOICE_VOIDED = event("invoice_voided", "作废发票", INVOICE)

PAYABLE = subject("payable", "应付款", states=PayableState, is_topic=True)
PAYMENT_DUE_SOON = event("payment_due_soon", "货款即将到期", PAYABLE)
PAYMENT_OVERDUE = event("payment_overdue", "货款逾期", PAYABLE)
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

BANK_STATEMENT = subject("bank_statement", "对账单", aliases=("statement",), has_trace=False)
BANK_STATEMENT_TAKEN = event("bank_statement_taken", "导入银行对账单", BANK_STATEMENT)

STATEMENT_LINE = subject("statement_line", "银行流水", states=StatementLineState, has_trace=False)
DEPOSIT_RECEIVED = event("deposit_received", "货款入金", STATEMENT_LINE, labels={"serial": "银行流水号"})
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

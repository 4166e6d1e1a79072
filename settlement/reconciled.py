"""All that says who owes, pays and holds what is reconciled with its events."""

from sunlight.journal.rowfacts import rows, through

rows("settlement_invoice", "发票", name="number")
rows("settlement_invoiceline", "发票明细", platform=through("invoice_id", "settlement_invoice"))
rows("settlement_payable", "应付款")
rows("settlement_paymentrun", "付款批次", name="number")
rows("settlement_payment", "付款", name="number")
rows("settlement_overpayment", "红冲应退款")
rows("settlement_netting", "抵扣")
rows("settlement_bankstatement", "银行对账单", name="statement_number")
rows("settlement_statementline", "银行流水", name="bank_serial")
rows("settlement_account", "账户")
rows("settlement_balance", "账户余额")
rows("settlement_entry", "记账凭证", name="number")
rows("settlement_leg", "分录")
rows("settlement_accountchange", "收款账户变更")
rows("settlement_paymentreturn", "退汇")
rows("settlement_instructionbatch", "银行指令批次", name="number")
rows("settlement_instructionline", "银行指令明细")
rows("settlement_instructionexport", "银行指令导出")
rows("settlement_banknotice", "银行通知")

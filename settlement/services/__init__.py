"""Everything that writes settlement's tables."""

from settlement.services.bank import bank_statement_take, statement_line_assign
from settlement.services.execution import payment_make, payments_execute, run_finish, runs_execute
from settlement.services.invoices import invoice_submit, invoice_void
from settlement.services.ledger import entries_post, entry_post, entry_reverse
from settlement.services.runs import run_approve, run_prepare, run_reject

__all__ = [
    "bank_statement_take",
    "entries_post",
    "entry_post",
    "entry_reverse",
    "invoice_submit",
    "invoice_void",
    "payment_make",
    "payments_execute",
    "run_approve",
    "run_finish",
    "run_prepare",
    "run_reject",
    "runs_execute",
    "statement_line_assign",
]

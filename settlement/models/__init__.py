"""Who owes what."""

from settlement.models.ledger import Account, AccountKind, Balance, Entry, Leg
from settlement.models.payment import Invoice, InvoiceLine, Payable, Payment, PaymentRun
from settlement.models.statement import BankStatement, StatementLine

__all__ = [
    "Account",
    "AccountKind",
    "Balance",
    "BankStatement",
    "Entry",
    "Invoice",
    "InvoiceLine",
    "Leg",
    "Payable",
    "Payment",
    "PaymentRun",
    "StatementLine",
]

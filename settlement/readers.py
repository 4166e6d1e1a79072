"""Who reads what of invoices and money."""

from sunlight.scope import Role
from sunlight.scope.readers import WATCHING, Readers
from sunlight.sheets.readers import read_as

SETTLING = frozenset({Role.OPERATOR_SETTLER})
PAYING = frozenset({Role.HOSPITAL_FINANCE, Role.HOSPITAL_AUDITOR})
INVOICING = frozenset({Role.SUPPLIER_FINANCE})

INVOICES = Readers("invoice", PAYING, INVOICING, SETTLING, WATCHING)
INVOICEABLE_LINES = Readers("invoiceable_line", INVOICING, faces=("to_invoice",))
PAYABLES = Readers("payable", PAYING, INVOICING, SETTLING, WATCHING)
# What an issuer owes back for a red invoice: seen with the payables.
OVERPAYMENTS = Readers("overpayment", PAYING, INVOICING, SETTLING, WATCHING)
# The hospital's own affair until money moves: the payee sees the payments.
RUNS = Readers("payment_run", PAYING, SETTLING, WATCHING, faces=("run", "runs", "progress"))
# A hospital reads what the bank was told to pay for it, with its hash.
INSTRUCTIONS = Readers("instruction", PAYING, SETTLING, WATCHING)
PAYMENTS = Readers("payment", PAYING, INVOICING, SETTLING, WATCHING)
STATEMENTS = Readers("statement", PAYING, INVOICING, faces=("statement_sheet",))
ACCOUNTS = Readers("ledger_account", PAYING, INVOICING, SETTLING, WATCHING)
read_as("bank_statement", "bank_statement")
RETURNS = Readers("payment_return", PAYING, INVOICING, SETTLING, WATCHING)
# The firm's own affair and the operator's, until the hospitals are told of the account that is to be used.
ACCOUNT_CHANGES = Readers(
    "account_change",
    frozenset({Role.SUPPLIER_FINANCE, Role.SUPPLIER_ADMIN}),
    frozenset({Role.OPERATOR_REVIEWER, Role.OPERATOR_SETTLER}),
    faces=("account_change", "account_changes"),
)
BANK = Readers("bank_statement", SETTLING, faces=("bank", "bank_line", "bank_lines"))

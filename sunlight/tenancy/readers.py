"""Who reads what of organisations."""

from sunlight.scope import Role
from sunlight.scope.readers import REGULATORS, Readers

# The whole number of a payee's bank account: for who pays to it, who is paid, who registered it, and of the authorities those
# whose part money is (SZ20-4.1); for the rest its last digits (尾号).
PAYEE_ACCOUNTS = Readers(
    "payee_account",
    {Role.HOSPITAL_FINANCE, Role.HOSPITAL_AUDITOR, Role.SUPPLIER_FINANCE, Role.SUPPLIER_ADMIN},
    {Role.OPERATOR_SETTLER, Role.OPERATOR_REVIEWER},
    REGULATORS,
    within="payment",
)

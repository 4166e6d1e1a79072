"""Who reads what of reconciliations."""

from sunlight.scope import Role
from sunlight.scope.readers import REGULATORS, Readers

RECONCILIATIONS = Readers("reconciliation", {Role.PLATFORM_AUDIT_ADMIN}, REGULATORS)
# What a column held, only the audit is shown and who may read payees' accounts.
DISCREPANCIES = Readers("discrepancy", {Role.PLATFORM_AUDIT_ADMIN}, REGULATORS)

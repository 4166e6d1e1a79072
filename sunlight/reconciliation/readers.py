"""Who reads what of reconciliations."""

from sunlight.scope import Role
from sunlight.scope.readers import REGULATORS, Readers

RECONCILIATIONS = Readers("reconciliation", {Role.PLATFORM_AUDIT_ADMIN}, REGULATORS)
# What a column held, payees' accounts among it, only the audit and the authorities that watch payment are shown.
DISCREPANCIES = Readers("discrepancy", {Role.PLATFORM_AUDIT_ADMIN}, REGULATORS)

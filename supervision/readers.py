"""Who reads what of supervision."""

from sunlight.scope import Role
from sunlight.scope.readers import EVERY_ROLE, OFFICE, REGULATORS, WATCHING, Readers

# What they then see, their part says (`queries/parts.py`).
OVERVIEW = Readers("overview", OFFICE, faces=("figure_rows", "clause_refusals", "late", "late_rows"))
MATTERS = Readers("matter", {Role.HOSPITAL_AUDITOR}, WATCHING, faces=("matter_row",))
FINDINGS = Readers("finding", MATTERS)
DRAFTS = Readers("drafts_switch", OFFICE, faces=("drafts",))
JOURNAL_CHECKS = Readers("journal_check", {Role.PLATFORM_AUDIT_ADMIN, Role.REGULATOR_AUDITOR})
# The rows are one's own: the wall bounds them.
REFUSALS = Readers("refusal", EVERY_ROLE)
RULES = Readers("rule", EVERY_ROLE)
# An authority's own: the wall keeps them from every other.
POLICY_DRAFTS = Readers("policy_draft", REGULATORS, faces=("policy_draft_file",))
WHAT_IFS = Readers("what_if", REGULATORS, faces=("what_if_changes", "what_if_sums"))

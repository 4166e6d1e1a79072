"""Who the pages of registration are for."""

from sunlight.scope import Role
from sunlight.scope.roles import OrganisationKind

OWNERS = (Role.HOSPITAL_ADMIN, Role.SUPPLIER_ADMIN)
WATCHING = (
    Role.OPERATOR_REVIEWER, Role.OPERATOR_SUPPORT, Role.REGULATOR_OFFICER, Role.REGULATOR_CHIEF, Role.REGULATOR_AUDITOR,
)  # fmt: skip
# Everybody of a hospital may stand in for a colleague; its administrator sets the chain.
APPROVING = tuple(role for role in Role if role.kind == OrganisationKind.HOSPITAL)

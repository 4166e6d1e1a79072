"""Who the pages of registration are for."""

from sunlight.scope import Role

OWNERS = (Role.HOSPITAL_ADMIN, Role.SUPPLIER_ADMIN)
WATCHING = (
    Role.OPERATOR_REVIEWER, Role.OPERATOR_SUPPORT, Role.REGULATOR_OFFICER, Role.REGULATOR_CHIEF, Role.REGULATOR_AUDITOR,
)  # fmt: skip

"""Who reads orders, and who follows the goods: the roles that pages, menu and API share."""

from sunlight.scope import Role
from sunlight.scope.roles import OrganisationKind

HOSPITAL = (
    Role.HOSPITAL_BUYER,
    Role.HOSPITAL_RECEIVER,
    Role.HOSPITAL_APPROVER,
    Role.HOSPITAL_FINANCE,
    Role.HOSPITAL_AUDITOR,
    Role.HOSPITAL_ADMIN,
)
SUPPLIER = (Role.SUPPLIER_SELLER, Role.SUPPLIER_SHIPPER, Role.SUPPLIER_FINANCE)
WATCHING = (
    Role.OPERATOR_SUPPORT,
    Role.OPERATOR_REVIEWER,
    Role.OPERATOR_CONFIRMER,
    Role.REGULATOR_OFFICER,
    Role.REGULATOR_CHIEF,
    Role.REGULATOR_AUDITOR,
)
ORDERS = (*HOSPITAL, *SUPPLIER, *WATCHING)
GOODS = (
    Role.HOSPITAL_BUYER,
    Role.HOSPITAL_RECEIVER,
    Role.HOSPITAL_FINANCE,
    Role.HOSPITAL_AUDITOR,
    *SUPPLIER,
    *WATCHING,
)

# A delegate may hold any role of the hospital.
APPROVING = tuple(role for role in Role if role.kind == OrganisationKind.HOSPITAL)

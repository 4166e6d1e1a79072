"""The one list of roles. A role belongs to one kind of organisation; a membership holds one or more of them."""

from enum import StrEnum


class OrganisationKind(StrEnum):
    HOSPITAL = "HOSPITAL"
    SUPPLIER = "SUPPLIER"
    OPERATOR = "OPERATOR"
    REGULATOR = "REGULATOR"
    PLATFORM = "PLATFORM"


class Role(StrEnum):
    HOSPITAL_REQUESTER = "HOSPITAL_REQUESTER"
    HOSPITAL_BUYER = "HOSPITAL_BUYER"
    HOSPITAL_APPROVER = "HOSPITAL_APPROVER"
    HOSPITAL_RECEIVER = "HOSPITAL_RECEIVER"
    HOSPITAL_FINANCE = "HOSPITAL_FINANCE"
    HOSPITAL_AUDITOR = "HOSPITAL_AUDITOR"
    HOSPITAL_ADMIN = "HOSPITAL_ADMIN"
    SUPPLIER_LISTER = "SUPPLIER_LISTER"
    SUPPLIER_SELLER = "SUPPLIER_SELLER"
    SUPPLIER_SHIPPER = "SUPPLIER_SHIPPER"
    SUPPLIER_FINANCE = "SUPPLIER_FINANCE"
    SUPPLIER_ADMIN = "SUPPLIER_ADMIN"
    OPERATOR_REVIEWER = "OPERATOR_REVIEWER"
    OPERATOR_CONFIRMER = "OPERATOR_CONFIRMER"
    OPERATOR_SETTLER = "OPERATOR_SETTLER"
    OPERATOR_SUPPORT = "OPERATOR_SUPPORT"
    REGULATOR_OFFICER = "REGULATOR_OFFICER"
    REGULATOR_CHIEF = "REGULATOR_CHIEF"
    REGULATOR_AUDITOR = "REGULATOR_AUDITOR"
    PLATFORM_SYSTEM_ADMIN = "PLATFORM_SYSTEM_ADMIN"
    PLATFORM_SECURITY_ADMIN = "PLATFORM_SECURITY_ADMIN"
    PLATFORM_AUDIT_ADMIN = "PLATFORM_AUDIT_ADMIN"
    # Sweeps and nightly runs; also a service that acts on somebody's behalf. Never given to a person.
    SYSTEM = "SYSTEM"

    @property
    def kind(self) -> OrganisationKind | None:
        prefix = self.value.split("_", 1)[0]
        return None if self is Role.SYSTEM else OrganisationKind(prefix)

    @property
    def label(self) -> str:
        """The word a user reads for it."""
        return ROLE_LABELS[self]


# Who keeps a hospital's or a supplier's own affairs.
ADMINS = frozenset({Role.HOSPITAL_ADMIN, Role.SUPPLIER_ADMIN})
# Rights are people's: no token and no client ever holds one of these.
NO_MACHINES = frozenset(role for role in Role if role.endswith("_ADMIN")) | {Role.SYSTEM}

ROLE_LABELS = {
    Role.HOSPITAL_REQUESTER: "科室申请人",
    Role.HOSPITAL_BUYER: "采购员",
    Role.HOSPITAL_APPROVER: "采购审批人",
    Role.HOSPITAL_RECEIVER: "验收员",
    Role.HOSPITAL_FINANCE: "财务",
    Role.HOSPITAL_AUDITOR: "院内审计",
    Role.HOSPITAL_ADMIN: "医院管理员",
    Role.SUPPLIER_LISTER: "挂网专员",
    Role.SUPPLIER_SELLER: "销售专员",
    Role.SUPPLIER_SHIPPER: "配送专员",
    Role.SUPPLIER_FINANCE: "企业财务",
    Role.SUPPLIER_ADMIN: "企业管理员",
    Role.OPERATOR_REVIEWER: "审核员",
    Role.OPERATOR_CONFIRMER: "价格确认员",
    Role.OPERATOR_SETTLER: "结算员",
    Role.OPERATOR_SUPPORT: "运营支持",
    Role.REGULATOR_OFFICER: "监管人员",
    Role.REGULATOR_CHIEF: "监管负责人",
    Role.REGULATOR_AUDITOR: "监管审计",
    Role.PLATFORM_SYSTEM_ADMIN: "系统管理员",
    Role.PLATFORM_SECURITY_ADMIN: "安全管理员",
    Role.PLATFORM_AUDIT_ADMIN: "审计管理员",
    Role.SYSTEM: "系统",
}

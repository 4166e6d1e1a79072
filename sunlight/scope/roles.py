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
    # A province's trading centre, as operator of its platform, rates firms (SZ20-6.1b and the national credit system).
    OPERATOR_RATER = "OPERATOR_RATER"
    # The standing office of a purchasing alliance; in Shenzhen the operator's body, so an account of its own (SZ20-5.1.3).
    OPERATOR_OFFICE = "OPERATOR_OFFICE"
    # Whoever keeps one share of a tender's key: an officer of an authority, or of the operator.
    OPERATOR_KEY_HOLDER = "OPERATOR_KEY_HOLDER"
    REGULATOR_KEY_HOLDER = "REGULATOR_KEY_HOLDER"
    REGULATOR_OFFICER = "REGULATOR_OFFICER"
    REGULATOR_CHIEF = "REGULATOR_CHIEF"
    REGULATOR_AUDITOR = "REGULATOR_AUDITOR"
    # Who answers for an authority: above the head of the desk, who decides on single findings.
    REGULATOR_LEADER = "REGULATOR_LEADER"
    PLATFORM_SYSTEM_ADMIN = "PLATFORM_SYSTEM_ADMIN"
    PLATFORM_SECURITY_ADMIN = "PLATFORM_SECURITY_ADMIN"
    PLATFORM_AUDIT_ADMIN = "PLATFORM_AUDIT_ADMIN"
    # Of the platform's expert bank, not of the own hospital: that bars from a draw and opens nothing (SZ20-5.1.4).
    PLATFORM_EXPERT = "PLATFORM_EXPERT"
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


# Roles that later work gives duties to. Until then they log in, read what everybody reads, and no more.
WITHOUT_DUTIES = frozenset(
    {
        Role.OPERATOR_RATER,
        Role.OPERATOR_OFFICE,
        Role.OPERATOR_KEY_HOLDER,
        Role.REGULATOR_KEY_HOLDER,
        Role.PLATFORM_EXPERT,
    }
)
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
    Role.OPERATOR_RATER: "信用评级员",
    Role.OPERATOR_OFFICE: "联采办",
    Role.OPERATOR_KEY_HOLDER: "密钥保管人（运行机构）",
    Role.REGULATOR_KEY_HOLDER: "密钥保管人（监管部门）",
    Role.REGULATOR_OFFICER: "监管人员",
    Role.REGULATOR_CHIEF: "监管负责人",
    Role.REGULATOR_AUDITOR: "监管审计",
    Role.REGULATOR_LEADER: "监管领导",
    Role.PLATFORM_SYSTEM_ADMIN: "系统管理员",
    Role.PLATFORM_SECURITY_ADMIN: "安全管理员",
    Role.PLATFORM_AUDIT_ADMIN: "审计管理员",
    Role.PLATFORM_EXPERT: "评审专家",
    Role.SYSTEM: "系统",
}

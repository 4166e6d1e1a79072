"""Rules about who a party is: the unified social credit code (GB 32100), who takes part, what a supplier must show."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from sunlight.kernel.facts import BOOL, DAY, TEXT, Choice, Field, ListOf, Record
from sunlight.kernel.policy import Law
from sunlight.kernel.rule import Decision, Reading, rule
from sunlight.scope.roles import ADMINS, Role

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_LENGTH = 18
_BASE = len(ALPHABET)


def uscc_check_character(first_17: str) -> str:
    """The 18th character for the first 17 (all of the alphabet), MOD 31-3 of GB 32100."""
    total = sum(ALPHABET.index(character) * pow(3, place, _BASE) for place, character in enumerate(first_17))
    return ALPHABET[-total % _BASE]


def uscc_is_valid(code: str) -> bool:
    """Whether `code`, exactly as given, has the form and the check character of GB 32100."""
    if len(code) != _LENGTH or any(character not in ALPHABET for character in code):
        return False
    # isdigit would take digits of other scripts, but the alphabet has already excluded them
    return code[2:8].isdigit() and code[-1] == uscc_check_character(code[:-1])


@rule(
    "uscc.check",
    title="统一社会信用代码校验",
    where="全国，任何日期",
    clauses=(),
    facts=(Field("code", TEXT, "统一社会信用代码（原样，不作任何整理）"),),
    outcome=(Field("valid", BOOL, "是否有效"),),
)
def uscc_check(read: Reading, *, code: str) -> Decision:
    """统一社会信用代码须为 18 位、第 3 至 8 位为数字且校验码正确（GB 32100）。"""
    return read.decide({"valid": uscc_is_valid(code)})


# Who runs an institution, as the texts distinguish it (A36).
OWNERSHIPS = {
    "government_county": "县级及以上政府办",
    "government_township": "乡镇（街道）政府办",
    "state_enterprise_nonprofit": "国有及国有控股企业办（非营利）",
    "military": "军队",
    "private_nonprofit": "社会办非营利",
    "private": "社会办营利",
}


def is_public(law: Law, ownership: str) -> bool:
    """Whether an institution of this kind is a public one in the law's region on its day (HB20-2a, A36)."""
    return ownership in law.at("tenancy.public_ownership").value


@dataclass(frozen=True, slots=True)
class Participation:
    """Whether an institution must, may or cannot take part in a region's platform, and the clause that says so."""

    kind: str
    clause: str


def participation(law: Law, *, ownership: str, designated: bool = False) -> Participation:
    """公立医疗机构应当参加阳光采购，其他医疗机构按当地规定自愿参加（SZ20-3.1、HB20-2a、GD25-3.4d、JS20-2）。

    `ownership` is one of OWNERSHIPS; a private institution may be designated by the authority. Kinds: mandatory,
    voluntary, none (the law of the day admits no such institution), open (no law of the day speaks of it).
    """
    value = law.find("tenancy.participation")
    if value is None:
        return Participation("open", "")
    names = {ownership} | ({"public"} if is_public(law, ownership) else set())
    names |= {f"{ownership}_designated"} if designated else set()
    for kind in ("mandatory", "voluntary"):
        if names & set(value.value[kind]):
            return Participation(kind, value.clause)
    return Participation("none", value.clause)


# What an applicant may attach, and how people call it.
DOCUMENTS = {
    "business_licence": "营业执照（或事业单位法人证书）",
    "practice_licence": "医疗机构执业许可证",
    "production_permit": "医疗器械生产许可证（或备案凭证）",
    "trade_permit": "医疗器械经营许可证（或备案凭证）",
    "import_certificate": "进口医疗器械注册证（或备案凭证）",
    "agency_letter": "总代理授权书",
    "person_letter": "办理人授权委托书",
    "other": "其他材料",
}
CAPACITIES = {"manufacturer": "生产企业", "agent": "进口产品总代理", "distributor": "配送企业"}
# What each applicant shows in any region; where a region's law asks for it, the law is cited.
ALWAYS = ("business_licence", "person_letter")
OF_CAPACITY = {
    "manufacturer": ("production_permit",),
    "agent": ("import_certificate", "agency_letter"),
    "distributor": ("trade_permit",),
}
OF_HOSPITAL = ("practice_licence",)


@dataclass(frozen=True, slots=True)
class Shown:
    """A document as declared: its kind and the last day it holds (None: without end)."""

    kind: str
    valid_until: date | None = None


_SHOWN = Record(
    (Field("kind", Choice(DOCUMENTS), "材料种类"), Field("valid_until", DAY, "有效期至", required=False)), Shown
)


def documents_asked(*, is_hospital: bool, capacities: Sequence[str]) -> list[str]:
    """The kinds of documents the form asks for, in any region, without saying which law."""
    own = (
        OF_HOSPITAL
        if is_hospital
        else [kind for each in OF_CAPACITY if each in capacities for kind in OF_CAPACITY[each]]
    )
    return list(dict.fromkeys([*ALWAYS, *own]))


@rule(
    "registration.check",
    title="企业登记资质核查",
    where="湖北自 2020-06-18；江苏自 2020-05-01",
    clauses=("HB20-2b", "JS20-34"),
    parameters=("tenancy.qualifications",),
    facts=(
        Field("capacities", ListOf(Choice(CAPACITIES), filled=True), "申请的身份"),
        Field("documents", ListOf(_SHOWN), "申报的资质材料"),
        Field("commitment", BOOL, "是否承诺所报资料、数据真实"),
    ),
    outcome=(
        Field("is_manufacturer", BOOL, "是否按生产企业登记"),
        Field("missing", ListOf(Choice(DOCUMENTS)), "缺少或已过期的材料"),
    ),
)
def registration_check(
    read: Reading, *, capacities: Sequence[str], documents: Sequence[Shown], commitment: bool
) -> Decision:
    """生产、配送企业登记须申报在有效期内的资质并对其真实性负责；进口产品总代理视为生产企业。"""
    law = read.find("tenancy.qualifications")
    if law is None:
        return read.unregulated()
    holding = {shown.kind for shown in documents if shown.valid_until is None or shown.valid_until >= read.on}
    missing = []
    for capacity in CAPACITIES:
        for kind in law.value[capacity] if capacity in capacities else ():
            if kind in holding or kind in missing:
                continue
            missing.append(kind)
            known = any(shown.kind == kind for shown in documents)
            why = "已过有效期" if known else "未申报"
            read.breach(law, "document_missing", f"{CAPACITIES[capacity]}登记须有在有效期内的{DOCUMENTS[kind]}，{why}")
    if law.value["commitment"] and not commitment:
        read.breach(law, "commitment_missing", "申报企业须对报送资料、数据的真实性负责，尚未签署承诺")
    agent = "agent" in capacities and law.value["agent_is_manufacturer"]
    if agent:
        read.explain(law, "agent_is_manufacturer", "进口产品总代理视为生产企业")
    if not read.broken:
        asked = "、".join(CAPACITIES[each] for each in CAPACITIES if each in capacities)
        read.explain(law, "documents_whole", f"以{asked}身份登记须申报的资质齐全，且在有效期内")
    return read.decide({"is_manufacturer": "manufacturer" in capacities or agent, "missing": missing}, judged=True)


@dataclass(frozen=True, slots=True)
class Apart:
    """Two roles that one person may not hold at one organisation, over all their accounts, and the parameter it rests on."""

    first: Role
    second: Role
    message: str
    basis: str = ""


# The trigger of tenancy_membership (migrations/0002_wall.py) holds the same against SQL.
ROLES_APART = (
    Apart(
        Role.HOSPITAL_FINANCE,
        Role.HOSPITAL_RECEIVER,
        "财务与验收员为不相容岗位，同一医院不能由同一人担任（包括同一人的其他账号）。请由不同人员担任。",
        basis="settlement.supervised_account",
    ),
    Apart(
        Role.HOSPITAL_BUYER,
        Role.HOSPITAL_APPROVER,
        "采购员与采购审批人为不相容岗位，同一医院不能由同一人担任（包括同一人的其他账号）。请由不同人员担任。",
    ),
    *(
        Apart(first, second, "系统管理员、安全管理员、审计管理员须由不同人担任。")
        for first, second in (
            (Role.PLATFORM_SYSTEM_ADMIN, Role.PLATFORM_SECURITY_ADMIN),
            (Role.PLATFORM_SYSTEM_ADMIN, Role.PLATFORM_AUDIT_ADMIN),
            (Role.PLATFORM_SECURITY_ADMIN, Role.PLATFORM_AUDIT_ADMIN),
        )
    ),
)


def roles_clash(held: Iterable[Role | str]) -> Apart | None:
    """The first two of these roles that do not go together; None where all do."""
    found = {str(role) for role in held}
    return next((each for each in ROLES_APART if {str(each.first), str(each.second)} <= found), None)


# A second person confirms that somebody is given one of these at a hospital or supplier; elsewhere, any role.
GUARDED = frozenset({Role.HOSPITAL_FINANCE, Role.SUPPLIER_FINANCE, Role.HOSPITAL_APPROVER}) | ADMINS


def guarded(kind: str, roles: Iterable[Role | str]) -> set[str]:
    """Which of these roles at an organisation of this kind are given by two people only."""
    wanted = {str(role) for role in roles}
    return wanted & {str(role) for role in GUARDED} if kind in ("HOSPITAL", "SUPPLIER") else wanted

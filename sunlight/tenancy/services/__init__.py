"""Admitting organisations, people and machines. Every service takes `actor` and `at` and writes the journal."""

import hashlib
import secrets
from datetime import date, datetime, timedelta
from pathlib import Path

import yaml
from pypinyin import Style, lazy_pinyin

from sunlight import scope
from sunlight.acts import current_policy
from sunlight.journal.refusals import Conflict, Forbidden, Invalid, Refused
from sunlight.journal.services import record, service
from sunlight.scope import Actor, Client, Role
from sunlight.scope.clock import business_date
from sunlight.scope.roles import OrganisationKind
from sunlight.tenancy.models import (
    OWNERSHIP_GROUP,
    ApiToken,
    BankAccount,
    Contact,
    Membership,
    Organisation,
    Ownership,
    Platform,
    ProducerName,
    Profile,
    Region,
    Registration,
    Stake,
    User,
)
from sunlight.tenancy.rules import participation, uscc_is_valid

# Who sets a platform up before there is one.
BOOTSTRAP = Actor(
    kind=None, platform_id=None, user_name="安装", roles=frozenset({Role.SYSTEM}), client=Client(agent="setup")
)

ADMITTING = frozenset({Role.SYSTEM, Role.OPERATOR_SUPPORT, Role.OPERATOR_REVIEWER, Role.PLATFORM_SYSTEM_ADMIN})


def initials(text: str) -> str:
    """Pinyin initials in lower case, for searching a name by them: 示范医院 → sfyy."""
    return "".join(lazy_pinyin(text, style=Style.FIRST_LETTER, errors=lambda rest: list(rest)))[:200].lower()


def _only(actor: Actor, roles: frozenset[Role], what: str) -> None:
    if not actor.has(*roles):
        raise Forbidden("not_your_duty", f"您的岗位不能{what}。请联系平台运营机构。")


@service
def reference_load(*, actor: Actor, at: datetime) -> None:
    """Load regions and platforms from data/reference.yaml; rows that exist keep their switches."""
    data = yaml.safe_load((Path(__file__).parent.parent / "data" / "reference.yaml").read_text(encoding="utf-8"))
    by_code: dict[str, Region] = {}
    for row in data["regions"]:
        parent = by_code.get(row["code"].rpartition("-")[0])
        by_code[row["code"]], _ = Region.objects.update_or_create(
            code=row["code"], defaults={"name": row["name"], "parent": parent}
        )
    for row in data["platforms"]:
        Platform.objects.get_or_create(
            code=row["code"], defaults={"name": row["name"], "region": by_code[row["region"]]}
        )


def _admit(
    actor: Actor, platform: Platform, organisation: Organisation, *, at: datetime, legacy_code: str, designated: bool
) -> Registration:
    part = _participation(actor, platform, organisation, on=business_date(at), designated=designated)
    row, fresh = Registration.objects.get_or_create(
        platform=platform,
        organisation=organisation,
        defaults={
            "registered_on": business_date(at),
            "approved_at": at,
            **scope.by(actor, "approved"),
            "legacy_code": legacy_code,
            "participation": part.kind if part else "",
            "participation_clause": part.clause if part else "",
        },
    )
    if not fresh:
        raise Conflict("registered_already", f"{organisation.name} 已在{platform.name}登记。")
    return row


def _participation(actor: Actor, platform: Platform, organisation: Organisation, *, on: date, designated: bool):
    """A hospital's part under the law of the platform's region; None for others. Raises Refused where that law admits no
    such institution, Invalid where it is called public and its ownership says otherwise."""
    if organisation.kind != OrganisationKind.HOSPITAL:
        return None
    group = OWNERSHIP_GROUP[Ownership(organisation.ownership)]
    if organisation.is_public != (group == "public"):
        raise Invalid(
            "public_disagrees",
            f"举办性质“{organisation.get_ownership_display()}”与是否公立不一致，请核对。",
            field="is_public",
        )
    law = current_policy().law(region=platform.region.code, on=on, drafts=actor.drafts)
    part = participation(law, group=group, designated=designated)
    if part.kind == "none":
        raise Refused(
            "may_not_take_part",
            f"{platform.region.name}的规定未将此类医疗机构列入参加范围；经主管部门指定后可以自愿参加，请附指定文件重新申请。",
            clause=part.clause,
            field="ownership",
        )
    return part


def _name_producers(organisation: Organisation, names) -> None:
    """The names under which the catalogue knows the maker's products: its own, and those it is the agent of."""
    for name in {organisation.name, *names}:
        ProducerName.objects.get_or_create(
            organisation=organisation, name=name, defaults={"is_agent": name != organisation.name}
        )


def _declare(whose: dict, *, profile: dict, contacts, stakes, bank_account: dict | None) -> None:
    """Keep what an organisation says about itself on a day, so that related firms can be found (SZ20-6.1b)."""
    Profile.objects.create(**whose, **profile)
    Contact.objects.bulk_create(Contact(**whose, **c) for c in contacts)
    Stake.objects.bulk_create(Stake(**whose, **s) for s in stakes)
    if bank_account:
        BankAccount.objects.create(**whose, **bank_account)


@service
def organisation_register(
    *,
    actor: Actor,
    at: datetime,
    platform: Platform,
    kind: OrganisationKind,
    name: str,
    credit_code: str,
    region_code: str,
    profile: dict,
    bank_account: dict | None = None,
    contacts: list[dict] = (),
    stakes: list[dict] = (),
    producer_names: list[str] = (),
    legacy_code: str = "",
    designated: bool = False,
    **traits,
) -> Organisation:
    """Register and approve an organisation on a platform, with what regulators need to find related firms: legal
    representative, addresses, phones, bank account, shareholders and controllers as declared. An organisation already
    registered elsewhere is recognised by its credit code (GB 32100) and only gets another registration. A hospital's
    part is judged by the law of the platform's region (SZ20-3.1, HB20-2a, JS20-2); `designated` is the authority's word
    for a private one.
    Raises Invalid for a wrong credit code, Conflict where it is registered on this platform already."""
    _only(actor, ADMITTING, "登记机构")
    if not uscc_is_valid(credit_code):
        raise Invalid(
            "uscc_invalid", f"统一社会信用代码 {credit_code} 校验位不正确，请核对营业执照。", field="credit_code"
        )
    region = Region.objects.get(code=region_code)
    organisation, _ = Organisation.objects.get_or_create(
        credit_code=credit_code,
        defaults={"kind": kind, "name": name, "name_initials": initials(name), "region": region, **traits},
    )
    admitted = _admit(actor, platform, organisation, at=at, legacy_code=legacy_code, designated=designated)
    whose = {"organisation": organisation, "platform": platform, "declared_on": business_date(at)}
    _declare(whose, profile=profile, contacts=contacts, stakes=stakes, bank_account=bank_account)
    if organisation.is_manufacturer:
        _name_producers(organisation, producer_names)
    record(
        "organisation_registered",
        subject=("organisation", organisation.id),
        actor=actor,
        at=at,
        platform_id=platform.id,
        parties=[organisation.id],
        payload={
            "name": name,
            "credit_code": credit_code,
            "kind": kind,
            "region": region_code,
            "participation": admitted.participation,
            "clause": admitted.participation_clause,
            "profile": profile,
            "contacts": list(contacts),
            "stakes": list(stakes),
            "bank_account": bank_account,
        },
    )
    return organisation


def _of_its_kind(organisation: Organisation, roles: list[Role]) -> None:
    for role in roles:
        if role.kind != OrganisationKind(organisation.kind):
            raise Invalid("role_of_another_kind", f"岗位 {role} 不属于{organisation.name}这类机构。", field="roles")


@service
def user_create(
    *,
    actor: Actor,
    at: datetime,
    username: str,
    name: str,
    password: str = "",
    password_hash: str = "",
    phone: str = "",
    email: str = "",
    is_demo: bool = False,
) -> User:
    """A person who can log in; rights come by membership. The password in clear, or as the hash of another system's
    people taken over (argon2). Raises Conflict for a name already taken."""
    _only(actor, ADMITTING, "建立账号")
    user = User(username=username, name=name, phone=phone, email=email, is_demo=is_demo, password_set_at=at)
    if password_hash:
        user.password = password_hash
    else:
        user.set_password(password)
    with scope.login_scope():
        if User.objects.filter(username=username).exists():
            raise Conflict("username_taken", f"登录名 {username} 已被使用，请换一个。", field="username")
        user.save()
    record("user_created", subject=("user", user.id), actor=actor, at=at, payload={"username": username, "name": name})
    return user


@service
def membership_grant(
    *, actor: Actor, at: datetime, user: User, organisation: Organisation, platform: Platform, roles: list[Role]
) -> Membership:
    """Give a person roles for an organisation on a platform. A role must belong to the organisation's kind; the three
    administrators' roles (system, security, audit) never meet in one person."""
    _only(actor, ADMITTING, "授予岗位")
    _of_its_kind(organisation, roles)
    admins = {Role.PLATFORM_SYSTEM_ADMIN, Role.PLATFORM_SECURITY_ADMIN, Role.PLATFORM_AUDIT_ADMIN}
    held = {r for m in Membership.objects.filter(user=user, is_active=True) for r in m.roles} | set(roles)
    if len(held & admins) > 1:
        raise Forbidden(
            "administrators_are_disjoint", "系统管理员、安全管理员、审计管理员须由不同人担任。", field="roles"
        )
    membership, _ = Membership.objects.update_or_create(
        user=user,
        organisation=organisation,
        platform=platform,
        defaults={"roles": [str(r) for r in roles], "is_active": True},
    )
    record(
        "membership_granted",
        subject=("membership", membership.id),
        actor=actor,
        at=at,
        platform_id=platform.id,
        parties=[organisation.id],
        payload={"user": user.username, "organisation": organisation.id, "roles": membership.roles},
    )
    return membership


@service
def token_issue(
    *,
    actor: Actor,
    at: datetime,
    organisation: Organisation,
    platform: Platform,
    name: str,
    roles: list[Role],
    days: int = 365,
    secret: str | None = None,
) -> str:
    """Issue a machine's token for an organisation on a platform; returns the secret, which is kept nowhere. `secret`
    is for demonstration accounts whose token stands in the documentation."""
    _only(actor, ADMITTING, "签发接口令牌")
    _of_its_kind(organisation, roles)
    secret = secret or f"sun_{secrets.token_urlsafe(32)}"
    token = ApiToken.objects.create(
        organisation=organisation,
        platform=platform,
        name=name,
        roles=[str(r) for r in roles],
        token_hash=hashlib.sha256(secret.encode()).hexdigest(),
        created_at=at,
        expires_at=at + timedelta(days=days),
    )
    record(
        "token_issued",
        subject=("api_token", token.id),
        actor=actor,
        at=at,
        platform_id=platform.id,
        parties=[organisation.id],
        payload={"name": name, "roles": token.roles, "expires_at": token.expires_at},
    )
    return secret

"""Admitting people and machines: accounts, roles, tokens."""

import hashlib
import re
import secrets
from datetime import datetime, timedelta

from sunlight import scope
from sunlight.journal.refusals import Conflict, Forbidden, Invalid
from sunlight.journal.services import record, service
from sunlight.kernel.reading import Unreadable
from sunlight.scope import Actor, Role
from sunlight.scope.principal import SYSTEM
from sunlight.scope.roles import NO_MACHINES, OrganisationKind
from sunlight.tenancy import identity
from sunlight.tenancy.events import MEMBERSHIP_GRANTED, TOKEN_ISSUED, USER_CREATED
from sunlight.tenancy.identity import Identity
from sunlight.tenancy.models import ApiToken, Membership, Organisation, Platform, User
from sunlight.tenancy.queries.changes import administering
from sunlight.tenancy.services.identities import person_claim, require_together
from sunlight.tenancy.services.machines import in_person

# A unified social credit code, a hospital's insurance code, a mobile number: whoever knows the firm knows it too.
_PUBLIC_NUMBER = re.compile(r"[0-9A-HJ-NPQRTUWXY]{2}\d{6}[0-9A-HJ-NPQRTUWXY]{10}|H\d{11}|1[3-9]\d{9}")
ADMITTING = frozenset({Role.SYSTEM, Role.OPERATOR_SUPPORT, Role.OPERATOR_REVIEWER, Role.PLATFORM_SYSTEM_ADMIN})


def require_admitting(actor: Actor, what: str) -> None:
    """Raises Forbidden for whoever may not admit anybody; `what` says to what end, in Chinese."""
    if not actor.has(*ADMITTING):
        raise Forbidden("not_your_duty", f"您的岗位不能{what}。请联系平台运营机构。")


def require_private_name(username: str) -> None:
    """Raises Invalid for a login name that whoever knows the firm knows too."""
    if _PUBLIC_NUMBER.fullmatch(username.split("-")[0].upper()):
        raise Invalid(
            "username_public",
            f"登录名 {username} 是公开的代码或编号，任何人都能试。请换一个不公开的登录名。",
            field="username",
        )


def _of_its_kind(organisation: Organisation, roles: list[Role]) -> None:
    for role in roles:
        if role.kind != OrganisationKind(organisation.kind):
            raise Invalid("role_of_another_kind", f"岗位 {role} 不属于{organisation.name}这类机构。", field="roles")


def _marks(actor: Actor, phone: str, document: str) -> list[Identity]:
    """What tells whose an account is. What another system kept may be no mobile phone; people type one."""
    found = [identity.document(document)]
    try:
        found.append(identity.phone(phone))
    except Unreadable:
        if not actor.has(Role.SYSTEM):
            raise
    marks = [each for each in found if each is not None]
    if not marks and not actor.has(Role.SYSTEM):
        raise Invalid("identity_missing", "请填写本人的手机号码或证件号码，用于识别同一人的多个账号。", field="phone")
    return marks


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
    document: str = "",
    is_demo: bool = False,
) -> User:
    """An account; rights come by membership. The password in clear, or as the hash of another system's people taken over
    (argon2). It belongs to the person whose phone or document it is; the system alone makes one of nobody known, and the
    security administrator sees which they are. Raises Conflict for a name already taken, Invalid without an identity,
    Forbidden for a further account of the actor's own."""
    require_admitting(actor, "建立账号")
    in_person(actor, "建立账号")
    marks = _marks(actor, phone, document)
    require_private_name(username)
    user = User(username=username, name=name, phone=phone, email=email, is_demo=is_demo, password_set_at=at)
    if password_hash:
        user.password = password_hash
    else:
        user.set_password(password)
    with scope.login_scope():
        if User.objects.filter(username=username).exists():
            raise Conflict("username_taken", f"登录名 {username} 已被使用，请换一个。", field="username")
        user.person_id = person_claim(marks, at)
        if user.person_id == actor.for_person_id:
            raise Forbidden("not_oneself", "不能为自己开立账号，请由其他人员办理。")
        user.save()
    record(USER_CREATED, subject=user.id, actor=actor, at=at, payload={"username": username, "name": name})
    return user


def _own(user: User, **place: int) -> int | None:
    return Membership.objects.filter(user=user, **place).values_list("pk", flat=True).first()


@service
def membership_grant(
    *, actor: Actor, at: datetime, user: User, organisation: Organisation, platform: Platform, roles: list[Role]
) -> Membership:
    """Give a person roles for an organisation on a platform: the system, or who admits organisations the first
    administrator. A role must belong to the organisation's kind; some never meet in one person. Raises Forbidden."""
    require_admitting(actor, "授予岗位")
    in_person(actor, "授予岗位")
    _of_its_kind(organisation, roles)
    if not actor.has(Role.SYSTEM):
        if user.person_id == actor.for_person_id:
            raise Forbidden("not_oneself", "不能为自己授予岗位，请由其他人员办理。")
        if administering(organisation.pk, platform.pk):
            raise Forbidden("has_administrators", "该单位已有管理员，岗位由其管理员授予并经第二人确认。")
    with scope.login_scope():
        place = {"organisation_id": organisation.pk, "platform_id": platform.pk}
        require_together(actor, at, user.person_id, [str(role) for role in roles], **place, but=_own(user, **place))
    membership, _ = Membership.objects.update_or_create(
        user=user,
        organisation=organisation,
        platform=platform,
        defaults={"roles": [str(r) for r in roles], "is_active": True},
    )
    record(
        MEMBERSHIP_GRANTED,
        subject=membership.id,
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
    """Issue a machine's token for an organisation on a platform; returns the secret, which is kept nowhere. It opens nothing
    until somebody of the organisation answers for its roles (`machine_duty_ask`). `secret` is for demonstration accounts whose token stands in the documentation."""
    if actor.principal != SYSTEM:
        raise Forbidden(
            "not_your_duty", "您的岗位不能签发接口令牌：令牌由平台签发，单位请建立接口客户端（系统—接口客户端）。"
        )
    _of_its_kind(organisation, roles)
    if set(roles) & NO_MACHINES:
        raise Invalid("machine_administrator", "管理员岗位不能授予接口。", field="roles")
    secret = secret or f"sun_{secrets.token_urlsafe(32)}"
    token = ApiToken.objects.create(
        organisation=organisation,
        platform=platform,
        name=name,
        roles=[str(r) for r in roles],
        token_hash=hashlib.sha256(secret.encode()).hexdigest(),
        created_at=at,
        **scope.by(actor, "created"),
        expires_at=at + timedelta(days=days),
    )
    record(
        TOKEN_ISSUED,
        subject=token.id,
        actor=actor,
        at=at,
        platform_id=platform.id,
        parties=[organisation.id],
        payload={"name": name, "roles": token.roles, "expires_at": token.expires_at},
    )
    return secret

"""An organisation's ADMIN looks after its people: who belongs, in which roles, and the way back in for whoever lost it.
For operators and authorities, which have no ADMIN, the platform's security administrator does.

Nobody changes their own rights, somebody always remains who may change them, and what a person does for another
organisation is none of this one's business."""

from datetime import datetime

from sunlight import scope
from sunlight.journal.declared import EventType
from sunlight.journal.refusals import Conflict, Forbidden, Invalid, NotThere
from sunlight.journal.services import record, service
from sunlight.kernel import reading
from sunlight.scope import Actor, Role
from sunlight.scope.roles import ADMINS, ROLE_LABELS, OrganisationKind
from sunlight.tenancy import profile
from sunlight.tenancy.events import (
    MEMBER_ADDED,
    MEMBER_DISABLED,
    MEMBER_ENABLED,
    MEMBER_FACTORS_RESET,
    MEMBER_PASSWORD_RESET,
    MEMBER_ROLES_SET,
    MEMBER_SESSIONS_ENDED,
)
from sunlight.tenancy.models import Membership, Organisation, Person, Session, User
from sunlight.tenancy.queries.people import cared_for
from sunlight.tenancy.services.factors import factors_reset
from sunlight.tenancy.services.machines import in_person

KEEPER = Role.PLATFORM_SECURITY_ADMIN


def _in_care(actor: Actor, organisation_id: int | None = None) -> Organisation:
    """The organisation whose people the actor looks after: one's own, or for the security administrator one of the
    platform's operators and authorities. Raises Forbidden, NotThere."""
    in_person(actor, "管理人员")
    if not actor.has(*ADMINS, KEEPER):
        raise Forbidden("not_your_duty", "只有本单位管理员可以管理人员；运营和监管机构的人员由平台安全管理员管理。")
    wanted = organisation_id or actor.organisation_id
    found = next((each for each in cared_for(actor) if each.pk == wanted), None)
    if found is None:
        raise NotThere("这个单位")
    return found


def roles_of_kind(kind: OrganisationKind) -> list[Role]:
    """The roles that people of such an organisation may have."""
    return [role for role in ROLE_LABELS if role.kind == kind]


def _roles(kind: str, roles: list[str]) -> list[str]:
    """The roles as kept, each once. Raises Invalid for none, unknown ones and those of other organisations."""
    allowed = {str(role) for role in roles_of_kind(kind)}
    if not roles or not set(roles) <= allowed:
        raise Invalid("roles_unfit", "请至少选择一个岗位，且只能选择本单位类型的岗位。", field="roles")
    return sorted(set(roles))


def _own(actor: Actor, membership_id: int, *, self_too: bool = False) -> tuple[Membership, list[Membership]]:
    """The membership, and all of the organisation's here, locked together so that two administrators cannot remove
    each other. Call it in the elevated scope. Raises NotThere, and Forbidden for one's own."""
    in_person(actor, "管理人员")
    if not actor.has(*ADMINS, KEEPER):
        _in_care(actor)
    mine = Membership.objects.filter(
        organisation_id__in=[each.pk for each in cared_for(actor)], platform_id=actor.platform_id
    )
    there = mine.filter(pk=membership_id).values("organisation_id")
    every = list(mine.select_for_update().filter(organisation_id__in=there).order_by("id"))
    found = next((each for each in every if each.pk == membership_id), None)
    if found is None:
        raise NotThere("这位人员")
    if found.user_id == actor.user_id and not self_too:
        raise Forbidden("not_oneself", "不能更改自己的岗位和账号状态，请由本单位另一位管理员办理。")
    return found, every


def _somebody_remains(
    actor: Actor, found: Membership, every: list[Membership], roles: list[str], is_active: bool
) -> None:
    # Operators and authorities have no administrator of their own to be left.
    if actor.has(KEEPER):
        return
    admins = {str(role) for role in ADMINS}
    others = any(each.pk != found.pk and each.is_active and admins & set(each.roles) for each in every)
    if not others and not (is_active and admins & set(roles)):
        raise Forbidden("last_admin", "这是本单位最后一位管理员，不能停用或取消其管理员岗位。请先指定另一位管理员。")


def _person(membership: Membership) -> User:
    """The member's row, locked; to be called in the login scope. Raises Forbidden where the person works for others too,
    or the account is shared."""
    user = User.objects.select_for_update().get(pk=membership.user_id)
    if user.is_demo:
        raise Forbidden("demo_account", "演示账号由多人共用，不能重置。")
    if Membership.objects.filter(user=user, is_active=True).exclude(pk=membership.pk).exists():
        raise Forbidden("belongs_elsewhere", "该人员还为其他单位工作，请联系平台运营机构核实本人后重置。")
    return user


def _record(event: EventType, membership: Membership, actor: Actor, at: datetime, **payload) -> None:
    payload = {"user": membership.user_id, "organisation": membership.organisation_id, **payload}
    parties = [membership.organisation_id]
    record(event, subject=membership.pk, actor=actor, at=at, parties=parties, payload=payload)


@service
def member_add(
    *,
    actor: Actor,
    at: datetime,
    username: str,
    name: str,
    roles: list[str],
    password: str,
    phone: str = "",
    email: str = "",
    organisation_id: int | None = None,
) -> Membership:
    """A new person of the actor's organisation (for the security administrator of the one named). The initial password is good for some days and must be changed at the
    first login. Raises Conflict for a name already taken, Invalid for what is missing."""
    organisation = _in_care(actor, organisation_id)
    kept, read = _roles(organisation.kind, roles), reading.Collected()
    username = read(reading.text, username, "username", "登录名", most=60, missing="username_unfit")
    name = read(reading.text, name, "name", "姓名", most=60, missing="name_missing")
    phone = read(reading.text, phone, "phone", "电话", most=40, required=False)
    email = read(reading.text, email, "email", "邮箱", most=120, required=False)
    read.check()
    if not (3 <= len(username) <= 60 and username.isascii() and username.isprintable() and " " not in username):
        raise Invalid("username_unfit", "登录名为 3 至 60 个字母、数字或符号，不含空格。", field="username")
    _long_enough(password)
    with scope.login_scope():
        if User.objects.filter(username=username).exists():
            raise Conflict("username_taken", f"登录名 {username} 已被使用，请换一个。", field="username")
        person = Person.objects.create(created_at=at)
        user = User(person=person, username=username, name=name, phone=phone, email=email)
        user.password_set_at, user.must_change_password = at, True
        user.set_password(password)
        user.save()
    with scope.elevated(actor):
        membership = Membership.objects.create(
            user_id=user.pk, organisation_id=organisation.pk, platform_id=actor.platform_id, roles=kept
        )
    _record(MEMBER_ADDED, membership, actor, at, username=username, roles=kept)
    return membership


def _long_enough(password: str) -> None:
    least = profile.current().password_min_length
    if len(password) < least:
        raise Invalid("password_too_short", f"初始密码至少 {least} 位。", field="password")


@service
def member_roles_set(*, actor: Actor, at: datetime, membership_id: int, roles: list[str]) -> Membership:
    """Give and take roles: from now on exactly these. Raises NotThere, Forbidden for oneself and for the last ADMIN."""
    with scope.elevated(actor):
        membership, every = _own(actor, membership_id)
        kept, before = _roles(membership.organisation.kind, roles), membership.roles
        _somebody_remains(actor, membership, every, kept, membership.is_active)
        membership.roles = kept
        membership.save(update_fields=["roles"])
    _record(MEMBER_ROLES_SET, membership, actor, at, roles=kept, before=before)
    return membership


@service
def member_switch(*, actor: Actor, at: datetime, membership_id: int, is_active: bool) -> Membership:
    """Let somebody act for the organisation no more, or again. Raises NotThere, Forbidden for oneself and for the last
    ADMIN."""
    with scope.elevated(actor):
        membership, every = _own(actor, membership_id)
        _somebody_remains(actor, membership, every, membership.roles, is_active)
        membership.is_active = is_active
        membership.save(update_fields=["is_active"])
    if not is_active:
        _end_sessions(membership)
    _record(MEMBER_ENABLED if is_active else MEMBER_DISABLED, membership, actor, at)
    return membership


def _end_sessions(membership: Membership) -> int:
    with scope.login_scope():
        return Session.objects.filter(user_id=membership.user_id).delete()[0]


@service
def member_sessions_end(*, actor: Actor, at: datetime, membership_id: int) -> int:
    """Log somebody out everywhere; returns how many sessions ended."""
    with scope.elevated(actor):
        membership, _ = _own(actor, membership_id, self_too=True)
    ended = _end_sessions(membership)
    _record(MEMBER_SESSIONS_ENDED, membership, actor, at, ended=ended)
    return ended


@service
def member_factors_reset(*, actor: Actor, at: datetime, membership_id: int) -> int:
    """Remove somebody's second factors and recovery codes, and log them out; returns how many factors there were.
    Raises Forbidden for oneself, and for a person who works for others too."""
    with scope.elevated(actor):
        membership, _ = _own(actor, membership_id)
    with scope.login_scope():
        removed = factors_reset(_person(membership))
    _record(MEMBER_FACTORS_RESET, membership, actor, at, removed=removed)
    return removed


@service
def member_password_reset(*, actor: Actor, at: datetime, membership_id: int, password: str) -> Membership:
    """A new initial password for somebody who forgot theirs; they are logged out and must change it. Raises as
    `member_factors_reset` does."""
    with scope.elevated(actor):
        membership, _ = _own(actor, membership_id)
    _long_enough(password)
    with scope.login_scope():
        user = _person(membership)
        user.set_password(password)
        user.password_set_at, user.must_change_password = at, True
        user.save(update_fields=["password", "password_set_at", "must_change_password"])
    _end_sessions(membership)
    _record(MEMBER_PASSWORD_RESET, membership, actor, at)
    return membership

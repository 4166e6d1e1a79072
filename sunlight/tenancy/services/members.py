"""An organisation's ADMIN looks after its people: who belongs, in which roles, and the way back in for whoever lost it.
For operators and authorities, which have no ADMIN, the platform's security administrator does.

What gives somebody something (an account, a role that pays, approves or administers, a new password) waits until a second
person has confirmed it; what takes something away counts at once. Nobody changes their own rights, whatever account of
theirs has them, nor sets anybody's password: a link goes to the owner. Somebody always remains who may change rights, and
what a person does for another organisation is none of this one's business."""

from datetime import datetime

from sunlight import scope
from sunlight.journal.declared import EventType
from sunlight.journal.refusals import Conflict, Forbidden, Invalid, NotThere
from sunlight.journal.services import record, service
from sunlight.kernel import reading
from sunlight.kernel.reading import Unreadable
from sunlight.scope import Actor, Role
from sunlight.scope.roles import ADMINS, ROLE_LABELS, OrganisationKind
from sunlight.tenancy import identity
from sunlight.tenancy.access import AccessChange, AccountLetter
from sunlight.tenancy.events import (
    MEMBER_DISABLED,
    MEMBER_ENABLED,
    MEMBER_LINK_SENT,
    MEMBER_ROLES_SET,
    MEMBER_SESSIONS_ENDED,
)
from sunlight.tenancy.models import Membership, Organisation, Session, User
from sunlight.tenancy.queries.identities import person_of_user
from sunlight.tenancy.queries.people import cared_for
from sunlight.tenancy.rules import guarded
from sunlight.tenancy.services import member_changes as kinds
from sunlight.tenancy.services.admission import require_private_name
from sunlight.tenancy.services.changes import change_ask
from sunlight.tenancy.services.identities import person_known, phone_free, require_together
from sunlight.tenancy.services.letters import channels_of, link_send, owner_tell
from sunlight.tenancy.services.member_changes import KEEPING, LAST_ADMIN

KEEPER = Role.PLATFORM_SECURITY_ADMIN
# Who looks after people: an organisation's own; for the platform's own people also the system administrator.
CARING = ADMINS | {KEEPER, Role.PLATFORM_SYSTEM_ADMIN}


def _in_person(actor: Actor) -> None:
    if actor.user_id is None:
        raise Forbidden("people_only", "人员和岗位由管理员本人登录后管理，接口不能办理。")


def _in_care(actor: Actor, organisation_id: int | None = None) -> Organisation:
    """The organisation whose people the actor looks after: one's own, or for the security administrator one of the
    platform's operators and authorities. Raises Forbidden, NotThere."""
    _in_person(actor)
    if not actor.has(*CARING):
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
    _in_person(actor)
    if not actor.has(*CARING):
        _in_care(actor)
    mine = Membership.objects.filter(
        organisation_id__in=[each.pk for each in cared_for(actor)], platform_id=actor.platform_id
    )
    there = mine.filter(pk=membership_id).values("organisation_id")
    every = list(mine.select_for_update().filter(organisation_id__in=there).order_by("id"))
    found = next((each for each in every if each.pk == membership_id), None)
    if found is None:
        raise NotThere("这位人员")
    if not self_too and actor.for_person_id in (None, person_of_user(found.user_id)):
        raise Forbidden("not_oneself", "不能更改自己（包括本人其他账号）的岗位和账号状态，请由本单位另一位管理员办理。")
    return found, every


def _somebody_remains(found: Membership, every: list[Membership], roles: list[str], is_active: bool) -> None:
    """Raises Forbidden where nobody would be left who may change rights. Operators and authorities have no administrator
    of their own to be left."""
    admins = {str(role) for role in KEEPING.get(found.organisation.kind, ())}
    others = any(each.pk != found.pk and each.is_active and admins & set(each.roles) for each in every)
    if admins & set(found.roles) and not others and not (is_active and admins & set(roles)):
        raise Forbidden("last_admin", LAST_ADMIN)


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


def _fitting(username: object, name: object, email: object, read: reading.Collected) -> tuple[str, str, str]:
    username = read(reading.text, username, "username", "登录名", most=60, missing="username_unfit")
    name = read(reading.text, name, "name", "姓名", most=60, missing="name_missing")
    email = read(reading.text, email, "email", "邮箱", most=120, required=False)
    if username and not (len(username) >= 3 and username.isascii() and username.isprintable() and " " not in username):
        unfit = Unreadable("username_unfit", "登录名为 3 至 60 个字母、数字或符号，不含空格。", "username")
        read.faults.append(unfit)
    if username:
        require_private_name(username)
    return username, name, email


@service
def member_add(
    *,
    actor: Actor,
    at: datetime,
    username: str,
    name: str,
    roles: list[str],
    phone: str = "",
    document: str = "",
    email: str = "",
    organisation_id: int | None = None,
) -> AccessChange:
    """Ask that a new person belong to the actor's organisation (for the security administrator: to the one named). Once a
    second person has confirmed it, a link to choose a password goes to the newcomer's own phone or mail. Who they are is
    told by a phone or a document: somebody known already stays the same person with a further account. Raises Conflict for
    a name already taken, Invalid for what is missing, Forbidden for roles that do not go together."""
    organisation = _in_care(actor, organisation_id)
    kept, read = _roles(organisation.kind, roles), reading.Collected()
    username, name, email = _fitting(username, name, email, read)
    mobile, shown = read(identity.phone, phone), read(identity.document, document)
    read.check()
    marks = [each for each in (shown, mobile) if each is not None]
    if not marks:
        raise Invalid("identity_missing", "请填写本人的手机号码或证件号码，用于识别同一人的多个账号。", field="phone")
    phone = reading.text(phone, "phone", "手机", most=40, required=False)
    if not channels_of(phone, email):
        raise Invalid("no_way_to_the_owner", "请填写本人的手机或邮箱：设置密码的链接只发给本人。", field="phone")
    with scope.login_scope():
        if User.objects.filter(username=username).exists():
            raise Conflict("username_taken", f"登录名 {username} 已被使用，请换一个。", field="username")
        person_id = person_known(marks, at)
        if person_id is not None:
            require_together(actor, at, person_id, kept, organisation_id=organisation.pk, platform_id=actor.platform_id)
    facts = {"username": username, "name": name, "phone": phone, "email": email, "roles": kept}
    return change_ask(
        actor=actor,
        at=at,
        kind=kinds.MEMBER_ADD,
        organisation_id=organisation.pk,
        title=f"添加人员 {name}（{username}）",
        facts=facts | {"identities": [each.to_json() for each in marks]},
        gains=[person_id] if person_id is not None else [],
        told_roles=guarded(organisation.kind, kept),
    )


@service
def member_roles_set(*, actor: Actor, at: datetime, membership_id: int, roles: list[str]) -> AccessChange | None:
    """Give and take roles: from now on exactly these. Where one of those given pays, approves or administers, all of it
    waits for a second person, and the change that waits is returned. Raises NotThere, Forbidden for oneself, for the last
    ADMIN and for roles that do not go together."""
    with scope.elevated(actor):
        membership, every = _own(actor, membership_id)
        organisation = membership.organisation
        kept, before = _roles(organisation.kind, roles), membership.roles
        _somebody_remains(membership, every, kept, membership.is_active)
        person_id = person_of_user(membership.user_id)
        with scope.login_scope():
            place = {"organisation_id": organisation.pk, "platform_id": membership.platform_id}
            require_together(actor, at, person_id, kept, **place, but=membership.pk)
        waits = guarded(organisation.kind, set(kept) - set(before))
        if not waits:
            membership.roles = kept
            membership.save(update_fields=["roles"])
    if not waits:
        _record(MEMBER_ROLES_SET, membership, actor, at, roles=kept, before=before)
        return None
    facts = {"given": sorted(set(kept) - set(before)), "taken": sorted(set(before) - set(kept))}
    return _asked(kinds.MEMBER_ROLES, membership, actor, at, "调整岗位", waits, **facts)


def _asked(kind, membership: Membership, actor: Actor, at: datetime, words: str, told=(), **facts) -> AccessChange:
    with scope.login_scope():
        user = User.objects.get(pk=membership.user_id)
    return change_ask(
        actor=actor,
        at=at,
        kind=kind,
        organisation_id=membership.organisation_id,
        title=f"{words} {user.name}（{user.username}）",
        facts={"membership": membership.pk, "user": user.pk, **facts},
        gains=[user.person_id],
        told_roles=told,
    )


@service
def member_switch(*, actor: Actor, at: datetime, membership_id: int, is_active: bool) -> AccessChange | None:
    """Let somebody act for the organisation no more, or again; the latter waits for a second person where their roles
    pay, approve or administer, and the change that waits is returned. Raises NotThere, Forbidden for oneself and for the
    last ADMIN."""
    with scope.elevated(actor):
        membership, every = _own(actor, membership_id)
        _somebody_remains(membership, every, membership.roles, is_active)
        waits = guarded(membership.organisation.kind, membership.roles) if is_active else set()
        if is_active:
            person_id = person_of_user(membership.user_id)
            with scope.login_scope():
                place = {"organisation_id": membership.organisation_id, "platform_id": membership.platform_id}
                require_together(actor, at, person_id, membership.roles, **place)
        if not waits:
            membership.is_active = is_active
            membership.save(update_fields=["is_active"])
    if waits:
        return _asked(kinds.MEMBER_ENABLE, membership, actor, at, "启用账号", waits)
    if not is_active:
        _end_sessions(membership)
    _record(MEMBER_ENABLED if is_active else MEMBER_DISABLED, membership, actor, at)
    return None


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


def _reset(kind, actor: Actor, at: datetime, membership_id: int, words: str) -> AccessChange:
    """Ask for a reset of what the owner lost; the owner is told at once, on every channel."""
    with scope.elevated(actor):
        membership, _ = _own(actor, membership_id)
    with scope.login_scope():
        user = _person(membership)
        if not channels_of(user.phone, user.email):
            raise Invalid("no_way_to_the_owner", "该账号没有登记手机或邮箱，无法把链接发给本人。请先变更其手机号码。")
        owner_tell(
            user,
            f"【阳光交易】{actor.organisation_name}管理员申请{words}您的账号 {user.username}，须经另一位管理员确认。"
            "如非您本人要求，请立即联系本单位其他管理员。",
            at,
        )
    return _asked(kind, membership, actor, at, words)


@service
def member_factors_reset(*, actor: Actor, at: datetime, membership_id: int) -> AccessChange:
    """Ask that somebody may remove the second factor they lost. Once a second person has confirmed it, a link goes to the
    owner; nothing is removed before they use it. Raises Forbidden for oneself, and for a person who works for others
    too."""
    return _reset(kinds.MEMBER_FACTORS, actor, at, membership_id, "重置第二重验证")


@service
def member_password_reset(*, actor: Actor, at: datetime, membership_id: int) -> AccessChange:
    """Ask that somebody who forgot their password may choose another, by a link that goes to them once a second person
    has confirmed it. Raises as `member_factors_reset` does."""
    return _reset(kinds.MEMBER_PASSWORD, actor, at, membership_id, "重置密码")


@service
def member_link_send(*, actor: Actor, at: datetime, membership_id: int) -> None:
    """Send a newcomer who has no password yet a fresh link, to their own phone or mail: the one before ended. Raises
    Conflict for whoever has a password: a reset needs a second person."""
    with scope.elevated(actor):
        membership, _ = _own(actor, membership_id, self_too=True)
    with scope.login_scope():
        user = _person(membership)
        if user.has_usable_password():
            raise Conflict("password_there", "该人员已设置过密码。忘记密码的，请办理“重置密码”。")
        link_send(user, AccountLetter.PASSWORD, at)
    _record(MEMBER_LINK_SENT, membership, actor, at)


@service
def member_contact_change(*, actor: Actor, at: datetime, membership_id: int, phone: str, email: str) -> AccessChange:
    """Ask that somebody of the actor's organisation have another phone or mail; it counts once a second person has
    confirmed it. Raises as `member_factors_reset` does, Conflict where the phone is another person's."""
    with scope.elevated(actor):
        membership, _ = _own(actor, membership_id)
    return _contact(actor, at, membership, phone, email)


@service
def own_contact_change(*, actor: Actor, at: datetime, phone: str, email: str) -> AccessChange:
    """Ask for another phone or mail of one's own; an administrator confirms it. Raises Conflict, Invalid, Forbidden for a
    machine."""
    if actor.user_id is None:
        raise Forbidden("not_a_person", "接口客户端没有手机和邮箱。")
    with scope.login_scope():
        membership = Membership.objects.get(
            user_id=actor.user_id, organisation_id=actor.organisation_id, platform_id=actor.platform_id
        )
    return _contact(actor, at, membership, phone, email)


def _contact(actor: Actor, at: datetime, membership: Membership, phone: str, email: str) -> AccessChange:
    read = reading.Collected()
    mobile = read(identity.phone, phone)
    email = read(reading.text, email, "email", "邮箱", most=120, required=False)
    read.check()
    phone = reading.text(phone, "phone", "手机", most=40, required=False)
    if not channels_of(phone, email):
        raise Invalid("no_way_to_the_owner", "请至少保留一个手机号码或邮箱，以便找回账号。", field="phone")
    with scope.login_scope():
        user = User.objects.select_for_update().get(pk=membership.user_id)
        if user.is_demo:
            raise Forbidden("demo_account", "演示账号由多人共用，不能变更手机和邮箱。")
        if (user.phone, user.email) == (phone, email):
            raise Invalid("nothing_changed", "手机和邮箱与现在的相同，没有需要变更的内容。", field="phone")
        phone_free(user.person_id, mobile, at)
        owner_tell(
            user,
            f"【阳光交易】账号 {user.username} 申请变更手机或邮箱，须经管理员确认。如非您本人要求，请立即联系本单位管理员。",
            at,
        )
    return _asked(kinds.MEMBER_CONTACT, membership, actor, at, "变更手机或邮箱", phone=phone, email=email)

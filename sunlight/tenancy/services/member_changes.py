"""What a confirmed change of a member does: the kinds that `members` asks for. Each looks at the facts of the day on which it
is confirmed, as whoever confirms."""

from datetime import datetime

from django.utils.translation import gettext_noop as _

from sunlight import scope
from sunlight.journal.declared import EventType
from sunlight.journal.refusals import Conflict, Forbidden
from sunlight.journal.services import record
from sunlight.scope import Actor
from sunlight.scope.roles import ROLE_LABELS, Role
from sunlight.tenancy import identity
from sunlight.tenancy.access import AccessChange, AccountLetter
from sunlight.tenancy.changes import Lines, change_kind
from sunlight.tenancy.events import (
    CONTACT_CHANGED,
    MEMBER_ADDED,
    MEMBER_ENABLED,
    MEMBER_FACTORS_RESET,
    MEMBER_PASSWORD_RESET,
    MEMBER_ROLES_SET,
)
from sunlight.tenancy.models import Membership, User
from sunlight.tenancy.services.identities import person_claim, phone_replace, require_together
from sunlight.tenancy.services.letters import channels_of, hold, link_send, owner_tell, until_text

# Of whom one must always remain, by kind of organisation.
KEEPING = {
    "HOSPITAL": {Role.HOSPITAL_ADMIN},
    "SUPPLIER": {Role.SUPPLIER_ADMIN},
    "PLATFORM": {Role.PLATFORM_SECURITY_ADMIN},
}
LAST_ADMIN = "这是本单位最后一位管理员，不能停用或取消其管理员岗位。请先指定另一位管理员。"


def _place(change: AccessChange) -> dict[str, int]:
    return {"organisation_id": change.organisation_id, "platform_id": change.platform_id}


def _words(roles) -> str:
    return "、".join(ROLE_LABELS[Role(role)] for role in roles) or "—"


def _record(event: EventType, membership: Membership, actor: Actor, at: datetime, **payload) -> None:
    payload = {"user": membership.user_id, "organisation": membership.organisation_id, **payload}
    parties = [membership.organisation_id]
    record(event, subject=membership.pk, actor=actor, at=at, parties=parties, payload=payload)


def _member(change: AccessChange, actor: Actor) -> Membership:
    """The member whom a change is about, locked with all of the organisation's. Raises Conflict where they have left."""
    with scope.elevated(actor):
        every = Membership.objects.select_for_update().filter(**_place(change))
        found = next((each for each in every.order_by("id") if each.pk == change.facts["membership"]), None)
    if found is None:
        raise Conflict("member_gone", "该人员已不在本单位，此项变更不能再确认。请填写理由后不同意，或由提出人撤回。")
    return found


def _user(membership: Membership) -> User:
    """The member's account, locked; call it in the login scope. Raises Forbidden where it is shared, or works for others
    too by now."""
    user = User.objects.select_for_update().get(pk=membership.user_id)
    if user.is_demo:
        raise Forbidden("demo_account", "演示账号由多人共用，不能重置。")
    return user


def _added(*, change: AccessChange, actor: Actor, at: datetime) -> None:
    facts = change.facts
    with scope.elevated(actor):
        # Roles are given to the people of one organisation one after the other.
        list(Membership.objects.select_for_update().filter(organisation_id=change.organisation_id).order_by("id"))
    with scope.login_scope():
        if User.objects.filter(username=facts["username"]).exists():
            raise Conflict(
                "username_taken", f"登录名 {facts['username']} 已被使用。请不同意此项变更，换一个登录名重新提出。"
            )
        person_id = person_claim([identity.of_json(each) for each in facts["identities"]], at)
        if person_id == actor.for_person_id:
            raise Forbidden("change_for_oneself", "新账号属于您本人，不能由您确认，须由另一位管理员确认。")
        user = User(person_id=person_id, username=facts["username"], name=facts["name"])
        user.phone, user.email, user.must_change_password = facts["phone"], facts["email"], True
        user.set_unusable_password()
        user.save()
        require_together(actor, at, person_id, facts["roles"], **_place(change))
        link_send(user, AccountLetter.PASSWORD, at)
    with scope.elevated(actor):
        membership = Membership.objects.create(
            user_id=user.pk,
            organisation_id=change.organisation_id,
            platform_id=change.platform_id,
            roles=facts["roles"],
        )
    _record(MEMBER_ADDED, membership, actor, at, username=user.username, roles=facts["roles"])


def _roles_set(*, change: AccessChange, actor: Actor, at: datetime) -> None:
    membership, facts = _member(change, actor), change.facts
    before = membership.roles
    # What was taken away meanwhile stays so.
    kept = sorted((set(before) | set(facts["given"])) - set(facts["taken"]))
    _somebody_remains(change, membership, kept, actor)
    with scope.login_scope():
        user = User.objects.get(pk=membership.user_id)
        require_together(actor, at, user.person_id, kept, **_place(change), but=membership.pk)
        owner_tell(user, f"【阳光交易】您在{change.organisation.name}的岗位调整为：{_words(kept)}。", at)
    with scope.elevated(actor):
        membership.roles = kept
        membership.save(update_fields=["roles"])
    _record(MEMBER_ROLES_SET, membership, actor, at, roles=kept, before=before)


def _somebody_remains(change: AccessChange, membership: Membership, kept, actor: Actor) -> None:
    admins = {str(role) for role in KEEPING.get(change.organisation.kind, ())}
    if admins & set(kept) or not admins & set(membership.roles):
        return
    with scope.elevated(actor):
        rows = Membership.objects.filter(**_place(change), is_active=True, roles__overlap=sorted(admins))
        if not rows.exclude(pk=membership.pk).exists():
            raise Forbidden("last_admin", LAST_ADMIN)


def _enabled(*, change: AccessChange, actor: Actor, at: datetime) -> None:
    membership = _member(change, actor)
    with scope.login_scope():
        user = User.objects.get(pk=membership.user_id)
        require_together(actor, at, user.person_id, membership.roles, **_place(change))
        owner_tell(user, f"【阳光交易】您在{change.organisation.name}的账号已重新启用。", at)
    with scope.elevated(actor):
        membership.is_active = True
        membership.save(update_fields=["is_active"])
    _record(MEMBER_ENABLED, membership, actor, at)


def _password_reset(*, change: AccessChange, actor: Actor, at: datetime) -> None:
    membership = _member(change, actor)
    with scope.login_scope():
        link_send(_user(membership), AccountLetter.PASSWORD, at)
    _record(MEMBER_PASSWORD_RESET, membership, actor, at)


def _factors_reset(*, change: AccessChange, actor: Actor, at: datetime) -> None:
    membership = _member(change, actor)
    with scope.login_scope():
        link_send(_user(membership), AccountLetter.FACTORS, at)
    _record(MEMBER_FACTORS_RESET, membership, actor, at)


def _contact_changed(*, change: AccessChange, actor: Actor, at: datetime) -> None:
    membership, facts = _member(change, actor), change.facts
    with scope.login_scope():
        user = _user(membership)
        before = channels_of(user.phone, user.email)
        phone_replace(user.person_id, old=user.phone, new=identity.phone(facts["phone"]), at=at)
        user.phone, user.email = facts["phone"], facts["email"]
        user.save(update_fields=["phone", "email"])
        until = until_text(hold(user, at))
        owner_tell(
            user,
            f"【阳光交易】账号 {user.username} 的手机或邮箱已变更，{until} 前不能审批、签署和付款。"
            "如非您本人要求，请立即联系本单位管理员停用账号。",
            at,
            also=before,
        )
    # The address itself stays out of the journal, which is kept for ever.
    record(CONTACT_CHANGED, subject=user.pk, actor=actor, at=at, payload={"username": user.username})


def _lines_of_newcomer(facts: dict) -> Lines:
    marks = [{"document": "证件", "phone": "手机"}[each["kind"]] for each in facts["identities"]]
    return [
        (_("姓名"), facts["name"]),
        (_("登录名"), facts["username"]),
        (_("岗位"), _words(facts["roles"])),
        (_("手机"), facts["phone"] or "—"),
        (_("邮箱"), facts["email"] or "—"),
        (_("身份识别"), "、".join(marks)),
    ]


def _lines_of_roles(facts: dict) -> Lines:
    return [(_("增加岗位"), _words(facts["given"])), (_("取消岗位"), _words(facts["taken"]))]


def _lines_of_contact(facts: dict) -> Lines:
    return [(_("新手机"), facts["phone"] or "—"), (_("新邮箱"), facts["email"] or "—")]


MEMBER_ADD = change_kind("member_add", "添加人员", apply=_added, shown=_lines_of_newcomer)
MEMBER_ROLES = change_kind("member_roles", "调整岗位", apply=_roles_set, shown=_lines_of_roles)
MEMBER_ENABLE = change_kind("member_enable", "启用账号", apply=_enabled)
MEMBER_PASSWORD = change_kind("member_password", "重置密码", apply=_password_reset)
MEMBER_FACTORS = change_kind("member_factors", "重置第二重验证", apply=_factors_reset)
MEMBER_CONTACT = change_kind(
    "member_contact", "变更手机或邮箱", apply=_contact_changed, shown=_lines_of_contact, for_oneself=True
)

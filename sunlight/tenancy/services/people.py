"""What people do with their own accounts: prove who they are, change the password, end sessions."""

from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth import password_validation
from django.contrib.auth.hashers import check_password
from django.core.exceptions import ValidationError

from sunlight import scope
from sunlight.journal.refusals import Forbidden, Invalid
from sunlight.journal.services import record, service
from sunlight.scope import Actor, Client, Role
from sunlight.tenancy import profile
from sunlight.tenancy.backends import PasswordBackend
from sunlight.tenancy.devices import device_of
from sunlight.tenancy.events import FIRST_PASSWORD_SET, PASSWORD_CHANGED, SESSIONS_ENDED
from sunlight.tenancy.models import LoginRecord, PastPassword, Session, User
from sunlight.tenancy.queries.actors import memberships_of
from sunlight.tenancy.queries.people import factors_of, initial_password_lapsed, lock_login, login_locked_until


@dataclass(frozen=True)
class Proof:
    """The outcome of a password attempt: the person, or nobody; and until when further attempts are refused."""

    user: User | None
    locked_until: datetime | None = None


def password_try(*, username: str, password: str, client: Client, at: datetime, enters: bool = False) -> Proof:
    """Check one password for one name from one address; every attempt is recorded with time, address and client
    (SZ20-6.1b). After too many failures under a name from an address nothing is looked at for a while, whether or not
    somebody has the name; a device where the person is known has a count of its own. Where the person `enters` and has a second factor, the right password is no success yet,
    so that it does not clear the count of wrong codes. Call it in the login scope."""
    name = username.replace("\x00", "")[:60]
    lock_login(name)
    device = device_of(User.objects.filter(username=name).first(), client.device)
    until = login_locked_until(username=name, address=client.address[:64], at=at, device=device)
    user = None if until else PasswordBackend().authenticate(None, username=name, password=password)
    if user and initial_password_lapsed(user, at):
        user = None
    memberships = memberships_of(user.pk) if user else []
    LoginRecord.objects.create(
        username=name,
        user_id=user.pk if user else None,
        organisation_id=memberships[0].organisation_id if memberships else None,
        succeeded=user is not None,
        locked=until is not None,
        awaits_factor=enters and user is not None and bool(factors_of(user.pk)),
        address=client.address[:64],
        agent=client.agent[:300],
        device=device,
        at=at,
    )
    return Proof(user, until)


def password_fits(user: User, new: str) -> None:
    """Raises Invalid where the profile does not allow `new` as this person's next password."""
    limits = profile.current()
    if len(new) < limits.password_min_length:
        raise Invalid("password_too_short", f"新密码至少 {limits.password_min_length} 位。", field="new")
    try:
        password_validation.validate_password(new, user)
    except ValidationError as unfit:
        raise Invalid("password_unfit", "".join(str(m) for m in unfit.messages), field="new") from unfit
    past = PastPassword.objects.filter(user=user).order_by("-id")[: max(0, limits.password_history - 1)]
    if any(check_password(new, hash) for hash in (user.password, *(p.hash for p in past))):
        raise Invalid(
            "password_used_before", f"新密码不能与最近 {limits.password_history} 次用过的密码相同。", field="new"
        )


@service
def password_change(*, actor: Actor, at: datetime, old: str, new: str) -> User:
    """The actor's own new password; every other session of the person ends. Raises Forbidden for a demonstration
    account, which others share, and Invalid where the old one is wrong or the new one is unfit. The try with the old
    one counts towards the lock, so the caller looks at it first, with `password_try`."""
    with scope.login_scope():
        user = User.objects.select_for_update().filter(pk=actor.user_id, is_active=True).first()
        if user is None:
            raise Forbidden("not_a_person", "接口客户端没有密码。")
        if user.is_demo:
            raise Forbidden("demo_password", "演示账号由多人共用，密码不能修改。")
        if not user.check_password(old):
            raise Invalid("password_wrong", "原密码不正确，请重新输入。", field="old")
        password_fits(user, new)
        PastPassword.objects.create(user=user, hash=user.password, replaced_at=at)
        user.set_password(new)
        user.password_set_at, user.must_change_password = at, False
        user.save(update_fields=["password", "password_set_at", "must_change_password"])
    record(PASSWORD_CHANGED, subject=user.id, actor=actor, at=at, payload={"username": user.username})
    return user


@service
def first_password_set(*, actor: Actor, at: datetime, username: str, password: str) -> User:
    """The first password of a person who was made without one; the actor is the system, on behalf of whoever proved to
    be that person. Raises Invalid for an unfit password, Forbidden where there is one already."""
    if not actor.has(Role.SYSTEM):
        raise Forbidden("not_your_duty", "不能替他人设置密码。")
    with scope.login_scope():
        user = User.objects.select_for_update().filter(username=username, is_active=True).first()
        if user is None or user.has_usable_password():
            raise Forbidden("password_there", "该账号已设置过密码，请直接登录。")
        password_fits(user, password)
        user.set_password(password)
        user.password_set_at = at
        user.save(update_fields=["password", "password_set_at"])
    record(FIRST_PASSWORD_SET, subject=user.id, actor=actor, at=at, payload={"username": username})
    return user


@service
def sessions_end(*, actor: Actor, at: datetime, keep: str) -> int:
    """End all sessions of the actor's person but the one with key `keep`; returns how many ended. Raises Forbidden for a
    machine."""
    if actor.user_id is None:
        raise Forbidden("not_a_person", "接口客户端没有登录会话。")
    with scope.login_scope():
        ended, _ = Session.objects.filter(user_id=actor.user_id).exclude(session_key=keep).delete()
    record(SESSIONS_ENDED, subject=actor.user_id, actor=actor, at=at, payload={"ended": ended})
    return ended


def sessions_clear(*, at: datetime) -> int:
    """Remove sessions that no longer hold; returns their number. Opens the login scope."""
    limits = profile.current()
    with scope.login_scope():
        ended, _ = (
            Session.objects.filter(expire_date__lte=at)
            | Session.objects.filter(started_at__lte=at - limits.absolute)
            | Session.objects.filter(seen_at__lte=at - limits.idle)
        ).delete()
    return ended

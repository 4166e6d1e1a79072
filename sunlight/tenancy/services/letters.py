"""What goes to the owner of an account alone: news of the account, and links good once. A link's secret is made at the
moment it is sent, so that no row ever holds it and whoever asked for it never sees it."""

import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.conf import settings

from sunlight import scope
from sunlight.journal.refusals import Forbidden, Invalid
from sunlight.journal.services import record, service
from sunlight.scope import Actor, Role
from sunlight.scope.clock import SHANGHAI
from sunlight.tenancy import profile
from sunlight.tenancy.access import AccountLetter
from sunlight.tenancy.delivery import gateway, is_open
from sunlight.tenancy.events import FACTORS_RENEWED, PASSWORD_RENEWED
from sunlight.tenancy.models import PastPassword, Session, User
from sunlight.tenancy.queries.letters import digest_of, link_open
from sunlight.tenancy.services.factors import factors_reset
from sunlight.tenancy.services.people import password_fits

MOST_ATTEMPTS = 6
PURPOSES = {AccountLetter.PASSWORD: "设置登录密码", AccountLetter.FACTORS: "重新设置第二重验证"}


def channels_of(phone: str, email: str) -> list[tuple[str, str]]:
    """(channel, address) by which somebody is reached."""
    return [(channel, address) for channel, address in (("sms", phone), ("mail", email)) if address]


def link_send(user: User, purpose: str, at: datetime) -> None:
    """Put a link for one purpose on its way to the owner's phone, or their mail where there is no phone; links sent for it
    before open nothing any more. Call it in the login scope. Raises Invalid where there is no way to the owner."""
    ways = channels_of(user.phone, user.email)
    if not ways:
        raise Invalid("no_way_to_the_owner", "该账号没有登记手机或邮箱，无法把链接发给本人。请先变更其手机号码。")
    AccountLetter.objects.filter(user=user, purpose=purpose, used_at=None).update(next_try_at=None, expires_at=at)
    channel, address = next((way for way in ways if is_open(way[0])), ways[0])
    AccountLetter.objects.create(
        user=user, channel=channel, address=address, purpose=purpose, made_at=at, next_try_at=at
    )


def owner_tell(user: User, text: str, at: datetime, *, also: Iterable[tuple[str, str]] = ()) -> None:
    """Tell the owner on every channel known, and on those that were theirs until now. Call it in the login scope."""
    for channel, address in dict.fromkeys([*channels_of(user.phone, user.email), *also]):
        AccountLetter.objects.create(
            user=user, channel=channel, address=address, text=text[:500], made_at=at, next_try_at=at
        )


def letters_send(*, at: datetime, limit: int = 100) -> int:
    """Send what is due, each in a transaction of its own; call it outside any scope. What fails is tried again, at most
    six times. Returns how many were handled."""
    for handled in range(limit):
        with scope.login_scope():
            due = AccountLetter.objects.select_for_update(skip_locked=True, of=("self",)).select_related("user")
            letter = due.filter(next_try_at__lte=at).order_by("next_try_at", "id").first()
            if letter is None:
                return handled
            _send(letter, at)
    return limit


def _send(letter: AccountLetter, at: datetime) -> None:
    letter.attempts += 1
    text = letter.text
    if letter.purpose:
        secret = secrets.token_urlsafe(32)
        letter.digest, letter.expires_at = digest_of(secret), at + profile.current().link_for
        text = _link_text(letter, secret)
    try:
        gateway(letter.channel).send(to=letter.address, text=text)
        letter.sent_at, letter.next_try_at, letter.last_error = at, None, ""
    except Exception as error:  # whatever the gateway or the line does; kept with the letter, without its text
        letter.last_error = type(error).__name__[:200]
        more = letter.attempts < MOST_ATTEMPTS
        letter.next_try_at = at + timedelta(minutes=2 ** (letter.attempts - 1)) if more else None
    letter.save(update_fields=["attempts", "digest", "expires_at", "sent_at", "next_try_at", "last_error"])


def _link_text(letter: AccountLetter, secret: str) -> str:
    """The secret stands behind `#`, which no browser sends to a server, so that no log keeps it."""
    minutes = int(profile.current().link_for.total_seconds() // 60)
    where = f"{settings.SITE_URL}/account/link/#{secret}"
    return (
        f"【阳光交易】{letter.user.name}：您的账号 {letter.user.username} 需要{PURPOSES[letter.purpose]}，"
        f"请在 {minutes} 分钟内打开 {where} 办理，只能使用一次，请勿转发。如非您本人知情，请立即联系本单位管理员。"
    )


def _use(secret: str, purpose: str, at: datetime) -> User:
    """The account whose link this is, locked; the link is used up. Call it in the login scope."""
    letter = link_open(secret, at, lock=True)
    if letter.purpose != purpose:
        raise Invalid("link_unfit", "该链接不能用于此事项。请打开最近收到的链接。", field="code")
    letter.used_at = at
    letter.save(update_fields=["used_at"])
    return User.objects.select_for_update().get(pk=letter.user_id)


def hold(user: User, at: datetime) -> datetime:
    """From now on and for a day the account approves, signs and releases nothing; returns until when. Call it in the login
    scope."""
    user.held_until = max(filter(None, (user.held_until, at + profile.current().held_for)))
    user.save(update_fields=["held_until"])
    return user.held_until


def until_text(moment: datetime) -> str:
    """A moment as people here read it."""
    return f"{moment.astimezone(SHANGHAI):%Y-%m-%d %H:%M}"


def _system(actor: Actor) -> None:
    if not actor.has(Role.SYSTEM):
        raise Forbidden("not_your_duty", "不能替他人设置密码。")


@service
def link_password_set(*, actor: Actor, at: datetime, secret: str, new: str, again: str) -> User:
    """The owner chooses a password by the link they got; the actor is the system, on behalf of whoever shows the link. A
    second factor is asked for at the login as ever. A new password in place of another holds the account for a day.
    Raises Invalid."""
    _system(actor)
    if new != again:
        raise Invalid("passwords_differ", "两次输入的新密码不一致，请重新输入。", field="again")
    with scope.login_scope():
        user = _use(secret, AccountLetter.PASSWORD, at)
        password_fits(user, new)
        is_first = not user.has_usable_password()
        if not is_first:
            PastPassword.objects.create(user=user, hash=user.password, replaced_at=at)
        user.set_password(new)
        user.password_set_at, user.must_change_password = at, False
        user.save(update_fields=["password", "password_set_at", "must_change_password"])
        Session.objects.filter(user_id=user.pk).delete()
        if is_first:
            owner_tell(user, f"【阳光交易】账号 {user.username} 已设置登录密码。", at)
        else:
            until = until_text(hold(user, at))
            owner_tell(
                user,
                f"【阳光交易】账号 {user.username} 的登录密码已重置，{until} 前不能审批、签署和付款。"
                "如非您本人操作，请立即联系本单位管理员。",
                at,
            )
    record(PASSWORD_RENEWED, subject=user.pk, actor=actor, at=at, payload={"username": user.username})
    return user


@service
def link_factors_reset(*, actor: Actor, at: datetime, secret: str, password: str) -> User:
    """The owner, who lost their second factor, removes it by the link they got and their password; a new one is set up at
    the next login. The account is held for a day. Raises Invalid; a wrong password leaves the link good."""
    _system(actor)
    with scope.login_scope():
        user = _use(secret, AccountLetter.FACTORS, at)
        if not user.check_password(password):
            raise Invalid("password_wrong", "密码不正确，请重新输入。", field="old")
        removed = factors_reset(user)
        until = until_text(hold(user, at))
        owner_tell(
            user,
            f"【阳光交易】账号 {user.username} 的第二重验证已清除，{until} 前不能审批、签署和付款。"
            "如非您本人操作，请立即联系本单位管理员。",
            at,
        )
    payload = {"username": user.username, "removed": removed}
    record(FACTORS_RENEWED, subject=user.pk, actor=actor, at=at, payload=payload)
    return user

"""E-mail: who wants it, and sending what waits in the outbox through Django's e-mail backend, each at least once."""

from datetime import datetime, timedelta

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.mail import EmailMessage, get_connection
from django.core.validators import validate_email

from sunlight import scope
from sunlight.journal.refusals import Forbidden, Invalid
from sunlight.journal.services import record, service
from sunlight.kernel import reading
from sunlight.messages.events import MAIL_ADDRESS_SET
from sunlight.messages.kinds import KINDS
from sunlight.messages.models import Mail, MailAddress
from sunlight.messages.workflows import MAIL, MailState
from sunlight.scope import Actor
from sunlight.scope.duties import moved
from sunlight.tenancy.queries.actors import memberships_of

# Attempts per mail; between them 1, 2, 4 … minutes, together about two hours.
MOST_ATTEMPTS = 8


@service
def mail_address_set(*, actor: Actor, at: datetime, address: str, is_on: bool) -> MailAddress:
    """This person wants the organisation's messages at `address`, or no longer wants them. Raises Invalid for what is
    not an address, Forbidden for a machine."""
    if actor.user_id is None:
        raise Forbidden("people_only", "只有人员可以设置邮件提醒，请用个人账号登录。")
    address = reading.text(address, "address", "电子邮箱", most=120, required=False)
    try:
        validate_email(address)
    except ValidationError as wrong:
        raise Invalid("address_invalid", f"“{address[:60]}”不是有效的电子邮箱，请核对。", field="address") from wrong
    row, _ = MailAddress.objects.update_or_create(
        platform_id=actor.platform_id,
        organisation_id=actor.organisation_id,
        user_id=actor.user_id,
        defaults={"address": address, "is_on": is_on, "changed_at": at},
    )
    # The address itself stays out of the journal, which is kept for ever.
    record(MAIL_ADDRESS_SET, subject=actor.user_id, actor=actor, at=at, payload={"is_on": is_on})
    return row


def mails_send(*, actor: Actor, at: datetime, limit: int = 50) -> int:
    """Send up to `limit` mails of the platform that are due, each in its own transaction; call it outside any scope. A
    failure waits and is tried again, at most `MOST_ATTEMPTS` times; if the person has lost the role meanwhile, the mail
    is dropped. Returns the number of mails handled."""
    looked_at = 0
    while looked_at < limit:
        with scope.opened(actor):
            mail = (
                Mail.objects.select_for_update(skip_locked=True, of=("self",))
                .select_related("message__organisation")
                .filter(platform_id=actor.platform_id, state=MailState.WAITING, next_try_at__lte=at)
                .order_by("next_try_at", "id")
                .first()
            )
            if mail is None:
                break
            _send(mail, actor, at)
        looked_at += 1
    return looked_at


def _send(mail: Mail, actor: Actor, at: datetime) -> None:
    mail.attempts += 1
    if not _still_concerned(mail):
        _end(mail, "drop", actor, at)
    else:
        try:
            _hand_over(mail)
            _end(mail, "send", actor, at)
        except Exception as error:  # whatever the mail server or the line does; kept with the mail
            mail.last_error = f"{type(error).__name__}: {error}"[:300]
            if mail.attempts >= MOST_ATTEMPTS:
                _end(mail, "give_up", actor, at)
            else:
                mail.next_try_at = at + timedelta(minutes=2 ** (mail.attempts - 1))
    mail.save(update_fields=["state", "attempts", "next_try_at", "ended_at", "last_error"])


def _end(mail: Mail, move: str, actor: Actor, at: datetime) -> None:
    mail.state, mail.ended_at = moved(MAIL, mail.state, move, actor), at


def _still_concerned(mail: Mail) -> bool:
    """Whether the person still holds one of the message's roles there, and still wants mail."""
    wants = MailAddress.objects.filter(
        organisation_id=mail.message.organisation_id, platform_id=mail.platform_id, user_id=mail.user_id, is_on=True
    ).exists()
    with scope.login_scope():
        held = {
            role
            for each in memberships_of(mail.user_id)
            if (each.organisation_id, each.platform_id) == (mail.message.organisation_id, mail.platform_id)
            for role in each.roles
        }
    return wants and not held.isdisjoint(mail.message.roles)


def _hand_over(mail: Mail) -> None:
    """Title and a way in, no trade data: mail passes through strangers' hands. What is public anyway goes as it is."""
    message = mail.message
    kind = KINDS.get(message.kind)
    body = f"\n\n{message.body}" if kind is not None and kind.is_public else ""
    where = (
        f"\n\n请登录查看：{settings.SITE_URL}/messages/{message.id}/" if settings.SITE_URL else "\n\n请登录平台查看。"
    )
    EmailMessage(
        subject=f"【阳光交易】{message.title}"[:180].replace("\n", " "),
        body=f"{message.organisation.name}：\n\n{message.title}{body}{where}\n\n不再需要邮件提醒时，请在消息中心的“邮件提醒”中关闭。",
        from_email=settings.MAIL_FROM,
        to=[mail.address],
        connection=get_connection(timeout=20),
    ).send()


def mail_outside(*, to: list[str], title: str, body: str) -> None:
    """One mail to addresses that stand in the deployment's settings and not in the database, each for itself. Only what is
    public. Raises OSError, SMTPException."""
    with get_connection(timeout=20) as line:
        for address in to:
            EmailMessage(
                subject=f"【阳光交易】{title}"[:180],
                body=body,
                from_email=settings.MAIL_FROM,
                to=[address],
                connection=line,
            ).send()

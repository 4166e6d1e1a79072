"""Sending messages, reading them, taking note of them; the operator's notices."""

from collections.abc import Iterable
from datetime import datetime

from django.conf import settings
from django.db.models import F

from sunlight import scope
from sunlight.journal.refusals import Conflict, Forbidden, Invalid
from sunlight.journal.services import record, service
from sunlight.kernel import reading
from sunlight.messages import queries
from sunlight.messages.events import MESSAGE_ACKNOWLEDGED, NOTICE_PUBLISHED, NOTICE_WITHDRAWN
from sunlight.messages.kinds import NOTICE as NOTICE_KIND
from sunlight.messages.kinds import Kind
from sunlight.messages.models import Mail, MailAddress, Message, MessageReading, Notice
from sunlight.messages.workflows import NOTICE, NoticeState
from sunlight.scope import Actor, Role
from sunlight.scope.duties import moved
from sunlight.scope.principal import SYSTEM
from sunlight.scope.roles import OrganisationKind
from sunlight.tenancy.models import Organisation, Registration

LONGEST_TITLE, LONGEST_BODY = 200, 5_000


def message_send(
    *,
    actor: Actor,
    at: datetime,
    kind: Kind,
    to: Iterable[int | None],
    title: str,
    body: str = "",
    subject: tuple[str, int] | None = None,
    event=None,
    roles: Iterable[Role | str] | None = None,
    notice: Notice | None = None,
) -> list[Message]:
    """Send a message to the people of the organisations `to` (None is ignored) who hold one of the kind's roles, or of
    `roles`. For an `event`, each organisation gets one message per kind, however often this is called. To be called by
    a subscriber or a service; writes as the platform. `subject` is (type, id); the kind's page opens it."""
    wanted = {each for each in to if each is not None}
    with scope.elevated(actor):
        if event is not None:
            sent_before = Message.objects.filter(event_id=event.id, kind=kind.key, organisation_id__in=wanted)
            wanted -= set(sent_before.values_list("organisation_id", flat=True))
        sent = Message.objects.bulk_create(
            Message(
                platform_id=actor.platform_id,
                organisation_id=organisation_id,
                kind=kind.key,
                roles=sorted(str(role) for role in (kind.roles if roles is None else roles)),
                title=title[:LONGEST_TITLE],
                body=body[:LONGEST_BODY],
                subject_type=subject[0] if subject else "",
                subject_id=subject[1] if subject else None,
                must_acknowledge=notice.must_acknowledge if notice else kind.must_acknowledge,
                event_id=event.id if event is not None else None,
                notice=notice,
                sent_at=at,
            )
            for organisation_id in sorted(wanted)
        )
        _mail(sent, at)
    return sent


def _mail(sent: list[Message], at: datetime) -> None:
    """Put what was sent into the outbox of those who asked for mail. Off unless a sender's address is configured."""
    if not settings.MAIL_FROM or not sent:
        return
    by_organisation: dict[int, list[MailAddress]] = {}
    for address in MailAddress.objects.filter(
        platform_id=sent[0].platform_id, organisation_id__in=[m.organisation_id for m in sent], is_on=True
    ):
        by_organisation.setdefault(address.organisation_id, []).append(address)
    Mail.objects.bulk_create(
        Mail(
            platform_id=message.platform_id,
            message=message,
            user_id=address.user_id,
            address=address.address,
            next_try_at=at,
        )
        for message in sent
        for address in by_organisation.get(message.organisation_id, ())
    )


@service
def message_read(*, actor: Actor, at: datetime, message_id: int) -> Message:
    """This person has read the message; the first time counts. Raises NotThere."""
    message = queries.access_message(actor, message_id)
    _read([message], actor, at)
    return message


@service
def messages_read(*, actor: Actor, at: datetime) -> int:
    """Mark everything unread as read by this person; acknowledgements stay open. Returns the number of messages."""
    unread = list(queries.unread_before(actor, at))
    _read(unread, actor, at)
    return len(unread)


def _read(messages: list[Message], actor: Actor, at: datetime) -> None:
    if actor.principal in (None, SYSTEM):
        raise Forbidden("nobody_reads", "只有人员或接口账号可以阅读消息，请登录后再试。")
    MessageReading.objects.bulk_create(
        [
            MessageReading(message=message, user_name=actor.user_name, read_at=at, **scope.by(actor, "read"))
            for message in messages
        ],
        ignore_conflicts=True,
    )


@service
def message_acknowledge(*, actor: Actor, at: datetime, message_id: int) -> Message:
    """This person takes note of a message that asks for it; the first time counts and is recorded, its sender sees who and
    when. Raises NotThere, Conflict where the message asks for no acknowledgement (any more)."""
    message = queries.access_message(actor, message_id)
    if not message.must_acknowledge:
        raise Conflict("nothing_to_acknowledge", "这条消息不需要确认（或通知已撤回）。请返回消息列表。")
    _read([message], actor, at)
    fresh = queries.readings_of(actor, message).filter(acknowledged_at=None)
    if fresh.update(acknowledged_at=at):
        record(
            MESSAGE_ACKNOWLEDGED,
            subject=message.id,
            actor=actor,
            at=at,
            payload={"kind": message.kind, "title": message.title, "notice": message.notice_id},
        )
    return message


@service
def notice_publish(
    *,
    actor: Actor,
    at: datetime,
    title: str,
    body: str,
    audience: Iterable[str],
    roles: Iterable[str] = (),
    must_acknowledge: bool = False,
    is_public: bool = False,
) -> Notice:
    """The operator sends a notice to every organisation of the kinds `audience` registered on its platform, to all
    roles or to `roles`, and to the public if `is_public`. Raises Forbidden, Invalid."""
    if not actor.has(Role.OPERATOR_SUPPORT):
        raise Forbidden("not_your_duty", "只有运营机构的运营支持可以发布通知。请联系平台运营机构。")
    read = reading.Collected()
    title = read(reading.text, title, "title", "标题", most=LONGEST_TITLE)
    body = read(reading.text, body, "body", "正文", most=LONGEST_BODY)
    read.check()
    kinds, wanted = _audience(audience, roles, is_public)
    notice = Notice.objects.create(
        platform_id=actor.platform_id,
        title=title,
        body=body,
        audience=kinds,
        roles=wanted,
        must_acknowledge=must_acknowledge,
        is_public=is_public,
        published_at=at,
        **scope.by(actor, "published"),
    )
    recipient_count = _send_to_audience(notice, actor, at)
    record(
        NOTICE_PUBLISHED,
        subject=notice.id,
        actor=actor,
        at=at,
        payload={
            "title": title,
            "body": body,
            "audience": kinds,
            "roles": wanted,
            "must_acknowledge": must_acknowledge,
            "is_public": is_public,
            "told": recipient_count,
        },
    )
    return notice


def _audience(audience: Iterable[str], roles: Iterable[str], is_public: bool) -> tuple[list[str], list[str]]:
    known = {str(kind) for kind in OrganisationKind}
    kinds = sorted({str(each) for each in audience})
    if set(kinds) - known or not (kinds or is_public):
        raise Invalid("audience_missing", "请选择接收单位类别（至少一类，或选择向社会公开）。", field="audience")
    people = {str(role) for role in Role if role.kind is not None and str(role.kind) in kinds}
    wanted = sorted({str(each) for each in roles})
    if set(wanted) - people:
        raise Invalid("roles_of_others", "所选岗位不属于所选的接收单位类别，请重新选择。", field="roles")
    return kinds, wanted


def _send_to_audience(notice: Notice, actor: Actor, at: datetime) -> int:
    registered = Registration.objects.filter(platform_id=notice.platform_id, approved_at__isnull=False)
    recipient_count = 0
    for kind in notice.audience:
        people = [role for role in Role if role.kind == kind and (not notice.roles or role in notice.roles)]
        if not people:
            continue
        there = Organisation.objects.filter(kind=kind, id__in=registered.values("organisation_id"))
        recipient_count += len(
            message_send(
                actor=actor,
                at=at,
                kind=NOTICE_KIND,
                to=there.values_list("id", flat=True),
                title=notice.title,
                body=notice.body,
                roles=people,
                notice=notice,
            )
        )
    return recipient_count


@service
def notice_withdraw(*, actor: Actor, at: datetime, notice_id: int, reason: str) -> Notice:
    """Take a notice back, with the reason: it stays in the message centre, marked, and nobody need take note of it any
    more; the public no longer sees it. Raises NotThere, Conflict, Invalid."""
    queries.access_notice(actor, notice_id)
    notice = Notice.objects.select_for_update().get(id=notice_id)
    state = moved(NOTICE, notice.state, "withdraw", actor)
    reason = reading.reason(reason, label="撤回原因", most=300)
    notice.state, notice.withdrawn_at, notice.withdraw_reason = state, at, reason
    notice.version = F("version") + 1
    notice.save(update_fields=["state", "withdrawn_at", "withdraw_reason", "version"])
    notice.refresh_from_db(fields=["version"])
    marked = f"（已撤回）{notice.title}"[:LONGEST_TITLE]
    Message.objects.filter(notice=notice).update(
        must_acknowledge=False, title=marked, body=f"本通知已撤回：{reason}\n\n{notice.body}"[:LONGEST_BODY]
    )
    record(
        NOTICE_WITHDRAWN,
        subject=notice.id,
        actor=actor,
        at=at,
        version=notice.version,
        payload={"title": notice.title, "reason": reason, "state": str(NoticeState.WITHDRAWN)},
    )
    return notice

"""Reading messages: what concerns somebody, what they have not read, who took note."""

from datetime import datetime

from django.db.models import Count, F, FilteredRelation, Q, QuerySet

from sunlight.journal.refusals import NotThere
from sunlight.messages.models import MailAddress, Message, MessageReading, Notice
from sunlight.messages.workflows import NoticeState
from sunlight.scope import Actor
from sunlight.scope.fields import principal_is

# Nobody counts further: the bell then says 99+.
MOST_COUNTED = 100


def messages_visible_to(actor: Actor, *, unread: bool = False, kind: str = "") -> QuerySet:
    """What was sent to the actor's organisation on the platform for one of the actor's roles, newest first, each with
    `read_at` and `acknowledged_at` of this person (None where not)."""
    rows = Message.objects.filter(
        platform_id=actor.platform_id,
        organisation_id=actor.organisation_id,
        roles__overlap=[str(role) for role in actor.roles],
    ).annotate(
        mine=FilteredRelation("readings", condition=principal_is(actor.principal, "read_by", path="readings__")),
        read_at=F("mine__read_at"),
        acknowledged_at=F("mine__acknowledged_at"),
    )
    if unread:
        rows = rows.filter(mine=None)
    if kind:
        rows = rows.filter(kind=kind)
    return rows.order_by("-id")


def readings_of(actor: Actor, message: Message) -> QuerySet[MessageReading]:
    """That the actor read a message: one row, or none."""
    return MessageReading.objects.filter(principal_is(actor.principal, "read_by"), message=message)


def access_message(actor: Actor, message_id: int) -> Message:
    """One message. Raises NotThere."""
    message = messages_visible_to(actor).filter(id=message_id).first()
    if message is None:
        raise NotThere("这条消息")
    return message


def unread_count(actor: Actor) -> int:
    """The number of messages the actor has not read, at most `MOST_COUNTED`."""
    return messages_visible_to(actor, unread=True).order_by()[:MOST_COUNTED].count()


def to_acknowledge(actor: Actor) -> QuerySet:
    """Messages the actor must take note of and has not, the oldest first: what stays on top of the workbench."""
    return messages_visible_to(actor).filter(must_acknowledge=True, mine__acknowledged_at__isnull=True).order_by("id")


def readers_of(actor: Actor, message: Message) -> list[MessageReading]:
    """The people of the actor's organisation who read a message, in order of time."""
    return list(MessageReading.objects.filter(message=message).order_by("read_at", "id"))


def notices_visible_to(actor: Actor) -> QuerySet:
    """The operator's notices on the actor's platforms, newest first, each with how many organisations it was sent to and
    how many of them have read it and taken note of it. For who sends them; parties get messages."""
    taken = Q(messages__readings__acknowledged_at__isnull=False)
    return (
        Notice.objects.filter(platform_id__in=actor.platform_ids)
        .annotate(
            told=Count("messages", distinct=True),
            read=Count("messages", filter=Q(messages__readings__isnull=False), distinct=True),
            acknowledged=Count("messages", filter=taken, distinct=True),
        )
        .order_by("-id")
    )


def access_notice(actor: Actor, notice_id: int) -> Notice:
    """One notice as its sender sees it. Raises NotThere."""
    notice = notices_visible_to(actor).filter(id=notice_id).first()
    if notice is None:
        raise NotThere("这条通知")
    return notice


def messages_of_notice(notice: Notice) -> QuerySet:
    """The messages a notice became, with the organisation, its readers and when each took note: for its sender."""
    return (
        Message.objects.filter(notice=notice).select_related("organisation").prefetch_related("readings").order_by("id")
    )


def public_notices(platform_id: int) -> QuerySet:
    """What the public may read on a platform, newest first."""
    return Notice.objects.filter(platform_id=platform_id, is_public=True, state=NoticeState.PUBLISHED).order_by("-id")


def mail_address(actor: Actor) -> MailAddress | None:
    """The address to which the actor wants this organisation's messages sent, or None."""
    return MailAddress.objects.filter(
        organisation_id=actor.organisation_id, platform_id=actor.platform_id, user_id=actor.user_id
    ).first()


def unread_before(actor: Actor, at: datetime) -> QuerySet:
    """The messages that were unread when somebody opened the list at `at`."""
    return messages_visible_to(actor, unread=True).filter(sent_at__lte=at)

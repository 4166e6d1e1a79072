"""News for people: a message to those of one organisation who hold one of its roles, who read it and who took note of it;
the operator's notices; and what goes out by e-mail."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from sunlight.messages.workflows import MailState, NoticeState
from sunlight.scope.fields import acted_by


class Notice(models.Model):
    """An announcement by the operator to kinds of organisation, or also to the public."""

    platform = models.ForeignKey("tenancy.Platform", models.PROTECT, related_name="+")
    title = models.CharField(max_length=200)
    body = models.TextField()
    # Kinds of organisation it is for; roles narrow it further, none means all of them.
    audience = ArrayField(models.CharField(max_length=12))
    roles = ArrayField(models.CharField(max_length=40), default=list)
    must_acknowledge = models.BooleanField(default=False)
    is_public = models.BooleanField(default=False)
    state = models.CharField(max_length=12, choices=NoticeState.choices(), default=NoticeState.PUBLISHED)
    published_at = models.DateTimeField()
    published_by = acted_by()
    withdrawn_at = models.DateTimeField(null=True)
    withdraw_reason = models.CharField(max_length=300, blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(state__in=NoticeState.values()), name="notice_state_is_known"),
            models.CheckConstraint(
                condition=Q(state=NoticeState.PUBLISHED, withdrawn_at=None)
                | Q(state=NoticeState.WITHDRAWN, withdrawn_at__isnull=False),
                name="a_withdrawn_notice_has_its_moment",
            ),
        ]
        indexes = [models.Index(fields=["platform", "-id"])]


class Message(models.Model):
    """News for the people of `organisation` on `platform` who hold one of `roles`. Written once, never changed but for a
    notice's withdrawal."""

    platform = models.ForeignKey("tenancy.Platform", models.PROTECT, related_name="+")
    organisation = models.ForeignKey("tenancy.Organisation", models.PROTECT, related_name="+")
    kind = models.CharField(max_length=40)
    roles = ArrayField(models.CharField(max_length=40))
    title = models.CharField(max_length=200)
    body = models.TextField(blank=True)
    subject_type = models.CharField(max_length=60, blank=True)
    subject_id = models.BigIntegerField(null=True)
    must_acknowledge = models.BooleanField(default=False)
    # The journal stands below and is known by number only.
    event_id = models.BigIntegerField(null=True)
    notice = models.ForeignKey(Notice, models.PROTECT, related_name="messages", null=True)
    sent_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["event_id", "kind", "organisation"],
                condition=Q(event_id__isnull=False),
                name="an_event_tells_an_organisation_once",
            ),
            models.UniqueConstraint(
                fields=["notice", "organisation"],
                condition=Q(notice__isnull=False),
                name="a_notice_reaches_an_organisation_once",
            ),
        ]
        indexes = [models.Index(fields=["organisation", "platform", "-id"])]


class MessageReading(models.Model):
    """That one person read a message, and took note of it where that was asked for."""

    message = models.ForeignKey(Message, models.PROTECT, related_name="readings")
    read_by = acted_by(null=False)
    user_name = models.CharField(max_length=120, blank=True)
    read_at = models.DateTimeField()
    acknowledged_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["message", "read_by_kind", "read_by_id"], name="a_person_reads_a_message_once"
            ),
        ]


class MailAddress(models.Model):
    """Where somebody wants the messages of one organisation sent, as they asked for it themselves."""

    platform = models.ForeignKey("tenancy.Platform", models.PROTECT, related_name="+")
    organisation = models.ForeignKey("tenancy.Organisation", models.PROTECT, related_name="+")
    user_id = models.BigIntegerField()
    address = models.EmailField(max_length=120)
    is_on = models.BooleanField(default=True)
    changed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "platform", "user_id"], name="one_mail_address_a_person_and_organisation"
            ),
        ]


class Mail(models.Model):
    """One message on its way to one address: the outbox of e-mail."""

    platform = models.ForeignKey("tenancy.Platform", models.PROTECT, related_name="+")
    message = models.ForeignKey(Message, models.PROTECT, related_name="+")
    user_id = models.BigIntegerField()
    address = models.EmailField(max_length=120)
    state = models.CharField(max_length=12, choices=MailState.choices(), default=MailState.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_try_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    last_error = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(state__in=MailState.values()), name="mail_state_is_known"),
            models.CheckConstraint(
                condition=Q(state=MailState.WAITING, ended_at=None)
                | (~Q(state=MailState.WAITING) & Q(ended_at__isnull=False)),
                name="mail_waits_or_has_ended",
            ),
            models.UniqueConstraint(fields=["message", "user_id"], name="a_message_is_mailed_to_a_person_once"),
        ]
        indexes = [
            models.Index(
                fields=["platform", "next_try_at"], condition=Q(state=MailState.WAITING), name="mail_that_waits"
            )
        ]

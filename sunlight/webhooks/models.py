"""Where an organisation's own systems receive its events, and what was sent there."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from sunlight.scope.fields import acted_by
from sunlight.webhooks.workflows import WebhookDeliveryState, WebhookState


class Webhook(models.Model):
    """An address that receives an organisation's events. `secret` is sealed by `suite` (`services.webhook_secrets`);
    the one before signs too until `old_secret_until`. `sequence`: up to which sealed event deliveries were planned."""

    platform = models.ForeignKey("tenancy.Platform", models.PROTECT, related_name="+")
    organisation = models.ForeignKey("tenancy.Organisation", models.PROTECT, related_name="+")
    name = models.CharField(max_length=80)
    url = models.CharField(max_length=500)
    # The topics it receives, by subject type; none means all of them.
    topics = ArrayField(models.CharField(max_length=60), default=list)
    state = models.CharField(max_length=12, choices=WebhookState.choices(), default=WebhookState.ACTIVE)
    secret = models.BinaryField()
    old_secret = models.BinaryField(null=True)
    old_secret_until = models.DateTimeField(null=True)
    suite = models.CharField(max_length=60, blank=True)
    sequence = models.BigIntegerField()
    created_at = models.DateTimeField()
    created_by = acted_by()
    failing_since = models.DateTimeField(null=True)
    disabled_at = models.DateTimeField(null=True)
    disable_reason = models.CharField(max_length=300, blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(state__in=WebhookState.values()), name="webhook_state_is_known"),
            models.CheckConstraint(
                condition=Q(state=WebhookState.ACTIVE, disabled_at=None)
                | Q(state=WebhookState.DISABLED, disabled_at__isnull=False),
                name="a_disabled_webhook_has_its_moment",
            ),
            models.CheckConstraint(
                condition=Q(old_secret=None, old_secret_until=None)
                | Q(old_secret__isnull=False, old_secret_until__isnull=False),
                name="an_old_secret_ends",
            ),
        ]
        indexes = [models.Index(fields=["organisation", "platform", "-id"])]


class WebhookDelivery(models.Model):
    """One event on its way to one webhook, at least once. The message's id is the row's, so a receiver recognises a
    repeat."""

    platform = models.ForeignKey("tenancy.Platform", models.PROTECT, related_name="+")
    organisation = models.ForeignKey("tenancy.Organisation", models.PROTECT, related_name="+")
    webhook = models.ForeignKey(Webhook, models.PROTECT, related_name="deliveries")
    event = models.ForeignKey("journal.Event", models.PROTECT, related_name="+")
    sequence = models.BigIntegerField()
    state = models.CharField(
        max_length=12, choices=WebhookDeliveryState.choices(), default=WebhookDeliveryState.WAITING
    )
    attempts = models.PositiveIntegerField(default=0)
    next_try_at = models.DateTimeField()
    tried_at = models.DateTimeField(null=True)
    last_status = models.PositiveSmallIntegerField(null=True)
    last_error = models.CharField(max_length=300, blank=True)
    planned_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=WebhookDeliveryState.values()), name="webhook_delivery_state_is_known"
            ),
            models.CheckConstraint(
                condition=Q(state=WebhookDeliveryState.WAITING, ended_at=None)
                | (~Q(state=WebhookDeliveryState.WAITING) & Q(ended_at__isnull=False)),
                name="a_webhook_delivery_waits_or_has_ended",
            ),
            models.UniqueConstraint(fields=["webhook", "sequence"], name="a_webhook_hears_of_an_event_once"),
        ]
        indexes = [
            models.Index(fields=["webhook", "-id"]),
            models.Index(
                fields=["next_try_at"], condition=Q(state=WebhookDeliveryState.WAITING), name="webhook_deliveries_due"
            ),
        ]

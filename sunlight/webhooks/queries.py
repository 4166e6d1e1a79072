"""Reading webhooks and what they delivered."""

from datetime import datetime

from django.db.models import QuerySet

from sunlight.journal.declared import SUBJECTS
from sunlight.journal.models import Seal
from sunlight.journal.refusals import NotThere
from sunlight.scope import Actor
from sunlight.webhooks.events import WEBHOOK_TESTED
from sunlight.webhooks.models import Webhook, WebhookDelivery
from sunlight.webhooks.workflows import KEEPERS, WebhookDeliveryState, WebhookState


def topics() -> dict[str, str]:
    """What a webhook may be subscribed to: subject type → its words."""
    return {each.name: each.words for each in SUBJECTS.values() if each.is_topic}


def webhooks_visible_to(actor: Actor) -> QuerySet[Webhook]:
    """The organisation's own webhooks, newest first; nobody else's business."""
    rows = Webhook.objects.order_by("-id").defer("secret", "old_secret")
    if not (actor.is_party or actor.has(*KEEPERS)):
        return rows.none()
    return rows.filter(organisation_id=actor.organisation_id, platform_id=actor.platform_id)


def webhooks_cut_off(actor: Actor) -> QuerySet[Webhook]:
    """The organisation's own that were disabled because nothing arrived, not because somebody wanted it."""
    return webhooks_visible_to(actor).filter(state=WebhookState.DISABLED, failing_since__isnull=False)


def access_webhook(actor: Actor, webhook_id: int) -> Webhook:
    """Raises NotThere."""
    found = webhooks_visible_to(actor).filter(id=webhook_id).first()
    if found is None:
        raise NotThere("这个推送地址")
    return found


def lock_webhook(actor: Actor, webhook_id: int) -> Webhook:
    """As `access_webhook`, with all columns and locked. Raises NotThere."""
    return Webhook.objects.select_for_update(of=("self",)).get(id=access_webhook(actor, webhook_id).id)


def deliveries_of(webhook: Webhook) -> QuerySet[WebhookDelivery]:
    """What was sent or waits, newest first."""
    return WebhookDelivery.objects.select_related("event").filter(webhook=webhook).order_by("-id")


def lock_delivery(actor: Actor, delivery_id: int) -> WebhookDelivery:
    """One delivery of the organisation's, locked. Raises NotThere."""
    found = (
        WebhookDelivery.objects.select_for_update(of=("self",))
        .select_related("webhook", "event")
        .filter(id=delivery_id, webhook__in=webhooks_visible_to(actor).values("id"))
        .first()
    )
    if found is None:
        raise NotThere("这次推送")
    return found


def head_of(platform_id: int) -> int:
    """The place of the last sealed event. In the platform's own scope."""
    return (
        Seal.objects.filter(platform_id=platform_id).order_by("-sequence").values_list("sequence", flat=True).first()
        or 0
    )


def news_for(webhook: Webhook, limit: int) -> list[Seal]:
    """The next sealed events after the webhook's place, whoever they concern, without gaps."""
    rows = Seal.objects.select_related("event").filter(
        platform_id=webhook.platform_id, sequence__gt=webhook.sequence, event__isnull=False
    )
    return list(rows.order_by("sequence")[:limit])


def concerns(webhook: Webhook, event) -> bool:
    """Whether the webhook receives an event: its organisation is a party to it, and it subscribed to the topic."""
    if webhook.organisation_id not in event.parties:
        return False
    if event.name == WEBHOOK_TESTED.name:
        return event.subject_id == webhook.id
    return event.subject_type in topics() and (not webhook.topics or event.subject_type in webhook.topics)


def active_webhooks(platform_id: int) -> list[int]:
    rows = Webhook.objects.filter(platform_id=platform_id, state=WebhookState.ACTIVE)
    return list(rows.order_by("id").values_list("id", flat=True))


def next_due(platform_id: int, at: datetime) -> WebhookDelivery | None:
    """A delivery whose time has come, locked; those locked by others are left out."""
    return (
        WebhookDelivery.objects.select_for_update(skip_locked=True, of=("self",))
        .select_related("webhook", "event")
        .filter(
            platform_id=platform_id,
            state=WebhookDeliveryState.WAITING,
            next_try_at__lte=at,
            webhook__state=WebhookState.ACTIVE,
        )
        .order_by("next_try_at", "id")
        .first()
    )

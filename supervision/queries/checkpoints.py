"""Checkpoints of a platform's journal: for everybody as they were made, for auditors with where they went."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import QuerySet

from sunlight.journal.checkpoints import entry_of
from sunlight.journal.events import CHECKPOINT_MADE, JOURNAL_ALARM
from sunlight.journal.models import Checkpoint, CheckpointDelivery, Event
from sunlight.scope import Actor
from sunlight.tenancy.models import Organisation, Platform
from sunlight.webhooks.models import WebhookDelivery
from sunlight.webhooks.workflows import WebhookDeliveryState

FEED_ROWS = 500
# How long an alarm stays on the auditors' page.
ALARM_DAYS = 90


@dataclass(frozen=True)
class Standing:
    """The last checkpoint, where the checkpoints went last by each way (way, where, when, sequence), and the alarms."""

    last: Checkpoint | None
    deliveries: list[tuple[str, str, datetime, int]]
    alarms: list[Event]


def checkpoints_of(platform: Platform) -> QuerySet[Checkpoint]:
    """Those of a platform, newest first: everybody may read them."""
    return Checkpoint.objects.filter(platform_id=platform.id).order_by("-id")


def feed(platform: Platform, *, before: int | None) -> dict:
    """The newest checkpoints, or those before an id, as plain JSON values, with the keys that signed them. `next` is the id to
    go on before, None at the end."""
    rows = checkpoints_of(platform)
    found = list((rows if before is None else rows.filter(id__lt=before))[: FEED_ROWS + 1])
    shown = found[:FEED_ROWS]
    return {
        "platform": platform.code,
        "public_keys": [{"key_id": number, "public_key": key} for number, key in keys_of(shown)],
        "checkpoints": [entry_of(each) for each in shown],
        "next": shown[-1].id if len(found) > FEED_ROWS else None,
    }


def keys_of(rows: list[Checkpoint]) -> list[tuple[str, str]]:
    """(number, public half) of the keys that signed these checkpoints, newest first."""
    return list(dict.fromkeys((each.key_id, each.public_key) for each in rows))


def standing(actor: Actor, at: datetime) -> Standing:
    """How the checkpoints of the actor's platform stand, for those who check its journal."""
    last = Checkpoint.objects.filter(platform_id=actor.platform_id).order_by("-id").first()
    since = at - timedelta(days=ALARM_DAYS)
    alarms = Event.objects.filter(platform_id=actor.platform_id, name=JOURNAL_ALARM.name, occurred_at__gte=since)
    return Standing(last, _deliveries(actor), list(alarms.order_by("-id")[:20]))


def _deliveries(actor: Actor) -> list[tuple[str, str, datetime, int]]:
    rows = CheckpointDelivery.objects.select_related("checkpoint").filter(platform_id=actor.platform_id)
    latest = rows.order_by("channel", "target", "-id").distinct("channel", "target")
    found = [(row.channel, row.target, row.delivered_at, row.checkpoint.sequence) for row in latest]
    pushed = (
        WebhookDelivery.objects.select_related("event")
        .filter(platform_id=actor.platform_id, event__name=CHECKPOINT_MADE.name, state=WebhookDeliveryState.DELIVERED)
        .order_by("organisation_id", "-id")
        .distinct("organisation_id")
    )
    names = dict(Organisation.objects.filter(id__in=[row.organisation_id for row in pushed]).values_list("id", "name"))
    found += [("webhook", names[row.organisation_id], row.ended_at, row.event.payload["sequence"]) for row in pushed]
    return sorted(found, key=lambda each: each[2], reverse=True)

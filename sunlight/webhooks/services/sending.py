"""Sending what waits: an attempt is claimed, made outside any transaction, then settled.

A worker killed between claim and settlement leaves the row for another attempt when the claim's lease is over: at least
once.
"""

import json
import time
from collections.abc import Callable
from datetime import datetime, timedelta

from django.core.serializers.json import DjangoJSONEncoder

from sunlight import scope
from sunlight.kernel.crypto import CryptoError
from sunlight.scope import Actor
from sunlight.webhooks import outbound, queries
from sunlight.webhooks.models import Webhook, WebhookDelivery
from sunlight.webhooks.services.secrets import signed_headers
from sunlight.webhooks.services.webhooks import delivery_settled, waits

# Delays between the attempts of one delivery; together about three days.
PAUSES = tuple(
    timedelta(seconds=seconds)
    for seconds in (5, 300, 1_800, 2 * 3_600, 5 * 3_600, 10 * 3_600, 14 * 3_600, 20 * 3_600, 24 * 3_600)
)
LEASE = timedelta(seconds=60)
ROUND_SECONDS = 30.0


def webhooks_send(*, actor: Actor, at: datetime, limit: int = 50, post: Callable = outbound.post) -> int:
    """Try up to `limit` deliveries of the platform that are due; call it outside any scope. Returns how many."""
    begun, tried = time.monotonic(), 0
    while tried < limit and time.monotonic() - begun < ROUND_SECONDS:
        with scope.opened(actor):
            delivery = queries.next_due(actor.platform_id, at)
            if delivery is None:
                break
            delivery.attempts += 1
            delivery.next_try_at = at + LEASE
            delivery.save(update_fields=["attempts", "next_try_at"])
        answer = _attempt(delivery, at, post)
        with scope.opened(actor):
            _settle(delivery, answer, actor, at)
        tried += 1
    return tried


def _attempt(delivery: WebhookDelivery, at: datetime, post: Callable) -> outbound.Answer:
    body = message_of(delivery)
    try:
        headers = signed_headers(delivery.webhook, f"msg_{delivery.id}", at, body)
    except CryptoError:
        return outbound.Answer(None, "平台的密钥已更换，原签名密钥不能再用。请轮换签名密钥。")
    return post(delivery.webhook.url, body, headers)


def message_of(delivery: WebhookDelivery) -> bytes:
    """The message's body: the event as it was recorded, the same at every attempt."""
    event = delivery.event
    message = {
        "type": event.name,
        "timestamp": event.occurred_at,
        "data": {
            "sequence": delivery.sequence,
            "subject": {"type": event.subject_type, "id": event.subject_id, "version": event.subject_version},
            "facts": event.payload,
        },
    }
    return json.dumps(message, cls=DjangoJSONEncoder, ensure_ascii=False, separators=(",", ":")).encode()


def _settle(delivery: WebhookDelivery, answer: outbound.Answer, actor: Actor, at: datetime) -> None:
    webhook = Webhook.objects.select_for_update(of=("self",)).get(id=delivery.webhook_id)
    current = WebhookDelivery.objects.select_for_update(of=("self",)).get(id=delivery.id)
    # Somebody sent it again meanwhile, or a second worker did after the lease: that attempt decides.
    if not waits(current) or current.attempts != delivery.attempts:
        return
    pause = PAUSES[current.attempts - 1] if current.attempts <= len(PAUSES) else None
    delivery_settled(current, webhook, answer, at + pause if pause else None, actor, at)

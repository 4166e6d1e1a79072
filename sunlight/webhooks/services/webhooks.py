"""Webhooks: where an organisation's own systems receive its events (Standard Webhooks).

An administrator registers an address and gets its secret once. Sealed events are planned in the platform's sequence, so
none is passed over; each delivery is a row that is tried until it arrives or its tries are used up.
"""

from collections.abc import Collection
from datetime import datetime, timedelta

from sunlight import scope
from sunlight.journal.declared import EventType
from sunlight.journal.refusals import Conflict, Forbidden, Invalid
from sunlight.journal.services import record, service
from sunlight.kernel import reading
from sunlight.messages.kinds import message_kind
from sunlight.messages.services.messages import message_send
from sunlight.scope import Actor
from sunlight.scope.duties import moved
from sunlight.webhooks import queries
from sunlight.webhooks.events import (
    WEBHOOK_CHANGED,
    WEBHOOK_DISABLED,
    WEBHOOK_ENABLED,
    WEBHOOK_REDELIVERY_ASKED,
    WEBHOOK_REGISTERED,
    WEBHOOK_SECRET_ROTATED,
    WEBHOOK_TESTED,
)
from sunlight.webhooks.models import Webhook, WebhookDelivery
from sunlight.webhooks.outbound import AddressRefused, target_of
from sunlight.webhooks.services import secrets
from sunlight.webhooks.workflows import KEEPERS, WEBHOOK, WEBHOOK_DELIVERY, WebhookDeliveryState, WebhookState

MOST_WEBHOOKS, MOST_EVENTS = 10, 500
OVERLAP = timedelta(hours=24)
SECRET_FIELDS = ("secret", "old_secret", "old_secret_until", "suite")
# A webhook that fails for so long is disabled; what waits is then sent when it is enabled again.
PATIENCE = timedelta(days=5)
DISABLED = message_kind("webhook_disabled", "事件推送已停用", *KEEPERS, url_name="webhooks:webhook")


def _only_admins(actor: Actor) -> None:
    if not actor.has(*KEEPERS):
        raise Forbidden("not_your_duty", "只有本单位管理员（监管部门为监管审计）可以设置事件推送。请联系他们。")


def _require_valid(name: str, url: str, topics: Collection[str]) -> tuple[str, str, list[str]]:
    read = reading.Collected()
    name = read(reading.text, name, "name", "名称", most=80)
    url = read(reading.text, url, "url", "推送地址", most=500)
    read.check()
    try:
        target_of(url)
    except AddressRefused as refused:
        raise Invalid("webhook_url", str(refused), field="url") from refused
    unknown = sorted(set(topics) - set(queries.topics()))
    if unknown:
        raise Invalid("webhook_topic", f"没有事件类别“{unknown[0][:40]}”，请从列表中选择。", field="topics")
    return name, url, sorted(set(topics))


@service
def webhook_register(
    *, actor: Actor, at: datetime, name: str, url: str, topics: Collection[str] = ()
) -> tuple[Webhook, str]:
    """Send the organisation's events to an https address from now on: those of `topics` (subject types), or all.
    Returns the webhook and its secret, which is shown this once. Raises Forbidden, Invalid, Conflict above ten
    addresses."""
    _only_admins(actor)
    name, url, topics = _require_valid(name, url, topics)
    if queries.webhooks_visible_to(actor).count() >= MOST_WEBHOOKS:
        raise Conflict("too_many_webhooks", f"每个单位最多 {MOST_WEBHOOKS} 个推送地址。请改用或停用已有的地址。")
    with scope.elevated(actor):
        head = queries.head_of(actor.platform_id)
    secret = secrets.fresh()
    webhook = Webhook(
        platform_id=actor.platform_id,
        organisation_id=actor.organisation_id,
        name=name,
        url=url,
        topics=topics,
        sequence=head,
        created_at=at,
        **scope.by(actor, "created"),
    )
    secrets.keep(webhook, secret)
    webhook.save(force_insert=True)
    _record(WEBHOOK_REGISTERED, webhook, actor, at)
    return webhook, secret


@service
def webhook_change(
    *, actor: Actor, at: datetime, webhook_id: int, name: str, url: str, topics: Collection[str]
) -> Webhook:
    """Another name, address or topics. Raises as `webhook_register`, NotThere."""
    _only_admins(actor)
    webhook = queries.lock_webhook(actor, webhook_id)
    webhook.name, webhook.url, webhook.topics = _require_valid(name, url, topics)
    _save(webhook, "name", "url", "topics")
    _record(WEBHOOK_CHANGED, webhook, actor, at)
    return webhook


@service
def webhook_rotate(*, actor: Actor, at: datetime, webhook_id: int) -> tuple[Webhook, str]:
    """A new secret, shown this once; the old one signs too for 24 hours, unless its key is gone."""
    _only_admins(actor)
    webhook = queries.lock_webhook(actor, webhook_id)
    secret = secrets.fresh()
    webhook.old_secret_until = at + OVERLAP
    secrets.keep(webhook, secret, secrets.opened_or_none(webhook, webhook.secret))
    _save(webhook, *SECRET_FIELDS)
    _record(WEBHOOK_SECRET_ROTATED, webhook, actor, at)
    return webhook, secret


@service
def webhook_secrets_reseal(*, actor: Actor, at: datetime) -> tuple[int, int]:
    """Seal the platform's webhooks again with the current key; returns (done, failed: no key opens them). To be called
    as the platform's system. What is signed stays the same."""
    done = lost = 0
    for webhook in Webhook.objects.select_for_update(of=("self",)).filter(platform_id=actor.platform_id).order_by("id"):
        if secrets.is_current(webhook):
            continue
        secret = secrets.opened_or_none(webhook, webhook.secret)
        if secret is None:
            lost += 1
            continue
        secrets.keep(webhook, secret, secrets.opened_or_none(webhook, webhook.old_secret))
        webhook.save(update_fields=SECRET_FIELDS)
        done += 1
    return done, lost


@service
def webhook_disable(*, actor: Actor, at: datetime, webhook_id: int, reason: str = "") -> Webhook:
    """Send nothing more until it is enabled; it then receives what happened meanwhile."""
    webhook = queries.lock_webhook(actor, webhook_id)
    reason = reading.text(reason, "reason", "停用原因", most=300, required=False)
    return _disable(webhook, actor, at, reason or "管理员停用")


@service
def webhook_enable(*, actor: Actor, at: datetime, webhook_id: int) -> Webhook:
    """Send events again, beginning with what it missed."""
    webhook = queries.lock_webhook(actor, webhook_id)
    webhook.state = moved(WEBHOOK, webhook.state, "enable", actor)
    webhook.disabled_at, webhook.disable_reason, webhook.failing_since = None, "", None
    _save(webhook, "state", "disabled_at", "disable_reason", "failing_since")
    _record(WEBHOOK_ENABLED, webhook, actor, at)
    return webhook


@service
def webhook_test(*, actor: Actor, at: datetime, webhook_id: int) -> Webhook:
    """Send it a test event, by the same path as all others. Raises Conflict where it is disabled."""
    _only_admins(actor)
    webhook = queries.access_webhook(actor, webhook_id)
    if webhook.state != WebhookState.ACTIVE:
        raise Conflict("webhook_disabled", "该推送地址已停用，请先启用再测试。")
    _record(WEBHOOK_TESTED, webhook, actor, at)
    return webhook


@service
def webhook_redeliver(*, actor: Actor, at: datetime, delivery_id: int) -> WebhookDelivery:
    """Send one delivery again, starting over; the receiver knows it by its id."""
    delivery = queries.lock_delivery(actor, delivery_id)
    delivery.state = moved(WEBHOOK_DELIVERY, delivery.state, "redeliver", actor)
    delivery.attempts, delivery.next_try_at, delivery.ended_at = 0, at, None
    delivery.save(update_fields=["state", "attempts", "next_try_at", "ended_at"])
    record(
        WEBHOOK_REDELIVERY_ASKED,
        subject=delivery.webhook_id,
        actor=actor,
        at=at,
        payload={"delivery": delivery.id, "event": delivery.event_id},
    )
    return delivery


@service
def webhooks_plan(*, actor: Actor, at: datetime) -> int:
    """Create a delivery for each sealed event that an active webhook of the platform should receive; returns their
    number. To be called as the platform's system."""
    planned = 0
    for webhook_id in queries.active_webhooks(actor.platform_id):
        webhook = Webhook.objects.select_for_update(skip_locked=True, of=("self",)).filter(id=webhook_id).first()
        if webhook is None or webhook.state != WebhookState.ACTIVE:
            continue
        news = queries.news_for(webhook, MOST_EVENTS)
        if not news:
            continue
        rows = [
            WebhookDelivery(
                platform_id=webhook.platform_id,
                organisation_id=webhook.organisation_id,
                webhook=webhook,
                event_id=seal.event_id,
                sequence=seal.sequence,
                next_try_at=at,
                planned_at=at,
            )
            for seal in news
            if queries.concerns(webhook, seal.event)
        ]
        WebhookDelivery.objects.bulk_create(rows)
        webhook.sequence = news[-1].sequence
        webhook.save(update_fields=["sequence"])
        planned += len(rows)
    return planned


def delivery_settled(
    delivery: WebhookDelivery, webhook: Webhook, answer, next_try_at, actor: Actor, at: datetime
) -> None:
    """Record the outcome of an attempt, both rows locked: delivered, to be tried at `next_try_at`, or given up where
    that is None. A webhook that fails for five days, or answers 410 Gone, is disabled and its administrators hear of
    it."""
    delivery.tried_at, delivery.last_status, delivery.last_error = at, answer.status, answer.error[:300]
    if answer.ok:
        delivery.state, delivery.ended_at = moved(WEBHOOK_DELIVERY, delivery.state, "deliver", actor), at
        webhook.failing_since = None
    else:
        webhook.failing_since = webhook.failing_since or at
        if next_try_at is None:
            delivery.state, delivery.ended_at = moved(WEBHOOK_DELIVERY, delivery.state, "give_up", actor), at
        else:
            delivery.next_try_at = next_try_at
    delivery.save(update_fields=["state", "tried_at", "last_status", "last_error", "next_try_at", "ended_at"])
    webhook.save(update_fields=["failing_since"])
    gone = answer.status == 410
    if webhook.state == WebhookState.ACTIVE and not answer.ok and (gone or at - webhook.failing_since >= PATIENCE):
        reason = "对方应答 410，表示不再接收" if gone else f"连续 {PATIENCE.days} 天投递失败"
        _disable(webhook, actor, at, reason)
        message_send(
            actor=actor,
            at=at,
            kind=DISABLED,
            to=[webhook.organisation_id],
            title=f"事件推送“{webhook.name}”已停用",
            body=f"{reason}。请检查接收系统，恢复后在推送设置中重新启用；停用期间的事件将补发。",
            subject=("webhook", webhook.id),
        )


def _disable(webhook: Webhook, actor: Actor, at: datetime, reason: str) -> Webhook:
    webhook.state = moved(WEBHOOK, webhook.state, "disable", actor)
    webhook.disabled_at, webhook.disable_reason = at, reason
    _save(webhook, "state", "disabled_at", "disable_reason")
    _record(WEBHOOK_DISABLED, webhook, actor, at, reason=reason)
    return webhook


def _save(webhook: Webhook, *fields: str) -> None:
    webhook.version += 1
    webhook.save(update_fields=[*fields, "version"])


def _record(event: EventType, webhook: Webhook, actor: Actor, at: datetime, **more) -> None:
    record(
        event,
        subject=webhook.id,
        actor=actor,
        at=at,
        version=webhook.version,
        parties=[webhook.organisation_id],
        payload={
            "name": webhook.name,
            "url": webhook.url,
            "topics": list(webhook.topics),
            "state": webhook.state,
            **more,
        },
    )


def waits(delivery: WebhookDelivery) -> bool:
    return delivery.state == WebhookDeliveryState.WAITING

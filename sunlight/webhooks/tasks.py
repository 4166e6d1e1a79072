"""Telling webhooks what happened."""

from celery import shared_task

from sunlight import scope
from sunlight.tenancy.queries.actors import open_platform_actors
from sunlight.webhooks.services.sending import webhooks_send
from sunlight.webhooks.services.webhooks import webhooks_plan


@shared_task(name="webhooks.send")
def send_webhooks() -> int:
    """Plan deliveries to webhooks and attempt those that are due. Returns the number of attempts."""
    tried = 0
    for actor in open_platform_actors():
        at = scope.now(actor.platform_code)
        with scope.opened(actor):
            webhooks_plan(actor=actor, at=at)
        tried += webhooks_send(actor=actor, at=at)
    return tried

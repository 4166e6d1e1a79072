"""Telling the authorities the checkpoint of the day."""

from celery import shared_task

from sunlight import scope
from sunlight.tenancy.queries.actors import open_platform_actors
from supervision.services.checkpoints import checkpoint_of_the_day_send


@shared_task(name="supervision.send_checkpoints")
def send_checkpoints() -> int:
    told = 0
    for actor in open_platform_actors():
        with scope.opened(actor):
            told += checkpoint_of_the_day_send(actor=actor, at=scope.now(actor.platform_code))
    return told

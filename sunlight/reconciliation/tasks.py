"""The nightly reconciliation of every open platform; what was missed or interrupted is caught up during the day."""

from datetime import datetime, time

from celery import shared_task

from sunlight import scope
from sunlight.reconciliation.services.runs import is_begun, reconciliation_begin, reconciliation_go_on
from sunlight.scope import Actor
from sunlight.scope.clock import SHANGHAI
from sunlight.tenancy.queries.actors import open_platform_actors

# After the night's figures.
NIGHT = time(2, 0)
# Chunks of one platform in one round: a round stays below the five minutes a task may take.
CHUNKS = 60


@shared_task(name="reconciliation.reconcile")
def reconcile_all() -> int:
    """Begin the day's walk of every open platform from 02:00 on, and go on with what is unfinished. Returns the differences
    found so far."""
    return sum(_go_on(actor, scope.now(actor.platform_code)) for actor in open_platform_actors())


def _go_on(actor: Actor, at: datetime) -> int:
    run = reconciliation_go_on(actor=actor, at=at, most=CHUNKS)
    if run is None and at.astimezone(SHANGHAI).time() >= NIGHT and not is_begun(actor=actor, at=at):
        with scope.opened(actor):
            reconciliation_begin(actor=actor, at=at, is_nightly=True)
        run = reconciliation_go_on(actor=actor, at=at, most=CHUNKS)
    return run.differences if run is not None else 0

"""Marking what passed, and days that a published calendar moved."""

from celery import shared_task

from sunlight import scope
from sunlight.deadlines.services import deadlines_pass, deadlines_recount
from sunlight.tenancy.queries.actors import open_platform_actors

_CHUNK = 100


@shared_task(name="deadlines.pass")
def deadlines_end() -> int:
    """On every open platform, chunk by chunk, each in its own transaction."""
    done = 0
    for actor in open_platform_actors():
        for sweep in (deadlines_recount, deadlines_pass):
            looked_at = _CHUNK
            while looked_at == _CHUNK:
                with scope.opened(actor):
                    looked_at = sweep(actor=actor, at=scope.now(actor.platform_code), limit=_CHUNK)
                done += looked_at
    return done

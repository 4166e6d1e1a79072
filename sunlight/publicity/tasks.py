"""What the end of a publication's term does."""

from celery import shared_task

from sunlight import scope
from sunlight.publicity.services import publicity_sweep
from sunlight.tenancy.queries.actors import open_platform_actors


@shared_task(name="publicity.end_terms")
def publicity_ends() -> int:
    """What the end of a term does, on every open platform."""
    ended = 0
    for actor in open_platform_actors():
        with scope.opened(actor):
            ended += publicity_sweep(actor=actor, at=scope.now(actor.platform_code))
    return ended

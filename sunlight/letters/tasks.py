"""What time does to letters: delivery is tried again, silence is told."""

from celery import shared_task

from sunlight import scope
from sunlight.letters.services.sending import letters_sweep
from sunlight.tenancy.queries.actors import open_platform_actors

CHUNK = 200


@shared_task(name="letters.sweep")
def letters_swept() -> int:
    """On every open platform, until nothing moves."""
    moved = 0
    for actor in open_platform_actors():
        more = CHUNK
        while more >= CHUNK:
            with scope.opened(actor):
                more = letters_sweep(actor=actor, at=scope.now(actor.platform_code), limit=CHUNK)
            moved += more
    return moved

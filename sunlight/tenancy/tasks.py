"""Delivering and sealing events, for every platform, about once a second."""

from celery import shared_task

from sunlight import scope
from sunlight.journal import checkpoints, relay
from sunlight.tenancy.queries.actors import all_platform_actors, open_platform_actors
from sunlight.tenancy.queries.authorities import authorities_of
from sunlight.tenancy.services import changes, letters, oauth, people


@shared_task(name="tenancy.deliver_events")
def deliver_events() -> int:
    return sum(
        relay.deliver_pending(actor=actor, at=scope.now(actor.platform_code)) for actor in open_platform_actors()
    )


@shared_task(name="tenancy.seal_events")
def seal_events() -> int:
    """Seal, and every few minutes sign: on closed platforms too, for what they wrote last."""
    sealed = 0
    for actor in all_platform_actors():
        sealed += checkpoints.tend(actor=actor, at=scope.now(actor.platform_code), told=authorities_of)
    return sealed


@shared_task(name="tenancy.clear_sessions")
def clear_sessions() -> int:
    return people.sessions_clear(at=scope.now())


@shared_task(name="tenancy.clear_fetched_tokens")
def clear_fetched_tokens() -> int:
    return oauth.oauth_tokens_clear(at=scope.now())


@shared_task(name="tenancy.expire_changes")
def expire_changes() -> int:
    ended = 0
    for actor in open_platform_actors():
        with scope.opened(actor):
            ended += changes.changes_expire(actor=actor, at=scope.now(actor.platform_code))
    return ended


@shared_task(name="tenancy.send_letters")
def send_letters() -> int:
    return letters.letters_send(at=scope.now())

"""Delivering and sealing events, for every open platform, about once a second."""

from celery import shared_task

from sunlight import scope
from sunlight.journal import relay, sealer
from sunlight.tenancy.queries.actors import open_platform_actors
from sunlight.tenancy.services import changes, letters, oauth, people


@shared_task(name="tenancy.deliver_events")
def deliver_events() -> int:
    return sum(
        relay.deliver_pending(actor=actor, at=scope.now(actor.platform_code)) for actor in open_platform_actors()
    )


@shared_task(name="tenancy.seal_events")
def seal_events() -> int:
    sealed = 0
    for actor in open_platform_actors():
        with scope.opened(actor):
            sealed += sealer.seal(platform_id=actor.platform_id, at=scope.now(actor.platform_code))
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

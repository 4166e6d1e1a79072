"""Answers kept for repeated requests: the first answer to a POST with a key."""

from datetime import datetime

from sunlight.answers.models import IdempotentAnswer
from sunlight.scope import Actor


def answer_find(*, actor: Actor, route: str, key: str) -> IdempotentAnswer | None:
    """What was answered to the actor's organisation for `key` on `route`, or None."""
    return IdempotentAnswer.objects.filter(
        platform_id=actor.platform_id, organisation_id=actor.organisation_id, route=route, key=key
    ).first()


def answer_keep(
    *, actor: Actor, at: datetime, route: str, key: str, body_sha256: str, status: int, answer: object
) -> IdempotentAnswer:
    """Keep the first answer to `key` on `route`, in the transaction of its effect. A second one breaks the unique key."""
    return IdempotentAnswer.objects.create(
        platform_id=actor.platform_id,
        organisation_id=actor.organisation_id,
        route=route,
        key=key,
        body_sha256=body_sha256,
        status=status,
        answer=answer,
        answered_at=at,
    )

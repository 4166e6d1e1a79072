"""Keeping the code feed (SZ20-5.1.1).

Two steps. News of catalogue and prices is announced on every platform concerned, as an event `codes_changed` of that
platform. Once the sealer has given that event its place, the feed takes the codes' state and moves them there. So what
commits late comes late and is never passed over, and a reader's cursor never has to look back.
"""

from datetime import datetime

from pricing.events import CODES_CHANGED
from pricing.models import CodeChange, FeedPosition
from pricing.queries import feeds
from pricing.services.publication import over_all_platforms
from sunlight import scope
from sunlight.journal.models import Event
from sunlight.journal.services import record_all, service
from sunlight.scope import Actor

MOST_CODES, MOST_SEALS = 500, 500


@service
def codes_announce(*, actor: Actor, at: datetime, event: Event) -> int:
    """Record a change of codes for every platform on which they are listed; returns the number of codes."""
    return _announce(actor, at, feeds.codes_of_news(event), {"event": event.id, "name": event.name})


@service
def code_feed_fill(*, actor: Actor, at: datetime) -> int:
    """Announce every code that was ever listed on the actor's platform: for a platform that traded before there was a
    feed, and where a feed is doubted. Readers get each code once more."""
    codes = feeds.codes_listed_on(actor.platform_id)
    return _announce(actor, at, codes, {"name": "code_feed_fill"}, only=actor.platform_id)


def _announce(actor: Actor, at: datetime, codes: list[int], why: dict, only: int | None = None) -> int:
    wide, counted = over_all_platforms(actor), 0
    with scope.opened(wide):
        for platform_id, listed in feeds.platforms_listing(codes).items():
            if only not in (None, platform_id):
                continue
            chunks = [listed[start : start + MOST_CODES] for start in range(0, len(listed), MOST_CODES)]
            record_all(
                CODES_CHANGED,
                [{"subject": platform_id, "payload": {"codes": chunk, **why}} for chunk in chunks],
                actor=wide,
                at=at,
                platform_id=platform_id,
            )
            counted += len(listed)
    return counted


@service
def code_feed_advance(*, actor: Actor, at: datetime) -> int:
    """Bring the platform's feed up to what is sealed, at most 500 events a call; returns how many changes were written.
    One at a time for a platform: a second call waits for the first."""
    FeedPosition.objects.get_or_create(platform_id=actor.platform_id)
    position = FeedPosition.objects.select_for_update().get(platform_id=actor.platform_id)
    seals = feeds.seals_after(platform_id=actor.platform_id, sequence=position.sequence, limit=MOST_SEALS)
    if not seals:
        return 0
    # A code that several of these events name stands at the last of them.
    places = {
        code: seal.sequence
        for seal in seals
        if seal.event.name == CODES_CHANGED.name
        for code in seal.event.payload["codes"]
    }
    states = feeds.code_states(platform_id=actor.platform_id, code_ids=places)
    changes = [
        CodeChange(
            platform_id=actor.platform_id,
            national_code_id=code,
            sequence=places[code],
            is_gone=gone,
            facts=facts,
            changed_at=at,
        )
        for code, (gone, facts) in states.items()
    ]
    CodeChange.objects.bulk_create(
        changes,
        update_conflicts=True,
        unique_fields=["platform", "national_code"],
        update_fields=["sequence", "is_gone", "facts", "changed_at"],
    )
    position.sequence = seals[-1].sequence
    position.save(update_fields=["sequence"])
    return len(changes)

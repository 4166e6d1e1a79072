"""Sealing: committed events of a platform get a gap-free sequence and a hash chain. `verifier` reads it all again."""

import hashlib
import json
from datetime import datetime, timedelta

from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import Exists, OuterRef

from sunlight import scope
from sunlight.journal.models import Event, Seal

GENESIS = "0" * 64
# Transactions are shorter than this by far, so no event commits later than this after it was written.
LATE_COMMIT = timedelta(hours=1)


def event_hash(event: Event) -> str:
    """SHA-256 of every column of the event in a canonical form."""
    columns = {f.attname: getattr(event, f.attname) for f in Event._meta.concrete_fields}
    columns["occurred_at"] = event.occurred_at.isoformat()
    columns["recorded_at"] = event.recorded_at.isoformat()
    text = json.dumps(columns, cls=DjangoJSONEncoder, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def link(previous: str, sequence: int, digest: str) -> str:
    return hashlib.sha256(f"{previous}:{sequence}:{digest}".encode()).hexdigest()


def seal(*, platform_id: int, at: datetime, limit: int = 2000) -> int:
    """Seal what is committed and not yet sealed, in id order; returns their number. One sealer a platform at a time: a
    second one returns 0. Call it inside the platform's own scope."""
    if not scope.alone("journal.seal", platform_id, wait=False):
        return 0
    last = Seal.objects.filter(platform_id=platform_id).order_by("-sequence").first()
    unsealed = Event.objects.filter(~Exists(Seal.objects.filter(event=OuterRef("pk"))), platform_id=platform_id)
    if last is not None:
        # From the event last sealed, not from the moment of sealing: after a standstill there is more than one batch.
        for recorded_at in Event.objects.filter(pk=last.event_id).values_list("recorded_at", flat=True):
            unsealed = unsealed.filter(recorded_at__gt=recorded_at - LATE_COMMIT)
    sequence, chain = (last.sequence, last.chain_hash) if last else (0, GENESIS)
    seals = []
    for event in unsealed.order_by("id")[:limit]:
        sequence += 1
        digest = event_hash(event)
        chain = link(chain, sequence, digest)
        seals.append(
            Seal(
                platform_id=platform_id,
                sequence=sequence,
                event=event,
                event_hash=digest,
                chain_hash=chain,
                sealed_at=at,
            )
        )
    Seal.objects.bulk_create(seals)
    return len(seals)


def head(*, platform_id: int) -> tuple[int, str]:
    """The last seal's sequence and chain hash, to be noted outside the database."""
    last = Seal.objects.filter(platform_id=platform_id).order_by("-sequence").first()
    return (last.sequence, last.chain_hash) if last else (0, GENESIS)

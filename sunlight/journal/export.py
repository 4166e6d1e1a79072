"""The whole journal of a platform as lines of JSON, for whoever verifies it without us (`tools/verify_journal.py`). The format
is in docs/formats.md."""

import json
from collections.abc import Iterator
from datetime import datetime

from django.db import connection

from sunlight.journal.sealer import KINDS, moment_text
from sunlight.journal.verifier import sealed_rows
from sunlight.scope import Actor

FORMAT = "sunlight-journal/1"
_UNSEALED = """
select r.id, to_jsonb(r)::text from journal_{kind} r
 where r.platform_id = %s and not exists (select 1 from journal_seal s where s.{kind}_id = r.id) order by r.id
"""


def lines(*, actor: Actor, at: datetime) -> Iterator[str]:
    """A line for the platform, one for each sealed row in sequence, one for each row not sealed yet, one for the end. Nothing
    is kept in memory. Call it inside the actor's own scope."""
    yield _line(
        type="journal",
        format=FORMAT,
        platform=actor.platform_code,
        platform_id=actor.platform_id,
        exported_at=moment_text(at),
    )
    sealed = unsealed = 0
    for sequence, kind, row_id, row_hash, chain_hash, sealed_at, text in sealed_rows(actor.platform_id):
        sealed += 1
        yield _line(
            type="row",
            sequence=sequence,
            kind=kind,
            id=row_id,
            row_hash=row_hash,
            chain_hash=chain_hash,
            sealed_at=moment_text(sealed_at),
            row=text,
        )
    for kind in KINDS:
        with connection.chunked_cursor() as cursor:
            cursor.execute(_UNSEALED.format(kind=kind), [actor.platform_id])
            while rows := cursor.fetchmany(2000):
                for row_id, text in rows:
                    unsealed += 1
                    yield _line(type="unsealed", kind=kind, id=row_id, row=text)
    yield _line(type="end", rows=sealed, unsealed=unsealed)


def _line(**facts) -> str:
    return json.dumps(facts, ensure_ascii=False, separators=(",", ":")) + "\n"

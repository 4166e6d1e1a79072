"""Sealing: what a platform's journal keeps gets a gap-free sequence and a hash chain, in the order of its commits.

One chain a platform over events, decisions and refusals: a single head, once it is outside, then covers all three, and what
is missing of one kind is missing in the sequence of all. `verifier` reads it all again.

No clock decides what is sealed: whatever is committed and not sealed yet is next. An id may be committed after a higher one;
how far back to look says the `SealingMark`, by the transactions that were under way, not by their time.
"""

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db import connection

from sunlight import scope
from sunlight.journal.models import Seal, SealingMark
from sunlight.scope.clock import database_now

GENESIS = "0" * 64
KINDS = ("event", "decision", "refusal")
# The mark moves on when so many rows were sealed behind it: until then looking at them again is cheaper.
MARK_EVERY = 500
# How far a row's own moment may lie before the database's clock, or behind rows sealed earlier.
AHEAD, BEHIND = timedelta(minutes=5), timedelta(hours=1)

# A row's canonical form is what PostgreSQL makes of all its columns, moments in UTC: so a column more shows too.
_UNSEALED = """
select r.id, encode(sha256(convert_to(to_jsonb(r)::text, 'UTF8')), 'hex'), r.recorded_at
  from journal_{kind} r
 where r.platform_id = %s and r.id > %s and not exists (select 1 from journal_seal s where s.{kind}_id = r.id)
 order by r.id limit %s
"""
_READERS = """
insert into journal_eventreader (platform_id, organisation_id, sequence, event_id)
select s.platform_id, party, s.sequence, e.id
  from journal_seal s join journal_event e on e.id = s.event_id, lateral (select distinct unnest(e.parties)) p(party)
 where s.platform_id = %s and s.sequence > %s and s.sequence <= %s
on conflict do nothing
"""


@dataclass(frozen=True)
class Sealed:
    """What one call sealed: how many rows, whether none was left, and what their own moments say about the clock."""

    count: int = 0
    is_all: bool = False
    clock: tuple[str, ...] = ()


def moment_text(at: datetime) -> str:
    """A moment as the chain hashes it: UTC, to the microsecond."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def link(previous: str, sequence: int, kind: str, row_id: int, row_hash: str, sealed_at: datetime) -> str:
    """The chain's hash behind one more row. Everything a seal says is in it."""
    text = f"{previous}:{sequence}:{kind}:{row_id}:{row_hash}:{moment_text(sealed_at)}"
    return hashlib.sha256(text.encode()).hexdigest()


def seal(*, platform_id: int, at: datetime, limit: int = 2000, is_real_time: bool = True) -> Sealed:
    """Seal what is committed and not yet sealed, at most `limit` rows of each kind, each kind in order of its ids. One sealer
    a platform at a time: a second one seals nothing. Call it inside the platform's own scope. `is_real_time` says that the
    platform's rows carry the real time and may be held against the database's clock."""
    if not scope.alone("journal.seal", platform_id, wait=False):
        return Sealed()
    last = Seal.objects.filter(platform_id=platform_id).order_by("-sequence").first()
    begun = sequence = last.sequence if last else 0
    chain, now = last.chain_hash if last else GENESIS, database_now() if is_real_time else at
    seals, clock, is_all = [], [], True
    for kind in KINDS:
        rows, moved = _unsealed(platform_id, kind, limit)
        is_all = is_all and moved
        for row_id, row_hash, _ in rows:
            sequence += 1
            chain = link(chain, sequence, kind, row_id, row_hash, at)
            seals.append(
                Seal(
                    platform_id=platform_id,
                    sequence=sequence,
                    row_hash=row_hash,
                    chain_hash=chain,
                    sealed_at=at,
                    **{f"{kind}_id": row_id},
                )
            )
        clock += _jumps(platform_id, kind, rows, now)
    Seal.objects.bulk_create(seals, batch_size=1000)
    if sequence > begun:
        with connection.cursor() as cursor:
            cursor.execute(_READERS, [platform_id, begun, sequence])
    return Sealed(len(seals), is_all, tuple(clock))


def _unsealed(platform_id: int, kind: str, limit: int) -> tuple[list[tuple], bool]:
    """(id, hash, recorded_at) of the next rows of a kind, and whether these are all."""
    mark = SealingMark.objects.filter(platform_id=platform_id, kind=kind).first()
    settled = mark.settled_id if mark else 0
    with connection.cursor() as cursor:
        # Before the rows are read: a transaction that has ended now shows what it wrote.
        cursor.execute("select pg_snapshot_xmin(s)::text, pg_snapshot_xmax(s)::text from pg_current_snapshot() s")
        oldest, next_one = map(int, cursor.fetchone())
        cursor.execute(_UNSEALED.format(kind=kind), [platform_id, settled, limit])
        rows = cursor.fetchall()
        cursor.execute(f"select max(id) from journal_{kind} where platform_id = %s", [platform_id])
        highest = cursor.fetchone()[0] or 0
    is_all = len(rows) < limit
    if highest - settled > MARK_EVERY:
        # Rows come in order of their ids: what is below the last of a full batch is sealed with it.
        sealed_to = highest if is_all else rows[-1][0]
        _move_on(mark or SealingMark(platform_id=platform_id, kind=kind), highest, sealed_to, oldest, next_one)
    return rows, is_all


def _move_on(mark: SealingMark, highest: int, sealed_to: int, oldest: int, next_one: int) -> None:
    """Settle the ids up to the highest seen two calls ago, as far as they are sealed, when every transaction that could still
    bring a lower one has ended. Two calls, because an id is drawn a moment before its transaction has a number."""
    if mark.next_id is None:
        mark.next_id = highest
    elif mark.next_xid is None or mark.next_xid > next_one:
        # The second: a database restored into another cluster counts its transactions anew.
        mark.next_xid = next_one
    elif oldest < mark.next_xid:
        return
    elif sealed_to >= mark.next_id:
        mark.settled_id, mark.next_id, mark.next_xid = mark.next_id, None, None
    else:
        mark.settled_id = max(mark.settled_id, sealed_to)
    mark.save()


def _jumps(platform_id: int, kind: str, rows: list[tuple], now: datetime) -> list[str]:
    """What the moments of rows just sealed say about the clock that wrote them: some lie in the future, or far behind the
    row of the kind before them. That is a clock that jumped, or somebody who dated a row back."""
    if not rows:
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            f"select recorded_at from journal_{kind} where platform_id = %s and id < %s and recorded_at <= %s"
            " order by id desc limit 1",
            [platform_id, rows[0][0], now + AHEAD],
        )
        before = cursor.fetchone()
    latest, told = before[0] if before else None, []
    for row_id, _, recorded_at in rows:
        if recorded_at > now + AHEAD:
            told.append(f"{kind} {row_id}: {moment_text(recorded_at)} > {moment_text(now)}")
        elif latest is not None and recorded_at < latest - BEHIND:
            told.append(f"{kind} {row_id}: {moment_text(recorded_at)} < {moment_text(latest)}")
        else:
            latest = recorded_at
    return told


def head(*, platform_id: int) -> tuple[int, str]:
    """The last seal's sequence and chain hash."""
    last = Seal.objects.filter(platform_id=platform_id).order_by("-sequence").first()
    return (last.sequence, last.chain_hash) if last else (0, GENESIS)


def waiting(*, platform_id: int, kind: str) -> tuple[int, datetime | None]:
    """How many rows of a kind wait to be sealed, and the moment of the oldest. In the platform's own scope."""
    settled = (
        SealingMark.objects.filter(platform_id=platform_id, kind=kind).values_list("settled_id", flat=True).first()
    )
    with connection.cursor() as cursor:
        cursor.execute(
            f"select count(*), min(r.recorded_at) from journal_{kind} r where r.platform_id = %s and r.id > %s"
            f" and not exists (select 1 from journal_seal s where s.{kind}_id = r.id)",
            [platform_id, settled or 0],
        )
        return cursor.fetchone()

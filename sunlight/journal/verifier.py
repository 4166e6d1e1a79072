"""Reading the journal again, apart from what wrote it: own SQL, own canonical form, own chain.

It finds what somebody did to the tables with the triggers off: a changed, removed, moved or inserted event or seal. What
was cut off at the end, or all rebuilt, shows only against a head noted earlier outside the database.
"""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from django.db import connection

GENESIS = "0" * 64
UNSEALED_AFTER = timedelta(hours=1)
_READ = """
select s.sequence, s.event_id, s.event_hash, s.chain_hash, e.id is null, {columns}
  from journal_seal s left join journal_event e on e.id = s.event_id and e.platform_id = s.platform_id
 where s.platform_id = %s and s.sequence > %s order by s.sequence limit %s
"""
_UNSEALED = """
select e.id from journal_event e
 where e.platform_id = %s and e.recorded_at < %s
   and not exists (select 1 from journal_seal s where s.event_id = e.id) order by e.id limit 20
"""


@dataclass
class Report:
    """What was read and found; `head` is to be noted outside the database and given to the next verification, which says in
    `met` whether it came by the head it was given."""

    platform_id: int
    sealed: int = 0
    head: tuple[int, str] = (0, GENESIS)
    faults: list[str] = field(default_factory=list)
    met: bool = True


def digest_of(columns: dict) -> str:
    """SHA-256 of an event's columns: JSON with sorted keys, no spaces, moments in UTC."""
    plain = {
        key: value.astimezone(UTC).isoformat() if isinstance(value, datetime) else value
        for key, value in columns.items()
    }
    text = json.dumps(plain, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def verify(*, platform_id: int, at: datetime, expected_head: tuple[int, str] | None = None) -> Report:
    """Read the platform's complete chain; call it inside the platform's own scope. An empty `faults` means it holds."""
    report = read_on(platform_id=platform_id, expected_head=expected_head)
    report.faults += ending(report, at=at, expected_head=expected_head)
    return report


def read_on(
    *,
    platform_id: int,
    after: tuple[int, str] = (0, GENESIS),
    most: int | None = None,
    expected_head: tuple[int, str] | None = None,
) -> Report:
    """Read at most `most` links of the chain (all where None) behind the link `after`, which an earlier reading ended at."""
    report = Report(platform_id, head=after, met=expected_head is None or expected_head == (0, GENESIS))
    expected, chain = after[0] + 1, after[1]
    for sequence, event_id, event_hash, chain_hash, is_gone, columns in _seals(platform_id, after[0], most):
        if sequence != expected:
            report.faults.append(f"序号中断：应为 {expected}，实为 {sequence}")
        if is_gone:
            report.faults.append(f"事件 {event_id}（序号 {sequence}）已不在库中")
        elif digest_of(columns) != event_hash:
            report.faults.append(f"事件 {event_id}（序号 {sequence}）内容与封存时不同")
        if hashlib.sha256(f"{chain}:{sequence}:{event_hash}".encode()).hexdigest() != chain_hash:
            report.faults.append(f"序号 {sequence} 的链哈希不符")
        if expected_head and sequence == expected_head[0]:
            report.met = chain_hash == expected_head[1]
        chain, expected = chain_hash, sequence + 1
        report.sealed, report.head = report.sealed + 1, (sequence, chain_hash)
    return report


def ending(report: Report, *, at: datetime, expected_head: tuple[int, str] | None = None) -> list[str]:
    """What is wrong behind the last link read: the head noted earlier was not met, events were left unsealed."""
    faults = [] if report.met else [f"链上没有此前记录的封存点 {expected_head[0]}:{expected_head[1]}"]
    with connection.cursor() as cursor:
        cursor.execute(_UNSEALED, [report.platform_id, at - UNSEALED_AFTER])
        return faults + [f"事件 {event_id} 超过一小时未封存" for (event_id,) in cursor.fetchall()]


def _seals(platform_id: int, after: int, most: int | None) -> Iterator[tuple]:
    """Every seal behind the sequence `after`, at most `most`, with its event's columns, streamed."""
    names = _columns()
    with connection.chunked_cursor() as cursor:
        cursor.execute(_READ.format(columns=", ".join(f"e.{name}" for name, _ in names)), [platform_id, after, most])
        while rows := cursor.fetchmany(2000):
            for sequence, event_id, event_hash, chain_hash, is_gone, *values in rows:
                columns = {
                    name: json.loads(value) if kind == "jsonb" and isinstance(value, str) else value
                    for (name, kind), value in zip(names, values, strict=True)
                }
                yield sequence, event_id, event_hash, chain_hash, is_gone, columns


def _columns() -> list[tuple[str, str]]:
    """(name, type) of every column the event table has: one that somebody added is hashed too, and so shows."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select attname, format_type(atttypid, null) from pg_attribute"
            " where attrelid = 'journal_event'::regclass and attnum > 0 and not attisdropped order by attnum"
        )
        return cursor.fetchall()

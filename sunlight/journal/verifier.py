"""Reading the journal again, apart from what wrote it: own SQL, own hashes, own chain.

It finds what somebody did to the tables with the triggers off: a changed, removed, moved or inserted event, decision,
refusal or seal. What was cut off at the end, or all rebuilt, shows only against a head noted earlier outside the database:
a checkpoint. `tools/verify_journal.py` does the same without the database and without us.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from django.db import connection

GENESIS = "0" * 64
UNSEALED_AFTER = timedelta(hours=1)
WORDS = {"event": "事件", "decision": "规则判断", "refusal": "未予受理记录"}
_READ = """
select s.sequence, case when s.event_id is not null then 'event' when s.decision_id is not null then 'decision'
       else 'refusal' end, coalesce(s.event_id, s.decision_id, s.refusal_id), s.row_hash, s.chain_hash, s.sealed_at,
       coalesce(to_jsonb(e)::text, to_jsonb(d)::text, to_jsonb(r)::text)
  from journal_seal s
  left join journal_event e on e.id = s.event_id and e.platform_id = s.platform_id
  left join journal_decision d on d.id = s.decision_id and d.platform_id = s.platform_id
  left join journal_refusal r on r.id = s.refusal_id and r.platform_id = s.platform_id
 where s.platform_id = %s and s.sequence > %s order by s.sequence limit %s
"""
_UNSEALED = """
select r.id, r.recorded_at from journal_{kind} r
 where r.platform_id = %s and (r.recorded_at < %s or r.recorded_at > %s)
   and not exists (select 1 from journal_seal s where s.{kind}_id = r.id) order by r.id limit 20
"""
_READERS = """
with parties as (
    select s.sequence, e.id event_id, unnest(e.parties) party from journal_seal s join journal_event e on e.id = s.event_id
     where s.platform_id = %(platform)s),
readers as (select sequence, event_id, organisation_id party from journal_eventreader where platform_id = %(platform)s)
select distinct sequence from ((select * from parties except select * from readers)
     union all (select * from readers except select * from parties)) differ order by sequence limit 20
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
    for sequence, kind, row_id, row_hash, chain_hash, sealed_at, text in sealed_rows(platform_id, after[0], most):
        if sequence != expected:
            report.faults.append(f"序号中断：应为 {expected}，实为 {sequence}")
        if text is None:
            report.faults.append(f"{WORDS[kind]} {row_id}（序号 {sequence}）已不在库中")
        elif hashlib.sha256(text.encode()).hexdigest() != row_hash:
            report.faults.append(f"{WORDS[kind]} {row_id}（序号 {sequence}）内容与封存时不同")
        sealed = sealed_at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
        if hashlib.sha256(f"{chain}:{sequence}:{kind}:{row_id}:{row_hash}:{sealed}".encode()).hexdigest() != chain_hash:
            report.faults.append(f"序号 {sequence} 的链哈希不符")
        if expected_head and sequence == expected_head[0]:
            report.met = chain_hash == expected_head[1]
        chain, expected = chain_hash, sequence + 1
        report.sealed, report.head = report.sealed + 1, (sequence, chain_hash)
    return report


def ending(report: Report, *, at: datetime, expected_head: tuple[int, str] | None = None) -> list[str]:
    """What is wrong behind the last link read: the head noted earlier was not met, rows were left unsealed."""
    faults = [] if report.met else [f"链上没有此前记录的封存点 {expected_head[0]}:{expected_head[1]}"]
    with connection.cursor() as cursor:
        for kind, words in WORDS.items():
            # One from the future is left as long as one from the past.
            cursor.execute(_UNSEALED.format(kind=kind), [report.platform_id, at - UNSEALED_AFTER, at + UNSEALED_AFTER])
            faults += [f"{words} {row_id} 超过一小时未封存" for row_id, _ in cursor.fetchall()]
        cursor.execute(_READERS, {"platform": report.platform_id})
        return faults + [f"序号 {sequence} 的读者与事件的当事方不同" for (sequence,) in cursor.fetchall()]


def sealed_rows(platform_id: int, after: int = 0, most: int | None = None) -> Iterator[tuple]:
    """(sequence, kind, id, row hash, chain hash, moment, canonical text or None) of every seal behind `after`, at most `most`,
    streamed."""
    with connection.chunked_cursor() as cursor:
        cursor.execute(_READ, [platform_id, after, most])
        while rows := cursor.fetchmany(2000):
            yield from rows

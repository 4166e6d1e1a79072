"""Comparing rows, kept versions and sealed digests, a chunk at a time. Own SQL over whole ranges: nothing is asked row by row.

Every statement sees rows, versions and events of one moment, so a transaction that commits meanwhile is seen whole or
not at all. Call it in a scope that sees every platform (`everywhere`): what names no platform belongs to the one that wrote it.
"""

import json
from dataclasses import dataclass, replace
from typing import Any

from django.db import connection

from sunlight.journal.keeping import DIGEST
from sunlight.journal.rowfacts import ROWS, Rows
from sunlight.reconciliation.workflows import DiscrepancyKind
from sunlight.scope import Actor
from sunlight.tenancy.models import Platform

# Rows or versions compared in one chunk: some seconds of work.
CHUNK = 50_000
# So many differences of a chunk are told one by one; the count says how many there were.
MOST = 200
# The word for what is not a row: versions and the chain themselves.
VERSIONS, CHAIN = "journal_rowfact", "journal_seal"
# Longer values, a contract's text, are told by their beginning.
LONGEST_VALUE = 300

_ROWS = """
select coalesce(said.row_id, found.id), said.facts, found.facts, count(*) over ()
  from (select distinct on (f.row_id) f.row_id, f.facts from journal_rowfact f
         where f.relation = %(table)s and f.platform_id = %(platform)s and f.row_id > %(after)s and f.row_id <= %(upto)s
         order by f.row_id, f.id desc) said
  full join (select r.id, to_jsonb(r){less} as facts from {table} r
              where r.id > %(after)s and r.id <= %(upto)s and {platform} = %(platform)s) found on found.id = said.row_id
 where said.facts is distinct from found.facts
 order by 1 limit %(most)s
"""
_COUNT = "select count(*) from {table} r where r.id > %(after)s and r.id <= %(upto)s and {platform} = %(platform)s"
_LAST = """
select greatest((select max(id) from {table}),
                (select f.row_id from journal_rowfact f where f.relation = %(table)s order by f.row_id desc limit 1), 0)
"""
_VERSIONS = """
select f.relation, f.row_id, f.facts, f.strayed, is_sealed,
       (select b.facts from journal_rowfact b where b.relation = f.relation and b.row_id = f.row_id and b.id < f.id
         order by b.id desc limit 1), count(*) over ()
  from (select v.*, exists (select 1 from journal_event e
                             where e.subject_type = 'row_facts' and e.subject_id = v.transaction and e.name = 'rows_kept'
                               and e.platform_id = v.platform_id
                               and v.id between (e.payload ->> 'first')::bigint and (e.payload ->> 'last')::bigint)
               as is_sealed
          from journal_rowfact v
         where v.platform_id = %(platform)s and v.id > %(after)s and v.id <= %(upto)s) f
 where f.strayed is not null or not is_sealed
 order by f.id limit %(most)s
"""
_SEALS = f"""
select e.id, e.payload, {DIGEST}, count(f.id), count(*) over ()
  from journal_event e
  left join journal_rowfact f on f.transaction = e.subject_id and f.platform_id = e.platform_id
        and f.id between (e.payload ->> 'first')::bigint and (e.payload ->> 'last')::bigint
 where e.platform_id = %(platform)s and e.name = 'rows_kept' and e.id > %(after)s and e.id <= %(upto)s
 group by e.id
having {DIGEST} is distinct from e.payload ->> 'sha256'
 order by e.id limit %(most)s
"""


def everywhere(actor: Actor) -> Actor:
    """The system, seeing all platforms and regions."""
    return replace(actor.as_system(), platform_ids=tuple(Platform.objects.order_by("id").values_list("id", flat=True)))


@dataclass(frozen=True)
class Difference:
    """One row that is not as events say: what they say of it and what was found, by column; None where there is nothing."""

    kind: DiscrepancyKind
    relation: str
    row_id: int
    said: dict[str, Any] | None
    found: dict[str, Any] | None

    @property
    def name(self) -> str:
        """What people know the row by."""
        rows, facts = ROWS.get(self.relation), self.said or self.found or {}
        return str(facts.get(rows.name) if rows and facts.get(rows.name) else self.row_id)[:80]

    @property
    def columns(self) -> list[dict[str, Any]]:
        """The columns that differ, in order, with both values."""
        said, found = self.said or {}, self.found or {}
        return [
            {"column": column, "said": _shown(said.get(column)), "found": _shown(found.get(column))}
            for column in sorted(said.keys() | found.keys())
            if said.get(column) != found.get(column)
        ]


def _shown(value: Any) -> Any:
    text = value if isinstance(value, str) else None
    return f"{text[:LONGEST_VALUE]}…" if text is not None and len(text) > LONGEST_VALUE else value


@dataclass
class Compared:
    """What a chunk came to: how much was compared, up to where, all differences in number and the first of them."""

    upto: int
    over: bool
    compared: int = 0
    count: int = 0
    differences: tuple[Difference, ...] = ()


def compare_rows(rows: Rows, *, platform_id: int, after: int) -> Compared:
    """The rows of one table with their last kept versions, in both directions, from the id `after` on."""
    asked = {"table": rows.table, "platform": platform_id, "after": after, "most": MOST}
    parts = {
        "table": rows.table,
        "platform": rows.platform.of_row.format(table=rows.table, row="r"),
        "less": "".join(f" - '{column}'" for column in sorted(rows.derived)),
    }
    last = _ask(_LAST.format(**parts), asked)[0][0]
    asked["upto"] = upto = min(after + CHUNK, last)
    found = _ask(_ROWS.format(**parts), asked)
    compared = _ask(_COUNT.format(**parts), asked)[0][0]
    differences = tuple(
        Difference(_kind_of(said, there), rows.table, row_id, _plain(said), _plain(there))
        for row_id, said, there, _ in found
    )
    return Compared(upto, upto >= last, compared, found[0][3] if found else 0, differences)


def _kind_of(said, found) -> DiscrepancyKind:
    if said is None:
        return DiscrepancyKind.UNKNOWN
    return DiscrepancyKind.MISSING if found is None else DiscrepancyKind.DIFFERS


def compare_versions(*, platform_id: int, after: int) -> Compared:
    """Every kept version: whether an event seals it, and whether the row had changed past the triggers before it."""
    upto, over, compared = _range("journal_rowfact", "true", platform_id, after)
    found = _ask(_VERSIONS, {"platform": platform_id, "after": after, "upto": upto, "most": MOST})
    differences = tuple(
        Difference(DiscrepancyKind.STRAYED, relation, row_id, _plain(before), _plain(strayed))
        if is_sealed
        else Difference(DiscrepancyKind.UNRECORDED, relation, row_id, _plain(before), _plain(facts))
        for relation, row_id, facts, strayed, is_sealed, before, _ in found
    )
    return Compared(upto, over, compared, found[0][6] if found else 0, differences)


def compare_seals(*, platform_id: int, after: int) -> Compared:
    """Every event that seals versions with the versions there are."""
    upto, over, compared = _range("journal_event", "name = 'rows_kept'", platform_id, after)
    found = _ask(_SEALS, {"platform": platform_id, "after": after, "upto": upto, "most": MOST})
    differences = []
    for event_id, payload, digest, count, _ in found:
        said = _plain(payload)
        there = said | {"sha256": digest, "count": count}
        differences.append(Difference(DiscrepancyKind.BROKEN, VERSIONS, event_id, said, there))
    return Compared(upto, over, compared, found[0][4] if found else 0, tuple(differences))


def _range(table: str, which: str, platform_id: int, after: int) -> tuple[int, bool, int]:
    """(up to which id, whether that is all, how many) the next chunk goes."""
    statement = (
        f"select max(id), count(*) from (select id from {table} where platform_id = %(platform)s and {which}"
        " and id > %(after)s order by id limit %(chunk)s) taken"
    )
    upto, count = _ask(statement, {"platform": platform_id, "after": after, "chunk": CHUNK})[0]
    return upto or after, count < CHUNK, count


def _ask(statement: str, asked: dict[str, Any]) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(statement, asked)
        return cursor.fetchall()


def _plain(value) -> dict[str, Any] | None:
    return json.loads(value) if isinstance(value, str) else value

"""Keeping every version of the rows that events speak of, and sealing it with the events.

Triggers write each version, complete, into `journal_rowfact`; at the end of a service call `keep_rows` records one event
with the SHA-256 of all that the call wrote. So the last version of a row says what the row must hold, and the sealed event
says what the versions must be. A version without its event was not written by any service.
"""

from collections.abc import Iterable
from contextvars import ContextVar
from dataclasses import dataclass

from django.db import connection, migrations

from sunlight.journal.rowfacts import OWN, Platform
from sunlight.scope import Actor

# One line of the text that is hashed, of a version `f`: all of its columns.
LINE = (
    "concat_ws('|', f.id, f.platform_id, f.transaction, f.relation, f.row_id, f.facts::text,"
    " coalesce(f.strayed::text, '-'))"
)
DIGEST = f"encode(sha256(convert_to(string_agg({LINE}, E'\\n' order by f.id), 'UTF8')), 'hex')"

# Moments in a version are text, so the zone they are written in is fixed. As the owner, who alone may write here.
_FRAME = "security definer set search_path = pg_catalog, public, pg_temp set timezone = 'UTC'"

# What the current transaction wrote on these platforms; where it is the transaction `told`, behind the version `after`. It
# tells digests of one's own transaction alone, so anybody may ask.
KEPT = f"""
create function sun_rows_kept(told bigint, after bigint, platforms bigint[])
returns table (platform_id bigint, transaction bigint, count bigint, first bigint, last bigint, digest text)
language sql stable {_FRAME} as $$
  select f.platform_id, f.transaction, count(*), min(f.id), max(f.id), {DIGEST}
    from journal_rowfact f
   where f.transaction = pg_current_xact_id_if_assigned()::text::bigint and f.platform_id = any(platforms)
     and (f.transaction <> told or f.id > after)
   group by f.platform_id, f.transaction
$$;
"""


def function_of(table: str, platform: Platform = OWN, derived: Iterable[str] = ()) -> str:
    """The body of a table's trigger. An UPDATE also keeps how the row stood before, where that was not what was kept
    last: somebody had changed it past the triggers, and the new version alone would cover it up."""
    of = platform.of_fact.format(table=table, row="changed")
    less = "".join(f" - '{column}'" for column in sorted(derived))
    place = "insert into journal_rowfact (platform_id, transaction, relation, row_id, facts, strayed)"
    what = f"{of}, pg_current_xact_id()::text::bigint, '{table}', changed.id, to_jsonb(changed){less}"
    return f"""
begin
  if tg_op = 'INSERT' then
    {place} select {what}, null from changed order by changed.id;
  else
    {place} select {what}, case when last.facts is distinct from to_jsonb(former){less} then to_jsonb(former){less} end
      from changed join former on former.id = changed.id
      left join lateral (select f.facts from journal_rowfact f
                          where f.relation = '{table}' and f.row_id = changed.id order by f.id desc limit 1) last on true
     order by changed.id;
  end if;
  return null;
end """


def keep_rows(table: str, *, platform: Platform = OWN, derived: Iterable[str] = ()) -> migrations.RunSQL:
    """The triggers of a reconciled table, as its app's `reconciled` module declares it."""
    return migrations.RunSQL(
        f"create function {table}_kept() returns trigger language plpgsql {_FRAME}"
        f" as $${function_of(table, platform, derived)}$$;"
        f" create trigger {table}_kept_insert after insert on {table} referencing new table as changed"
        f" for each statement execute function {table}_kept();"
        f" create trigger {table}_kept_update after update on {table} referencing new table as changed old table as former"
        f" for each statement execute function {table}_kept();",
        f"drop trigger {table}_kept_insert on {table}; drop trigger {table}_kept_update on {table};"
        f" drop function {table}_kept();",
    )


@dataclass(frozen=True)
class Written:
    """What a transaction wrote on one platform: how many versions, from which to which, and the SHA-256 of them all."""

    platform_id: int
    transaction: int
    count: int
    first: int
    last: int
    sha256: str


# Up to which version this thread's transaction was told of: (transaction, version). Versions get their numbers in order,
# so no rollback makes it wrong.
_told: ContextVar[tuple[int, int]] = ContextVar("sunlight_rows_told", default=(0, 0))


def rows_written(actor: Actor) -> list[Written]:
    """What this transaction wrote on the actor's platforms since this was last asked."""
    platforms = list(actor.platform_ids or ([actor.platform_id] if actor.platform_id else []))
    with connection.cursor() as cursor:
        cursor.execute("select * from sun_rows_kept(%s, %s, %s::bigint[])", [*_told.get(), platforms])
        found = [Written(*row) for row in cursor.fetchall()]
    if found:
        _told.set((found[0].transaction, max(each.last for each in found)))
    return found

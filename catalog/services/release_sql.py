"""The statements of the national release: the rows of a file staged, judged and written as sets."""

import json
from collections.abc import Sequence
from dataclasses import fields
from datetime import datetime
from operator import attrgetter

from django.db import connection

from catalog.services.release_rows import DISABLED, FULL, TRANSCODE, ReleaseRow
from sunlight import scope
from sunlight.sheets.models import ImportRun

GOOD, REPEATED, UNFIT = 0, 1, 2
STAGED = tuple(field.name for field in fields(ReleaseRow))
_values_of = attrgetter(*STAGED)
# Columns that the catalogue shares with the staging table.
_COLUMNS = tuple(c for c in STAGED if c not in ("row_number", "old_code"))
_SET = tuple(c for c in _COLUMNS if c not in ("code", "is_retired"))
# Pairs follow from the text.
_COMPARED = tuple(c for c in _SET if c != "search_pairs")
# Search columns follow from the others; a specification has as many UDI as packages, so they may differ.
_SAYING = tuple(c for c in _COMPARED if c not in ("goods_id", "udi_di", "search_text", "initials"))
_NUMBERS_SHOWN = 20


def _run(statement: str, parameters: dict) -> int:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return cursor.rowcount


def _rows(statement: str, parameters: dict) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return cursor.fetchall()


def lock() -> None:
    """Until the transaction ends nobody else writes the catalogue: two releases at once would take each other's rows in
    different order."""
    scope.alone("catalog.release")


def as_json(rows: Sequence[ReleaseRow]) -> str:
    """Rows as a JSON array of objects, which PostgreSQL reads by the names of their columns."""
    return json.dumps([dict(zip(STAGED, _values_of(row), strict=True)) for row in rows], ensure_ascii=False)


def stage(run: ImportRun, chunk: int, rows: Sequence[ReleaseRow]) -> None:
    """Keep good rows for judging and writing. As one parameter, because COPY is refused on a table with row security."""
    columns = ", ".join(STAGED)
    _run(
        f"insert into catalog_stagedcode (platform_id, run_id, chunk, verdict, {columns})"
        f" select %(platform)s, %(run)s, %(chunk)s, {GOOD}, {columns}"
        " from json_populate_recordset(null::catalog_stagedcode, %(rows)s)",
        {"platform": run.platform_id, "run": run.id, "chunk": chunk, "rows": as_json(rows)},
    )


_MARK_UNKNOWN = f"""
update catalog_stagedcode staged set verdict = {UNFIT}
 where run_id = %(run)s and not exists (select 1 from catalog_nationalcode known where known.code = staged.code)
returning staged.chunk, staged.row_number, staged.code, '{{}}'::integer[]
"""


def _mark_equals(key: str, saying: tuple[str, ...]) -> str:
    """Of several rows of one key that say the same all but the first are repetitions; where they differ all are unfit."""
    return f"""
with several as materialized (
  select {key} as key from catalog_stagedcode where run_id = %(run)s and verdict = {GOOD}
   group by {key} having count(*) > 1
), judged as materialized (
  select several.key, count(distinct ({", ".join(saying)}, ''::text)) > 1 as differ, min(row_number) as first,
         (array_agg(row_number order by row_number))[1:{_NUMBERS_SHOWN}] as numbers
    from catalog_stagedcode staged join several on several.key = staged.{key}
   where run_id = %(run)s and verdict = {GOOD} group by several.key
)
update catalog_stagedcode staged set verdict = case when judged.differ then {UNFIT} else {REPEATED} end
  from judged
 where staged.run_id = %(run)s and staged.verdict = {GOOD} and staged.{key} = judged.key
   and (judged.differ or staged.row_number <> judged.first)
returning staged.verdict, staged.chunk, staged.row_number, staged.{key}, judged.numbers
"""


def judge(layout: str, run_id: int) -> tuple[int, list[tuple[int, int, str, list[int]]]]:
    """(how many rows only repeat another, the unfit rows in the sheet's order as (chunk, row number, code, numbers)).
    `numbers` are those of all rows that contradict each other; none where the code is unknown to the catalogue."""
    _tuned()
    unfit: list[tuple] = []
    repeated = 0
    if layout != FULL.key:
        unfit += _rows(_MARK_UNKNOWN, {"run": run_id})
    if layout != DISABLED.key:
        statement = _mark_equals("code", _SAYING) if layout == FULL.key else _mark_equals("old_code", ("code",))
        for verdict, *row in _rows(statement, {"run": run_id}):
            if verdict == REPEATED:
                repeated += 1
            else:
                unfit.append(tuple(row))
    return repeated, sorted(unfit, key=lambda row: row[1])


# A retirement is never undone by a later full release that still lists the code. What says nothing new is not touched:
# ON CONFLICT would lock, and so write, every row of it.
_WRITE = """
insert into catalog_nationalcode as known ({columns}, replaced_by, recorded_at)
select {of_new}, '', %(at)s from catalog_stagedcode new left join catalog_nationalcode old on old.code = new.code
 where new.run_id = %(run)s and new.chunk = %(chunk)s and new.verdict = {good}
   and (old.id is null or ({of_old}) is distinct from ({compared}) or (new.is_retired and not old.is_retired))
on conflict (code) do update set {sets}, is_retired = known.is_retired or excluded.is_retired,
       recorded_at = excluded.recorded_at
""".format(
    columns=", ".join(_COLUMNS),
    of_new=", ".join(f"new.{c}" for c in _COLUMNS),
    of_old=", ".join(f"old.{c}" for c in _COMPARED),
    compared=", ".join(f"new.{c}" for c in _COMPARED),
    sets=", ".join(f"{c} = excluded.{c}" for c in _SET),
    good=GOOD,
)
_RETIRE = f"""
update catalog_nationalcode set is_retired = true, recorded_at = %(at)s
 where not is_retired
   and code in (select code from catalog_stagedcode where run_id = %(run)s and chunk = %(chunk)s and verdict = {GOOD})
"""
# The replaced code is kept with what its successor says about the product, so that old records can be read.
_DESCRIBED = tuple(c for c in _COLUMNS if c not in ("code", "generic_code", "kind", "is_retired"))
_REPLACE = """
insert into catalog_nationalcode as known (code, generic_code, kind, is_retired, replaced_by, recorded_at, {described})
select old.code, case when old.code like 'CJ%%' then '' else left(old.code, 20) end,
       case when old.code like 'CJ%%' then 'reagent' else 'consumable' end, true, new.code, %(at)s, {of_new}
  from (select distinct on (old_code) old_code as code, code as new_code from catalog_stagedcode
         where run_id = %(run)s and chunk = %(chunk)s and verdict = {good} and old_code <> ''
         order by old_code, row_number desc) as old
  join catalog_nationalcode new on new.code = old.new_code
on conflict (code) do update set is_retired = true, replaced_by = excluded.replaced_by,
       recorded_at = excluded.recorded_at
 where (known.is_retired, known.replaced_by) is distinct from (true, excluded.replaced_by)
""".format(described=", ".join(_DESCRIBED), of_new=", ".join(f"new.{c}" for c in _DESCRIBED), good=GOOD)


def write(layout: str, run_id: int, chunk: int, at: datetime, *, is_last: bool) -> tuple[int, int]:
    """Write the good rows of one chunk: (rows that said something new, good rows)."""
    _tuned(pending="4MB" if is_last else "64MB")
    where = {"run": run_id, "chunk": chunk}
    good = f"select count(*) from catalog_stagedcode where run_id = %(run)s and chunk = %(chunk)s and verdict = {GOOD}"
    rows = _rows(good, where)[0][0]
    statement = {FULL.key: _WRITE, DISABLED.key: _RETIRE, TRANSCODE.key: _REPLACE}[layout]
    return (_run(statement, {**where, "at": at}) if rows else 0), rows


def replaces(run_id: int) -> list[int]:
    """The chunks whose good rows take the place of older codes."""
    found = (
        "select distinct chunk from catalog_stagedcode"
        f" where run_id = %(run)s and verdict = {GOOD} and old_code <> '' order by chunk"
    )
    return [chunk for (chunk,) in _rows(found, {"run": run_id})]


def replace_old(run_id: int, chunk: int, at: datetime) -> int:
    """Retire the codes that one chunk's rows take the place of; returns how many were changed."""
    return _run(_REPLACE, {"run": run_id, "chunk": chunk, "at": at})


def forget(run_id: int) -> None:
    """Clear the staging table of an import."""
    _run("delete from catalog_stagedcode where run_id = %(run)s", {"run": run_id})


def _tuned(pending: str = "4MB") -> None:
    """Memory for the sets of this transaction. The search index collects new entries first and sorts them in by and by;
    in larger lots that costs a fraction."""
    _rows(
        "select set_config('work_mem', '64MB', true), set_config('gin_pending_list_limit', %(pending)s, true)",
        {"pending": pending},
    )

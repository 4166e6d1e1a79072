"""Taking in the national release: full specifications, codes disabled, codes replaced (domain: the national release).

The service writes sets of rows in one statement each; a file sent again changes nothing and is counted unchanged.
"""

from collections.abc import Iterable, Iterator
from dataclasses import astuple, fields
from datetime import datetime
from itertools import islice

from django.db import connection

from catalog.models import NationalCode
from catalog.services.release_rows import (
    DISABLED,
    FULL,
    LAYOUTS,
    TRANSCODE,
    FullRow,
    Specification,
    Transcoding,
    disabled_code,
    full_row,
    initials,
    search_text,
    transcoding,
)
from sunlight.acts import current_policy
from sunlight.blocks.imports import BadRow, file_store, import_run_finish, import_run_start
from sunlight.blocks.models import ImportRun
from sunlight.blocks.sheets import Row, read_sheet
from sunlight.journal.refusals import Forbidden, Invalid
from sunlight.journal.services import service
from sunlight.scope import Actor, Role
from sunlight.scope.clock import business_date

MOST_ROWS = 50_000
_CHUNK = 2_000
IMPORTERS = frozenset({Role.OPERATOR_REVIEWER, Role.OPERATOR_SUPPORT, Role.SYSTEM})

_FIELDS = tuple(f.name for f in fields(Specification))
_COLUMNS = (*_FIELDS, "is_retired", "replaced_by", "search_text", "initials")
_COMPARED = tuple(c for c in _COLUMNS if c not in ("code", "is_retired", "replaced_by"))

# A retirement is never undone by a later full release that still lists the code.
_UPSERT = """
insert into catalog_nationalcode as known ({columns}, recorded_at)
select {columns}, %s from unnest({arrays}) as new ({columns})
on conflict (code) do update set {sets}, is_retired = known.is_retired or excluded.is_retired,
       recorded_at = excluded.recorded_at
 where ({known}) is distinct from ({excluded}) or (excluded.is_retired and not known.is_retired)
returning 1
""".format(
    columns=", ".join(_COLUMNS),
    arrays=", ".join("%s::boolean[]" if c == "is_retired" else "%s::text[]" for c in _COLUMNS),
    sets=", ".join(f"{c} = excluded.{c}" for c in _COMPARED),
    known=", ".join(f"known.{c}" for c in _COMPARED),
    excluded=", ".join(f"excluded.{c}" for c in _COMPARED),
)

# The replaced code is kept with what its successor says about the product, so that old records can be read.
_DESCRIBED = tuple(c for c in _COLUMNS if c not in ("code", "generic_code", "kind", "is_retired", "replaced_by"))
_REPLACE = """
insert into catalog_nationalcode as known (code, generic_code, kind, is_retired, replaced_by, recorded_at, {described})
select old.code, case when old.code like 'CJ%%' then '' else left(old.code, 20) end,
       case when old.code like 'CJ%%' then 'reagent' else 'consumable' end, true, new.code, %s, {of_new}
  from unnest(%s::text[], %s::text[]) as old (code, new_code) join catalog_nationalcode new on new.code = old.new_code
on conflict (code) do update set is_retired = true, replaced_by = excluded.replaced_by,
       recorded_at = excluded.recorded_at
 where (known.is_retired, known.replaced_by) is distinct from (true, excluded.replaced_by)
returning 1
""".format(described=", ".join(_DESCRIBED), of_new=", ".join(f"new.{c}" for c in _DESCRIBED))


@service
def national_release_import(*, actor: Actor, at: datetime, name: str, content: bytes) -> ImportRun:
    """Take in one file of the national release: the 21-column sheet (xlsx or CSV), 停用表 or 转码表, told apart by their
    headings; at most 50 000 rows. Good rows are written, the others kept with their reasons; a row that says what is
    known already counts as unchanged. Codes go through rule `code.parse` (SZ20-5.1.1, SZ24-3.1a, SZ24-3.7).

    Raises Forbidden for anybody but the operator's reviewers and support, Invalid for a file that cannot be read.
    """
    if not actor.has(*IMPORTERS):
        raise Forbidden("not_your_duty", "只有运营机构的审核员或运营支持可以导入国家目录。请联系平台运营机构。")
    sheet = read_sheet(content, LAYOUTS, most_rows=MOST_ROWS)
    with connection.cursor() as cursor:
        # Two releases at once would take each other's rows in different order.
        cursor.execute("select pg_advisory_xact_lock(hashtext('catalog.release'))")
    file = file_store(actor=actor, at=at, name=name, content=content)
    run = import_run_start(actor=actor, at=at, kind=sheet.layout.key, file=file)
    law = current_policy().law(region=actor.region_code, on=business_date(at), drafts=actor.drafts)
    take = {FULL.key: _take_full, DISABLED.key: _take_disabled, TRANSCODE.key: _take_transcodings}[sheet.layout.key]
    taken, unchanged, refused = take(sheet.rows, law, at)
    return import_run_finish(actor=actor, at=at, run=run, taken=taken, unchanged=unchanged, refused=refused)


def _read(rows: Iterable[Row], parse, refused: list[BadRow]) -> Iterator[tuple[Row, object]]:
    for row in rows:
        if row.fault:
            refused.append(BadRow.broken(row))
            continue
        try:
            yield row, parse(row)
        except Invalid as wrong:
            refused.append(BadRow.of(row, wrong))


def _once(read, key, contradicts, refused: list[BadRow], heading: str) -> tuple[list, int]:
    """The first of several equal rows and how many were equal to one; rows that contradict each other are all refused,
    each naming the others."""
    groups: dict[str, list[tuple[Row, object]]] = {}
    for row, value in read:
        groups.setdefault(key(value), []).append((row, value))
    kept, repeated = [], 0
    for code, group in groups.items():
        first = group[0][1]
        if any(contradicts(first, value) for _, value in group[1:]):
            numbers = "、".join(str(row.number) for row, _ in group[:20])
            refused.extend(_contradiction(row, code, numbers, heading) for row, _ in group)
        else:
            kept.append(first)
            repeated += len(group) - 1
    return kept, repeated


def _contradiction(row: Row, code: str, numbers: str, heading: str) -> BadRow:
    message = f"编码 {code} 在第 {numbers} 行重复且内容不同，都未采用。请保留正确的一行后重新上传。"
    return BadRow(row.number, "duplicate_contradicts", message, row.cells, heading, "SZ20-5.1.1")


def _take_full(rows: Iterable[Row], law, at: datetime) -> tuple[int, int, list[BadRow]]:
    refused: list[BadRow] = []
    read = _read(rows, lambda row: full_row(row, law), refused)
    kept, repeated = _once(
        read,
        lambda v: v.specification.code,
        lambda a, b: a.specification.contradicts(b.specification),
        refused,
        "27位码",
    )
    kept.sort(key=lambda value: value.specification.code)
    written = 0
    for chunk in _chunks(kept):
        written += _upsert(chunk, at)
    replaced = [Transcoding(v.old_code, v.specification.code) for v in kept if v.old_code]
    for chunk in _chunks(sorted(replaced, key=lambda t: t.old_code)):
        _replace(chunk, at)
    return written, len(kept) - written + repeated, sorted(refused, key=lambda bad: bad.number)


def _chunks(values: list) -> Iterator[list]:
    left = iter(values)
    while chunk := list(islice(left, _CHUNK)):
        yield chunk


def _upsert(chunk: list[FullRow], at: datetime) -> int:
    lines = [
        (
            *astuple(value.specification),
            value.is_retired,
            "",
            search_text(value.specification),
            initials(value.specification.product_name),
        )
        for value in chunk
    ]
    with connection.cursor() as cursor:
        cursor.execute(_UPSERT, [at, *map(list, zip(*lines, strict=True))])
        return cursor.rowcount


def _replace(chunk: list[Transcoding], at: datetime) -> int:
    with connection.cursor() as cursor:
        cursor.execute(_REPLACE, [at, [t.old_code for t in chunk], [t.new_code for t in chunk]])
        return cursor.rowcount


def _take_disabled(rows: Iterable[Row], law, at: datetime) -> tuple[int, int, list[BadRow]]:
    refused: list[BadRow] = []
    known = _known_of(rows, lambda row: disabled_code(row, law), lambda code: code, "27位码", refused)
    codes = sorted({code for _, code in known})
    taken = 0
    for chunk in _chunks(codes):
        taken += NationalCode.objects.filter(code__in=chunk, is_retired=False).update(is_retired=True, recorded_at=at)
    return taken, len(known) - taken, sorted(refused, key=lambda bad: bad.number)


def _take_transcodings(rows: Iterable[Row], law, at: datetime) -> tuple[int, int, list[BadRow]]:
    refused: list[BadRow] = []
    read = _known_of(rows, lambda row: transcoding(row, law), lambda t: t.new_code, "27位码", refused)
    kept, repeated = _once(read, lambda t: t.old_code, lambda a, b: a != b, refused, "原27位码")
    taken = sum(_replace(chunk, at) for chunk in _chunks(sorted(kept, key=lambda t: t.old_code)))
    return taken, len(kept) - taken + repeated, sorted(refused, key=lambda bad: bad.number)


def _known_of(rows, parse, code_of, heading: str, refused: list[BadRow]) -> list[tuple[Row, object]]:
    """The rows whose code stands in the catalogue; the others are refused."""
    read = list(_read(rows, parse, refused))
    known: set[str] = set()
    for chunk in _chunks(sorted({code_of(value) for _, value in read})):
        known.update(NationalCode.objects.filter(code__in=chunk).values_list("code", flat=True))
    for row, value in read:
        if code_of(value) not in known:
            message = f"目录中没有编码 {code_of(value)}。请先导入含有该编码的全量规格型号信息，再导入本表。"
            refused.append(BadRow(row.number, "code_unknown", message, row.cells, heading, "SZ24-3.1a"))
    return [(row, value) for row, value in read if code_of(value) in known]

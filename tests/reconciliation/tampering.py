"""What a database administrator can do to a table with the triggers off: one edit at a time, and how it was before.

`Vandal(database, seed)` logs in as the superuser of the tests' own server. `edit(kind, table)` makes one random edit and
gives an `Edit`; `undo(edit)` puts its rows back as they were."""

import json
import random
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import psycopg2
from django.conf import settings
from psycopg2 import sql

# By what a table's rows are in order, where that is not their id.
ORDER = {"journal_seal": "sequence"}
# A line of a paper that does not exist is shown to nobody, so an invented line is one of a paper that is there.
PARENTS = {"acceptance_id", "invoice_id"}
KINDS = ("update", "delete", "insert", "reorder", "cut", "restore")


@dataclass(frozen=True)
class Edit:
    kind: str
    table: str
    ids: tuple[int, ...]
    what: str

    def __str__(self):
        return f"{self.kind} {self.table} {list(self.ids)} {self.what}"


class Nothing(Exception):
    """The table has no row this edit could be made to."""


class Same(Exception):
    """The other value turned out to be the one that is there."""


class Vandal:
    def __init__(self, database: str, seed: int):
        entry = settings.DATABASES["owner"]
        self.connection = psycopg2.connect(
            dbname=database, user="postgres", host=entry["HOST"] or None, port=entry["PORT"] or None
        )
        self.connection.autocommit = True
        self.random = random.Random(seed)
        self.run("set session_replication_role = replica")
        self.run("set timezone = 'UTC'")

    def close(self) -> None:
        self.connection.close()

    def run(self, statement, values=None):
        with closing(self.connection.cursor()) as cursor:
            cursor.execute(statement, values)
            return cursor.fetchall() if cursor.description else cursor.rowcount

    def undo(self, edit: Edit) -> None:
        """Put the rows of an edit back as they were; what others have written meanwhile stays."""
        ids = list(edit.ids)
        self.run(f"delete from {edit.table} where id = any(%s)", [ids])
        self.run(
            f"insert into {edit.table} overriding system value select * from before_edit where id = any(%s)", [ids]
        )

    def columns(self, table: str) -> dict[str, str]:
        return dict(
            self.run(
                "select attname, format_type(atttypid, null) from pg_attribute"
                " where attrelid = %s::regclass and attnum > 0 and not attisdropped and attname <> 'id'",
                [table],
            )
        )

    def edit(self, kind: str, table: str) -> Edit:
        """Raises Nothing where the table has no row for it, or no value that its constraints let in."""
        self.run("drop table if exists before_edit")
        self.run(f"create temp table before_edit as table {table}")
        for _ in range(40):
            self.run("begin")
            try:
                ids, what = getattr(self, f"_{kind}")(table)
                self.run("commit")
                return Edit(kind, table, tuple(ids), what)
            except (Same, psycopg2.IntegrityError, psycopg2.DataError):
                self.run("rollback")
            except Nothing:
                self.run("rollback")
                raise
        raise Nothing(f"{kind} {table}")

    def any_row(self, table: str) -> bool:
        return bool(self.run(f"select 1 from {table} limit 1"))

    def _pick(self, table: str, count: int = 1, where: str = "true") -> list[int]:
        ids = [each for (each,) in self.run(f"select id from {table} where {where} order by id")]
        if len(ids) < count:
            raise Nothing(table)
        return self.random.sample(ids, count)

    def _update(self, table: str):
        (row,), columns = self._pick(table), self.columns(table)
        column = self.random.choice(sorted(columns))
        (before,) = self.run(f"select {column} from {table} where id = %s", [row])[0]
        after = self._other(before, columns[column])
        if after == before:
            raise Same
        cast = sql.SQL("update {} set {} = %s::{} where id = %s").format(
            sql.Identifier(table), sql.Identifier(column), sql.SQL(columns[column])
        )
        self.run(cast, [after, row])
        return [row], f"{column}: {before!r} → {after!r}"

    def _other(self, value, kind: str):
        """Another value of the column's type; sometimes nothing at all."""
        if value is not None and self.random.random() < 0.1:
            return None
        if kind.endswith("[]"):
            return [*(value or []), "1"]
        if kind == "jsonb":
            return json.dumps([*value, "x"] if isinstance(value, list) else {**(value or {}), "x": 1})
        if kind == "boolean":
            return not value
        if kind == "date":
            return (value or date(2026, 1, 1)) + timedelta(days=self.random.randint(1, 400))
        if kind.startswith("timestamp"):
            return (value or datetime(2026, 1, 1, tzinfo=UTC)) + timedelta(microseconds=self.random.randint(1, 10**9))
        if kind.startswith("numeric"):
            return (value or Decimal(0)) + Decimal(self.random.choice(["0.0010", "0.0100", "1", "1000"]))
        if kind in ("bigint", "integer", "smallint"):
            return (value or 0) + self.random.choice([1, 2, 100, 1000])
        text = value or ""
        return self.random.choice([text[:-1], text[:3] + "9", text[::-1], f"{text[:8]}x"]) or "x"

    def _delete(self, table: str):
        (row,) = self._pick(table)
        self.run(f"delete from {table} where id = %s", [row])
        return [row], ""

    def _insert(self, table: str):
        """A copy of a row under a new id, with what must be unique made so."""
        (row,) = self._pick(table)
        (new,) = self.run(f"select max(id) + 1000000 from {table}")[0]
        facts = dict(self.run(f"select to_jsonb(t) from {table} t where id = %s", [row])[0][0]) | {"id": new}
        unique = self.run(
            "select distinct a.attname, format_type(a.atttypid, null) from pg_index i join pg_attribute a"
            " on a.attrelid = i.indrelid and a.attnum = any(i.indkey)"
            " where i.indrelid = %s::regclass and i.indisunique and a.attname <> 'id'",
            [table],
        )
        for column, kind in unique:
            if kind.startswith("character"):
                facts[column] = str(facts[column] or "")[:6] + str(self.random.randint(1000, 9999))
            elif kind in ("bigint", "integer") and column not in {"platform_id", *PARENTS}:
                facts[column] = self.random.randint(10**6, 10**9)
        self.run(
            f"insert into {table} overriding system value select * from jsonb_populate_record(null::{table}, %s::jsonb)",
            [json.dumps(facts)],
        )
        return [new], f"copy of {row}"

    def _reorder(self, table: str):
        """Two rows in each other's place."""
        first, second = self._pick(table, 2)
        order = ORDER.get(table, "id")
        places = dict(self.run(f"select id, {order} from {table} where id in (%s, %s)", [first, second]))
        for old, new in ((places[first], -1), (places[second], places[first]), (-1, places[second])):
            self.run(f"update {table} set {order} = %s where {order} = %s", [new, old])
        return [first, second], ""

    def _cut(self, table: str):
        """The last rows, so many of them."""
        self._pick(table)
        most = self.random.randint(1, 3)
        gone = self.run(
            f"delete from {table} where id in (select id from {table} order by id desc limit %s) returning id", [most]
        )
        return [row for (row,) in gone], "the tail"

    def _restore(self, table: str):
        """A row as it was at an earlier version."""
        older = self.run(
            "select f.row_id, f.facts from journal_rowfact f where f.relation = %s and exists (select 1 from journal_rowfact l"
            " where l.relation = f.relation and l.row_id = f.row_id and l.id > f.id and l.facts <> f.facts)"
            " and f.facts <> (select c.facts from journal_rowfact c where c.relation = f.relation and c.row_id = f.row_id"
            "  order by c.id desc limit 1) order by f.id",
            [table],
        )
        if not older:
            raise Nothing(table)
        row, facts = self.random.choice(older)
        self.run(f"delete from {table} where id = %s", [row])
        self.run(
            f"insert into {table} overriding system value select * from jsonb_populate_record(null::{table}, %s::jsonb)",
            [json.dumps(facts)],
        )
        return [row], "an older copy"

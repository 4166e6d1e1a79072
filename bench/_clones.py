"""The demonstration ten times over: every row of the trade once more with parents of its own, and once more for each
parent it keeps, so that every list and every page with parts on it has many times its rows.

Use it on a database of your own: it drops foreign keys, because a unique key may leave out a copy that others name.
"""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass

from django.apps import apps
from django.db import models
from psycopg2.errors import CheckViolation

from tests import databases
from tests.house import INSTALLED

# Who acts, and where: every copy belongs to the same people and the same platforms.
KEPT = frozenset({"tenancy"})
# Ids of the copies begin above every sequence of the demonstration.
STEP = 10_000_000
# Rows named by number alone.
LOOSE = frozenset({"subject_id", "result_id", "run_id", "event_id", "matter_id", "source_id"})
# Longer texts are unique numbers and names; shorter ones are kinds and states, which stay.
LONGEST_WORD = 12
# Kinds with longer names.
KINDS = frozenset({"matter"})
# What copies would make untrue or unreadable: chains of hashes, work that waits, answers kept by their key.
LEFT = frozenset(
    {"journal_seal", "journal_delivery", "answers_idempotentanswer", "pricing_nightlyrun", "pricing_nightlychunk"}
)


@dataclass(frozen=True)
class Copied:
    """A table of the trade; `parents`: its columns that name rows of copied tables."""

    table: str
    columns: tuple[str, ...]
    parents: tuple[str, ...]
    texts: frozenset[str]
    numbers: frozenset[str]
    days: frozenset[str]

    @property
    def named(self) -> str:
        return ", ".join(f'"{column}"' for column in self.columns)

    def select(self, unique: list[tuple[str, ...]], number: int, keeping: str = "") -> str:
        """The copy's values: ids and parents moved, but the parent `keeping`; one column of every unique key made
        another's where nothing in it moves."""
        moved = {"id", *self.parents} - {keeping}
        values = {
            column: f'"{column}" + {number * STEP}' if column in moved else f'"{column}"' for column in self.columns
        }
        if keeping:
            # Copies that keep their parent must not meet those that do not.
            values["id"] = f"id + {(number + 100 * (1 + self.parents.index(keeping))) * STEP}"
        for key in unique:
            if moved & set(key):
                continue
            for column in reversed(key):
                if column in self.texts:
                    values[column] = f"overlay(\"{column}\" placing '{90 + number}' from 2 for 2)"
                elif column in self.numbers and column not in self.parents:
                    values[column] = f'"{column}" + {number * 100}'
                elif column in self.days:
                    values[column] = f'"{column}" - {number * 400}'
                else:
                    continue
                break
        return ", ".join(values[column] for column in self.columns)


def copied() -> Iterator[Copied]:
    models_ = [
        model
        for model in apps.get_models()
        if model._meta.app_config.name in INSTALLED
        and model._meta.app_label not in KEPT
        and model._meta.db_table not in LEFT
        and model._meta.managed
    ]
    for model in models_:
        fields = model._meta.concrete_fields
        yield Copied(
            model._meta.db_table,
            tuple(field.column for field in fields),
            tuple(
                field.column
                for field in fields
                if (isinstance(field, models.ForeignKey) and field.related_model in models_) or field.name in LOOSE
            ),
            frozenset(
                f.column
                for f in fields
                if isinstance(f, models.CharField) and f.max_length > LONGEST_WORD and f.column not in KINDS
            ),
            frozenset(f.column for f in fields if isinstance(f, models.IntegerField) and f.name[-3:] != "_id"),
            frozenset(f.column for f in fields if type(f) is models.DateField),
        )


def multiply(times: int) -> int:
    """Make the demonstration of the current database `times` as large; returns how many rows were added."""
    tables, added = list(copied()), 0
    with databases.owner() as owner, owner.cursor() as cursor:
        for each in tables:
            cursor.execute(f"alter table {each.table} disable row level security")
            cursor.execute(f"alter table {each.table} disable trigger user")
            cursor.execute(
                "select conname from pg_constraint where conrelid = %s::regclass and contype = 'f'", [each.table]
            )
            for (name,) in cursor.fetchall():
                cursor.execute(f"alter table {each.table} drop constraint {name}")
        for each in tables:
            cursor.execute(
                "select array_agg(attname::text order by place) from pg_index, unnest(indkey) with ordinality as key"
                " (number, place) join pg_attribute on attnum = number where attrelid = indrelid and indisunique"
                " and not indisprimary and indrelid = %s::regclass group by indexrelid",
                [each.table],
            )
            unique = [tuple(key) for (key,) in cursor.fetchall()]
            cursor.execute(f"create temp table original as select * from {each.table}")
            for number in range(1, times):
                for keeping in ("", *each.parents):
                    # A kind or a state that a key has once cannot be another's.
                    with suppress(CheckViolation):
                        cursor.execute(
                            f"insert into {each.table} ({each.named})"
                            f" select {each.select(unique, number, keeping)} from original on conflict do nothing"
                        )
                        added += cursor.rowcount
            cursor.execute("drop table original")
        for each in tables:
            cursor.execute(f"alter table {each.table} enable row level security")
            cursor.execute(f"alter table {each.table} enable trigger user")
            cursor.execute(f"vacuum analyze {each.table}")
    return added

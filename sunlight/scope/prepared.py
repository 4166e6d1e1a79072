"""Queries whose SQL is built once, for the path of placing an order and for nothing else.

Building a query takes the ORM about ten times as long as reading its few rows: of placing an order that was a third of the
processor time. What every order asks in the same words is therefore built once, with names in the place of values:

    _PACKS = Prepared(lambda: Pack.objects.filter(price_group_id__in=Given("groups"), factor__gte=2))
    _PACKS.rows(groups=[3, 4])

The rows are what the query set gives: models with what `select_related` names, or tuples of `values_list`. The SQL is the
ORM's own, so row security, converters and locks are as everywhere. For what varies in more than its values use the ORM.
"""

from collections.abc import Callable
from copy import copy
from functools import cached_property
from typing import Any

from django.db import connections
from django.db.models import Expression, QuerySet
from django.db.models.sql.compiler import SQLCompiler


class Given(Expression):
    """The place of a value that comes with the question: one value, or several where the lookup is `__in`."""

    def __init__(self, name: str):
        super().__init__()
        self.name = name

    def as_sql(self, compiler, connection):
        return "%s", [self]


class _Stated:
    """Stands for a query set or a query whose SQL is there, as the query set's own iterator sees it."""

    def __init__(self, original, **stated):
        self.__dict__.update(stated)
        self._original = original

    def __getattr__(self, name: str):
        return getattr(self._original, name)


class Prepared:
    """A query set of `Given` values, built at its first use and kept for good."""

    def __init__(self, build: Callable[[], QuerySet]):
        self._build = build

    @cached_property
    def _made(self) -> tuple[QuerySet, SQLCompiler, list[str], tuple]:
        queryset = self._build()
        compiler = queryset.query.get_compiler(using=queryset.db)
        sql, values = compiler.as_sql()
        pieces = sql.split("%s")
        if len(pieces) != len(values) + 1:
            raise ValueError("a prepared query must not hold %s in its text")
        columns = [column for column, _, _ in compiler.select]
        converters = compiler.get_converters(columns)
        compiler.get_converters = lambda expressions: converters
        return queryset, compiler, pieces, tuple(values)

    def rows(self, **given: Any) -> list:
        """The rows for these values; none where a list is empty, and None equals nothing, as in SQL. Raises TypeError for
        a value that the query does not know or cannot do without."""
        queryset, compiler, pieces, values = self._made
        known = {value.name for value in values if isinstance(value, Given)}
        if known != given.keys():
            raise TypeError(f"this query needs {', '.join(sorted(known))}")
        sql, bound = [pieces[0]], []
        for value, piece in zip(values, pieces[1:], strict=True):
            if not isinstance(value, Given):
                sql.append("%s")
                bound.append(value)
            elif isinstance(several := given[value.name], list | tuple | set | frozenset):
                if not several:
                    return []
                sql.append(", ".join(["%s"] * len(several)))
                bound.extend(several)
            else:
                sql.append("%s")
                bound.append(several)
            sql.append(piece)
        return list(queryset._iterable_class(_asked(queryset, compiler, "".join(sql), tuple(bound))))

    def first(self, **given: Any):
        """The first of `rows`, or None; the query says the order and should end after one row."""
        return next(iter(self.rows(**given)), None)


def _asked(queryset: QuerySet, kept: SQLCompiler, sql: str, params: tuple) -> _Stated:
    """The query set, its SQL and values stated, on this thread's connection."""
    compiler = copy(kept)
    compiler.connection = connections[queryset.db]
    compiler.as_sql = lambda *args, **more: (sql, params)
    query = _Stated(queryset.query, get_compiler=lambda *args, **more: compiler)
    return _Stated(queryset, query=query)

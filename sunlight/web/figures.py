"""Key figures of the workbench: each is a list with a filter, so that what it counts is what it opens."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django.urls import resolve, reverse

from sunlight.scope import Actor, Role
from sunlight.scope.readers import EVERY_ROLE, admits
from sunlight.web.lists.declare import table_named

Words = dict[str, str] | Callable[[date], dict[str, str]]


@dataclass(frozen=True)
class _Declared:
    label: Any
    table: str
    words: Words
    roles: frozenset[Role]

    @cached_property
    def readers(self) -> frozenset[Role]:
        """Whom the list itself is for."""
        return resolve(reverse(table_named(self.table).url_name)).func.roles or EVERY_ROLE

    def is_for(self, actor: Actor) -> bool:
        return not actor.roles.isdisjoint(self.roles) and admits(self.readers, actor)


@dataclass(frozen=True)
class Figure:
    """How many rows a list has under a filter, and the address that shows them."""

    label: Any
    count: int
    url: str


_declared: list[_Declared] = []


def add(label, table: str, words: Words, *roles: Role) -> None:
    """Show everyone with one of `roles` how many rows the list `table` has under the filter `words`."""
    _declared.append(_Declared(label, table, words, frozenset(roles)))


def month(**words: str) -> Callable[[date], dict[str, str]]:
    """A filter from the first of the current month on."""
    return lambda today: {**words, "since": today.replace(day=1).isoformat()}


def before_today(**words: str) -> Callable[[date], dict[str, str]]:
    """A filter up to yesterday."""
    return lambda today: {**words, "until": (today - timedelta(days=1)).isoformat()}


def figures_of(request, today: date) -> list[Figure]:
    """The reader's figures, in the order they were declared: one count each."""
    return [_counted(request, each, today) for each in _declared if each.is_for(request.actor)]


def _counted(request, declared: _Declared, today: date) -> Figure:
    table = table_named(declared.table)
    words = declared.words(today) if callable(declared.words) else declared.words
    found = table.filters(words, queryset=table.rows(request), request=request).qs
    return Figure(declared.label, found.count(), f"{reverse(table.url_name)}?{urlencode(words)}")

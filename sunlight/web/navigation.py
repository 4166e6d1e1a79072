"""Navigation and to-dos: registries that every app fills from its `navigation` module at start-up."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from django.urls import resolve, reverse

from sunlight.scope import Actor, Role
from sunlight.scope.readers import EVERY_ROLE, admits

# Between them stand the apps' own sections, in the order of the apps.
FIRST, LAST = "工作台", "系统"


@dataclass(frozen=True)
class Item:
    section: str
    label: str
    url_name: str
    roles: frozenset[Role]
    icon: str = "list"
    order: int = 50

    @cached_property
    def url(self) -> str:
        """Looked up once, because every page shows the entire menu."""
        return reverse(self.url_name)

    @cached_property
    def readers(self) -> frozenset[Role]:
        """Whom the page itself is for."""
        return resolve(self.url).func.roles or EVERY_ROLE

    def is_for(self, actor: Actor) -> bool:
        return not actor.roles.isdisjoint(self.roles) and admits(self.readers, actor)


@dataclass(frozen=True)
class Todo:
    """Something to do: what, how many, where, and the nearest day it must be done by. It is counted from the rows that ask
    for it, so it goes away by being done and in no other way."""

    label: str
    count: int
    url: str
    due_on: date | None = None


_items: list[Item] = []
_todo_providers: list[Callable[[Actor, date], list[Todo]]] = []


def add(section: str, label: str, url_name: str, *roles: Role, icon: str = "list", order: int = 50) -> None:
    """Offer a page in the menu to everyone who has one of `roles` and whom the page lets in."""
    _items.append(Item(section, label, url_name, frozenset(roles), icon, order))


def menu_of(actor: Actor) -> list[tuple[str, list[Item]]]:
    mine = [item for item in _items if item.is_for(actor)]
    grouped = [(s, sorted((i for i in mine if i.section == s), key=lambda i: (i.order, i.label))) for s in sections()]
    return [(section, items) for section, items in grouped if items]


def sections() -> list[str]:
    """The sections of the menu, each where an app first put a page into it."""
    named = dict.fromkeys(item.section for item in _items)
    return [FIRST, *(section for section in named if section not in (FIRST, LAST)), LAST]


def todo_provider(provider: Callable[[Actor, date], list[Todo]]):
    """Register `provider(actor, today) -> [Todo]`; the workbench shows what is not zero, the most urgent first."""
    _todo_providers.append(provider)
    return provider


def todos_of(actor: Actor, today: date) -> list[Todo]:
    """What the actor has to do, overdue and nearest first, what has no day last."""
    found = [todo for provider in _todo_providers for todo in provider(actor, today) if todo.count]
    return sorted(found, key=lambda t: (t.due_on is None, t.due_on or today, t.label))

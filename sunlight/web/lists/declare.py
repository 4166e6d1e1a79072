"""What a list is, declared once: its rows, columns, filters, sorts, default and what an empty one says."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

import django_filters
from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext

from sunlight.journal.refusals import Invalid
from sunlight.saved_views.words import define
from sunlight.scope import Actor
from sunlight.scope.clock import SHANGHAI

# How a value is written: `text`, `sentence` (of the law, a refusal or what people typed: always Chinese), `code` (does not
# break), `day`, `moment`, `yuan` (from integer fen), `price`, `quantity`, `count`, `state` (a badge with its word).
KINDS = frozenset({"text", "sentence", "code", "day", "moment", "yuan", "price", "quantity", "count", "state"})
SORT = "sort"
NUMBERS = frozenset({"yuan", "price", "quantity", "count"})


def through(row: Any, path: str | Callable[[Any], Any]) -> Any:
    """What `path` leads to from a row: `order.number`, or whatever a function of the row gives; None where it breaks
    off at nothing."""
    if callable(path):
        return path(row)
    for part in path.split("."):
        if row is None:
            return None
        row = row[part] if isinstance(row, dict) else getattr(row, part)
    return row


def to(url_name: str, path: str = "id") -> Callable[[Any], str]:
    """A link to the page `url_name` of what `path` leads to; no link where that is nothing."""

    def link(row: Any) -> str:
        key = through(row, path)
        return "" if key is None else reverse(url_name, args=[key])

    return link


@dataclass(frozen=True)
class Column:
    """One column: a heading, where its value comes from, how it is written and what it may be sorted by."""

    label: Any
    value: str | Callable[[Any], Any]
    kind: str = "text"
    # The ORM's fields to sort by; the list's URL then knows `?sort=key` and `?sort=-key`.
    sort: str | tuple[str, ...] = ()
    key: str = ""
    link: Callable[[Any], str] | None = None
    # A second, paler line, and badges (colour, words) behind the value.
    below: str | Callable[[Any], Any] = ""
    badges: Callable[[Any], list[tuple[str, Any]]] | None = None
    # A template for a cell that is more than a value; it sees `row` and the page's context.
    cell: str = ""
    # Who sees the column; everybody where not said.
    only: Callable[[Actor], bool] | None = None
    # A column for the eye alone is left out of the sheet.
    sheet: bool = True

    def __post_init__(self):
        if self.kind not in KINDS:
            raise ValueError(f"no kind of column: {self.kind}")
        if self.sort and not self.name:
            raise ValueError("a column whose value is a function needs a key to be sorted by")

    @property
    def name(self) -> str:
        return self.key or (self.value.replace(".", "_") if isinstance(self.value, str) else "")

    @property
    def fields(self) -> tuple[str, ...]:
        return (self.sort,) if isinstance(self.sort, str) and self.sort else tuple(self.sort)

    @property
    def is_number(self) -> bool:
        return self.kind in NUMBERS

    def of(self, row: Any) -> Any:
        """The plain value, for sheets: money in yuan, moments in Shanghai's time, states in words."""
        if self.kind == "state":
            holder, _, name = self.value.rpartition(".") if isinstance(self.value, str) else ("", "", "state")
            return getattr(through(row, holder) if holder else row, f"get_{name}_display")()
        value = through(row, self.value)
        if value is None:
            return None
        if self.kind == "yuan":
            return Decimal(value).scaleb(-2)
        if self.kind == "moment":
            return value.astimezone(SHANGHAI)
        return value


@dataclass(frozen=True)
class Empty:
    """What a list without rows says, and the way on."""

    title: Any
    hint: Any = ""
    url_name: str = ""
    action: Any = ""
    # Whom the way on is offered to.
    only: Callable[[Actor], bool] | None = None


@dataclass(frozen=True)
class Ticks:
    """Boxes to tick before the rows: the field's and the form's name, which rows have one, and what names a row."""

    name: str
    form: str
    label: str | Callable[[Any], Any]
    value: str = "id"
    allowed: Callable[[Any], bool] | None = None
    only: Callable[[Actor], bool] | None = None


@dataclass(frozen=True)
class Button:
    """A link next to a list's heading."""

    label: Any
    url_name: str
    primary: bool = False
    only: Callable[[Actor], bool] | None = None


@dataclass(frozen=True)
class Tab:
    """A choice of the filter that is shown as a row of buttons."""

    label: Any
    url: str
    is_chosen: bool


class _NoRows:
    """Stands for rows where only the words are judged."""

    model = None


@dataclass(frozen=True)
class Table:
    """A list. `rows(request)` gives what the actor may see, in the default order; `present(request, rows)` makes one
    page of it into what the columns read. `initial(actor)` holds until the reader chooses otherwise."""

    key: str
    url_name: str
    section: Any
    title: Any
    # None where the page gives its rows itself.
    rows: Callable[[Any], Any] | None
    columns: Sequence[Column]
    empty: Empty | Callable[[Actor], Empty]
    filters: type[django_filters.FilterSet] | None = None
    # The filter shown as a row of buttons.
    tabs: str = ""
    present: Callable[[Any, Iterable], list] | None = None
    initial: Callable[[Actor], dict[str, str]] | None = None
    # Type of the row for the decision trace and the way to its id; a template for more buttons.
    trace: tuple[str, str] | None = None
    actions: str = ""
    buttons: Sequence[Button] = ()
    ticks: Ticks | None = None
    page_size: int = 50
    views: bool = True
    # False if the page has its own search field.
    filter_form: bool = True
    # What the list's own address takes, and words of the address that are not filters of the list but stay in its links.
    arguments: Callable[[Any], list] | None = None
    keeps: tuple[str, ...] = ()

    def __post_init__(self):
        # A page may replace a list's title or rows for one request; the declared one stays the one that is known.
        if _tables.setdefault(self.key, self).url_name != self.url_name:
            raise ValueError(f"two lists are named {self.key}")
        if self.views:
            define(self.key, self.kept_words)

    def seen_by(self, actor: Actor) -> list[Column]:
        return [column for column in self.columns if column.only is None or column.only(actor)]

    def sorts(self, actor: Actor) -> dict[str, Column]:
        return {column.name: column for column in self.seen_by(actor) if column.sort}

    def kept_words(self, query: str) -> str:
        """Of the words of an address those a saved view keeps. Raises Invalid for what the list cannot be asked with."""
        given = QueryDict(query.removeprefix("?"))
        names = self.filters.base_filters if self.filters else {}
        words = {name: given[name] for name in names if given.get(name)}
        form = self.filters(words, queryset=_NoRows).form if self.filters else None
        if form is not None and not form.is_valid():
            name, errors = next(iter(form.errors.items()))
            raise Invalid("bad_filter", f"{form.fields[name].label}：{'；'.join(errors)}", field="query")
        order = given.get(SORT, "")
        if order and order.removeprefix("-") not in {column.name for column in self.columns if column.sort}:
            raise Invalid("bad_order", gettext("不能按“%(name)s”排序") % {"name": order[:40]}, field="query")
        return urlencode(words | ({SORT: order} if order else {}))

    def emptiness(self, actor: Actor) -> Empty:
        return self.empty(actor) if callable(self.empty) else self.empty


_tables: dict[str, Table] = {}


def tables() -> dict[str, Table]:
    """Every declared list by its name."""
    return dict(_tables)


def table_named(key: str) -> Table | None:
    return _tables.get(key)

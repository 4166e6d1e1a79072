"""Reading a list out of a request: filter, order, page, and what its template needs. Whatever the URL says that is not
declared is ignored where it names nothing and refused (400) where it gives a declared thing a value it cannot have."""

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from django.core.paginator import Paginator
from django.db.models import F, QuerySet
from django.http import QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from sunlight.journal.refusals import Invalid
from sunlight.sheets.exports import Out
from sunlight.web.exports import MOST_ROWS, workbook_response
from sunlight.web.lists import saved
from sunlight.web.lists.declare import SORT, Button, Column, Tab, Table

PAGE, SHEET = "page", "sheet"


def counted(rows, most: int) -> int:
    """How many rows there are, up to one more than `most`: to count a million takes longer than to show fifty."""
    if not isinstance(rows, QuerySet):
        return min(len(rows), most + 1)
    # Without the order the count may stop at the first rows it meets; rows of several branches have one order in which
    # each branch comes from its index alone.
    ordered = rows.order_by("-id") if getattr(rows.query, "branches", ()) else rows.order_by()
    return ordered[: most + 1].count()


class Pages(Paginator):
    """The pages of a list, which can be turned through as far as it can be taken away at once."""

    @cached_property
    def _counted(self) -> int:
        return counted(self.object_list, MOST_ROWS)

    @cached_property
    def count(self) -> int:
        return min(self._counted, MOST_ROWS)

    @property
    def has_more(self) -> bool:
        return self.count < self._counted

    @property
    def total(self) -> str:
        """How many rows there are, as the page says it: `137`, `20000+`."""
        return f"{self.count}{'+' if self.has_more else ''}"


@dataclass
class Heading:
    column: Column
    url: str
    # "ascending", "descending" or "" where the list is in another order.
    order: str


@dataclass
class Shown:
    """A list as one reader sees it; templates read it as `list`."""

    table: Table
    request: Any
    columns: list[Column]
    asked: dict[str, str]
    form: Any
    faults: list[str]
    sort: str
    page: Any = None
    rows: list = field(default_factory=list)
    found: Any = None
    chosen: set = field(default_factory=set)

    @cached_property
    def url(self) -> str:
        arguments = self.table.arguments(self.request) if self.table.arguments else []
        return reverse(self.table.url_name, args=arguments)

    def href(self, **changes: Any) -> str:
        """This list's address with some of its words changed; None takes one out."""
        words = {**self.asked, **({SORT: self.sort} if self.sort else {}), **changes}
        return f"{self.url}?{_encoded(words)}"

    @property
    def query(self) -> str:
        """What a saved view keeps: filters and order, nothing else."""
        return self.href().partition("?")[2]

    @property
    def headings(self) -> list[Heading]:
        known = self.table.sorts(self.request.actor)
        made = []
        for column in self.columns:
            is_sort = column.name in known and self.found_is_query
            order = {column.name: "ascending", f"-{column.name}": "descending"}.get(self.sort, "") if is_sort else ""
            wanted = f"-{column.name}" if order == "ascending" else column.name
            made.append(Heading(column, self.href(sort=wanted) if is_sort else "", order))
        return made

    @property
    def found_is_query(self) -> bool:
        return isinstance(self.found, QuerySet)

    @property
    def tabs(self) -> list[Tab]:
        name = self.table.tabs
        if not name:
            return []
        chosen = self.asked.get(name, "")
        choices = [("", _("全部")), *self.table.filters.base_filters[name].extra["choices"]]
        return [Tab(_(str(label)), self.href(**{name: value}), value == chosen) for value, label in choices]

    @property
    def fields(self) -> list:
        if self.form is None or not self.table.filter_form:
            return []
        return [each for each in self.form if each.name != self.table.tabs]

    @property
    def hidden(self) -> list[tuple[str, str]]:
        """What the filter's form keeps of the address."""
        kept = [(SORT, self.sort)] if self.sort else []
        tab = self.table.tabs
        return kept + ([(tab, self.asked[tab])] if tab in self.asked else [])

    @property
    def searched(self) -> str:
        """What was typed into a page's own search field."""
        return self.asked.get("q", "")

    @property
    def is_narrowed(self) -> bool:
        return any(self.asked.get(name) for name in self.asked if name not in self.table.keeps)

    @property
    def empty(self):
        return self.table.emptiness(self.request.actor)

    @property
    def empty_url(self) -> str:
        empty = self.empty
        offered = empty.url_name and (empty.only is None or empty.only(self.request.actor))
        return reverse(empty.url_name) if offered else ""

    @property
    def buttons(self) -> list[Button]:
        return [button for button in self.table.buttons if button.only is None or button.only(self.request.actor)]

    @property
    def plain_url(self) -> str:
        """The list without any filter, its beginning and the default view left aside."""
        names = dict.fromkeys(self.table.initial(self.request.actor) if self.table.initial else (), "")
        names |= {name: value for name, value in self.asked.items() if name in self.table.keeps}
        return f"{self.url}?{_encoded(names or {PAGE: 1})}"

    @property
    def ticks(self):
        ticks = self.table.ticks
        return ticks if ticks and (ticks.only is None or ticks.only(self.request.actor)) else None

    @property
    def previous_url(self) -> str:
        return self.href(page=self.page.previous_page_number()) if self.page.has_previous() else ""

    @property
    def next_url(self) -> str:
        return self.href(page=self.page.next_page_number()) if self.page.has_next() else ""

    @cached_property
    def views(self) -> list:
        return saved.saved(self.request, self.table)

    @property
    def sheet_url(self) -> str:
        return self.href(sheet="xlsx")

    @property
    def is_long(self) -> bool:
        """Whether the sheet takes longer than a request should and a job can write it."""
        return self.page.paginator.has_more and self.table.rows is not None and self.found_is_query


def _encoded(words: dict[str, Any]) -> str:
    query = QueryDict(mutable=True)
    query.update({name: str(value) for name, value in words.items() if value is not None})
    return query.urlencode()


def asked_of(table: Table, request) -> dict[str, str]:
    """The filters' words of the address, those not declared left out, the list's own beginning where none is given."""
    names = table.filters.base_filters if table.filters else {}
    given = {name: request.GET[name] for name in (*names, *table.keeps) if name in request.GET}
    return {**(table.initial(request.actor) if table.initial else {}), **given}


def read(request, table: Table, rows=None, chosen=()) -> Shown:
    """The list as the address asks for it, with one page of rows. A filter or an order that cannot be gives no rows and
    the words to say so."""
    asked, rows = asked_of(table, request), table.rows(request) if rows is None else rows
    is_query = isinstance(rows, QuerySet)
    filters = table.filters(asked, queryset=rows, request=request) if table.filters and is_query else None
    faults = []
    if filters is not None and not filters.is_valid():
        faults = [
            str(filters.form.fields[name].label) + _("：") + _("；").join(errors)
            for name, errors in filters.form.errors.items()
        ]
    sort = request.GET.get(SORT, "")
    column = table.sorts(request.actor).get(sort.removeprefix("-"))
    if sort and column is None:
        faults.append(_("不能按“%(name)s”排序") % {"name": sort[:40]})
        sort = ""
    shown = Shown(
        table=table,
        request=request,
        columns=table.seen_by(request.actor),
        asked=asked,
        form=filters.form if filters else None,
        faults=faults,
        sort=sort,
        chosen=set(map(str, chosen)),
    )
    shown.found = rows if filters is None or faults else filters.qs
    if faults:
        shown.found = rows.none() if is_query else []
    elif column is not None and is_query:
        down = sort.startswith("-")
        keys = [F(name).desc(nulls_last=True) if down else F(name).asc(nulls_last=True) for name in column.fields]
        shown.found = shown.found.order_by(*keys, "-id")
    shown.page = Pages(shown.found, table.page_size).get_page(request.GET.get(PAGE))
    shown.rows = presented(request, table, shown.page.object_list)
    return shown


def presented(request, table: Table, rows) -> list:
    return list(table.present(request, rows) if table.present else rows)


def list_page(
    request, table: Table, template: str = "web/list.html", *, rows=None, context=None, status: int = 200, chosen=()
):
    """The list as a page, or as a sheet where the address says so. It opens with the reader's default view where the
    address asks for nothing."""
    if table.views and request.method == "GET" and not request.META.get("QUERY_STRING"):
        default = next((view for view in saved.saved(request, table) if view.is_default), None)
        if default is not None:
            return redirect(default.url)
    shown = read(request, table, rows, chosen)
    if request.method == "GET" and request.GET.get(SHEET) == "xlsx" and not shown.faults:
        return _sheet(request, shown)
    status = 400 if shown.faults and status == 200 else status
    return render(
        request, template, {"list": shown, "title": shown_title(request, table), **(context or {})}, status=status
    )


def shown_title(request, table: Table):
    return table.title(request.actor) if callable(table.title) else table.title


def sheet_columns(shown: Shown) -> list[Column]:
    return [column for column in shown.columns if column.sheet]


def sheet_rows(shown: Shown, chunk: int = 500):
    """The plain values of every row found, in the list's order, presented a chunk at a time."""
    columns, start = sheet_columns(shown), 0
    while part := list(shown.found[start : start + chunk]):
        for row in presented(shown.request, shown.table, part):
            yield [column.of(row) for column in columns]
        start += chunk


def _sheet(request, shown: Shown):
    pages = shown.page.paginator
    if pages.has_more:
        raise Invalid(
            "too_many_rows",
            _("共 %(count)s 行，当场最多导出 %(most)s 行。请用“后台导出”，或先用筛选缩小范围。")
            % {"count": pages.total, "most": MOST_ROWS},
        )
    columns = [Out(str(column.label), column.kind) for column in sheet_columns(shown)]
    return workbook_response(str(shown_title(request, shown.table)), columns, sheet_rows(shown))

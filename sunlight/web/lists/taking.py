"""Taking away a list that is too long for one request: its rows are read by a job, chunk by chunk, with the filters and order
it was asked with, in the scope and with the roles the asker has by then."""

import json
import tempfile
from array import array
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

from django.db.models import QuerySet
from django.http import QueryDict
from django.shortcuts import redirect
from django.urls import Resolver404, resolve
from django.utils import translation
from django.utils.translation import gettext as _

from sunlight.jobs.definitions import State
from sunlight.jobs.services import parts as job_parts
from sunlight.jobs.services.jobs import job_start
from sunlight.journal.refusals import Forbidden, Invalid, NotThere
from sunlight.scope import Actor
from sunlight.scope.readers import admits
from sunlight.sheets.exports import Out, workbook
from sunlight.web.lists import show
from sunlight.web.lists.declare import Table, table_named
from sunlight.web.pages import attempt, clock, page, refusal_page

KIND = "lists.export"
# A sheet of so many rows is still put together in one chunk of some ten seconds, and opened by people.
MOST_ROWS = 200_000
CHUNK = 2_000
IDS, ROWS = "ids", "rows"


@dataclass
class Asking:
    """As much of a request as a list reads: who asks, by which address."""

    actor: Actor
    GET: QueryDict
    resolver_match: Any
    method: str = "GET"
    META: dict = field(default_factory=dict)


def asking_of(actor: Actor, key: str, address: str) -> tuple[Asking, Table]:
    """A list's address as its page would read it. Raises NotThere for what is not a list's address, Forbidden for
    somebody whose roles do not open that page."""
    path, _mark, query = address.partition("?")
    table = table_named(key)
    try:
        match = resolve(path)
    except Resolver404 as unknown:
        raise NotThere("这个列表") from unknown
    if table is None or table.rows is None or match.view_name != table.url_name:
        raise NotThere("这个列表")
    if match.func.roles is not None and not admits(match.func.roles, actor):
        raise Forbidden("not_your_duty", "您的岗位不能打开这个列表，不能导出。请联系本单位管理员。")
    return Asking(actor, QueryDict(query), SimpleNamespace(kwargs=match.kwargs)), table


def _list_of(actor: Actor, job) -> show.Shown:
    asking, table = asking_of(actor, job.parameters["list"], job.parameters["address"])
    return show.read(asking, table)


@page(methods=("POST",))
def take(request):
    """Have the list that is shown written to a sheet in the background."""
    job, refusal = attempt(request, lambda: _start_export(request))
    return refusal_page(request, refusal) if refusal else redirect("jobs:job", job.id)


def _start_export(request):
    key, address = request.POST.get("list", ""), request.POST.get("address", "")[:2000]
    asking, table = asking_of(request.actor, key, address)
    shown = show.read(asking, table)
    if shown.faults or not isinstance(shown.found, QuerySet):
        raise Invalid("bad_filter", "；".join(shown.faults) or "这个列表不能在后台导出。", field="address")
    count = show.counted(shown.found, MOST_ROWS)
    if count > MOST_ROWS:
        raise Invalid("too_many_rows", f"超过 {MOST_ROWS} 行，不能一次导出。请先用筛选缩小范围。")
    return job_start(
        actor=request.actor,
        at=clock(request),
        kind=KIND,
        title=str(show.shown_title(asking, table)),
        total=count,
        parameters={"list": key, "address": address, "language": translation.get_language()},
    )


def step(*, actor: Actor, at: datetime, job, state: State) -> State:
    """First which rows; then some thousand of them a chunk; at last the sheet."""
    with translation.override(job.parameters["language"]):
        shown = _list_of(actor, job)
        place = state.position.get("next")
        if place is None:
            return _keep_ids(shown, job, state)
        if place < state.position["pieces"]:
            return _read_piece(shown, job, state, place)
        return _write_sheet(shown, job, state)


def _keep_ids(shown: show.Shown, job, state: State) -> State:
    ids = array("q", shown.found.values_list("pk", flat=True)[:MOST_ROWS])
    pieces = range(0, len(ids), CHUNK)
    for number, start in enumerate(pieces):
        job_parts.part_put(job, IDS, number, ids[start : start + CHUNK].tobytes())
    return replace(state, position={"next": 0, "pieces": len(pieces)}, total=len(ids), phase=_("读取"))


def _read_piece(shown: show.Shown, job, state: State, place: int) -> State:
    """The rows of one piece that the asker may still see, as plain values."""
    ids = array("q")
    ids.frombytes(job_parts.part_of(job, IDS, place))
    found = {row.pk: row for row in shown.found.filter(pk__in=ids.tolist())}
    rows = show.presented(shown.request, shown.table, [found[each] for each in ids if each in found])
    columns = show.sheet_columns(shown)
    lines = [json.dumps([_plain(column.of(row)) for column in columns], ensure_ascii=False) for row in rows]
    job_parts.part_put(job, ROWS, place, "\n".join(lines).encode())
    return replace(state, position=state.position | {"next": place + 1}, done=state.done + len(ids))


def _write_sheet(shown: show.Shown, job, state: State) -> State:
    columns = [Out(str(column.label), column.kind) for column in show.sheet_columns(shown)]
    with tempfile.NamedTemporaryFile(prefix="sunlight-out-", suffix=".xlsx") as named:
        count = workbook(columns, _lines(job), title=job.title, path=named.name)
        with open(named.name, "rb") as stream:
            job_parts.result_put(job, stream)
    job_parts.parts_drop(job, IDS, ROWS)
    note = _("共 %(count)s 行。文件只有您本人可以下载，保留七天。") % {"count": count}
    return replace(state, done=count, total=count, phase=_("写出"), note=note, over=True, result_id=job.id)


def _lines(job) -> Iterator[list]:
    for piece in job_parts.parts_of(job, ROWS):
        for line in piece.decode().splitlines():
            yield [_typed_value(value) for value in json.loads(line)]


def _plain(value: Any) -> Any:
    """A value as JSON that remembers its type; a list is nothing a cell holds, so it marks one."""
    if isinstance(value, datetime):
        return ["moment", value.isoformat()]
    if isinstance(value, date):
        return ["day", value.isoformat()]
    if isinstance(value, Decimal):
        return ["number", str(value)]
    return value if value is None or isinstance(value, str | int | bool) else str(value)


_TYPES = {"moment": datetime.fromisoformat, "day": date.fromisoformat, "number": Decimal}


def _typed_value(value: Any) -> Any:
    return _TYPES[value[0]](value[1]) if isinstance(value, list) else value


def abandoned(*, actor: Actor, at: datetime, job) -> None:
    """Nothing remains of an export that was given up."""
    job_parts.parts_drop(job)

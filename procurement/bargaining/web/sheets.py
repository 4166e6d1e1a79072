"""The bargaining desk: a sheet for up to 300 offers, saved cell by cell, pasted from Excel, sent line by line."""

import json

from django.contrib import messages
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from procurement import readers
from procurement.bargaining.queries import products
from procurement.bargaining.queries import sheets as queries
from procurement.bargaining.rules.pasting import COLUMNS, MOST_ROWS
from procurement.bargaining.services import sheet_sending as sending
from procurement.bargaining.services import sheets as services
from procurement.bargaining.services.sheet_verdicts import Verdict, sheet_lines
from procurement.bargaining.services.sheets import Change, Clash, Written
from procurement.bargaining.workflows import OfferSheetState
from procurement.contracts.web.lists import SECTION
from sunlight.journal.refusals import Conflict, Refused
from sunlight.kernel.reading import whole_or
from sunlight.scope import Role
from sunlight.scope.clock import business_date
from sunlight.web.lists import Column, Empty, Table, list_page, to
from sunlight.web.lists.filters import Filters, State, Text
from sunlight.web.pages import STATUS_OF_KIND, attempt, clock, page

FIRST_ROWS, MORE_ROWS = 20, 10
# How many lines one stretch sends before the page says how far it is.
STRETCH = 25
FOUND = 8


class SheetFilters(Filters):
    state = State(OfferSheetState)
    q = Text("number", "name", label=_("名称或编号"))


SHEETS = Table(
    key="procurement.sheets",
    url_name="procurement:sheets",
    section=SECTION,
    title=_("议价工作表"),
    rows=lambda request: queries.sheets_visible_to(request.actor),
    columns=(
        Column(_("名称"), "name", sort="name", link=to("procurement:sheet")),
        Column(_("编号"), "number", "code"),
        Column(_("已填行"), "filled", "count"),
        Column(_("已发送"), "sent", "count"),
        Column(_("状态"), "state", "state"),
        Column(_("建立人"), "created_by_name"),
        Column(_("最近修改"), "changed_at", "moment", sort="changed_at"),
    ),
    filters=SheetFilters,
    tabs="state",
    empty=Empty(_("还没有议价表"), _("新建一张，把要报价的产品、数量和单价从 Excel 粘贴进来。")),
)


@page(readers.OFFER_SHEETS, methods=("GET", "POST"))
def sheets(request):
    """The hospital's sheets; a POST begins one."""
    refusal, typed = None, {"name": "", "months": "12"}
    if request.method == "POST":
        typed = {name: request.POST.get(name, "") for name in typed}
        made, refusal = attempt(
            request,
            lambda: services.sheet_open(
                actor=request.actor, at=clock(request), name=typed["name"], months=typed["months"]
            ),
        )
        if made is not None:
            return redirect("procurement:sheet", made.id)
    context = {"typed": typed, "refusal": refusal, "may_write": request.actor.has(Role.HOSPITAL_BUYER)}
    status = 422 if refusal else 200
    return list_page(request, SHEETS, "procurement/sheets.html", context=context, status=status)


@page(readers.OFFER_SHEETS)
def sheet(request, sheet_id):
    return _sheet_page(request, sheet_id, "procurement/sheet.html")


@page(readers.OFFER_SHEETS)
def body(request, sheet_id):
    """The lines alone, as they stand now."""
    return _sheet_page(request, sheet_id, "procurement/_sheet_body.html")


def _sheet_page(request, sheet_id, template, *, written: Written | None = None, refusal: Refused | None = None):
    at, found = clock(request), queries.access_sheet(request.actor, sheet_id)
    used = max((row.position for row in queries.rows_of(found.id)), default=0)
    wanted = whole_or(request.GET.get("rows", ""), 0)
    upto = min(max(used + MORE_ROWS, FIRST_ROWS, wanted), MOST_ROWS) if found.state == OfferSheetState.OPEN else used
    lines = sheet_lines(actor=request.actor, at=at, sheet=found, upto=upto)
    counts = {verdict: sum(line.verdict is verdict for line in lines) for verdict in Verdict}
    left = queries.rows_to_send(found, found.sending_at).count() if found.sending_at else 0
    context = {
        "sheet": found,
        "lines": lines,
        "counts": {str(verdict): count for verdict, count in counts.items()},
        "filled": sum(counts.values()) - counts[Verdict.BLANK],
        "unsent": sum(counts.values()) - counts[Verdict.BLANK] - counts[Verdict.SENT],
        "amount_fen": sum(line.amount_fen or 0 for line in lines),
        "left": left,
        "upto": upto,
        "most": MOST_ROWS,
        "clashes": {clash.position: _clash(clash) for clash in (written.clashes if written else ())},
        "left_out": written.left_out if written else 0,
        "may_write": request.actor.has(Role.HOSPITAL_BUYER) and found.state == OfferSheetState.OPEN,
        "refusal": refusal,
        "swap": False,
    }
    return render(request, template, context, status=STATUS_OF_KIND[refusal.kind] if refusal else 200)


def _clash(clash: Clash) -> dict:
    """What both wrote, and what the buttons send that choose one."""
    row = clash.row
    return {
        "position": clash.position,
        "by": row.changed_by_name,
        "at": row.changed_at,
        "is_sent": row.offer_id is not None,
        "cells": [(services.COLUMN_LABELS[column], clash.theirs[column], mine) for column, mine in clash.yours.items()],
        "mine": json.dumps({**clash.yours, "version": row.version}, ensure_ascii=False),
    }


@page(Role.HOSPITAL_BUYER, methods=("POST",))
def row(request, sheet_id, position):
    """Cells of one line, saved as the cursor leaves them; the answer is what else has changed."""
    cells = {column: request.POST[column] for column in COLUMNS if column in request.POST}
    change = Change(cells, whole_or(request.POST.get("version", ""), 0), request.POST.get("price_group", ""))
    at, clash = clock(request), None
    try:
        services.sheet_row_write(actor=request.actor, at=at, sheet_id=sheet_id, position=position, change=change)
    except Conflict as conflict:
        if conflict.code != "row_changed":
            raise
        clash = conflict
    found = queries.access_sheet(request.actor, sheet_id)
    (line,) = sheet_lines(actor=request.actor, at=at, sheet=found, positions={position})
    context = {"line": line, "sheet": found, "clash": None, "clashes": {}, "may_write": True, "swap": True}
    if clash is None:
        return render(request, "procurement/_sheet_answer.html", context)
    context["clash"] = _clash(Clash(position, line.row, clash.facts["yours"]))
    return render(request, "procurement/_sheet_conflict.html", context, status=409)


@page(readers.OFFER_SHEETS)
def line(request, sheet_id, position):
    """One line as it stands: what choosing the other's value asks for."""
    found = queries.access_sheet(request.actor, sheet_id)
    (shown,) = sheet_lines(actor=request.actor, at=clock(request), sheet=found, positions={position})
    may_write = request.actor.has(Role.HOSPITAL_BUYER) and found.state == OfferSheetState.OPEN
    context = {"line": shown, "sheet": found, "clashes": {}, "may_write": may_write, "swap": False}
    return render(request, "procurement/_sheet_row.html", context)


@page(Role.HOSPITAL_BUYER, methods=("POST",))
def paste(request, sheet_id):
    """Rows or cells from a spreadsheet, laid over the cells from one on."""
    written, refusal = attempt(
        request,
        lambda: services.sheet_paste(
            actor=request.actor,
            at=clock(request),
            sheet_id=sheet_id,
            position=request.POST.get("position", ""),
            column=request.POST.get("column", ""),
            text=request.POST.get("text", ""),
            seen=_seen_versions(request.POST.get("seen", "")),
        ),
    )
    return _sheet_page(request, sheet_id, "procurement/_sheet_body.html", written=written, refusal=refusal)


def _seen_versions(text: str) -> dict[int, int]:
    """`1:3,2:1`: the version of each line as the person saw it."""
    pairs = (pair.partition(":") for pair in text[:6000].split(",") if pair)
    return {whole_or(position, 0): whole_or(version, 0) for position, _colon, version in pairs}


@page(Role.HOSPITAL_BUYER)
def find(request):
    """Products for the cell one types in."""
    text, on = request.GET.get("q", "").strip(), business_date(clock(request))
    found = list(products.search(request.actor.platform_id, text, on)[:FOUND]) if text else []
    return render(request, "procurement/_sheet_found.html", {"found": found, "q": text})


@page(Role.HOSPITAL_BUYER, methods=("POST",))
def send(request, sheet_id):
    """Send lines; each becomes an offer in its own transaction once this request's has ended. A page that asked by htmx
    polls again until none waits."""
    at = clock(request)
    waiting, refusal = attempt(request, lambda: sending.sheet_send(actor=request.actor, at=at, sheet_id=sheet_id))
    if refusal is not None:
        template = "procurement/_sheet_body.html" if request.htmx else "procurement/sheet.html"
        response = _sheet_page(request, sheet_id, template, refusal=refusal)
        response["HX-Retarget"] = "#sheet-body"
        return response
    sending.send_after_commit(actor=request.actor, at=at, sheet_id=sheet_id, limit=STRETCH)
    if request.htmx:
        return render(request, "procurement/_sheet_sending.html", {"sheet_id": sheet_id, "waiting": waiting})
    return redirect("procurement:sheet", sheet_id)


@page(Role.HOSPITAL_BUYER, methods=("POST",))
def stop(request, sheet_id):
    sending.sheet_send_stop(actor=request.actor, at=clock(request), sheet_id=sheet_id)
    messages.info(request, gettext("已停止发送；已发送的报价不受影响，其余各行留在表中。"))
    return redirect("procurement:sheet", sheet_id)


@page(Role.HOSPITAL_BUYER, methods=("POST",))
def close(request, sheet_id):
    services.sheet_close(actor=request.actor, at=clock(request), sheet_id=sheet_id)
    messages.success(request, gettext("议价表已结束。"))
    return redirect("procurement:sheets")


routes = [
    path("offer-sheets/", sheets, name="sheets"),
    path("offer-sheets/products/", find, name="sheet_find"),
    path("offer-sheets/<int:sheet_id>/", sheet, name="sheet"),
    path("offer-sheets/<int:sheet_id>/body/", body, name="sheet_body"),
    path("offer-sheets/<int:sheet_id>/rows/<int:position>/", row, name="sheet_row"),
    path("offer-sheets/<int:sheet_id>/rows/<int:position>/line/", line, name="sheet_line"),
    path("offer-sheets/<int:sheet_id>/paste/", paste, name="sheet_paste"),
    path("offer-sheets/<int:sheet_id>/send/", send, name="sheet_send"),
    path("offer-sheets/<int:sheet_id>/stop/", stop, name="sheet_stop"),
    path("offer-sheets/<int:sheet_id>/close/", close, name="sheet_close"),
]

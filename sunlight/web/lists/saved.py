"""Saved views on the pages: keeping the list as it stands, opening it so, opening with it, forgetting it."""

from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from sunlight.journal.refusals import NotThere
from sunlight.saved_views.queries import views_of
from sunlight.saved_views.services import view_delete, view_open_with, view_save
from sunlight.web.lists.declare import Table, table_named
from sunlight.web.pages import attempt, clock, page, refusal_page


def saved(request, table: Table) -> list:
    """One's views of a list, each with its address; read once per request."""
    kept = request.__dict__.setdefault("saved_views", {})
    if table.key not in kept:
        kept[table.key] = list(views_of(request.actor, table.key))
        for row in kept[table.key]:
            row.url = f"{reverse(table.url_name)}?{row.query or 'page=1'}"
    return kept[table.key]


def _list_url(key: str, query: str = "") -> str:
    table = table_named(key)
    if table is None or not table.views:
        raise NotThere(_("这个列表"))
    return reverse(table.url_name) + (f"?{query}" if query else "")


@page(methods=("POST",))
def save(request):
    """Keep a list's filters and order under a name."""
    sent = request.POST
    key = sent.get("list", "")
    view, refusal = attempt(
        request,
        lambda: view_save(
            actor=request.actor,
            at=clock(request),
            list_key=key,
            name=sent.get("name", ""),
            query=sent.get("query", ""),
            is_default=bool(sent.get("is_default")),
        ),
        done=_("视图已保存。"),
    )
    return refusal_page(request, refusal) if refusal else redirect(_list_url(key, view.query or "page=1"))


@page(methods=("POST",))
def change(request, view_id: int):
    """Open the list with this view, no longer do so, or forget it."""
    if request.POST.get("do") == "delete":
        key, refusal = attempt(
            request,
            lambda: view_delete(actor=request.actor, at=clock(request), view_id=view_id),
            done=_("视图已删除。"),
        )
        return refusal_page(request, refusal) if refusal else redirect(_list_url(key, "page=1"))
    is_default = request.POST.get("do") == "open_with"
    view, refusal = attempt(
        request,
        lambda: view_open_with(actor=request.actor, at=clock(request), view_id=view_id, is_default=is_default),
        done=_("已设为默认视图。") if is_default else _("不再默认使用该视图。"),
    )
    return refusal_page(request, refusal) if refusal else redirect(_list_url(view.list_key, view.query or "page=1"))

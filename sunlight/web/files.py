"""The files kept for one's organisation; opening one that is one's own, shared with one's organisation, or public."""

from django.core.paginator import Paginator
from django.shortcuts import redirect, render

from sunlight import scope
from sunlight.files import queries
from sunlight.files.filetypes import ATTACHMENTS
from sunlight.files.readers import FILES
from sunlight.files.services.files import file_opened, file_store
from sunlight.journal.refusals import NotThere
from sunlight.web.downloads import download, download_kept
from sunlight.web.pages import attempt, clock, page, public_page, refusal_page
from sunlight.web.uploads import sent_file


@page(FILES, methods=("GET", "POST"))
def files(request):
    """What is kept, newest first; a form to keep one more."""
    refusal = None
    if request.method == "POST":
        _, refusal = attempt(request, lambda: _store(request), done="文件已保存。")
        if refusal is None:
            return redirect("files:files")
    rows = Paginator(queries.files_visible_to(request.actor), 50).get_page(request.GET.get("page"))
    status = 422 if refusal else 200
    return render(request, "files/files.html", {"rows": rows, "refusal": refusal}, status=status)


def _store(request):
    sent = sent_file(request)
    return file_store(
        actor=request.actor,
        at=clock(request),
        name=sent.name,
        content=sent.read(),
        content_type=sent.content_type or "",
        accept=ATTACHMENTS,
    )


@public_page()
def file(request, file_id: int):
    """One file's content. Whether the visitor may have it is the query's and the wall's to say."""
    try:
        found = queries.access_file(request.actor, file_id)
    except NotThere as refusal:
        return refusal_page(request, refusal)
    return _sent(found)


@page(FILES)
def through(request, file_id: int, noun: str, subject_id: int):
    """A file of an application, review or case that the reader handles; its owner opens it as any of its own. The reading is
    on record before the content goes out: this request itself may not write."""
    actor, at = request.actor, clock(request)
    if actor.is_party:
        return _sent(queries.access_file(actor, file_id))
    found = queries.file_through(actor, file_id, noun, subject_id)
    scope.after_scope(lambda: _note(actor, at, found, noun, subject_id))
    return _sent(found)


def _note(actor, at, found, noun: str, subject_id: int) -> None:
    with scope.opened(actor):
        file_opened(actor=actor, at=at, file=found, noun=noun, subject_id=subject_id)


def _sent(found):
    # A file stored in parts has no content in its own row.
    if not found.content:
        return download_kept(found, found.content_type)
    return download(bytes(found.content), found.content_type, found.name)

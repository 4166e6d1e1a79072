"""The operator's page for the national release: what may be sent, and what became of what was."""

from django.contrib import messages
from django.shortcuts import redirect

from catalog import readers
from catalog.services.releases import MOST_ROWS, national_release_submit
from catalog.sheets import TEMPLATES
from catalog.web.forms import upload_of
from catalog.web.lists import RELEASES
from sunlight.journal.refusals import NotThere
from sunlight.sheets.templates import template_workbook
from sunlight.web.exports import book_response
from sunlight.web.lists import list_page
from sunlight.web.pages import attempt, clock, page


@page(readers.RELEASES, methods=("GET", "POST"))
def releases(request):
    refusal = None
    if request.method == "POST":
        made, refusal = attempt(request, lambda: _import(request))
        if made is not None:
            return _on_to(request, made)
    context = {"refusal": refusal, "most_rows": MOST_ROWS}
    return list_page(request, RELEASES, "catalog/releases.html", context=context, status=422 if refusal else 200)


@page(readers.RELEASES)
def template(request, sheet: str):
    """An empty sheet of the release to fill in."""
    if sheet not in TEMPLATES:
        raise NotThere("这种表")
    chosen = TEMPLATES[sheet]
    return book_response(f"空表-{chosen.layout.title}", lambda path: template_workbook(chosen, path))


def _import(request):
    file = upload_of(request)
    return national_release_submit(
        actor=request.actor,
        at=clock(request),
        name=file.name,
        stream=file,
        size=file.size,
        whole=request.POST.get("whole") == "1",
    )


def _on_to(request, made):
    """The report if the file is imported, the progress while a job imports it."""
    if hasattr(made, "parameters"):
        messages.success(request, "文件较大，已在后台导入。可以离开本页，进度见“后台任务”。")
        return redirect("jobs:job", made.id)
    messages.success(request, "文件已导入，结果如下。")
    return redirect("imports:run", made.id)

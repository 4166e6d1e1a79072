"""The operator's page for the national release: what may be sent, and what became of what was."""

from django.core.paginator import Paginator
from django.shortcuts import redirect, render

from catalog.services.releases import MOST_ROWS, national_release_import
from catalog.web.forms import uploaded
from sunlight.blocks import queries
from sunlight.scope import Role
from sunlight.web.pages import attempt, clock, page

KINDS = {"catalog.full": "全量规格型号信息", "catalog.disabled": "停用表", "catalog.transcode": "转码表"}


@page(Role.OPERATOR_REVIEWER, Role.OPERATOR_SUPPORT, methods=("GET", "POST"))
def releases(request):
    refusal = None
    if request.method == "POST":
        run, refusal = attempt(request, lambda: _take(request), done="文件已导入，结果如下。")
        if run is not None:
            return redirect("imports:run", run.id)
    runs = Paginator(queries.runs_visible_to(request.actor, *KINDS), 20).get_page(request.GET.get("page"))
    rows = [(run, KINDS[run.kind]) for run in runs]
    context = {"page": runs, "rows": rows, "refusal": refusal, "most_rows": MOST_ROWS}
    return render(request, "catalog/releases.html", context, status=422 if refusal else 200)


def _take(request):
    name, content = uploaded(request)
    return national_release_import(actor=request.actor, at=clock(request), name=name, content=content)

"""The operator's page for the national release: what may be sent, and what became of what was."""

from django.shortcuts import redirect

from catalog.services.releases import MOST_ROWS, national_release_import
from catalog.web.forms import uploaded
from catalog.web.lists import RELEASES
from sunlight.scope import Role
from sunlight.web.lists import list_page
from sunlight.web.pages import attempt, clock, page


@page(Role.OPERATOR_REVIEWER, Role.OPERATOR_SUPPORT, methods=("GET", "POST"))
def releases(request):
    refusal = None
    if request.method == "POST":
        run, refusal = attempt(request, lambda: _take(request), done="文件已导入，结果如下。")
        if run is not None:
            return redirect("imports:run", run.id)
    context = {"refusal": refusal, "most_rows": MOST_ROWS}
    return list_page(request, RELEASES, "catalog/releases.html", context=context, status=422 if refusal else 200)


def _take(request):
    name, content = uploaded(request)
    return national_release_import(actor=request.actor, at=clock(request), name=name, content=content)

"""日志检查点 on the portal: signed heads of the journal for everybody to keep, on a page and as data."""

from django.core.paginator import Paginator
from django.http import JsonResponse
from django.shortcuts import render

from sunlight.journal.refusals import NotThere
from sunlight.kernel.reading import whole_or
from sunlight.web.pages import public_page, refusal_page
from supervision.queries import checkpoints as queries
from supervision.queries.portal import platform_shown
from supervision.web.portal import cached


@public_page()
def checkpoints(request):
    try:
        platform, platforms = platform_shown(request.GET.get("platform", ""))
    except NotThere as refusal:
        return refusal_page(request, refusal)
    page = Paginator(queries.checkpoints_of(platform), 30).get_page(request.GET.get("page"))
    context = {"platform": platform, "platforms": platforms, "page": page, "keys": queries.keys_of(list(page))}
    return cached(request, render(request, "supervision/checkpoints.html", context))


@public_page()
def feed(request):
    """The newest, `?before=` those before; what a machine should fetch every few minutes and keep."""
    before = whole_or(request.GET.get("before", "0"), None)
    if before is None:
        return JsonResponse(
            {"error": {"field": "before", "message": "before 须为上一页 next 中给出的数字"}}, status=422
        )
    try:
        platform, _ = platform_shown(request.GET.get("platform", ""))
    except NotThere as refusal:
        return JsonResponse({"error": {"field": "platform", "message": refusal.message}}, status=404)
    found = queries.feed(platform, before=before or None)
    if found["next"] is not None:
        found["next"] = f"{request.path}?platform={platform.code}&before={found['next']}"
    return cached(request, JsonResponse(found, json_dumps_params={"ensure_ascii": False}))

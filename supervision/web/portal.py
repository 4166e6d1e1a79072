"""公众查询: what is published, for everybody, without logging in; cached by browsers and proxies (SZ20-5.3.5)."""

import hashlib

from django.core.paginator import Paginator
from django.http import JsonResponse
from django.shortcuts import render
from django.utils.cache import get_conditional_response
from django.utils.http import quote_etag

from sunlight import scope
from sunlight.journal.refusals import NotThere
from sunlight.kernel.reading import whole_or
from sunlight.messages.queries import public_notices
from sunlight.publicity.queries import published
from sunlight.web.pages import public_page, refusal_page
from supervision.queries import law
from supervision.queries import portal as queries

KEEP_SECONDS = 300


def cached(request, response):
    """The answer with its ETag, or 304 where the asker has it already."""
    response["Cache-Control"] = f"public, max-age={KEEP_SECONDS}"
    etag = quote_etag(hashlib.sha256(response.content).hexdigest())
    response["ETag"] = etag
    return get_conditional_response(request, etag=etag, response=response)


@public_page()
def portal(request):
    try:
        platform, platforms = queries.platform_shown(request.GET.get("platform", ""))
    except NotThere as refusal:
        return refusal_page(request, refusal)
    text = request.GET.get("q", "").replace("\x00", "").strip()[:100]
    on = scope.today(platform.code)
    page = Paginator(queries.listings_published(platform, on, text).order_by("-listed_on", "-id"), 30).get_page(
        request.GET.get("page")
    )
    context = {
        "platform": platform,
        "platforms": platforms,
        "text": text,
        "page": page,
        "rows": queries.priced(platform, page, on),
        "acts": law.acts(on),
        "on": on,
        "publications": published(platform.id)[:5],
        "notices": public_notices(platform.id)[:5],
    }
    return cached(request, render(request, "supervision/portal.html", context))


@public_page()
def feed(request):
    """The same as data: `?platform=&after=`; at most 100 items, `next` is the address of the rest."""
    after = whole_or(request.GET.get("after", "0"), None)
    if after is None:
        return JsonResponse({"error": {"field": "after", "message": "after 须为上一页 next 中给出的数字"}}, status=422)
    try:
        platform, _ = queries.platform_shown(request.GET.get("platform", ""))
    except NotThere as refusal:
        return JsonResponse({"error": {"field": "platform", "message": refusal.message}}, status=404)
    found = queries.feed(platform, after=after, on=scope.today(platform.code))
    if found["next"] is not None:
        found["next"] = f"{request.path}?platform={platform.code}&after={found['next']}"
    return cached(request, JsonResponse(found, json_dumps_params={"ensure_ascii": False}))

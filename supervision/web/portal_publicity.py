"""公示 on the portal: read without login and cached; objected to by name and contact; followed by number and secret."""

from django.core.paginator import Paginator
from django.http import JsonResponse
from django.shortcuts import render

from sunlight import scope
from sunlight.journal.refusals import Invalid, NotThere, Refused
from sunlight.publicity import queries, services
from sunlight.web.pages import STATUS_OF_KIND, public_page, refusal_page
from supervision.queries.portal import platform_shown
from supervision.web.portal import cached

MOST_EVIDENCE_BYTES = 8 << 20


@public_page()
def publications(request):
    """What is and was published on a platform, running first by date; `?running=1` only what takes objections or is heard."""
    try:
        platform, platforms = platform_shown(request.GET.get("platform", ""))
    except NotThere as refusal:
        return refusal_page(request, refusal)
    text = request.GET.get("q", "").replace("\x00", "").strip()[:100]
    running = request.GET.get("running") == "1"
    rows = queries.published(platform.id, text=text, running=running)
    context = {
        "platform": platform,
        "platforms": platforms,
        "text": text,
        "running": running,
        "page": Paginator(rows, 30).get_page(request.GET.get("page")),
        "on": scope.today(platform.code),
    }
    return cached(request, render(request, "supervision/publications.html", context))


@public_page()
def feed(request):
    """The same as data: the newest hundred of a platform."""
    try:
        platform, _ = platform_shown(request.GET.get("platform", ""))
    except NotThere as refusal:
        return JsonResponse({"error": {"field": "platform", "message": refusal.message}}, status=404)
    items = [
        {
            "number": row.number,
            "title": row.title,
            "party": row.party.name if row.party else None,
            "facts": row.facts,
            "clause": row.clause,
            "starts_on": row.starts_on.isoformat(),
            "ends_on": row.ends_on.isoformat(),
            "state": row.state,
            "outcome": row.outcome_note,
        }
        for row in queries.published(platform.id)[:100]
    ]
    body = {"platform": platform.code, "items": items}
    return cached(request, JsonResponse(body, json_dumps_params={"ensure_ascii": False}))


@public_page()
def publication(request, number: str):
    try:
        row = queries.access_publication(number)
    except NotThere as refusal:
        return refusal_page(request, refusal)
    today = scope.today(row.platform.code)
    context = {"row": row, "is_open": queries.accepts_objections(row, today), "on": today}
    return cached(request, render(request, "supervision/publication.html", context))


@public_page(methods=("GET", "POST"))
def objection(request, number: str):
    """The form to object; answered once with the number and the secret to follow it by."""
    try:
        row = queries.access_publication(number)
    except NotThere as refusal:
        return refusal_page(request, refusal)
    refusal, lodged = None, None
    if request.method == "POST":
        try:
            lodged = _lodge(request, row)
        except Refused as refused:
            refusal = refused
    context = {
        "row": row,
        "is_open": queries.accepts_objections(row, scope.today(row.platform.code)),
        "typed": {name: request.POST.get(name, "") for name in ("name", "contact", "text")},
        "refusal": refusal,
        "lodged": lodged,
    }
    status = STATUS_OF_KIND[refusal.kind] if refusal else 200
    response = render(request, "supervision/objection.html", context, status=status)
    response["Cache-Control"] = "no-store"
    return response


def _lodge(request, row):
    file = request.FILES.get("evidence")
    if file is not None and file.size > MOST_EVIDENCE_BYTES:
        raise Invalid(
            "file_too_large", f"证明材料超过 {MOST_EVIDENCE_BYTES >> 20} MB，请压缩后重新上传。", field="evidence"
        )
    return services.objection_lodge(
        client=request.client,
        at=scope.now(row.platform.code),
        number=row.number,
        name=request.POST.get("name", ""),
        contact=request.POST.get("contact", ""),
        text=request.POST.get("text", ""),
        file_name=file.name if file else "",
        file_content=file.read() if file else b"",
    )


@public_page(methods=("GET", "POST"))
def follow(request):
    """The state of your objection. Number and secret come by POST, so that no log contains them."""
    found, refusal = None, None
    if request.method == "POST":
        try:
            found = services.objection_follow(
                client=request.client, number=request.POST.get("number", ""), secret=request.POST.get("secret", "")
            )
        except NotThere as absent:
            refusal = absent
    context = {"found": found, "refusal": refusal, "number": request.POST.get("number", "")}
    response = render(request, "supervision/objection_follow.html", context, status=404 if refusal else 200)
    response["Cache-Control"] = "no-store"
    return response

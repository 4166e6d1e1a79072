"""法规库: acts, clauses, and what holds where and when. Open to everybody, like the law itself (SZ20-5.3.2b)."""

from django.shortcuts import render

from sunlight import scope
from sunlight.journal.refusals import NotThere
from sunlight.kernel.facts import DAY, BadFacts
from sunlight.web.pages import public_page, refusal_page
from supervision.queries import law as queries


def _today(request):
    return scope.today(request.actor.platform_code or None)


@public_page()
def acts(request):
    text = request.GET.get("q", "").strip()[:100]
    found = queries.clauses_found(text) if text else []
    return render(
        request, "supervision/acts.html", {"rows": queries.acts(_today(request)), "text": text, "found": found}
    )


@public_page()
def act(request, act_id):
    try:
        found = queries.act_page(act_id, request.GET.get("q", "").strip()[:100])
    except NotThere as refusal:
        return refusal_page(request, refusal)
    return render(request, "supervision/act.html", found)


@public_page()
def parameters(request):
    """What holds on a day in a region; the platform's own and today where nothing is asked for."""
    regions = scope.policy().regions
    region = request.GET.get("region") or request.actor.region_code or "CN"
    typed = request.GET.get("date") or _today(request).isoformat()
    errors, rows, on = {"region": "", "date": ""}, [], None
    if region not in regions:
        errors["region"] = "请选择地区"
    try:
        on = DAY.parse(typed, "date")
    except BadFacts as bad:
        errors["date"] = bad.message
    faulty = any(errors.values())
    if not faulty:
        rows = queries.holds(region, on)
    context = {
        "regions": regions.values(),
        "region": region,
        "typed": typed,
        "errors": errors,
        "rows": rows,
        "faulty": faulty,
    }
    return render(request, "supervision/parameters.html", context, status=422 if faulty else 200)

"""法规库: acts, clauses, and what holds where and when. Open to everybody, like the law itself (SZ20-5.3.2b)."""

from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from sunlight import scope
from sunlight.journal.refusals import NotThere
from sunlight.kernel.facts import DAY, BadFacts
from sunlight.scope import Role
from sunlight.web.pages import STATUS_OF_KIND, attempt, clock, page, public_page, refusal_page
from sunlight.web.uploads import sent_file
from supervision.queries import law as queries
from supervision.services.documents import act_document_add, act_document_take_back


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
    return _act(request, act_id)


def _act(request, act_id, refused=None):
    actor = request.actor
    try:
        found = queries.act_page(act_id, request.GET.get("q", "").strip()[:100])
    except NotThere as refusal:
        return refusal_page(request, refusal)
    found["documents"] = queries.documents_of(actor, act_id)
    found["may_add"] = actor.has(Role.PLATFORM_SYSTEM_ADMIN) and found["act"].is_text
    found["refusal"], found["source"] = refused, request.POST.get("source", "")
    return render(request, "supervision/act.html", found, status=STATUS_OF_KIND[refused.kind] if refused else 200)


@page(Role.PLATFORM_SYSTEM_ADMIN, methods=("POST",))
def document_add(request, act_id):
    def add():
        sent = sent_file(request)
        facts = {"act": act_id, "name": sent.name, "content": sent.read(), "source": request.POST.get("source", "")}
        return act_document_add(actor=request.actor, at=clock(request), **facts)

    refusal = attempt(request, add, done=_("原文已上传。"))[1]
    return _act(request, act_id, refusal) if refusal else redirect("supervision:act", act_id)


@page(Role.PLATFORM_SYSTEM_ADMIN, methods=("POST",))
def document_take_back(request, act_id, document_id):
    facts = {"actor": request.actor, "at": clock(request), "document_id": document_id}
    reason = request.POST.get("reason", "")
    call = lambda: act_document_take_back(**facts, reason=reason)  # noqa: E731
    refusal = attempt(request, call, done=_("原文已撤下。"))[1]
    return _act(request, act_id, refusal) if refusal else redirect("supervision:act", act_id)


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

"""政策试算: drafts of the law, tried on what happened."""

from dataclasses import replace

from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from sunlight import scope
from sunlight.kernel.reading import whole_or
from sunlight.scope.clock import business_date
from sunlight.web.downloads import download
from sunlight.web.forms import typed_of
from sunlight.web.lists import list_page
from sunlight.web.pages import STATUS_OF_KIND, attempt, clock, page, refusal_page
from supervision import readers
from supervision.queries.what_if import drafts as drafting
from supervision.queries.what_if import forms
from supervision.queries.what_if import runs as queries
from supervision.rules.what_if.kinds import DIMENSIONS, SIDES, STATUSES
from supervision.services.what_if import drafts as services
from supervision.services.what_if.runs import what_if_start
from supervision.web.what_if_lists import POLICY_DRAFTS, WHAT_IF_CHANGES, WHAT_IF_SUMS, WHAT_IFS

_START = ("draft", "other", "since", "until", "region", "drafts")
_HEAD = ("code", "title", "region", "status")
_EDITS = {
    "value": (services.policy_draft_value, ("key", "value", "since", "region", "replaces", "summary")),
    "end": (services.policy_draft_end, ("key", "clause", "region", "last", "summary")),
    "act": (services.policy_draft_act, ("act", "effective", "ends", "status")),
}


@page(readers.WHAT_IFS)
def what_ifs(request):
    return _runs_page(request, {}, None)


def _runs_page(request, typed, refusal):
    actor = request.actor
    context = {
        "drafts": drafting.drafts_visible_to(actor),
        "regions": forms.regions_watched(actor),
        "may_try": actor.has(*services.DRAFTING),
        "typed": dict.fromkeys(_START, "")
        | forms.usual_period(business_date(clock(request)))
        | {"region": actor.region_code}
        | typed,
        "refusal": refusal,
    }
    status = STATUS_OF_KIND[refusal.kind] if refusal else 200
    return list_page(request, WHAT_IFS, "supervision/what_ifs.html", context=context, status=status)


@page(readers.WHAT_IFS, methods=("POST",))
def start(request):
    typed = typed_of(request, *_START)
    run, refusal = attempt(request, lambda: what_if_start(actor=request.actor, at=clock(request), **typed))
    return _runs_page(request, typed, refusal) if refusal else redirect("supervision:what_if", run.id)


@page(readers.WHAT_IFS)
def what_if(request, run_id):
    """What came of a run, two drafts beside each other; while it runs, how far it is."""
    run = queries.access_run(request.actor, run_id)
    groups = [{"key": key, "label": _(label), "rows": queries.by(run, key)} for key, label in DIMENSIONS.items()]
    context = {
        "run": run,
        "job": queries.job_of(request.actor, run),
        "sides": list(zip(SIDES, run.titles, strict=False)),
        "totals": queries.totals(run),
        "groups": [each for each in groups if each["rows"]],
        "unjudged": queries.unjudged(run),
        "charts": [
            {"id": f"what-if-{each['key']}", "label": each["label"], "data": _chart(run, each["rows"])}
            for each in groups
            if each["key"] in ("month", "clause") and each["rows"]
        ],
        "policies": [drafting.changes_of_run(each) for each in run.amendments],
    }
    return render(request, "supervision/what_if.html", context)


def _chart(run, rows) -> dict:
    """Changed records of each key and side, as ECharts draws them."""
    return {
        "type": "bar",
        "unit": _("笔"),
        "labels": [str(row["key"]) for row in rows],
        "lines": [
            {"name": name, "values": [row["cells"][side]["count"] for row in rows]}
            for side, name in enumerate(SIDES[: len(run.titles)])
        ],
    }


@page(readers.WHAT_IFS)
def what_if_changes(request, run_id):
    run = queries.access_run(request.actor, run_id)
    rows = queries.changes_of(run)
    return list_page(request, WHAT_IF_CHANGES, "supervision/what_if_rows.html", rows=rows, context={"run": run})


@page(readers.WHAT_IFS)
def what_if_sums(request, run_id, dimension):
    run = queries.access_run(request.actor, run_id)
    named = queries.dimension_named(dimension)
    table = replace(WHAT_IF_SUMS, title=_("试算汇总") + " " + _(DIMENSIONS[named]))
    rows = queries.sums_of(run, named)
    return list_page(request, table, "supervision/what_if_rows.html", rows=rows, context={"run": run})


@page(readers.POLICY_DRAFTS)
def policy_drafts(request):
    return _drafts_page(request, {}, None)


def _drafts_page(request, typed, refusal):
    context = {
        "typed": dict.fromkeys(_HEAD, "") | {"region": request.actor.region_code} | typed,
        "regions": forms.regions_of_law(request.actor.region_code),
        "statuses": STATUSES.items(),
        "may_draft": request.actor.has(*services.DRAFTING),
        "refusal": refusal,
    }
    status = STATUS_OF_KIND[refusal.kind] if refusal else 200
    return list_page(request, POLICY_DRAFTS, "supervision/policy_drafts.html", context=context, status=status)


@page(readers.POLICY_DRAFTS, methods=("POST",))
def policy_draft_make(request):
    typed = typed_of(request, *_HEAD)
    made, refusal = attempt(
        request, lambda: services.policy_draft_make(actor=request.actor, at=clock(request), **typed)
    )
    return _drafts_page(request, typed, refusal) if refusal else redirect("supervision:policy_draft", made.id)


@page(readers.POLICY_DRAFTS)
def policy_draft(request, draft_id):
    """A draft: its edits in words, what follows from them, and the law in force to choose the next from."""
    return _draft_page(request, draft_id, {}, None)


def _draft_page(request, draft_id, typed, refusal):
    actor, today = request.actor, business_date(clock(request))
    found = drafting.access_draft(actor, draft_id)
    asked = {name: request.GET.get(name, "")[:200] for name in ("key", "clause", "act", "q", "edit", "in")}
    blank = {name: "" for _service, names in _EDITS.values() for name in names}
    context = {
        "draft": found,
        "region": scope.policy().regions[found.region_code],
        "edits": [drafting.in_words_of(each) for each in found.edits],
        "follows": drafting.follows(found, actor.organisation_name),
        "holds": forms.holds(actor, found.region_code, today, asked["q"]),
        "acts": forms.acts_of(found.region_code),
        "form": forms.edit_form(found.region_code, asked | typed, today),
        "regions": forms.regions_of_law(found.region_code),
        "typed": blank | asked | typed,
        "may_draft": actor.has(*services.DRAFTING),
        "refusal": refusal,
    }
    status = STATUS_OF_KIND[refusal.kind] if refusal else 200
    return render(request, "supervision/policy_draft.html", context, status=status)


@page(readers.POLICY_DRAFTS, methods=("POST",))
def policy_draft_edit(request, draft_id):
    """One more edit, of the kind that the form says."""
    kind = request.POST.get("edit", "")
    service, names = _EDITS.get(kind, _EDITS["value"])
    typed = typed_of(request, *names)
    call = lambda: service(actor=request.actor, at=clock(request), draft_id=draft_id, **typed)  # noqa: E731
    _draft, refusal = attempt(request, call, done=_("已加入草案。"))
    if refusal is not None and refusal.kind == "not_there":
        return refusal_page(request, refusal)
    if refusal is not None:
        return _draft_page(request, draft_id, typed | {"edit": kind}, refusal)
    return redirect("supervision:policy_draft", draft_id)


@page(readers.POLICY_DRAFTS, methods=("POST",))
def policy_draft_undo(request, draft_id):
    number = whole_or(request.POST.get("number", ""), 0)
    facts = {"actor": request.actor, "at": clock(request), "draft_id": draft_id, "number": number}
    _draft, refusal = attempt(request, lambda: services.policy_draft_undo(**facts), done=_("已撤去这一项。"))
    return refusal_page(request, refusal) if refusal else redirect("supervision:policy_draft", draft_id)


@page(readers.POLICY_DRAFTS, methods=("POST",))
def policy_draft_discard(request, draft_id):
    facts = {"actor": request.actor, "at": clock(request), "draft_id": draft_id}
    _none, refusal = attempt(request, lambda: services.policy_draft_discard(**facts), done=_("草案已放弃。"))
    return refusal_page(request, refusal) if refusal else redirect("supervision:policy_drafts")


@page(readers.POLICY_DRAFTS)
def policy_draft_file(request, draft_id):
    """The draft as the one file that is reviewed and loaded."""
    found = drafting.access_draft(request.actor, draft_id)
    content = drafting.draft_file(found, request.actor.organisation_name)
    return download(content.encode(), "application/yaml; charset=utf-8", f"{found.code}.yaml")

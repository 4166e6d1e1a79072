"""待核查事项: what went wrong and has to be looked into, what was found out, and the head's decision."""

from dataclasses import replace

from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from sunlight.scope.clock import business_date
from sunlight.web.lists import Column, list_page
from sunlight.web.pages import STATUS_OF_KIND, attempt, clock, page
from supervision import readers
from supervision.queries import matters as queries
from supervision.queries.basis import basis_of
from supervision.services.findings import finding_decide, finding_note
from supervision.web.lists import FINDINGS, MATTER_ROWS
from supervision.workflows import Conclusion, FindingState


@page(readers.MATTERS)
def matters(request):
    """To the first kind of matter that has something to look into, or the first of all."""
    today, mine = business_date(clock(request)), queries.matters_of(request.actor)
    waiting = (matter for matter in mine if queries.open_figures(request.actor, matter, today)[0])
    found = next(waiting, mine[0] if mine else None)
    return redirect("supervision:matter", found.key) if found else redirect("supervision:findings")


@page(readers.MATTERS)
def matter(request, matter):
    """The rows of one kind that wait."""
    today = business_date(clock(request))
    found = queries.matter_named(request.actor, matter)
    others = [
        {"matter": each, "count": queries.open_figures(request.actor, each, today)[0], "is_chosen": each == found}
        for each in queries.matters_of(request.actor)
    ]
    columns = MATTER_ROWS.columns
    if not found.is_missed:
        columns = (*columns, Column(_("说明"), "why", "sentence"))
    table = replace(MATTER_ROWS, title=_(found.label), columns=columns, trace=(found.subject, "id"))
    basis = basis_of(request.actor, found.basis, today)
    context = {"matter": found, "basis": basis, "others": others, "may_note": request.actor.has(*queries.FINDING_OUT)}
    rows = queries.open_rows(request.actor, found, today)
    return list_page(request, table, "supervision/matters.html", rows=rows, context=context)


@page(readers.MATTERS, methods=("GET", "POST"))
def matter_row(request, matter, row_id):
    """One row with what was found out about it so far; a POST keeps what was found out now."""
    actor, at, refusal = request.actor, clock(request), None
    found, row = queries.access_matter(actor, matter, row_id, business_date(at))
    typed = {name: request.POST.get(name, "") for name in ("conclusion", "note", "follow_up_on")}
    if request.method == "POST":
        _made, refusal = attempt(
            request,
            lambda: finding_note(actor=actor, at=at, matter=found.key, matter_id=row.id, **typed),
            done=_("核查记录已保存。"),
        )
        if refusal is None:
            return redirect("supervision:matter", found.key)
    context = {
        "matter": found,
        "basis": basis_of(actor, found.basis, business_date(at)),
        "row": row,
        "findings": queries.findings_about(actor, found, row.id),
        "conclusions": [each for each in Conclusion if each != Conclusion.ACTION or actor.authority],
        "may_note": actor.has(*queries.FINDING_OUT),
        "typed": typed,
        "refusal": refusal,
    }
    status = STATUS_OF_KIND[refusal.kind] if refusal else 200
    return render(request, "supervision/matter.html", context, status=status)


@page(readers.FINDINGS)
def findings(request):
    return list_page(request, FINDINGS)


@page(readers.FINDINGS, methods=("GET", "POST"))
def finding(request, finding_id):
    """One finding; a POST of the head decides on what is proposed."""
    found, refusal = queries.access_finding(request.actor, finding_id), None
    if request.method == "POST":
        agrees = request.POST.get("agrees") == "1"
        _decided, refusal = attempt(
            request,
            lambda: finding_decide(
                actor=request.actor,
                at=clock(request),
                finding_id=found.id,
                agrees=agrees,
                note=request.POST.get("note", ""),
            ),
            done=_("已决定。"),
        )
        if refusal is None:
            return redirect("supervision:finding", found.id)
    matter = queries.MATTERS[found.matter]
    context = {
        "finding": found,
        "matter": matter,
        "basis": basis_of(request.actor, matter.basis, business_date(found.noted_at)),
        "row_url": reverse("supervision:trace", args=[matter.subject, found.matter_id]),
        "may_decide": found.state == FindingState.PROPOSED
        and queries.findings_to_decide(request.actor).filter(id=found.id).exists()
        and "REGULATOR_CHIEF" in request.actor.roles,
        "typed_note": request.POST.get("note", ""),
        "refusal": refusal,
    }
    status = STATUS_OF_KIND[refusal.kind] if refusal else 200
    return render(request, "supervision/finding.html", context, status=status)

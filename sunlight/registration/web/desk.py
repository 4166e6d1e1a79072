"""The operator's desk for applications and qualifications; an organisation's own qualifications."""

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils.translation import gettext

from sunlight import scope
from sunlight.files.queries import opens_files
from sunlight.journal.refusals import Invalid
from sunlight.registration import queries, readers
from sunlight.registration.declarations import DESIGNATED, fields_of
from sunlight.registration.services import applications as applying
from sunlight.registration.services import review as services
from sunlight.registration.web import lists
from sunlight.registration.workflows import QualificationState
from sunlight.scope import Role
from sunlight.scope.clock import business_date
from sunlight.tenancy.queries.organisations import ownership_choices
from sunlight.tenancy.rules import CAPACITIES, DOCUMENTS
from sunlight.web.forms import typed_of
from sunlight.web.lists import list_page
from sunlight.web.pages import STATUS_OF_KIND, attempt, clock, page
from sunlight.web.uploads import sent_file

# What a return or refusal may rest on: who takes part, what a supplier shows.
GROUNDS = ("tenancy.participation", "tenancy.qualifications")
MOVES = {
    "accept": (services.registration_accept, "已通过登记，机构、首位管理员与资质已建立。"),
    "return": (services.registration_return, "已退回申请人补正。"),
    "refuse": (services.registration_refuse, "已作出不予登记的决定。"),
}


@page(readers.REGISTRATIONS)
def registrations(request):
    """What has been submitted, newest first."""
    return list_page(request, lists.REGISTRATIONS)


@page(readers.REGISTRATIONS, methods=("GET", "POST"), step_up="POST")
def review(request, application_id: int):
    """Side by side: what is declared, what is attached, what the law says; a POST decides."""
    refusal = None
    if request.method == "POST":
        _, refusal = attempt(request, lambda: _decide(request, application_id))
        if refusal is None:
            return redirect("registration:review", application_id)
    found = queries.access_application(request.actor, application_id)
    view = queries.application_view(request.actor, found, business_date(clock(request)))
    declared, named = (
        queries.declared_to(request.actor, found),
        {"region_code": [(r.code, r.name) for r in queries.regions_offered()]},
    )
    named |= ownership_choices()
    context = {
        "view": view,
        "application": found,
        "fields": [
            (label, dict(named[name]).get(declared.get(name), "") if name in named else declared.get(name, ""))
            for name, (label, _, _) in fields_of(found.kind).items()
        ],
        "contacts": declared.get("contacts", []),
        "stakes": declared.get("stakes", []),
        "producer_names": declared.get("producer_names", []),
        "capacities": [CAPACITIES[each] for each in declared.get("capacities", [])],
        "may_be_designated": declared.get("ownership") in DESIGNATED,
        "clauses": [v.clause for key in GROUNDS for v in scope.basis(request.actor, clock(request), key)],
        "may_open": opens_files(request.actor, "registration"),
        "refusal": refusal,
        "typed": typed_of(request, "note", "clause"),
        "today": business_date(clock(request)),
    }
    status = STATUS_OF_KIND[refusal.kind] if refusal else 200
    return render(request, "registration/review.html", context, status=status)


def _decide(request, application_id: int):
    move, typed = request.POST.get("move", ""), request.POST
    if move not in MOVES:
        raise Invalid("unknown_move", gettext("没有这个操作。请刷新页面后重试。"), field="move")
    service, done = MOVES[move]
    facts = {"note": typed.get("note", "")}
    facts |= {"designated": typed.get("designated") == "1"} if move == "accept" else {"clause": typed.get("clause", "")}
    service(actor=request.actor, at=clock(request), application_id=application_id, **facts)
    messages.success(request, gettext(done))


@page(readers.QUALIFICATIONS)
def qualifications(request):
    """An organisation's own licences and permits with their terms; for the operator everybody's."""
    return list_page(request, lists.QUALIFICATIONS)


@page(*services.OWNERS, methods=("GET", "POST"))
def qualification_new(request):
    """Declare another licence or permit."""
    refusal = None
    if request.method == "POST":
        made, refusal = attempt(
            request,
            lambda: _declared(request, kind=request.POST.get("kind", "")),
            done=gettext("已申报，等待运营机构确认。"),
        )
        if refusal is None:
            return redirect("registration:qualification", made.id)
    context = {"kinds": DOCUMENTS, "refusal": refusal, "typed": typed_of(request, "kind", "number", "valid_until")}
    status = STATUS_OF_KIND[refusal.kind] if refusal else 200
    return render(request, "registration/qualification_new.html", context, status=status)


def _declared(request, **facts):
    sent = sent_file(request, most_bytes=applying.MOST_DOCUMENT_BYTES)
    return services.qualification_declare(
        actor=request.actor,
        at=clock(request),
        number=request.POST.get("number", ""),
        name=sent.name,
        valid_until=request.POST.get("valid_until", ""),
        content=sent.read(),
        **facts,
    )


@page(readers.QUALIFICATIONS, methods=("GET", "POST"))
def qualification(request, qualification_id: int):
    """One licence or permit: its owner declares the renewal, the operator's reviewer confirms or rejects what is declared."""
    refusal, row = None, queries.access_qualification(request.actor, qualification_id)
    if request.method == "POST":
        _, refusal = attempt(request, lambda: _decide_qualification(request, row), done=gettext("已办理。"))
        if refusal is None:
            return redirect("registration:qualifications")
    context = {
        "row": row,
        "refusal": refusal,
        "typed": typed_of(request, "note", "number", "valid_until"),
        "may_open": opens_files(request.actor, "qualification"),
        "may_decide": request.actor.has(Role.OPERATOR_REVIEWER) and row.state == QualificationState.DECLARED,
        "may_renew": request.actor.has(*services.OWNERS) and row.state == QualificationState.CONFIRMED,
    }
    status = STATUS_OF_KIND[refusal.kind] if refusal else 200
    return render(request, "registration/qualification.html", context, status=status)


def _decide_qualification(request, row):
    move, note = request.POST.get("move", ""), request.POST.get("note", "")
    asked = {"actor": request.actor, "at": clock(request), "qualification_id": row.id, "note": note}
    if move == "confirm":
        return services.qualification_confirm(**asked)
    if move == "reject":
        return services.qualification_reject(**asked)
    if move == "renew":
        return _declared(request, kind=row.kind, replaces_id=row.id)
    raise Invalid("unknown_move", gettext("没有这个操作。请刷新页面后重试。"), field="move")

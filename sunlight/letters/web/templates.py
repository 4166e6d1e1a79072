"""What an authority writes with: templates and letterhead, proposed by one, decided by another."""

from django.shortcuts import redirect, render
from django.urls import path
from django.utils.translation import gettext as _

from sunlight.letters import queries, readers
from sunlight.letters.services.templates import head_decide, head_propose, template_decide, template_propose
from sunlight.letters.web.letters import typed_letter
from sunlight.letters.workflows import HEAD, TEMPLATE, WRITING, LetterKind, ProposalState
from sunlight.scope.clock import business_date
from sunlight.scope.duties import barring
from sunlight.web.pages import STATUS_OF_KIND, attempt, clock, page
from sunlight.web.uploads import sent_file

DECIDING = TEMPLATE.move("agree").by


@page(readers.TEMPLATES)
def letter_templates(request):
    return _page(request)


def _page(request, refusal=None):
    actor, sent = request.actor, request.POST or request.GET
    kind = sent.get("kind") if sent.get("kind") in LetterKind.values() else LetterKind.PROMPT.value
    wording = queries.wording(actor, kind, business_date(clock(request)))
    shown = {name: getattr(wording, name) for name in ("title", "text", "term_days", "must_acknowledge", "must_answer")}
    context = {
        "kinds": LetterKind,
        "kind": kind,
        "is_own": queries.templates_visible_to(actor).filter(kind=kind, state=ProposalState.IN_USE).exists(),
        "typed": {**shown, **(typed_letter(request) if "title" in request.POST else {})},
        "templates": _waiting(actor, TEMPLATE, queries.templates_visible_to(actor)[:50]),
        "heads": _waiting(actor, HEAD, queries.heads_visible_to(actor)[:20]),
        "may_propose": actor.has(*WRITING),
        "short_name": request.POST.get("short_name", ""),
        "refusal": refusal,
    }
    status = STATUS_OF_KIND[refusal.kind] if refusal else 200
    return render(request, "letters/templates.html", context, status=status)


def _waiting(actor, machine, rows) -> list:
    """The proposals, each with whether this person may decide on it."""
    agree = machine.move("agree")
    for row in (found := list(rows)):
        row.may_decide = (
            row.state == ProposalState.PROPOSED
            and actor.has(*agree.by)
            and barring(agree, actor, {"propose": row.proposed_by}) is None
        )
    return found


def _done(request, call, done: str):
    refusal = attempt(request, call, done=done)[1]
    return _page(request, refusal) if refusal else redirect("letters:letter_templates")


@page(*WRITING, methods=("POST",))
def template_new(request):
    facts = {"kind": request.POST.get("kind", ""), **typed_letter(request)}
    return _done(
        request,
        lambda: template_propose(actor=request.actor, at=clock(request), **facts),
        _("模板已提出，由另一位负责人决定。"),
    )


@page(*DECIDING, methods=("POST",))
def template_decided(request, template_id: int):
    facts = {"agrees": request.POST.get("agrees") == "1", "note": request.POST.get("note", "")}
    return _done(
        request,
        lambda: template_decide(actor=request.actor, at=clock(request), template_id=template_id, **facts),
        _("已决定。"),
    )


@page(*WRITING, methods=("POST",))
def head_new(request):
    def call():
        facts = {"short_name": request.POST.get("short_name", "")}
        if request.FILES.get("seal"):
            seal = sent_file(request, "seal")
            facts |= {"seal_name": seal.name, "seal": seal.read()}
        return head_propose(actor=request.actor, at=clock(request), **facts)

    return _done(request, call, _("版头已提出，由另一位负责人决定。"))


@page(*DECIDING, methods=("POST",))
def head_decided(request, head_id: int):
    facts = {"agrees": request.POST.get("agrees") == "1", "note": request.POST.get("note", "")}
    return _done(
        request,
        lambda: head_decide(actor=request.actor, at=clock(request), head_id=head_id, **facts),
        _("已决定。"),
    )


routes = [
    path("templates/", letter_templates, name="letter_templates"),
    path("templates/new/", template_new, name="template_new"),
    path("templates/<int:template_id>/decide/", template_decided, name="template_decided"),
    path("heads/new/", head_new, name="head_new"),
    path("heads/<int:head_id>/decide/", head_decided, name="head_decided"),
]

"""The operator's desk for publications and objections; regulators read along (SZ20-4.2: the operator regulates nobody)."""

from django.core.paginator import Paginator
from django.shortcuts import redirect, render
from django.utils.translation import gettext

from sunlight import scope
from sunlight.publicity import queries, readers, services
from sunlight.publicity.workflows import OBJECTION, PUBLICATION
from sunlight.scope import Role
from sunlight.scope.duties import barring
from sunlight.web.pages import STATUS_OF_KIND, attempt, clock, page

ANSWERING = OBJECTION.move("dismiss").by


@page(readers.PUBLICATIONS)
def publications(request):
    found = Paginator(queries.publications_visible_to(request.actor), 30).get_page(request.GET.get("page"))
    return render(
        request, "publicity/publications.html", {"page": found, "today": scope.today(request.actor.platform_code)}
    )


def _publication(request, publication_id: int, refusal=None):
    actor = request.actor
    row = queries.publication_at_desk(actor, publication_id)
    answer = OBJECTION.move("dismiss")
    context = {
        "row": row,
        "objections": queries.objections_to(row),
        "may_answer": actor.has(*answer.by) and not barring(answer, actor, {"publish": row.published_by}),
        "may_withdraw": any(PUBLICATION.may(row.state, "withdraw", role) for role in actor.roles),
        "refusal": refusal,
    }
    return render(
        request, "publicity/publication.html", context, status=STATUS_OF_KIND[refusal.kind] if refusal else 200
    )


@page(readers.PUBLICATIONS)
def publication(request, publication_id: int):
    return _publication(request, publication_id)


@page(Role.OPERATOR_REVIEWER, methods=("POST",))
def withdraw(request, publication_id: int):
    _, refusal = attempt(
        request,
        lambda: services.publicity_withdraw(
            actor=request.actor, at=clock(request), publication_id=publication_id, reason=request.POST.get("reason", "")
        ),
        done=gettext("公示已撤回。"),
    )
    return (
        _publication(request, publication_id, refusal) if refusal else redirect("publicity:publication", publication_id)
    )


@page(*ANSWERING, methods=("POST",))
def answer(request, objection_id: int):
    publication_id = queries.access_objection(request.actor, objection_id).publication_id
    _, refusal = attempt(
        request,
        lambda: services.objection_answer(
            actor=request.actor,
            at=clock(request),
            objection_id=objection_id,
            upheld=request.POST.get("upheld") == "1",
            answer=request.POST.get("answer", ""),
        ),
        done=gettext("异议已答复。"),
    )
    return (
        _publication(request, publication_id, refusal) if refusal else redirect("publicity:publication", publication_id)
    )

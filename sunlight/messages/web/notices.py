"""The operator's notices: written, seen with who took note, withdrawn."""

from django.core.paginator import Paginator
from django.shortcuts import redirect, render
from django.utils.translation import gettext

from sunlight.messages import queries, readers
from sunlight.messages.services import messages as services
from sunlight.scope import Role
from sunlight.scope.roles import ROLE_LABELS
from sunlight.web.pages import STATUS_OF_KIND, attempt, clock, page

KINDS = {
    "HOSPITAL": "医疗机构",
    "SUPPLIER": "生产与配送企业",
    "OPERATOR": "运营机构",
    "REGULATOR": "监管部门",
    "PLATFORM": "平台管理",
}


@page(readers.NOTICES)
def notices(request):
    found = Paginator(queries.notices_visible_to(request.actor), 30).get_page(request.GET.get("page"))
    return render(request, "messages/notices.html", {"page": found, "kinds": KINDS})


@page(readers.NOTICES, methods=("GET", "POST"))
def new(request):
    typed, refusal = request.POST, None
    if request.method == "POST":
        notice, refusal = attempt(
            request,
            lambda: services.notice_publish(
                actor=request.actor,
                at=clock(request),
                title=typed.get("title", ""),
                body=typed.get("body", ""),
                audience=typed.getlist("audience"),
                roles=typed.getlist("roles"),
                must_acknowledge=typed.get("must_acknowledge") == "1",
                is_public=typed.get("is_public") == "1",
            ),
            done=gettext("通知已发布。"),
        )
        if refusal is None:
            return redirect("messages:notice", notice.id)
    context = {
        "refusal": refusal,
        "typed": {name: typed.get(name, "") for name in ("title", "body", "must_acknowledge", "is_public")},
        "kinds": KINDS,
        "chosen": typed.getlist("audience"),
        "chosen_roles": typed.getlist("roles"),
        "roles": [
            (label, [(str(role), ROLE_LABELS[role]) for role in Role if role.kind == kind])
            for kind, label in KINDS.items()
        ],
    }
    return render(request, "messages/notice_new.html", context, status=STATUS_OF_KIND[refusal.kind] if refusal else 200)


@page(readers.NOTICES, methods=("GET", "POST"))
def notice(request, notice_id: int):
    """A notice and who has taken note of it; a POST withdraws it."""
    refusal = None
    if request.method == "POST":
        _, refusal = attempt(
            request,
            lambda: services.notice_withdraw(
                actor=request.actor, at=clock(request), notice_id=notice_id, reason=request.POST.get("reason", "")
            ),
            done=gettext("通知已撤回。"),
        )
        if refusal is None:
            return redirect("messages:notice", notice_id)
    row = queries.access_notice(request.actor, notice_id)
    told = Paginator(queries.messages_of_notice(row), 50).get_page(request.GET.get("page"))
    return render(
        request,
        "messages/notice.html",
        {"row": row, "page": told, "kinds": [KINDS.get(k, k) for k in row.audience], "refusal": refusal},
        status=STATUS_OF_KIND[refusal.kind] if refusal else 200,
    )

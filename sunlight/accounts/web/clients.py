"""Pages on which an organisation's administrator asks for OAuth clients, names who answers for them, takes their secrets and
disables them."""

from django.shortcuts import redirect, render
from django.utils.translation import gettext

from sunlight.accounts import readers
from sunlight.scope import Role
from sunlight.scope.roles import ROLE_LABELS
from sunlight.tenancy.queries.clients import oauth_clients_visible_to, scopes_of
from sunlight.tenancy.queries.machines import colleagues, duties_shown
from sunlight.tenancy.services import oauth as services
from sunlight.tenancy.services.machines import machine_duty_ask
from sunlight.web.pages import STATUS_OF_KIND, attempt, clock, no_store, page

ACTS = {
    "rotate": services.oauth_client_rotate,
    "disable": services.oauth_client_disable,
    "enable": services.oauth_client_enable,
}


@page(readers.CLIENTS)
def clients(request):
    return _page(request)


def _asked(request, call, done: str):
    """Ask for something and come back; what is refused stands above what was typed."""
    _, refusal = attempt(request, call, done=done)
    return redirect("accounts:clients") if refusal is None else _page(request, None, refusal)


@page(*services.ADMINS, methods=("POST",), step_up=True)
def new(request):
    """Ask for a client, and for each of its roles the person who shall answer for it."""
    typed = request.POST
    scopes = typed.getlist("scopes")
    facts = {"name": typed.get("name", ""), "scopes": scopes}
    answers = {role: typed.get(f"answers_{role}", "") for role in scopes}
    return _asked(
        request,
        lambda: services.oauth_client_create(actor=request.actor, at=clock(request), answers=answers, **facts),
        gettext("已提出，等待本单位另一位管理员确认。确认后请取得密钥，并请各岗位负责人在“接口职责”中确认。"),
    )


@page(*services.ADMINS, methods=("POST",), step_up=True)
def role_add(request, client_pk: int):
    """Ask for one more role of a client."""
    role = request.POST.get("role", "")
    facts = {"client_pk": client_pk, "role": role, "membership_id": request.POST.get("membership", "")}
    return _asked(
        request,
        lambda: services.oauth_client_role_add(actor=request.actor, at=clock(request), **facts),
        gettext("已提出，等待本单位另一位管理员确认。"),
    )


@page(*services.ADMINS, methods=("POST",), step_up=True)
def duty_ask(request, client_pk: int):
    """Ask somebody else to answer for a role."""
    facts = {"client_id": client_pk, "role": request.POST.get("role", "")}
    facts["membership_id"] = request.POST.get("membership", "")
    return _asked(
        request,
        lambda: machine_duty_ask(actor=request.actor, at=clock(request), **facts),
        gettext("已请其负责。本人在“接口职责”中确认后，接口方可以此岗位办理。"),
    )


@page(*services.ADMINS, methods=("POST",), step_up=True)
def change(request, client_pk: int):
    """A new secret, or no further access, or access again."""
    act = ACTS.get(request.POST.get("act", ""))
    if act is None:
        return redirect("accounts:clients")
    done, refusal = attempt(
        request, lambda: act(actor=request.actor, at=clock(request), client_pk=client_pk), done=gettext("已办理。")
    )
    if refusal is None and not isinstance(done, tuple):
        return redirect("accounts:clients")
    return _page(request, done, refusal)


def _page(request, made=None, refusal=None):
    found, secret = made or (None, "")
    offered = scopes_of(request.actor.kind)
    there = colleagues(request.actor)
    people = {role: [(str(pk), each.user.name) for pk, each in there.items() if role in each.roles] for role in offered}
    duties = {(each.duty.client_id, each.duty.role): each for each in duties_shown(request.actor)}
    posted = request.POST if refusal else {}
    chosen = posted.getlist("scopes") if refusal else []
    context = {
        "rows": [
            {
                "client": row,
                "roles": [
                    {"role": each, "shown": duties.get((row.pk, each)), "people": people[Role(each)]}
                    for each in row.scopes
                ],
                "more": [(str(each), ROLE_LABELS[each]) for each in offered if str(each) not in row.scopes],
            }
            for row in oauth_clients_visible_to(request.actor)[: services.MOST_CLIENTS]
        ],
        "scopes": [
            {
                "role": str(role),
                "label": ROLE_LABELS[role],
                "people": people[role],
                "is_chosen": str(role) in chosen,
                "answers": posted.get(f"answers_{role}", ""),
            }
            for role in offered
        ],
        "people": sorted({each for held in people.values() for each in held}, key=lambda each: each[1]),
        "made": found,
        "secret": secret,
        "refusal": refusal,
        "typed_name": posted.get("name", ""),
    }
    status = STATUS_OF_KIND[refusal.kind] if refusal else 200
    return no_store(render(request, "accounts/clients.html", context, status=status))

"""Pages on which an organisation's administrator creates, rotates and disables its OAuth clients."""

from django.shortcuts import redirect, render
from django.utils.translation import gettext

from sunlight.accounts import readers
from sunlight.scope import Role
from sunlight.scope.roles import ROLE_LABELS
from sunlight.tenancy.queries.clients import oauth_clients_visible_to, scopes_of
from sunlight.tenancy.services import oauth as services
from sunlight.web.pages import STATUS_OF_KIND, attempt, clock, no_store, page

ACTS = {
    "rotate": services.oauth_client_rotate,
    "disable": services.oauth_client_disable,
    "enable": services.oauth_client_enable,
}


@page(readers.CLIENTS)
def clients(request):
    return _page(request)


@page(*services.ADMINS, methods=("POST",), step_up=True)
def new(request):
    """A client; its secret is shown in the answer, this once."""
    typed = request.POST
    made, refusal = attempt(
        request,
        lambda: services.oauth_client_create(
            actor=request.actor, at=clock(request), name=typed.get("name", ""), scopes=typed.getlist("scopes")
        ),
    )
    return _page(request, made, refusal)


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
    context = {
        "rows": [
            {"client": row, "scopes": [gettext(ROLE_LABELS[Role(each)]) for each in row.scopes]}
            for row in oauth_clients_visible_to(request.actor)[: services.MOST_CLIENTS]
        ],
        "scopes": [(str(role), ROLE_LABELS[role]) for role in offered],
        "made": found,
        "secret": secret,
        "refusal": refusal,
        "typed_name": request.POST.get("name", "") if refusal else "",
        "chosen": request.POST.getlist("scopes") if refusal else [],
    }
    status = STATUS_OF_KIND[refusal.kind] if refusal else 200
    return no_store(render(request, "accounts/clients.html", context, status=status))

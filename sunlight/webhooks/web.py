"""Pages on which an organisation's administrator says where its events are sent, and sees what was."""

from django.core.paginator import Paginator
from django.shortcuts import redirect, render
from django.utils.translation import gettext

from sunlight.web.pages import STATUS_OF_KIND, attempt, clock, no_store, page
from sunlight.webhooks import queries, readers
from sunlight.webhooks.services import webhooks as services
from sunlight.webhooks.workflows import KEEPERS

ACTS = {
    "rotate": services.webhook_rotate,
    "disable": services.webhook_disable,
    "enable": services.webhook_enable,
    "test": services.webhook_test,
}


@page(readers.WEBHOOKS, methods=("GET", "POST"), step_up="POST")
def webhooks(request):
    """The organisation's addresses; a POST adds one and shows its secret once."""
    typed, refusal, made = request.POST, None, None
    if request.method == "POST":
        made, refusal = attempt(
            request,
            lambda: services.webhook_register(
                actor=request.actor,
                at=clock(request),
                name=typed.get("name", ""),
                url=typed.get("url", ""),
                topics=typed.getlist("topics"),
            ),
        )
        if made:
            return _page(request, *made)
    context = {
        "rows": queries.webhooks_visible_to(request.actor)[: services.MOST_WEBHOOKS],
        "topics": queries.topics(),
        "refusal": refusal,
        "typed": {name: typed.get(name, "") for name in ("name", "url")},
        "chosen": typed.getlist("topics"),
    }
    return render(request, "webhooks/webhooks.html", context, status=STATUS_OF_KIND[refusal.kind] if refusal else 200)


@page(readers.WEBHOOKS, methods=("GET", "POST"), step_up="POST")
def webhook(request, webhook_id: int):
    """One address with what was sent; a POST disables, enables, tests it or gives it a new secret."""
    found, secret, refusal = queries.access_webhook(request.actor, webhook_id), "", None
    act = ACTS.get(request.POST.get("act", ""))
    if request.method == "POST" and act is not None:
        done, refusal = attempt(
            request,
            lambda: act(actor=request.actor, at=clock(request), webhook_id=webhook_id),
            done=gettext("已办理。"),
        )
        if refusal is None:
            if not isinstance(done, tuple):
                return redirect("webhooks:webhook", webhook_id)
            found, secret = done
    return _page(request, found, secret, refusal)


def _page(request, found, secret: str = "", refusal=None):
    rows = Paginator(queries.deliveries_of(found), 30).get_page(request.GET.get("page"))
    words = queries.topics()
    context = {
        "webhook": found,
        "secret": secret,
        "page": rows,
        "refusal": refusal,
        "topics": [gettext(words[topic]) for topic in found.topics if topic in words],
    }
    status = STATUS_OF_KIND[refusal.kind] if refusal else 200
    return no_store(render(request, "webhooks/webhook.html", context, status=status))


@page(*KEEPERS, methods=("POST",))
def redeliver(request, delivery_id: int):
    asked = services.webhook_redeliver(actor=request.actor, at=clock(request), delivery_id=delivery_id)
    return redirect("webhooks:webhook", asked.webhook_id)

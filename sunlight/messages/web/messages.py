"""The message centre: what concerns one, read, taken note of; whether it also comes by e-mail."""

from django.conf import settings
from django.core.paginator import Paginator
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext

from sunlight.journal.refusals import Refused
from sunlight.messages import queries, readers
from sunlight.messages.faces import shown
from sunlight.messages.kinds import KINDS
from sunlight.messages.services import mail as mailing
from sunlight.messages.services import messages as services
from sunlight.web.pages import STATUS_OF_KIND, attempt, clock, page


@page(readers.MESSAGES)
def messages(request):
    unread, kind = request.GET.get("unread") == "1", request.GET.get("kind", "")
    rows = queries.messages_visible_to(request.actor, unread=unread, kind=kind if kind in KINDS else "")
    found = Paginator(rows, 30).get_page(request.GET.get("page"))
    return render(
        request,
        "messages/messages.html",
        {
            "page": found,
            "rows": [shown(each) for each in found],
            "unread": unread,
            "kind": kind,
            "kinds": sorted((each.label, each.key) for each in KINDS.values()),
            "mail_is_offered": bool(settings.MAIL_FROM),
        },
    )


@page(readers.MESSAGES)
def message(request, message_id: int):
    """One message in full. Opening it marks it read by a POST of its own: a GET writes nothing."""
    row = queries.access_message(request.actor, message_id)
    return render(request, "messages/message.html", {**shown(row), "readers": queries.readers_of(request.actor, row)})


@page(methods=("POST",))
def read(request, message_id: int):
    services.message_read(actor=request.actor, at=clock(request), message_id=message_id)
    if getattr(request, "htmx", False):
        return render(request, "messages/_read.html")
    return redirect("messages:message", message_id)


@page(methods=("POST",))
def read_all(request):
    services.messages_read(actor=request.actor, at=clock(request))
    return redirect("messages:list")


@page(methods=("POST",))
def acknowledge(request, message_id: int):
    services.message_acknowledge(actor=request.actor, at=clock(request), message_id=message_id)
    back = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(back, allowed_hosts={request.get_host()}, require_https=request.is_secure())
    return redirect(back if safe else "messages:list")


@page(readers.MESSAGES, methods=("GET", "POST"))
def mail(request):
    """Whether this person wants mail, and where."""
    refusal: Refused | None = None
    if request.method == "POST":
        _, refusal = attempt(
            request,
            lambda: mailing.mail_address_set(
                actor=request.actor,
                at=clock(request),
                address=request.POST.get("address", ""),
                is_on=request.POST.get("is_on") == "1",
            ),
            done=gettext("邮件提醒设置已保存。"),
        )
        if refusal is None:
            return redirect("messages:mail")
    return render(
        request,
        "messages/mail.html",
        {
            "row": queries.mail_address(request.actor),
            "typed": request.POST.get("address", ""),
            "refusal": refusal,
            "mail_is_offered": bool(settings.MAIL_FROM),
        },
        status=STATUS_OF_KIND[refusal.kind] if refusal else 200,
    )

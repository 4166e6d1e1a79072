"""权限变更: what one administrator asked for and a second person confirms."""

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from sunlight.accounts import readers
from sunlight.scope.readers import EVERY_ROLE
from sunlight.tenancy.changes import KINDS
from sunlight.tenancy.queries.changes import (
    access_change,
    changes_to_decide,
    changes_visible_to,
    has_own_second,
    may_decide,
    may_withdraw,
)
from sunlight.tenancy.services import changes as services
from sunlight.tenancy.workflows import ChangeState
from sunlight.web.pages import STATUS_OF_KIND, attempt, clock, page

SHOWN = 50


def _row(change) -> dict:
    return {"change": change, "kind": KINDS[change.kind].label}


@page(readers.CHANGES)
def changes(request):
    """What waits for the actor, and the latest of all."""
    mine = changes_to_decide(request.actor)
    latest = list(changes_visible_to(request.actor)[:SHOWN])
    context = {"mine": [_row(each) for each in mine], "latest": [_row(each) for each in latest]}
    return render(request, "accounts/changes.html", context)


@page(readers.CHANGES)
def change(request, change_id):
    return _page(request, change_id, None)


def _page(request, change_id, refusal):
    found = access_change(request.actor, change_id)
    context = {
        **_row(found),
        "lines": KINDS[found.kind].shown(found.facts),
        "may_decide": may_decide(request.actor, found),
        "may_withdraw": may_withdraw(request.actor, found),
        "by_platform": found.state == ChangeState.ASKED and not has_own_second(found),
        "refusal": refusal,
    }
    status = STATUS_OF_KIND[refusal.kind] if refusal else 200
    return render(request, "accounts/change.html", context, status=status)


def _done(request, change_id, call, words):
    refusal = attempt(request, call)[1]
    if refusal:
        return _page(request, change_id, refusal)
    messages.success(request, words)
    return redirect("accounts:change", change_id)


@page(readers.CHANGES, methods=("POST",), step_up=True)
def change_confirm(request, change_id):
    facts = {"actor": request.actor, "at": clock(request), "change_id": change_id}
    return _done(request, change_id, lambda: services.change_confirm(**facts), _("已确认，变更已生效。"))


@page(readers.CHANGES, methods=("POST",), step_up=True)
def change_refuse(request, change_id):
    facts = {"actor": request.actor, "at": clock(request), "change_id": change_id}
    reason = request.POST.get("reason", "")
    call = lambda: services.change_refuse(**facts, reason=reason)  # noqa: E731
    return _done(request, change_id, call, _("已不同意，变更不会发生。"))


@page(*EVERY_ROLE, methods=("POST",))
def change_withdraw(request, change_id):
    """Whoever asked takes it back; for a phone of one's own, that is anybody."""
    services.change_withdraw(actor=request.actor, at=clock(request), change_id=change_id)
    messages.success(request, _("已撤回。"))
    is_reader = not request.actor.roles.isdisjoint(readers.CHANGES)
    return redirect("accounts:changes" if is_reader else "accounts:contact")

"""征求意见稿的执行方式: whether drafts bind on the platform or only warn, who said so, and the proposal that waits."""

from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from sunlight import scope
from sunlight.scope import Role
from sunlight.tenancy.queries.drafts import answers_for_the_law, switches_of
from sunlight.tenancy.services.drafts import drafts_switch_decide, drafts_switch_propose
from sunlight.tenancy.workflows import DRAFTS_SWITCH, SwitchState
from sunlight.web.pages import STATUS_OF_KIND, attempt, clock, page
from supervision import readers
from supervision.queries.law import draft_acts


@page(readers.DRAFTS)
def drafts(request):
    return _page(request, None)


def _page(request, refusal):
    actor = request.actor
    rows = list(switches_of(actor)[:50])
    waiting = next((row for row in rows if row.state == SwitchState.PROPOSED), None)
    ours = answers_for_the_law(actor)
    context = {
        "drafts": actor.drafts,
        "acts": draft_acts(actor.region_code, scope.today(actor.platform_code)),
        "rows": rows,
        "waiting": waiting,
        "may_propose": ours and waiting is None and actor.has(*DRAFTS_SWITCH.move("propose").by),
        "may_decide": ours and waiting is not None and actor.has(*DRAFTS_SWITCH.move("confirm").by),
        "after": "warn" if actor.drafts == "binding" else "binding",
        "typed": {name: request.POST.get(name, "") for name in ("reason", "note")},
        "refusal": refusal,
    }
    status = STATUS_OF_KIND[refusal.kind] if refusal else 200
    return render(request, "supervision/drafts.html", context, status=status)


@page(readers.DRAFTS, methods=("POST",))
def propose(request):
    after, reason = request.POST.get("after", ""), request.POST.get("reason", "")
    facts = {"actor": request.actor, "at": clock(request)}
    call = lambda: drafts_switch_propose(**facts, after=after, reason=reason)  # noqa: E731
    refusal = attempt(request, call, done=_("已提出，等待负责人决定。"))[1]
    return _page(request, refusal) if refusal else redirect("supervision:drafts")


@page(Role.REGULATOR_CHIEF, methods=("POST",), step_up=True)
def decide(request, switch_id):
    facts = {"actor": request.actor, "at": clock(request), "switch_id": switch_id}
    agrees, note = request.POST.get("agrees") == "1", request.POST.get("note", "")
    call = lambda: drafts_switch_decide(**facts, agrees=agrees, note=note)  # noqa: E731
    refusal = attempt(request, call, done=_("已决定。"))[1]
    return _page(request, refusal) if refusal else redirect("supervision:drafts")

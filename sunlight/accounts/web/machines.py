"""接口职责确认: what one answers for of one's organisation's machines; 接口授权书: what machines may do in people's place."""

from django.shortcuts import redirect, render
from django.utils.translation import gettext

from sunlight.accounts import readers
from sunlight.journal.refusals import Invalid
from sunlight.scope.clock import business_date
from sunlight.scope.roles import ADMINS, Role
from sunlight.tenancy.mandates import moves_under_mandate, roles_for
from sunlight.tenancy.queries.machines import duties_shown, mandates_visible_to
from sunlight.tenancy.services import machines as duty_services
from sunlight.tenancy.services import mandates as services
from sunlight.web.pages import STATUS_OF_KIND, attempt, clock, page

FIELDS = ("duty", "act", "per_act", "per_day", "from_date", "to_date")
MOST = 100


@page(readers.MACHINE_DUTIES)
def duties(request):
    return _duties_page(request)


def _duties_page(request, refusal=None):
    context = {"rows": duties_shown(request.actor), "refusal": refusal, "is_admin": request.actor.has(*ADMINS)}
    status = STATUS_OF_KIND[refusal.kind] if refusal else 200
    return render(request, "accounts/machine_duties.html", context, status=status)


@page(readers.MACHINE_DUTIES, methods=("POST",), step_up=True)
def duty_change(request, duty_id: int):
    """Say that one answers for it, or that it ends."""
    asked = {"actor": request.actor, "at": clock(request), "duty_id": duty_id}
    act = request.POST.get("act", "")

    def call():
        if act == "confirm":
            return duty_services.machine_duty_confirm(**asked)
        if act == "end":
            return duty_services.machine_duty_end(**asked)
        raise Invalid("unknown_move", gettext("没有这个操作。请刷新页面后重试。"), field="act")

    _, refusal = attempt(request, call, done=gettext("已办理。"))
    return redirect("accounts:machine_duties") if refusal is None else _duties_page(request, refusal)


@page(readers.MANDATES)
def mandates(request):
    return _mandates_page(request)


def _mandates_page(request, refusal=None):
    today = business_date(clock(request))
    own = [each for each in duties_shown(request.actor) if each.is_own and each.counts]
    words = {key: move.words for key, move in moves_under_mandate().items()}
    offered = [
        (f"{each.duty.pk}:{machine}:{move}", f"{each.duty.name} · {Role(each.duty.role).label} · {said}")
        for each in own
        for (machine, move), said in words.items()
        if Role(each.duty.role) in roles_for(machine, move)
    ]
    typed = {name: request.POST.get(name, "") for name in FIELDS}
    typed["from_date"] = typed["from_date"] or today.isoformat()
    context = {
        "rows": [
            {"mandate": each, "words": words.get((each.machine, each.move), each.move)}
            for each in mandates_visible_to(request.actor)[:MOST]
        ],
        "today": today,
        "offered": offered,
        "typed": typed,
        "refusal": refusal,
        "is_admin": request.actor.has(*ADMINS),
        "is_person": request.actor.user_id is not None,
    }
    status = STATUS_OF_KIND[refusal.kind] if refusal else 200
    return render(request, "accounts/mandates.html", context, status=status)


@page(readers.MANDATES, methods=("POST",), step_up=True)
def mandate_new(request):
    """Give one for what one answers for."""
    typed = {name: request.POST.get(name, "") for name in FIELDS}
    duty, _, act = typed.pop("act").partition(":")
    machine, _, move = act.partition(":")
    typed["duty_id"], typed["machine"], typed["move"] = duty, machine, move
    typed.pop("duty")
    _, refusal = attempt(
        request,
        lambda: services.mandate_give(actor=request.actor, at=clock(request), **typed),
        done=gettext("授权书已提出，等待本单位另一位管理员确认。"),
    )
    return redirect("accounts:mandates") if refusal is None else _mandates_page(request, refusal)


@page(readers.MANDATES, methods=("POST",), step_up=True)
def mandate_change(request, mandate_id: int):
    """Confirm it as the second person, or end it."""
    asked = {"actor": request.actor, "at": clock(request), "mandate_id": mandate_id}
    act = request.POST.get("act", "")

    def call():
        if act == "confirm":
            return services.mandate_confirm(**asked)
        if act == "end":
            return services.mandate_end(**asked, reason=request.POST.get("reason", ""))
        raise Invalid("unknown_move", gettext("没有这个操作。请刷新页面后重试。"), field="act")

    _, refusal = attempt(request, call, done=gettext("已办理。"))
    return redirect("accounts:mandates") if refusal is None else _mandates_page(request, refusal)

"""One payable: what became of it so far, and holding it."""

from django.shortcuts import redirect, render
from django.urls import path
from django.utils.translation import gettext as _

from settlement import readers
from settlement.queries import invoices, lateness, payments, prompts
from settlement.rules.degrees import LEVELS, STEPS
from settlement.services.holds import payable_hold, payable_let_go
from settlement.services.prompts import prompt_write
from settlement.workflows.paying import HOLDING
from settlement.workflows.states import Holding, PayableState
from sunlight.letters.readers import LETTERS
from sunlight.letters.workflows import WRITING
from sunlight.scope.clock import business_date
from sunlight.web.forms import typed_of
from sunlight.web.pages import attempt, clock, page

HOLDERS = HOLDING.move("hold").by


@page(readers.PAYABLES)
def payable(request, payable_id):
    return _payable_page(request, payable_id)


def _payable_page(request, payable_id, refusal=None, typed=None):
    today = business_date(clock(request))
    found = lateness.payable_in_full(request.actor, payable_id, today)
    holds = request.actor.has(*HOLDERS)
    is_unpaid = found.state in (PayableState.OPEN, PayableState.IN_RUN)
    context = {
        "payable": found,
        "payments": payments.payments_of_payable(request.actor, found),
        "nettings": payments.nettings_of_payable(request.actor, found),
        "reds": invoices.reds_of(found.invoice),
        "may_hold": holds and is_unpaid and found.holding == Holding.FREE,
        "may_let_go": holds and found.holding == Holding.HELD,
        "today": today,
        **_arrears(request.actor, found, today),
        "typed": {"reason": "", "until": "", "note": "", **(typed or {})},
        "refusal": refusal,
    }
    return render(request, "settlement/payable.html", context, status=422 if refusal else 200)


def _arrears(actor, payable, today) -> dict:
    """What the rule says of a payable past its day, its degree and next step in words."""
    said = lateness.arrears_of(actor, [payable], today).get(payable.id)
    if said is None or not said.regulated:
        return {"arrears": None, "may_prompt": False, **_letters(actor, payable)}
    level, step = _(LEVELS[said.outcome["level"]]), _(STEPS[said.outcome["next_step"]])
    may_prompt = said.outcome["open"] and said.outcome["days_late"] > 0 and actor.has(*WRITING)
    return {"arrears": said, "level": level, "step": step, "may_prompt": may_prompt, **_letters(actor, payable)}


def _letters(actor, payable) -> dict:
    """The letters about a payable, for who reads letters."""
    return {"letters": prompts.letters_about_payable(actor, payable.id) if LETTERS.admits(actor) else ()}


@page(*HOLDERS, methods=("POST",))
def hold(request, payable_id):
    sent = typed_of(request, "reason", "until")
    done, refusal = attempt(
        request,
        lambda: payable_hold(actor=request.actor, at=clock(request), payable_id=payable_id, **sent),
        done="应付款已暂缓，供应商会收到通知。",
    )
    return redirect("settlement:payable", payable_id) if done else _payable_page(request, payable_id, refusal, sent)


@page(*HOLDERS, methods=("POST",))
def let_go(request, payable_id):
    sent = typed_of(request, "note")
    done, refusal = attempt(
        request,
        lambda: payable_let_go(actor=request.actor, at=clock(request), payable_id=payable_id, **sent),
        done="暂缓已解除，可以编制付款批次。",
    )
    return redirect("settlement:payable", payable_id) if done else _payable_page(request, payable_id, refusal, sent)


@page(*WRITING, methods=("POST",))
def prompt(request, payable_id):
    """Write a prompt for this payable, or for all late ones of its hospital; then to its draft."""
    together = request.POST.get("together") == "1"
    made, refusal = attempt(
        request,
        lambda: prompt_write(actor=request.actor, at=clock(request), payable_id=payable_id, together=together),
        done=_("督促函已起草，请核对预览后送签。"),
    )
    return redirect("letters:letter", made.id) if made else _payable_page(request, payable_id, refusal)


routes = [
    path("payables/<int:payable_id>/", payable, name="payable"),
    path("payables/<int:payable_id>/hold/", hold, name="payable_hold"),
    path("payables/<int:payable_id>/let-go/", let_go, name="payable_let_go"),
    path("payables/<int:payable_id>/prompt/", prompt, name="payable_prompt"),
]

"""The hospital cashier's pages: what is due, runs to prepare and to approve, payments made."""

from django.shortcuts import redirect, render
from django.urls import path

from settlement import readers
from settlement.queries import invoices, payments
from settlement.queries.instructions import batches_of, waits_for_instruction
from settlement.services.runs import run_approve, run_prepare, run_reject
from settlement.web.lists import PAYABLES, PAYMENTS, RUNS
from settlement.workflows.states import RunState
from sunlight.kernel.money import MoneyError, parse_amount_fen
from sunlight.scope import Role
from sunlight.scope.clock import business_date
from sunlight.scope.duties import same_person
from sunlight.web.forms import row_ids
from sunlight.web.lists import list_page
from sunlight.web.pages import attempt, clock, page

CASHIER = Role.HOSPITAL_FINANCE
PAGE_SIZE = 50
MOST_OVERPAYMENTS = 100


@page(readers.PAYABLES)
def payables(request):
    """What is due, the first due first; the cashier ticks and prepares a run."""
    return _payables_page(request)


def _payables_page(request, refusal=None):
    may_pay = request.actor.has(CASHIER)
    sent = request.POST
    chosen = sent.getlist("payables")
    context = {
        "today": business_date(clock(request)),
        "may_pay": may_pay,
        "choice": _choice(request, sent) if may_pay else None,
        "parts": {i: sent.get(f"amount_{i}", "") for i in row_ids(chosen)},
        "overpayments": invoices.overpayments_visible_to(request.actor, only_open=True)[:MOST_OVERPAYMENTS],
        "chosen_overpayments": row_ids(sent.getlist("overpayments")),
        "refusal": refusal,
    }
    status = 422 if refusal else 200
    return list_page(request, PAYABLES, "settlement/payables.html", context=context, status=status, chosen=chosen)


@page(CASHIER)
def total(request):
    """The sum of the ticked payables, while ticking."""
    return render(request, "settlement/_total.html", {"choice": _choice(request, request.GET)})


def _choice(request, sent):
    """What is ticked amounts to; an amount that cannot be read counts as nothing typed."""
    chosen = row_ids(sent.getlist("payables"))
    parts = {}
    for each in _parts(sent):
        try:
            parts[int(each["payable"])] = parse_amount_fen(each["amount"])
        except (MoneyError, ValueError):
            continue
    return invoices.choice_of(request.actor, chosen, parts, row_ids(sent.getlist("overpayments")))


def _parts(sent) -> list[dict]:
    """The amounts typed beside the ticked payables."""
    return [
        {"payable": i, "amount": sent[f"amount_{i}"]} for i in sent.getlist("payables") if sent.get(f"amount_{i}", "")
    ]


@page(CASHIER, methods=("POST",))
def prepare(request):
    sent = request.POST
    run, refusal = attempt(
        request,
        lambda: run_prepare(
            actor=request.actor,
            at=clock(request),
            payable_ids=sent.getlist("payables"),
            amounts=_parts(sent),
            overpayment_ids=sent.getlist("overpayments"),
        ),
        done="付款批次已编制，请另一位财务人员复核。",
    )
    if run is None:
        return _payables_page(request, refusal)
    return redirect("settlement:run", run.id)


@page(readers.RUNS)
def runs(request):
    return list_page(request, RUNS)


@page(readers.RUNS)
def run(request, run_id):
    return _run_page(request, run_id)


def _run_page(request, run_id, refusal=None, typed=None):
    found = payments.access_run(request.actor, run_id)
    waits = found.state == RunState.PREPARED and request.actor.has(CASHIER)
    prepared_it = same_person(request.actor, found.prepared_by)
    context = {
        "run": found,
        "progress": payments.progress_of(found),
        "payments": payments.payments_of(request.actor, found),
        "may_approve": waits and not prepared_it,
        "may_reject": waits,
        "prepared_it": waits and prepared_it,
        "running": found.state == RunState.APPROVED,
        "nettings": payments.nettings_of(found),
        "batches": batches_of(found),
        "may_instruct": request.actor.has(Role.OPERATOR_SETTLER) and waits_for_instruction(found),
        "typed": {"note": "", "reason": "", **(typed or {})},
        "refusal": refusal,
    }
    return render(request, "settlement/run.html", context, status=422 if refusal else 200)


@page(readers.RUNS)
def progress(request, run_id):
    """A run's progress, polled until it is done."""
    found = payments.access_run(request.actor, run_id)
    context = {"run": found, "progress": payments.progress_of(found), "running": found.state == RunState.APPROVED}
    response = render(request, "settlement/_progress.html", context)
    if not context["running"]:
        response.headers["HX-Refresh"] = "true"
    return response


@page(CASHIER, methods=("POST",), step_up=True)
def approve(request, run_id):
    note = request.POST.get("note", "")
    done, refusal = attempt(
        request,
        lambda: run_approve(actor=request.actor, at=clock(request), run_id=run_id, note=note),
        done="付款批次已复核，正在逐笔划拨。",
    )
    return redirect("settlement:run", run_id) if done else _run_page(request, run_id, refusal, {"note": note})


@page(CASHIER, methods=("POST",))
def reject(request, run_id):
    reason = request.POST.get("reason", "")
    done, refusal = attempt(
        request,
        lambda: run_reject(actor=request.actor, at=clock(request), run_id=run_id, reason=reason),
        done="付款批次已驳回，应付款已退回待付。",
    )
    return redirect("settlement:run", run_id) if done else _run_page(request, run_id, refusal, {"reason": reason})


@page(readers.PAYMENTS)
def payment_list(request):
    """Payments made, for the payee payments received, newest first."""
    return list_page(request, PAYMENTS)


routes = [
    path("payables/", payables, name="payables"),
    path("payables/total/", total, name="total"),
    path("payables/prepare/", prepare, name="prepare"),
    path("runs/", runs, name="runs"),
    path("runs/<int:run_id>/", run, name="run"),
    path("runs/<int:run_id>/progress/", progress, name="progress"),
    path("runs/<int:run_id>/approve/", approve, name="approve"),
    path("runs/<int:run_id>/reject/", reject, name="reject"),
    path("payments/", payment_list, name="payments"),
]

"""The settlers' pages of what the bank is told: batches made, released by another, sent out; payments it sent back."""

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import path

from settlement import readers
from settlement.queries import bank as bank_queries
from settlement.queries import instructions as queries
from settlement.queries.payments import access_payment
from settlement.services.instructions import (
    instruction_acknowledge,
    instruction_cancel,
    instruction_export,
    instruction_make,
    instruction_return,
    instructions_release,
)
from settlement.services.returns import payment_return_confirm, payment_return_propose, payment_return_refuse
from settlement.web.lists import INSTRUCTIONS, RETURNS
from settlement.workflows.states import InstructionForm, InstructionState, PaymentState, ReturnState
from sunlight.kernel.reading import whole_or
from sunlight.scope import Role
from sunlight.scope.duties import same_person
from sunlight.web.forms import typed_of
from sunlight.web.lists import list_page
from sunlight.web.pages import attempt, clock, page

SETTLER = Role.OPERATOR_SETTLER
OUT = (InstructionState.RELEASED, InstructionState.ACKNOWLEDGED)


@page(readers.INSTRUCTIONS)
def instructions(request):
    """Batches, newest first; above them for the settler which runs wait for one, and which batches wait for him."""
    return _list(request)


def _list(request, refusal=None):
    may_make = request.actor.has(SETTLER)
    context = {
        "runs": queries.runs_to_instruct(request.actor)[:50] if may_make else [],
        "release_count": queries.batches_to_release(request.actor).count() if may_make else 0,
        "may_make": may_make,
        "refusal": refusal,
    }
    return list_page(
        request, INSTRUCTIONS, "settlement/instructions.html", context=context, status=422 if refusal else 200
    )


@page(SETTLER, methods=("POST",))
def make(request, run_id):
    batch, refusal = attempt(
        request,
        lambda: instruction_make(actor=request.actor, at=clock(request), run_id=run_id),
        done="指令批次已编制，请另一位结算员放行。",
    )
    return redirect("settlement:instruction", batch.id) if batch else _list(request, refusal)


@page(SETTLER, methods=("GET", "POST"), step_up="POST")
def release(request):
    """All batches that wait for this person, with every payment and the hash; those ticked are released at once."""
    refusal = None
    if request.method == "POST":
        seen = (each.partition(":") for each in request.POST.getlist("batches"))
        hashes = {whole_or(batch_id, 0): sha256 for batch_id, _, sha256 in seen}
        done, refusal = attempt(
            request,
            lambda: instructions_release(actor=request.actor, at=clock(request), hashes=hashes),
            done="所选指令批次已放行，可以导出给银行。",
        )
        if done:
            return redirect("settlement:instructions")
    batches = [
        (batch, queries.lines_of(request.actor, batch)) for batch in queries.batches_to_release(request.actor)[:50]
    ]
    context = {"batches": batches, "refusal": refusal}
    return render(request, "settlement/instruction_release.html", context, status=422 if refusal else 200)


@page(readers.INSTRUCTIONS)
def instruction(request, batch_id):
    """A batch: its payments, its hash, who did what, and every file of it that went out."""
    return _batch_page(request, batch_id)


def _batch_page(request, batch_id, refusal=None):
    batch = queries.access_batch(request.actor, batch_id)
    settles = request.actor.has(SETTLER)
    context = {
        "batch": batch,
        "lines": queries.lines_of(request.actor, batch),
        "exports": [(each, _who(each.exported_by)) for each in queries.exports_of(batch)] if settles else [],
        "forms": InstructionForm.choices(),
        "may_release": settles
        and batch.state == InstructionState.MADE
        and not same_person(request.actor, batch.made_by),
        "made_it": settles and batch.state == InstructionState.MADE and same_person(request.actor, batch.made_by),
        "may_cancel": settles and batch.state == InstructionState.MADE,
        "may_export": settles and batch.state in OUT,
        "may_acknowledge": settles and batch.state == InstructionState.RELEASED and batch.export_count,
        "may_return": settles and batch.state in OUT and not same_person(request.actor, batch.released_by),
        "settles": settles,
        "typed": typed_of(request, "reason", "bank_reference"),
        "refusal": refusal,
    }
    return render(request, "settlement/instruction.html", context, status=422 if refusal else 200)


def _who(did) -> str:
    """Who did it, as logs and the journal name them: `person:9`, `token:5`."""
    return str(did.principal) if did else ""


def _moves(service, done: str, *names: str):
    """The view of a move of a batch whose form has the fields `names`."""

    def view(request, batch_id):
        moved, refusal = attempt(
            request,
            lambda: service(actor=request.actor, at=clock(request), batch_id=batch_id, **typed_of(request, *names)),
            done=done,
        )
        return redirect("settlement:instruction", batch_id) if moved else _batch_page(request, batch_id, refusal)

    return view


cancel = page(SETTLER, methods=("POST",))(_moves(instruction_cancel, "指令批次已作废。", "reason"))
acknowledge = page(SETTLER, methods=("POST",))(_moves(instruction_acknowledge, "已登记银行受理。", "bank_reference"))
return_all = page(SETTLER, methods=("POST",), step_up=True)(
    _moves(instruction_return, "已登记银行整批退回，可以重新编制指令。", "reason")
)


@page(SETTLER, methods=("POST",))
def export(request, batch_id):
    """The file for the bank; each one is kept."""
    sent = typed_of(request, "form", "reason")
    file, refusal = attempt(
        request, lambda: instruction_export(actor=request.actor, at=clock(request), batch_id=batch_id, **sent)
    )
    if file is None:
        return _batch_page(request, batch_id, refusal)
    response = HttpResponse(file.content, content_type=file.content_type)
    response.headers["Content-Disposition"] = f'attachment; filename="{file.name}"'
    return response


@page(readers.RETURNS)
def payment_returns(request):
    """Payments that the bank sent back; above them for the settler what waits for a second person."""
    return _returns_page(request)


def _returns_page(request, refusal=None, typed=None):
    settles = request.actor.has(SETTLER)
    waiting = bank_queries.returns_visible_to(request.actor, state=ReturnState.PROPOSED) if settles else []
    context = {
        "waiting": [(each, same_person(request.actor, each.proposed_by)) for each in waiting],
        "typed": {"return": 0, "note": "", "reason": "", **(typed or {})},
        "refusal": refusal,
    }
    return list_page(
        request, RETURNS, "settlement/payment_returns.html", context=context, status=422 if refusal else 200
    )


@page(SETTLER, methods=("GET", "POST"))
def propose_return(request, payment_id):
    """Say that the bank refused a payment before it was booked."""
    payment, refusal = access_payment(request.actor, payment_id), None
    sent = typed_of(request, "code", "reason")
    if request.method == "POST":
        said, refusal = attempt(
            request,
            lambda: payment_return_propose(actor=request.actor, at=clock(request), payment_id=payment_id, **sent),
            done="银行退回已提出，请另一位结算员复核。",
        )
        if said:
            return redirect("settlement:payment_returns")
    context = {
        "payment": payment,
        "may_propose": payment.state == PaymentState.PAID,
        "typed": sent,
        "refusal": refusal,
    }
    return render(request, "settlement/payment_return.html", context, status=422 if refusal else 200)


@page(SETTLER, methods=("POST",), step_up=True)
def confirm_return(request, return_id):
    sent = typed_of(request, "note")
    done, refusal = attempt(
        request,
        lambda: payment_return_confirm(actor=request.actor, at=clock(request), return_id=return_id, **sent),
        done="已确认银行退回，应付款重新待付。",
    )
    return _after_return(request, done, refusal, return_id, sent)


@page(SETTLER, methods=("POST",))
def refuse_return(request, return_id):
    sent = typed_of(request, "reason")
    done, refusal = attempt(
        request,
        lambda: payment_return_refuse(actor=request.actor, at=clock(request), return_id=return_id, **sent),
        done="未采纳，付款仍在途。",
    )
    return _after_return(request, done, refusal, return_id, sent)


def _after_return(request, done, refusal, return_id, sent):
    return (
        redirect("settlement:payment_returns")
        if done
        else _returns_page(request, refusal, {"return": return_id, **sent})
    )


routes = [
    path("instructions/", instructions, name="instructions"),
    path("instructions/release/", release, name="instructions_release"),
    path("instructions/<int:batch_id>/", instruction, name="instruction"),
    path("instructions/<int:batch_id>/cancel/", cancel, name="instruction_cancel"),
    path("instructions/<int:batch_id>/acknowledge/", acknowledge, name="instruction_acknowledge"),
    path("instructions/<int:batch_id>/return/", return_all, name="instruction_return"),
    path("instructions/<int:batch_id>/export/", export, name="instruction_export"),
    path("runs/<int:run_id>/instruct/", make, name="instruct"),
    path("returns/", payment_returns, name="payment_returns"),
    path("returns/<int:return_id>/confirm/", confirm_return, name="return_confirm"),
    path("returns/<int:return_id>/refuse/", refuse_return, name="return_refuse"),
    path("payments/<int:payment_id>/return/", propose_return, name="return_propose"),
]

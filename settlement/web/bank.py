"""The settlers' pages: bank statements in, confirmed by a second; money nobody is known for; how ledger and bank tie."""

from django.shortcuts import redirect, render
from django.urls import path

from settlement import readers
from settlement.queries import bank as queries
from settlement.queries import ledger
from settlement.queries.views import statement_view
from settlement.services.bank import bank_statement_confirm, bank_statement_import, bank_statement_reject
from settlement.services.bank_lines import statement_line_assign, statement_line_propose, statement_line_send_back
from settlement.services.notices import bank_notices_import
from settlement.web.lists import BANK_LINES
from settlement.web.paying import PAGE_SIZE
from settlement.workflows.states import StatementLineState, StatementState
from sunlight.journal.refusals import Invalid
from sunlight.scope import Role
from sunlight.scope.duties import same_person
from sunlight.web.forms import typed_of
from sunlight.web.lists import list_page
from sunlight.web.pages import attempt, clock, page

SETTLER = Role.OPERATOR_SETTLER


@page(readers.BANK, methods=("GET", "POST"))
def bank(request):
    """Upload a statement; below, what waits for a second person or for a proposal, and what was taken."""
    refusal = None
    if request.method == "POST":
        taken, refusal = attempt(
            request,
            lambda: bank_statement_import(actor=request.actor, at=clock(request), **_file(request)),
            done="对账单已导入，尚未入账。请另一位结算员核对后确认。",
        )
        if taken is not None:
            return redirect("settlement:bank_statement", taken.id)
    return _bank_page(request, refusal)


def _file(request) -> dict:
    file = request.FILES.get("file")
    if file is None:
        raise Invalid("file_missing", "请选择银行导出的文件。", field="file")
    return {"name": file.name, "content": file.read()}


@page(SETTLER, methods=("POST",))
def notices(request):
    """A notification of the bank (camt.054)."""
    taken, refusal = attempt(
        request,
        lambda: bank_notices_import(actor=request.actor, at=clock(request), **_file(request)),
        done="银行通知已保存；入账以对账单为准。",
    )
    return redirect("settlement:bank") if taken is not None else _bank_page(request, refusal)


def _bank_page(request, refusal=None, typed=None):
    actor = request.actor
    waiting = queries.lines_visible_to(actor, state=StatementLineState.UNIDENTIFIED)
    proposed = queries.lines_visible_to(actor, state=StatementLineState.PROPOSED)
    mine = set(proposed.values_list("id", flat=True)) - set(queries.lines_to_decide(actor).values_list("id", flat=True))
    context = {
        "tie": queries.reconciliation(actor),
        "accounts": ledger.totals_by_kind(actor),
        "received": queries.statements_visible_to(actor, state=StatementState.RECEIVED).order_by("from_date", "id"),
        "proposed": proposed[:PAGE_SIZE],
        "mine": mine,
        "waiting": waiting[:PAGE_SIZE],
        "waiting_count": waiting.count(),
        "hospitals": queries.hospitals(actor),
        "statements": queries.statements_visible_to(actor)[:20],
        "typed": {"line": 0, "organisation": "", "payment": "", "reason": "", "acknowledged": "", **(typed or {})},
        "refusal": refusal,
    }
    return render(request, "settlement/bank.html", context, status=422 if refusal else 200)


@page(readers.BANK)
def bank_statement(request, statement_id):
    """A statement with what each booking would do, to be confirmed by another person than imported it."""
    return _statement_page(request, statement_id)


def _statement_page(request, statement_id, refusal=None):
    view = statement_view(request.actor, statement_id)
    waits = view.statement.state == StatementState.RECEIVED and request.actor.has(SETTLER)
    imported = same_person(request.actor, view.statement.taken_by)
    context = {
        "view": view,
        "statement": view.statement,
        "may_confirm": waits and not imported,
        "may_reject": waits,
        "imported_it": waits and imported,
        "typed": typed_of(request, "acknowledged", "note", "reason"),
        "refusal": refusal,
    }
    return render(request, "settlement/bank_statement.html", context, status=422 if refusal else 200)


@page(SETTLER, methods=("POST",), step_up=True)
def confirm(request, statement_id):
    sent = request.POST
    done, refusal = attempt(
        request,
        lambda: bank_statement_confirm(
            actor=request.actor,
            at=clock(request),
            statement_id=statement_id,
            digest=sent.get("digest", ""),
            acknowledged=sent.get("acknowledged", ""),
            note=sent.get("note", ""),
        ),
        done="对账单已确认入账。",
    )
    return redirect("settlement:bank") if done else _statement_page(request, statement_id, refusal)


@page(SETTLER, methods=("POST",))
def reject(request, statement_id):
    reason = request.POST.get("reason", "")
    done, refusal = attempt(
        request,
        lambda: bank_statement_reject(actor=request.actor, at=clock(request), statement_id=statement_id, reason=reason),
        done="对账单已拒收，没有入账。",
    )
    return redirect("settlement:bank") if done else _statement_page(request, statement_id, refusal)


@page(SETTLER, methods=("POST",))
def propose(request, line_id):
    sent = typed_of(request, "organisation", "payment", "red_invoice", "reason")
    done, refusal = attempt(
        request,
        lambda: statement_line_propose(
            actor=request.actor,
            at=clock(request),
            line_id=line_id,
            reason=sent["reason"],
            organisation_id=sent["organisation"],
            payment_number=sent["payment"],
            red_number=sent["red_invoice"],
        ),
        done="认领已提出，请另一位结算员复核。",
    )
    return redirect("settlement:bank") if done else _bank_page(request, refusal, {"line": line_id, **sent})


@page(SETTLER, methods=("POST",), step_up=True)
def assign(request, line_id):
    sent = typed_of(request, "reason", "acknowledged")
    done, refusal = attempt(
        request,
        lambda: statement_line_assign(actor=request.actor, at=clock(request), line_id=line_id, **sent),
        done="流水已认领。",
    )
    return redirect("settlement:bank") if done else _bank_page(request, refusal, {"line": line_id, **sent})


@page(SETTLER, methods=("POST",))
def send_back(request, line_id):
    sent = typed_of(request, "reason")
    done, refusal = attempt(
        request,
        lambda: statement_line_send_back(actor=request.actor, at=clock(request), line_id=line_id, **sent),
        done="认领提议已退回。",
    )
    return redirect("settlement:bank") if done else _bank_page(request, refusal, {"line": line_id, **sent})


@page(readers.BANK)
def lines(request):
    """All bookings, newest first."""
    return list_page(request, BANK_LINES)


routes = [
    path("bank/", bank, name="bank"),
    path("bank/notices/", notices, name="bank_notices"),
    path("bank/lines/", lines, name="bank_lines"),
    path("bank/lines/<int:line_id>/propose/", propose, name="bank_propose"),
    path("bank/lines/<int:line_id>/assign/", assign, name="bank_assign"),
    path("bank/lines/<int:line_id>/send-back/", send_back, name="bank_send_back"),
    path("bank/statements/<int:statement_id>/", bank_statement, name="bank_statement"),
    path("bank/statements/<int:statement_id>/confirm/", confirm, name="bank_confirm"),
    path("bank/statements/<int:statement_id>/reject/", reject, name="bank_reject"),
]

"""The settler's page: bank statements in, money nobody is known for, how ledger and bank tie."""

from django.shortcuts import redirect, render
from django.urls import path

from settlement import readers
from settlement.queries import bank as queries
from settlement.queries import ledger
from settlement.services.bank import bank_statement_import, statement_line_assign
from settlement.web.lists import BANK_LINES
from settlement.web.paying import PAGE_SIZE
from settlement.workflows import StatementLineState
from sunlight.journal.refusals import Invalid
from sunlight.scope import Role
from sunlight.web.lists import list_page
from sunlight.web.pages import attempt, clock, page

SETTLER = Role.OPERATOR_SETTLER


@page(readers.BANK, methods=("GET", "POST"))
def bank(request):
    """Upload a statement; below, what waits to be assigned and what was taken."""
    refusal = None
    if request.method == "POST":
        taken, refusal = attempt(request, lambda: _import(request), done="对账单已入账。")
        if taken is not None:
            return redirect("settlement:bank")
    return _bank_page(request, refusal)


def _import(request):
    file = request.FILES.get("file")
    if file is None:
        raise Invalid("file_missing", "请选择银行导出的对账单 CSV 文件。", field="file")
    return bank_statement_import(actor=request.actor, at=clock(request), name=file.name, content=file.read())


def _bank_page(request, refusal=None, assigning=None):
    waiting = queries.lines_visible_to(request.actor, state=StatementLineState.UNIDENTIFIED)
    context = {
        "tie": queries.reconciliation(request.actor),
        "accounts": ledger.totals_by_kind(request.actor),
        "waiting": waiting[:PAGE_SIZE],
        "waiting_count": waiting.count(),
        "hospitals": queries.hospitals(request.actor),
        "statements": queries.statements_visible_to(request.actor)[:20],
        "assigning": assigning or {},
        "refusal": refusal,
    }
    return render(request, "settlement/bank.html", context, status=422 if refusal else 200)


@page(SETTLER, methods=("POST",))
def assign(request, line_id):
    sent = request.POST
    done, refusal = attempt(
        request,
        lambda: statement_line_assign(
            actor=request.actor,
            at=clock(request),
            line_id=line_id,
            reason=sent.get("reason", ""),
            organisation_id=sent.get("organisation", ""),
            payment_number=sent.get("payment", ""),
        ),
        done="流水已认领。",
    )
    if done is None:
        return _bank_page(
            request, refusal, {"line": line_id, **{k: sent.get(k, "") for k in ("organisation", "payment", "reason")}}
        )
    return redirect("settlement:bank")


@page(readers.BANK)
def lines(request):
    """All bookings, newest first."""
    return list_page(request, BANK_LINES)


routes = [
    path("bank/", bank, name="bank"),
    path("bank/lines/", lines, name="bank_lines"),
    path("bank/lines/<int:line_id>/assign/", assign, name="bank_assign"),
]

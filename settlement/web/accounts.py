"""Pages of a supplier's bank account: what is registered, a change asked for, confirmed, verified, in force."""

from django.shortcuts import redirect, render
from django.urls import path
from django.utils.translation import gettext_lazy as _

from settlement import readers
from settlement.queries import accounts as queries
from settlement.services.accounts import (
    account_change_approve,
    account_change_ask,
    account_change_confirm,
    account_change_refuse,
    account_change_withdraw,
)
from settlement.web.lists import SECTION
from settlement.workflows.account import ACCOUNT_CHANGE, FIRM
from settlement.workflows.states import AccountChangeState
from sunlight.journal.refusals import Invalid
from sunlight.scope import Role
from sunlight.scope.duties import same_person
from sunlight.web.lists import Button, Column, Empty, Table, list_page, to
from sunlight.web.lists.filters import Filters, Number, Since, State, Text, Until
from sunlight.web.pages import attempt, clock, page


class AccountChangeFilters(Filters):
    state = State(AccountChangeState)
    q = Number("account_number", label=_("银行账号"))
    party = Text("payee__name", label=_("收款单位"))
    since = Since("asked_at", label=_("申请日起"), moments=True)
    until = Until("asked_at", label=_("申请日止"), moments=True)


ACCOUNT_CHANGES = Table(
    key="settlement.account_changes",
    url_name="settlement:account_changes",
    section=SECTION,
    title=_("收款账户变更"),
    rows=lambda request: queries.changes_visible_to(request.actor),
    columns=(
        Column(_("申请"), "asked_at", "moment", sort="asked_at", link=to("settlement:account_change")),
        Column(_("收款单位"), "payee.name", key="payee", sort="payee__name"),
        Column(_("开户行"), "bank_name"),
        Column(_("新账号"), "account_number", "code"),
        Column(_("启用日"), "starts_on", "day", sort="starts_on"),
        Column(_("状态"), "state", "state"),
    ),
    filters=AccountChangeFilters,
    tabs="state",
    trace=("account_change", "id"),
    buttons=(Button(_("变更收款账户"), "settlement:account_change_new", primary=True, only=lambda a: a.has(*FIRM)),),
    empty=Empty(_("没有收款账户变更"), _("变更须由本单位第二人复核、平台核实，并等待规定的工作日后启用。")),
)


FIELDS = ("bank_name", "account_number", "reason")
REVIEWERS = frozenset({Role.OPERATOR_REVIEWER})


@page(readers.ACCOUNT_CHANGES)
def changes(request):
    return list_page(request, ACCOUNT_CHANGES)


@page(*FIRM, methods=("GET", "POST"), step_up="POST")
def ask(request):
    """The account that is registered, and the form for another."""
    refusal = None
    if request.method == "POST":
        change, refusal = attempt(request, lambda: _ask(request), done="已提出，请本单位另一位财务或管理员复核。")
        if change is not None:
            return redirect("settlement:account_change", change.id)
    context = {
        "account": queries.own_account(request.actor),
        "open": queries.open_change(request.actor),
        "typed": {name: request.POST.get(name, "") for name in FIELDS},
        "refusal": refusal,
        "bad_field": refusal.field if refusal else "",
    }
    return render(request, "settlement/account_ask.html", context, status=422 if refusal else 200)


def _ask(request):
    file = request.FILES.get("proof")
    if file is None:
        raise Invalid("file_missing", "请附开户证明（PDF 或图片）。", field="proof")
    typed = {name: request.POST.get(name, "") for name in FIELDS}
    return account_change_ask(actor=request.actor, at=clock(request), name=file.name, content=file.read(), **typed)


@page(readers.ACCOUNT_CHANGES)
def change(request, change_id):
    return _change_page(request, change_id)


def _change_page(request, change_id, refusal=None, reason=""):
    found = queries.access_change(request.actor, change_id)
    moves = {move.name for role in request.actor.roles for move in ACCOUNT_CHANGE.moves_from(found.state, role)}
    asked_it = same_person(request.actor, found.asked_by)
    context = {
        "change": found,
        "may": {name: name in moves and not (name == "confirm" and asked_it) for name in ("confirm", "approve")},
        "may_refuse": "refuse" in moves,
        "may_withdraw": "withdraw" in moves,
        "asked_it": asked_it and found.state == AccountChangeState.ASKED,
        "reason": reason,
        "refusal": refusal,
    }
    return render(request, "settlement/account_change.html", context, status=422 if refusal else 200)


def _moved(request, change_id, service, done, **facts):
    row, refusal = attempt(
        request, lambda: service(actor=request.actor, at=clock(request), change_id=change_id, **facts), done=done
    )
    if row is None:
        return _change_page(request, change_id, refusal, facts.get("reason", ""))
    return redirect("settlement:account_change", change_id)


@page(*FIRM, methods=("POST",), step_up=True)
def confirm(request, change_id):
    return _moved(request, change_id, account_change_confirm, "已复核，等待平台核实。")


@page(*REVIEWERS, methods=("POST",), step_up=True)
def approve(request, change_id):
    return _moved(request, change_id, account_change_approve, "已核实，等待期满后启用；欠款医院已收到通知。")


@page(*REVIEWERS, methods=("POST",))
def refuse(request, change_id):
    return _moved(
        request, change_id, account_change_refuse, "未予变更，原账户不变。", reason=request.POST.get("reason", "")
    )


@page(*FIRM, methods=("POST",))
def withdraw(request, change_id):
    return _moved(
        request, change_id, account_change_withdraw, "已撤回，原账户不变。", reason=request.POST.get("reason", "")
    )


routes = [
    path("accounts/", changes, name="account_changes"),
    path("accounts/new/", ask, name="account_change_new"),
    path("accounts/<int:change_id>/", change, name="account_change"),
    path("accounts/<int:change_id>/confirm/", confirm, name="account_change_confirm"),
    path("accounts/<int:change_id>/approve/", approve, name="account_change_approve"),
    path("accounts/<int:change_id>/refuse/", refuse, name="account_change_refuse"),
    path("accounts/<int:change_id>/withdraw/", withdraw, name="account_change_withdraw"),
]

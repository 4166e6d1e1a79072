"""Menu entries and to-dos of settlement."""

from datetime import date

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from settlement import readers
from settlement.queries import acceptances, accounts, bank, instructions, invoices, payments
from settlement.queries.ledger import unidentified_count
from settlement.readers import INVOICING, PAYING, SETTLING
from settlement.workflows.account import FIRM
from settlement.workflows.states import (
    AccountChangeState,
    Holding,
    InvoiceState,
    PayableState,
    PaymentState,
    RunState,
    StatementLineState,
)
from sunlight.scope import Actor, Role
from sunlight.web import figures, navigation
from sunlight.web.navigation import Todo

SECTION = "结算"

navigation.add(SECTION, "付款", "settlement:payables", *PAYING, icon="cash", order=10)
navigation.add(SECTION, "付款批次", "settlement:runs", *readers.RUNS, icon="list-details", order=20)
navigation.add(SECTION, "开票", "settlement:to_invoice", *readers.INVOICEABLE_LINES, icon="receipt", order=10)
navigation.add(SECTION, "应收款", "settlement:payables", *INVOICING, icon="cash", order=20)
navigation.add(
    SECTION, "应付款", "settlement:payables", *(readers.PAYABLES - PAYING - INVOICING), icon="cash", order=25
)
navigation.add(
    SECTION, "收款账户", "settlement:account_changes", *readers.ACCOUNT_CHANGES, icon="building-bank", order=60
)
navigation.add(SECTION, "银行对账", "settlement:bank", *readers.BANK, icon="building-bank", order=10)
navigation.add(SECTION, "银行指令", "settlement:instructions", *readers.INSTRUCTIONS, icon="list-details", order=22)
navigation.add(SECTION, "退汇", "settlement:payment_returns", *readers.RETURNS, icon="cash", order=45)
navigation.add(SECTION, "发票", "settlement:invoices", *readers.INVOICES, icon="receipt", order=30)
navigation.add(SECTION, "付款记录", "settlement:payments", *(readers.PAYMENTS - INVOICING), icon="cash", order=40)
navigation.add(SECTION, "回款记录", "settlement:payments", *INVOICING, icon="cash", order=40)
navigation.add(SECTION, "对账单", "settlement:statement", *readers.STATEMENTS, icon="file-text", order=50)

figures.add(_("待付款"), "settlement.payables", {"state": PayableState.OPEN}, *PAYING)
figures.add(_("待回款"), "settlement.payables", {"state": PayableState.OPEN}, *INVOICING)
figures.add(_("逾期未付"), "settlement.payables", {"late": "1", "state": ""}, *readers.PAYABLES)
figures.add(_("待复核的付款批次"), "settlement.runs", {"state": RunState.PREPARED}, *PAYING)
figures.add(
    _("不一致的发票"),
    "settlement.invoices",
    {"state": InvoiceState.MISMATCHED},
    *INVOICING,
    Role.HOSPITAL_AUDITOR,
    Role.OPERATOR_SUPPORT,
)
figures.add(_("待银行确认的付款"), "settlement.payments", {"state": PaymentState.PAID}, *SETTLING, *INVOICING)
figures.add(_("待认领的银行流水"), "settlement.bank_lines", {"state": StatementLineState.UNIDENTIFIED}, *readers.BANK)


@navigation.todo_provider
def settlement_todos(actor: Actor, today: date) -> list[Todo]:
    """Payables by due day, runs to approve, invoices to issue or correct, money to assign."""
    todos = []
    if actor.has(Role.HOSPITAL_FINANCE):
        count, due_on = invoices.open_payables(actor)
        todos.append(Todo("待付款的发票", count, reverse("settlement:payables"), due_on))
        url = f"{reverse('settlement:payables')}?holding={Holding.HELD}"
        todos.append(Todo("暂缓中的应付款", invoices.held_payables(actor), url))
        url = f"{reverse('settlement:runs')}?state={RunState.PREPARED}"
        todos.append(Todo("待复核的付款批次", payments.runs_to_approve(actor), url))
    if actor.has(Role.SUPPLIER_FINANCE):
        todos.append(
            Todo("待开票的验收明细", acceptances.lines_to_invoice_count(actor), reverse("settlement:to_invoice"))
        )
        url = f"{reverse('settlement:invoices')}?state={InvoiceState.MISMATCHED}"
        todos.append(Todo("不一致的发票，须作废重开", invoices.mismatched_count(actor), url))
    if actor.has(*FIRM):
        url = f"{reverse('settlement:account_changes')}?state={AccountChangeState.ASKED}"
        todos.append(Todo("待复核的收款账户变更", accounts.changes_to_confirm(actor), url))
    if actor.has(Role.OPERATOR_REVIEWER):
        url = f"{reverse('settlement:account_changes')}?state={AccountChangeState.CONFIRMED}"
        todos.append(Todo("待核实的收款账户变更", accounts.changes_to_approve(actor), url))
    if actor.has(Role.OPERATOR_SETTLER):
        here = reverse("settlement:bank")
        todos.append(Todo("待确认的银行对账单", bank.statements_to_confirm(actor).count(), here))
        todos.append(Todo("待认领的银行流水", unidentified_count(actor.platform_id), here))
        todos.append(Todo("待复核的认领", bank.lines_to_decide(actor).count(), here))
        url = reverse("settlement:instructions")
        todos.append(Todo("待编制银行指令的付款批次", instructions.runs_to_instruct(actor).count(), url))
        url = reverse("settlement:instructions_release")
        todos.append(Todo("待放行的银行指令", instructions.batches_to_release(actor).count(), url))
        url = reverse("settlement:payment_returns")
        todos.append(Todo("待复核的银行退回", bank.returns_to_decide(actor).count(), url))
    return todos

"""Menu entries and to-dos of settlement."""

from datetime import date

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from settlement.queries import acceptances, invoices, payments
from settlement.queries.ledger import unidentified_count
from settlement.workflows import InvoiceState, PayableState, PaymentState, RunState, StatementLineState
from sunlight.scope import Actor, Role
from sunlight.web import figures, navigation
from sunlight.web.navigation import Todo

SECTION = "结算"
HOSPITAL = (Role.HOSPITAL_FINANCE, Role.HOSPITAL_AUDITOR)
SUPPLIER = Role.SUPPLIER_FINANCE
SETTLER = Role.OPERATOR_SETTLER
WATCHING = (
    Role.OPERATOR_SUPPORT,
    Role.REGULATOR_OFFICER,
    Role.REGULATOR_CHIEF,
    Role.REGULATOR_AUDITOR,
)

navigation.add(SECTION, "付款", "settlement:payables", *HOSPITAL, icon="cash", order=10)
navigation.add(SECTION, "付款批次", "settlement:runs", *HOSPITAL, SETTLER, *WATCHING, icon="list-details", order=20)
navigation.add(SECTION, "开票", "settlement:to_invoice", SUPPLIER, icon="receipt", order=10)
navigation.add(SECTION, "应收款", "settlement:payables", SUPPLIER, icon="cash", order=20)
navigation.add(SECTION, "应付款", "settlement:payables", SETTLER, *WATCHING, icon="cash", order=25)
navigation.add(SECTION, "银行对账", "settlement:bank", SETTLER, icon="building-bank", order=10)
navigation.add(
    SECTION, "发票", "settlement:invoices", *HOSPITAL, SUPPLIER, SETTLER, *WATCHING, icon="receipt", order=30
)
navigation.add(SECTION, "付款记录", "settlement:payments", *HOSPITAL, SETTLER, *WATCHING, icon="cash", order=40)
navigation.add(SECTION, "回款记录", "settlement:payments", SUPPLIER, icon="cash", order=40)
navigation.add(SECTION, "对账单", "settlement:statement", *HOSPITAL, SUPPLIER, icon="file-text", order=50)

PAYERS = (Role.HOSPITAL_FINANCE, Role.HOSPITAL_AUDITOR)
figures.add(_("待付款"), "settlement.payables", {"state": PayableState.OPEN}, *PAYERS)
figures.add(_("待回款"), "settlement.payables", {"state": PayableState.OPEN}, SUPPLIER)
figures.add(
    _("逾期未付"),
    "settlement.payables",
    figures.before_today(state=PayableState.OPEN),
    *PAYERS,
    SUPPLIER,
    SETTLER,
    *WATCHING,
)
figures.add(_("待复核的付款批次"), "settlement.runs", {"state": RunState.PREPARED}, *PAYERS)
figures.add(
    _("不一致的发票"), "settlement.invoices", {"state": InvoiceState.MISMATCHED},
    SUPPLIER, Role.HOSPITAL_AUDITOR, Role.OPERATOR_SUPPORT,
)  # fmt: skip
figures.add(_("待银行确认的付款"), "settlement.payments", {"state": PaymentState.PAID}, SETTLER, SUPPLIER)
figures.add(_("待认领的银行流水"), "settlement.bank_lines", {"state": StatementLineState.UNIDENTIFIED}, SETTLER)


@navigation.todo_provider
def settlement_todos(actor: Actor, today: date) -> list[Todo]:
    """Payables by due day, runs to approve, invoices to issue or correct, money to assign."""
    todos = []
    if actor.has(Role.HOSPITAL_FINANCE):
        count, due_on = invoices.open_payables(actor)
        todos.append(Todo("待付款的发票", count, reverse("settlement:payables"), due_on))
        url = f"{reverse('settlement:runs')}?state={RunState.PREPARED}"
        todos.append(Todo("待复核的付款批次", payments.runs_to_approve(actor), url))
    if actor.has(SUPPLIER):
        todos.append(
            Todo("待开票的验收明细", acceptances.lines_to_invoice_count(actor), reverse("settlement:to_invoice"))
        )
        url = f"{reverse('settlement:invoices')}?state={InvoiceState.MISMATCHED}"
        todos.append(Todo("不一致的发票，须作废重开", invoices.mismatched_count(actor), url))
    if actor.has(SETTLER):
        todos.append(Todo("待认领的银行流水", unidentified_count(actor.platform_id), reverse("settlement:bank")))
    return todos

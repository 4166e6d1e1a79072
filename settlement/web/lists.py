"""The lists of settlement: what each shows, is filtered and sorted by."""

from django.db.models import Q
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from settlement.queries import bank, instructions, invoices, lateness, payments
from settlement.workflows.states import (
    Holding,
    InstructionState,
    InvoiceKind,
    InvoiceState,
    PayableState,
    PaymentState,
    ReturnState,
    RunState,
    StatementLineState,
)
from sunlight.kernel.money import fen_text
from sunlight.scope import Actor, Role
from sunlight.scope.clock import business_date
from sunlight.scope.roles import OrganisationKind
from sunlight.web.lists import Button, Column, Empty, Table, Ticks, to
from sunlight.web.lists.filters import Choice, Filters, Number, Since, State, Text, Until
from sunlight.web.pages import clock

SECTION = _("结算")


def _is_cashier(actor: Actor) -> bool:
    return actor.has(Role.HOSPITAL_FINANCE)


def _is_not_cashier(actor: Actor) -> bool:
    return not _is_cashier(actor)


def _is_no_hospital(actor: Actor) -> bool:
    return actor.kind != OrganisationKind.HOSPITAL


def _is_supplier(actor: Actor) -> bool:
    return actor.has(Role.SUPPLIER_FINANCE)


class InvoiceFilters(Filters):
    state = State(InvoiceState)
    q = Number("number", "code", label=_("发票号码"))
    party = Text("issuer__name", "buyer__name", label=_("机构名称"))
    since = Since("issued_on", label=_("开票日起"))
    until = Until("issued_on", label=_("开票日止"))


def _difference(row) -> str:
    return row.differences[0]["message"] if row.differences else ""


def _signed(row) -> int:
    return -row.amount_fen if row.kind == InvoiceKind.RED else row.amount_fen


def _no_invoices(actor: Actor) -> Empty:
    if _is_supplier(actor):
        hint = _("从“开票”选择已验收的明细提交发票。")
        return Empty(_("还没有发票"), hint, "settlement:to_invoice", _("开票"))
    return Empty(_("还没有发票"), _("配送企业提交的发票会连同匹配结果显示在这里。"))


INVOICES = Table(
    key="settlement.invoices",
    url_name="settlement:invoices",
    section=SECTION,
    title=_("发票"),
    rows=lambda request: invoices.invoices_visible_to(request.actor),
    columns=(
        Column(
            _("发票号码"), "number", "code", sort="number", link=to("settlement:invoice"), below=lambda row: row.code
        ),
        Column(_("开票日期"), "issued_on", "day", sort="issued_on"),
        Column(_("开票单位"), "issuer.name", key="issuer", sort="issuer__name"),
        Column(_("医疗机构"), "buyer.name", key="buyer", sort="buyer__name"),
        Column(_("价税合计（元）"), _signed, "yuan", key="amount_fen", sort="amount_fen"),
        Column(_("类别"), "kind", "state", below=lambda row: row.reddens.number if row.reddens else ""),
        Column(_("匹配结果"), "state", "state"),
        Column(_("税务查验"), "verification", "state"),
        Column(
            _("差异"),
            _difference,
            key="difference",
            below=lambda row: _("共 %(n)s 处") % {"n": len(row.differences)} if len(row.differences or ()) > 1 else "",
        ),
    ),
    filters=InvoiceFilters,
    tabs="state",
    trace=("invoice", "id"),
    buttons=(Button(_("开票"), "settlement:to_invoice", primary=True, only=_is_supplier),),
    empty=_no_invoices,
)


class PayableFilters(Filters):
    state = State(PayableState)
    holding = State(Holding, field_name="holding", label=_("暂缓"))
    late = Choice([("1", _("逾期未付"))], label=_("期限"))
    q = Number("invoice__number", label=_("发票号码"))
    party = Text("payee__name", "seller__name", "buyer__name", label=_("机构名称"))
    since = Since("due_on", label=_("最迟付款日起"))
    until = Until("due_on", label=_("最迟付款日止"))

    def filter_queryset(self, rows):
        if self.form.cleaned_data.get("late"):
            rows = lateness.payments_late(rows, business_date(clock(self.request)))
        return super().filter_queryset(rows)


def _settled(row) -> str:
    """What of it is paid, and what is set off or taken back, where anything is."""
    said = []
    if row.paid_fen:
        said.append(_("已付 %(fen)s") % {"fen": fen_text(row.paid_fen, grouped=True)})
    if off := row.reddened_fen + row.netted_fen:
        said.append(_("冲抵 %(fen)s") % {"fen": fen_text(off, grouped=True)})
    return " ".join(said)


def _hold_reason(row):
    return format_html('<span lang="zh">{}</span>', row.hold_reason) if row.hold_reason else ""


def _held(row) -> list[tuple[str, object]]:
    if row.holding != Holding.HELD:
        return []
    if row.hold_until is None:
        return [("orange", _("已暂缓"))]
    return [("orange", _("暂缓至 %(day)s") % {"day": row.hold_until})]


def _may_be_paid(row) -> bool:
    return row.state == PayableState.OPEN and row.holding == Holding.FREE


def _payables_title(actor: Actor):
    if _is_cashier(actor):
        return _("付款")
    return _("应收款") if _is_supplier(actor) else _("应付款")


PAYABLES = Table(
    key="settlement.payables",
    url_name="settlement:payables",
    section=SECTION,
    title=_payables_title,
    rows=lambda request: invoices.payables_visible_to(request.actor),
    initial=lambda actor: {"state": PayableState.OPEN.value} if _is_cashier(actor) else {},
    columns=(
        Column(_("最迟付款日"), "due_on", "day", sort="due_on", cell="settlement/_due_cell.html"),
        Column(
            _("收款单位"),
            "payee.name",
            key="payee",
            sort="payee__name",
            below=lambda row: _("生产企业") + f" {row.seller.name}" if row.payee_id != row.seller_id else "",
        ),
        Column(_("医疗机构"), "buyer.name", key="buyer", sort="buyer__name", only=_is_not_cashier),
        Column(
            _("发票"),
            "invoice.number",
            "code",
            key="invoice",
            sort="invoice__number",
            link=to("settlement:invoice", "invoice_id"),
        ),
        Column(_("到货日"), "arrived_on", "day", sort="arrived_on"),
        Column(_("验收日"), "accepted_on", "day", sort="accepted_on"),
        Column(
            _("金额（元）"),
            "amount_fen",
            "yuan",
            sort="amount_fen",
            link=to("settlement:payable"),
        ),
        Column(_("未付（元）"), "open_fen", "yuan", sort="open_fen", below=_settled),
        Column(
            _("本次付款（元）"),
            "open_fen",
            "yuan",
            key="part",
            cell="settlement/_part_cell.html",
            only=_is_cashier,
            sheet=False,
        ),
        Column(_("状态"), "state", "state", badges=_held, below=_hold_reason),
    ),
    filters=PayableFilters,
    tabs="state",
    trace=("payable", "id"),
    ticks=Ticks("payables", "prepare", "invoice.number", allowed=_may_be_paid, only=_is_cashier),
    buttons=(Button(_("付款批次"), "settlement:runs", only=_is_cashier),),
    empty=Empty(_("没有这类款项"), _("配送企业的发票与订单、验收单匹配后，应付款和最迟付款日会出现在这里。")),
)


class RunFilters(Filters):
    state = State(RunState)
    q = Number("number", label=_("批次编号"))
    party = Text("buyer__name", label=_("医疗机构"))
    since = Since("prepared_at", label=_("编制日起"), moments=True)
    until = Until("prepared_at", label=_("编制日止"), moments=True)


RUNS = Table(
    key="settlement.runs",
    url_name="settlement:runs",
    section=SECTION,
    title=_("付款批次"),
    rows=lambda request: payments.runs_visible_to(request.actor),
    columns=(
        Column(_("批次编号"), "number", "code", sort="number", link=to("settlement:run")),
        Column(_("医疗机构"), "buyer.name", key="buyer", sort="buyer__name"),
        Column(_("已划拨笔数"), "made_count", "count"),
        Column(_("总笔数"), "payment_count", "count", sort="payment_count"),
        Column(_("金额（元）"), "total_fen", "yuan", sort="total_fen"),
        Column(_("编制"), "prepared_at", "moment", sort="prepared_at"),
        Column(_("复核"), "decided_at", "moment", sort="decided_at"),
        Column(_("状态"), "state", "state"),
    ),
    filters=RunFilters,
    tabs="state",
    trace=("payment_run", "id"),
    buttons=(Button(_("选择应付款"), "settlement:payables", primary=True, only=_is_cashier),),
    empty=Empty(_("还没有付款批次"), _("在“付款”页勾选应付款编制批次，由另一位财务人员复核后划拨。")),
)


class PaymentFilters(Filters):
    state = State(PaymentState)
    q = Number("number", "payable__invoice__number", label=_("付款编号或发票号码"))
    party = Text("buyer__name", "payee__name", label=_("机构名称"))
    since = Since("paid_at", label=_("划拨日起"), moments=True)
    until = Until("paid_at", label=_("划拨日止"), moments=True)


PAYMENTS = Table(
    key="settlement.payments",
    url_name="settlement:payments",
    section=SECTION,
    title=lambda actor: _("回款记录") if _is_supplier(actor) else _("付款记录"),
    rows=lambda request: payments.payments_visible_to(request.actor),
    columns=(
        Column(_("付款编号"), "number", "code", sort="number"),
        Column(_("医疗机构"), "buyer.name", key="buyer", sort="buyer__name", only=_is_no_hospital),
        Column(_("收款单位"), "payee.name", key="payee", sort="payee__name", below="account_shown"),
        Column(
            _("发票"),
            "payable.invoice.number",
            "code",
            key="invoice",
            link=to("settlement:invoice", "payable.invoice_id"),
        ),
        Column(_("金额（元）"), "amount_fen", "yuan", sort="amount_fen"),
        Column(_("划拨时间"), "paid_at", "moment", sort="paid_at"),
        Column(_("银行到账日"), "settled_on", "day", sort="settled_on"),
        Column(_("状态"), "state", "state"),
    ),
    filters=PaymentFilters,
    tabs="state",
    trace=("payment", "id"),
    empty=Empty(_("还没有付款"), _("医院复核付款批次后，款项从监管账户逐笔划出，会显示在这里。")),
)

DIRECTIONS = {"CREDIT": _("收"), "DEBIT": _("支")}


class BankLineFilters(Filters):
    state = State(StatementLineState)
    direction = Choice(tuple(DIRECTIONS.items()), {name: Q(direction=name) for name in DIRECTIONS}, label=_("收支"))
    q = Text("bank_serial", "counterparty_account", "reference", label=_("流水号、账号或附言"))
    party = Text("counterparty_name", "organisation__name", label=_("对方或归属"))
    since = Since("booked_on", label=_("日期起"))
    until = Until("booked_on", label=_("日期止"))


def _whose(row) -> str:
    """Whom a booking belongs to, or why nobody is known for it."""
    if row.organisation:
        return row.organisation.name
    return row.payment.number if row.payment else row.finding


BANK_LINES = Table(
    key="settlement.bank_lines",
    url_name="settlement:bank_lines",
    section=SECTION,
    title=_("银行流水"),
    rows=lambda request: bank.lines_visible_to(request.actor),
    columns=(
        Column(_("日期"), "booked_on", "day", sort="booked_on"),
        Column(_("流水号"), "bank_serial", "code"),
        Column(_("收支"), lambda row: DIRECTIONS[row.direction]),
        Column(_("金额（元）"), "amount_fen", "yuan", sort="amount_fen"),
        Column(_("余额（元）"), "balance_fen", "yuan"),
        Column(
            _("对方"), "counterparty_name", key="counterparty", sort="counterparty_name", below="counterparty_account"
        ),
        Column(_("附言"), "reference", "sentence"),
        Column(_("归属"), _whose, "sentence", below="assign_reason"),
        Column(_("状态"), "state", "state"),
    ),
    filters=BankLineFilters,
    tabs="state",
    empty=Empty(_("没有银行流水"), _("导入银行对账单后，每一笔流水都列在这里。"), "settlement:bank", _("银行对账")),
)


class InstructionFilters(Filters):
    state = State(InstructionState)
    q = Number("number", "run__number", label=_("批次编号"))
    party = Text("buyer__name", label=_("医疗机构"))
    since = Since("made_at", label=_("编制日起"), moments=True)
    until = Until("made_at", label=_("编制日止"), moments=True)


INSTRUCTIONS = Table(
    key="settlement.instructions",
    url_name="settlement:instructions",
    section=SECTION,
    title=_("银行指令"),
    rows=lambda request: instructions.batches_visible_to(request.actor),
    columns=(
        Column(_("指令编号"), "number", "code", sort="number", link=to("settlement:instruction")),
        Column(_("付款批次"), "run.number", "code", key="run", link=to("settlement:run", "run_id")),
        Column(_("医疗机构"), "buyer.name", key="buyer", sort="buyer__name", only=_is_no_hospital),
        Column(_("笔数"), "payment_count", "count", sort="payment_count"),
        Column(_("金额（元）"), "total_fen", "yuan", sort="total_fen"),
        Column(_("校验码"), lambda row: row.sha256[:16], "code", key="sha256"),
        Column(_("编制"), "made_at", "moment", sort="made_at"),
        Column(_("放行"), "released_at", "moment", sort="released_at"),
        Column(_("导出次数"), "export_count", "count", sort="export_count"),
        Column(_("状态"), "state", "state"),
    ),
    filters=InstructionFilters,
    tabs="state",
    empty=Empty(_("还没有银行指令"), _("结算员把已划拨的付款编成指令批次，由另一位结算员放行后导出给银行。")),
)


class ReturnFilters(Filters):
    state = State(ReturnState)
    q = Number("payment__number", label=_("付款编号"))
    party = Text("buyer__name", "payment__payee__name", label=_("机构名称"))
    since = Since("proposed_at", label=_("日期起"), moments=True)
    until = Until("proposed_at", label=_("日期止"), moments=True)


RETURNS = Table(
    key="settlement.payment_returns",
    url_name="settlement:payment_returns",
    section=SECTION,
    title=_("退汇"),
    rows=lambda request: bank.returns_visible_to(request.actor),
    columns=(
        Column(_("付款编号"), "payment.number", "code", key="payment", sort="payment__number"),
        Column(_("医疗机构"), "payment.buyer.name", key="buyer", sort="buyer__name", only=_is_no_hospital),
        Column(
            _("收款单位"),
            "payment.payee.name",
            key="payee",
            sort="payment__payee__name",
            below="account_shown",
        ),
        Column(_("退回金额（元）"), "amount_fen", "yuan", sort="amount_fen"),
        Column(_("退回原因"), "reason", "sentence", below="code"),
        Column(_("提出"), "proposed_at", "moment", sort="proposed_at"),
        Column(_("确认"), "decided_at", "moment", sort="decided_at"),
        Column(_("状态"), "state", "state"),
    ),
    filters=ReturnFilters,
    tabs="state",
    empty=Empty(_("没有退汇"), _("银行退回的付款会列在这里；应付款重新待付，可付到更正后的账户。")),
)

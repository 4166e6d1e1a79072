"""Messages about money to the parties: what is due, late, paid, or does not match."""

from datetime import datetime

from settlement import events
from settlement.models.payment import Invoice
from settlement.rules.degrees import LEVELS
from settlement.workflows.states import InvoiceState, VerificationState
from sunlight.journal.subscriptions import subscribe
from sunlight.kernel.money import fen_text
from sunlight.messages.kinds import Kind, message_kind
from sunlight.messages.services.messages import message_send
from sunlight.scope import Actor, Role

PAYING, PAID = Role.HOSPITAL_FINANCE, Role.SUPPLIER_FINANCE
AUDITOR = Role.HOSPITAL_AUDITOR

PAYMENT_DUE = message_kind("payment_due", "货款即将到期", PAYING, url_name="settlement:payables", takes_id=False)
PAYMENT_LATE = message_kind(
    "payment_late", "货款逾期", PAYING, AUDITOR, url_name="settlement:payables", takes_id=False, must_acknowledge=True
)
PAYMENT_GRAVE = message_kind(
    "payment_in_grave_arrears",
    "拖欠货款已达严重或恶意",
    PAYING,
    AUDITOR,
    PAID,
    url_name="settlement:payable",
    must_acknowledge=True,
)
RECEIVABLE_LATE = message_kind("receivable_late", "应收货款逾期", PAID, url_name="settlement:payables", takes_id=False)
PAYMENT_MADE = message_kind("payment_made", "收到货款", PAID, url_name="settlement:payments", takes_id=False)
INVOICE_WRONG = message_kind("invoice_mismatched", "发票与订单、验收不一致", PAID, url_name="settlement:invoice")
INVOICE_FAILED = message_kind(
    "invoice_failed", "发票税务查验未通过", PAID, PAYING, url_name="settlement:invoice", must_acknowledge=True
)
PAYABLE_HELD = message_kind("payable_held", "医院暂缓付款", PAID, url_name="settlement:payable", must_acknowledge=True)
PAYABLE_LET_GO = message_kind("payable_let_go", "医院解除暂缓付款", PAID, url_name="settlement:payable")
RED_INVOICE = message_kind("red_invoice", "收到红字发票", PAYING, AUDITOR, url_name="settlement:invoice")
PAYABLE_NETTED = message_kind("payable_netted", "红冲应退款已抵扣", PAID, url_name="settlement:payable")
OVERPAYMENT_REFUNDED = message_kind(
    "overpayment_refunded", "供应商退回红冲应退款", PAYING, AUDITOR, url_name="settlement:payables", takes_id=False
)
RETURNED_TO_HOSPITAL = message_kind(
    "payment_returned_hospital", "付款被银行退回", PAYING, AUDITOR, url_name="settlement:payables", takes_id=False
)
RETURNED_TO_PAYEE = message_kind(
    "payment_returned_payee", "货款被银行退回，请核对收款账户", PAID, url_name="settlement:payments", takes_id=False
)
RETURNED_TO_SETTLER = message_kind(
    "payment_returned_settler", "付款退汇", Role.OPERATOR_SETTLER, url_name="settlement:payment_returns", takes_id=False
)
RUN_REJECTED = message_kind("run_rejected", "付款批次被驳回", PAYING, url_name="settlement:run")

# Whoever did not ask for it must be able to stop it in time.
ACCOUNT_CHANGE_ASKED = message_kind(
    "account_change_asked",
    "收款账户正在变更",
    Role.SUPPLIER_FINANCE,
    Role.SUPPLIER_ADMIN,
    url_name="settlement:account_change",
    must_acknowledge=True,
)
ACCOUNT_CHANGE_ENDED = message_kind(
    "account_change_ended",
    "收款账户变更的结果",
    Role.SUPPLIER_FINANCE,
    Role.SUPPLIER_ADMIN,
    url_name="settlement:account_change",
)
PAYEE_ACCOUNT_CHANGES = message_kind(
    "payee_account_changes",
    "收款单位变更账户",
    PAYING,
    AUDITOR,
    url_name="settlement:payables",
    takes_id=False,
    must_acknowledge=True,
)


def _sum(facts: dict) -> str:
    return f"{facts['count']} 笔，共 {fen_text(facts['amount_fen'], grouped=True)} 元，最早应付日 {facts['earliest']}"


def _send_to_subject(event, kind: Kind, actor: Actor, at: datetime, title: str, body: str) -> None:
    message_send(actor=actor, at=at, kind=kind, to=[event.subject_id], title=title, body=body, event=event)


def _send_to_payee(event, kind: Kind, actor: Actor, at: datetime, title: str, body: str) -> None:
    """To the payee that the event names; leads to what it is about."""
    subject = (event.subject_type, event.subject_id)
    message_send(
        actor=actor, at=at, kind=kind, to=[event.payload["payee"]], event=event, title=title, body=body, subject=subject
    )


@subscribe(events.PAYMENTS_DUE_SOON, name="settlement.payments_due")
def payments_due(*, event, actor: Actor, at: datetime) -> None:
    """Finance learns what is due within five working days."""
    summary = _sum(event.payload)
    _send_to_subject(
        event, PAYMENT_DUE, actor, at, f"{event.payload['count']} 笔货款即将到期", f"{summary}。请编制付款批次。"
    )


@subscribe(events.PAYMENTS_OVERDUE, name="settlement.payments_late")
def payments_late(*, event, actor: Actor, at: datetime) -> None:
    """Finance and the hospital's auditor take note of what was not paid by its day (SZ20-6.2b)."""
    basis = f"回款期限依据 {'、'.join(event.payload['clauses'])}；" if event.payload.get("clauses") else ""
    body = f"{_sum(event.payload)}。{basis}逾期已记录，监管部门可见。请立即付款。"
    _send_to_subject(event, PAYMENT_LATE, actor, at, f"{event.payload['count']} 笔货款已经逾期", body)


@subscribe(events.PAYMENT_IN_GRAVE_ARREARS, name="settlement.payment_in_grave_arrears")
def payment_in_grave_arrears(*, event, actor: Actor, at: datetime) -> None:
    """Hospital and payee learn that arrears are serious or malicious by now, and what the authority may do (GD25-4.8b)."""
    facts = event.payload
    word = LEVELS[facts["arrears"]]
    message_send(
        actor=actor,
        at=at,
        kind=PAYMENT_GRAVE,
        to=[facts["buyer"], facts["payee"]],
        event=event,
        subject=(event.subject_type, event.subject_id),
        title=f"发票 {facts['invoice_number']} 的货款已属{word}",
        body=f"最迟付款日 {facts['due_on']}，已逾期 {facts['days_late']} 日，未付 {fen_text(facts['unpaid_fen'], grouped=True)} 元。"
        "主管部门可以将拖欠移送其主管部门和纪检监察机关。请医院立即付款。",
    )


@subscribe(events.RECEIVABLES_OVERDUE, name="settlement.receivables_late")
def receivables_late(*, event, actor: Actor, at: datetime) -> None:
    """The payee learns what has not come by its day."""
    body = f"{_sum(event.payload)}。医院已收到催办，监管部门可见。"
    _send_to_subject(event, RECEIVABLE_LATE, actor, at, f"{event.payload['count']} 笔应收货款逾期未付", body)


@subscribe(events.PAYMENT_MADE, name="settlement.payment_made")
def payment_made(*, event, actor: Actor, at: datetime) -> None:
    """The payee learns what was paid."""
    facts = event.payload
    title = f"收到货款 {fen_text(facts['amount_fen'], grouped=True)} 元"
    body = f"付款单号 {facts['payment']}，付入账户尾号 {facts['account'][-4:]}。"
    _send_to_payee(event, PAYMENT_MADE, actor, at, title, body)


@subscribe(events.INVOICE_VERIFIED, name="settlement.invoice_failed")
def invoice_failed(*, event, actor: Actor, at: datetime) -> None:
    """Issuer and hospital take note of an invoice that the tax office does not confirm: it is not paid."""
    facts = event.payload
    if facts["verification"] != VerificationState.FAILED:
        return
    invoice = Invoice.objects.get(pk=event.subject_id)
    message_send(
        actor=actor,
        at=at,
        kind=INVOICE_FAILED,
        to=[invoice.issuer_id, invoice.buyer_id],
        event=event,
        title=f"发票 {facts['number']} 税务查验未通过",
        body=f"{facts['note']}。查验通过前不付款；确有错误的，请开票方作废后重新开票。".lstrip("。"),
        subject=(event.subject_type, event.subject_id),
    )


@subscribe(events.INVOICE_SUBMITTED, name="settlement.invoice_mismatched")
def invoice_mismatched(*, event, actor: Actor, at: datetime) -> None:
    """The issuer learns that an invoice agrees not with order and acceptance, and in what."""
    facts = event.payload
    if facts["state"] != InvoiceState.MISMATCHED:
        return
    issuer = Invoice.objects.values_list("issuer_id", flat=True).get(id=event.subject_id)
    message_send(
        actor=actor,
        at=at,
        kind=INVOICE_WRONG,
        to=[issuer],
        title=f"发票 {facts['number']} 不一致，请作废重开",
        body="；".join(each["message"] for each in facts["differences"]),
        event=event,
        subject=(event.subject_type, event.subject_id),
    )


@subscribe(events.RUN_REJECTED, name="settlement.run_rejected")
def run_rejected(*, event, actor: Actor, at: datetime) -> None:
    """The person who prepared a run learns why it was sent back."""
    message_send(
        actor=actor,
        at=at,
        kind=RUN_REJECTED,
        to=[event.actor_organisation_id],
        event=event,
        title=f"付款批次 {event.payload['number']} 被驳回",
        body=event.payload["reason"],
        subject=(event.subject_type, event.subject_id),
    )


@subscribe(events.PAYMENT_RETURNED, name="settlement.payment_returned")
def payment_returned(*, event, actor: Actor, at: datetime) -> None:
    """Hospital, payee and settlers learn that the bank sent a payment back: owed again, to a corrected account."""
    facts = event.payload
    fen = fen_text(facts["amount_fen"], grouped=True)
    why = f"退回原因：{facts['return_reason']}" if facts["return_reason"] else "银行没有说明原因"
    said = f"付款单号 {facts['payment']}，收款账户尾号 {facts['account'][-4:]}，{why}。"
    told = (
        (
            RETURNED_TO_HOSPITAL,
            facts["hospital"],
            f"{said}款项已回到预存款，应付款重新待付；请与收款单位核对账户后再付。",
        ),
        (RETURNED_TO_PAYEE, facts["payee"], f"{said}请核对并更正在平台登记的收款账户，医院将重新付款。"),
        (RETURNED_TO_SETTLER, event.actor_organisation_id, f"{said}应付款已重新待付。"),
    )
    for kind, whom, body in told:
        message_send(
            actor=actor,
            at=at,
            kind=kind,
            to=[whom],
            event=event,
            title=f"付款 {fen} 元被银行退回",
            body=body,
            subject=(event.subject_type, event.subject_id),
        )


@subscribe(events.PAYABLE_HELD, name="settlement.payable_held")
def payable_held(*, event, actor: Actor, at: datetime) -> None:
    """The payee learns that a hospital holds what it owes, why, and until when."""
    facts = event.payload
    until = f"暂缓至 {facts['hold_until']}。" if facts["hold_until"] else "未定期限。"
    _send_to_payee(
        event,
        PAYABLE_HELD,
        actor,
        at,
        f"发票 {facts['invoice_number']} 的货款 {fen_text(facts['open_fen'], grouped=True)} 元被暂缓付款",
        f"原因：{facts['reason']}。{until}请与医院联系解决；最迟付款日 {facts['due_on'] or '未规定'} 不变，逾期照常计算，监管部门可见。",
    )


@subscribe(events.PAYABLE_LET_GO, name="settlement.payable_let_go")
def payable_let_go(*, event, actor: Actor, at: datetime) -> None:
    """The payee learns that it may be paid again."""
    facts = event.payload
    title = f"发票 {facts['invoice_number']} 的货款已解除暂缓"
    body = f"{facts['note']}。医院可以编制付款批次。".lstrip("。")
    _send_to_payee(event, PAYABLE_LET_GO, actor, at, title, body)


@subscribe(events.PAYABLE_NETTED, name="settlement.payable_netted")
def payable_netted(*, event, actor: Actor, at: datetime) -> None:
    """The payee learns what of its money a hospital has kept for a red invoice."""
    facts = event.payload
    title = f"红冲应退款 {fen_text(facts['amount_fen'], grouped=True)} 元已抵扣货款"
    body = f"红字发票 {facts['red_number']} 的应退款，已在付款批次 {facts['number']} 中抵扣。"
    _send_to_payee(event, PAYABLE_NETTED, actor, at, title, body)


@subscribe(events.RED_INVOICE_SUBMITTED, name="settlement.red_invoice")
def red_invoice(*, event, actor: Actor, at: datetime) -> None:
    """The hospital learns of a red invoice, what it owes less, and what the issuer owes back."""
    facts = event.payload
    said = f"冲减未付货款 {fen_text(facts['reddened_fen'], grouped=True)} 元"
    if facts["overpaid_fen"]:
        said += f"，已付部分形成应退款 {fen_text(facts['overpaid_fen'], grouped=True)} 元，可在编制付款批次时选择抵扣"
    message_send(
        actor=actor,
        at=at,
        kind=RED_INVOICE,
        to=[facts["hospital"]],
        event=event,
        title=f"红字发票 {facts['number']} 冲回发票 {facts['blue_number']} {fen_text(facts['amount_fen'], grouped=True)} 元",
        body=f"{said}。",
        subject=(event.subject_type, event.subject_id),
    )


@subscribe(events.OVERPAYMENT_REFUNDED, name="settlement.overpayment_refunded")
def overpayment_refunded(*, event, actor: Actor, at: datetime) -> None:
    """The hospital learns that an issuer has paid back into its deposit."""
    facts = event.payload
    message_send(
        actor=actor,
        at=at,
        kind=OVERPAYMENT_REFUNDED,
        to=[facts["hospital"]],
        event=event,
        title=f"供应商退回红冲应退款 {fen_text(facts['amount_fen'], grouped=True)} 元",
        body=f"红字发票 {facts['red_number']}，款项已入预存款；尚欠 {fen_text(facts['open_fen'], grouped=True)} 元。",
    )


@subscribe(events.ACCOUNT_CHANGE_ASKED, name="settlement.account_change_asked")
def account_change_asked(*, event, actor: Actor, at: datetime) -> None:
    """Everybody of the firm who could stop it learns that its account is to change."""
    facts = event.payload
    title = f"本单位申请将收款账户变更为尾号 {facts['account_number'][-4:]}"
    body = f"申请人 {event.actor_name}，原因：{facts['reason']}。须由第二人复核、平台核实。如非本单位所为，请立即撤回。"
    _send_to_payee(event, ACCOUNT_CHANGE_ASKED, actor, at, title, body)


@subscribe(events.ACCOUNT_CHANGE_APPROVED, name="settlement.account_change_approved")
def account_change_approved(*, event, actor: Actor, at: datetime) -> None:
    """The firm, and every hospital that owes it, learn from which day it is paid elsewhere."""
    facts = event.payload
    tail, starts_on = facts["account_number"][-4:], facts["starts_on"]
    title = f"平台已核实，尾号 {tail} 的账户自 {starts_on} 起启用"
    body = "启用前可以撤回；启用后编制的付款批次付入新账户。"
    _send_to_payee(event, ACCOUNT_CHANGE_ENDED, actor, at, title, body)
    if facts["debtors"]:
        message_send(
            actor=actor,
            at=at,
            kind=PAYEE_ACCOUNT_CHANGES,
            to=facts["debtors"],
            event=event,
            title=f"{facts['account_name']} 自 {starts_on} 起变更收款账户",
            body=f"新账户：{facts['bank_name']}，尾号 {tail}。贵院尚有应付该单位的货款；如有疑问，请用您已知的电话向对方核实。",
        )


@subscribe(events.ACCOUNT_CHANGE_REFUSED, name="settlement.account_change_refused")
def account_change_refused(*, event, actor: Actor, at: datetime) -> None:
    """The firm learns why its account stays."""
    facts = event.payload
    title = f"尾号 {facts['account_number'][-4:]} 的收款账户未获核实"
    body = f"原因：{facts['end_reason']}。收款账户不变；请补正后重新申请。"
    _send_to_payee(event, ACCOUNT_CHANGE_ENDED, actor, at, title, body)

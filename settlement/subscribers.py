"""Messages about money to the parties: what is due, late, paid, or does not match."""

from datetime import datetime

from settlement import events
from settlement.models.payment import Invoice
from settlement.workflows import InvoiceState
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
RECEIVABLE_LATE = message_kind("receivable_late", "应收货款逾期", PAID, url_name="settlement:payables", takes_id=False)
PAYMENT_MADE = message_kind("payment_made", "收到货款", PAID, url_name="settlement:payments", takes_id=False)
INVOICE_WRONG = message_kind("invoice_mismatched", "发票与订单、验收不一致", PAID, url_name="settlement:invoice")
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


def _sum(facts: dict) -> str:
    return f"{facts['count']} 笔，共 {fen_text(facts['amount_fen'], grouped=True)} 元，最早应付日 {facts['earliest']}"


def _send_to_subject(event, kind: Kind, actor: Actor, at: datetime, title: str, body: str) -> None:
    message_send(actor=actor, at=at, kind=kind, to=[event.subject_id], title=title, body=body, event=event)


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
    body = f"{_sum(event.payload)}。回款期限见 SZ20-6.2b；逾期已记录，监管部门可见。请立即付款。"
    _send_to_subject(event, PAYMENT_LATE, actor, at, f"{event.payload['count']} 笔货款已经逾期", body)


@subscribe(events.RECEIVABLES_OVERDUE, name="settlement.receivables_late")
def receivables_late(*, event, actor: Actor, at: datetime) -> None:
    """The payee learns what has not come by its day."""
    body = f"{_sum(event.payload)}。医院已收到催办，监管部门可见。"
    _send_to_subject(event, RECEIVABLE_LATE, actor, at, f"{event.payload['count']} 笔应收货款逾期未付", body)


@subscribe(events.PAYMENT_MADE, name="settlement.payment_made")
def payment_made(*, event, actor: Actor, at: datetime) -> None:
    """The payee learns what was paid."""
    facts = event.payload
    message_send(
        actor=actor,
        at=at,
        kind=PAYMENT_MADE,
        to=[facts["payee"]],
        event=event,
        title=f"收到货款 {fen_text(facts['amount_fen'], grouped=True)} 元",
        body=f"付款单号 {facts['payment']}，付入账户尾号 {facts['account'][-4:]}。",
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
        (RETURNED_TO_HOSPITAL, facts["hospital"], f"{said}款项已回到预存款，应付款重新待付；请与收款单位核对账户后再付。"),
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

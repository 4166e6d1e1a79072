"""News of the trade: whatever happened, the figures it touches are summed again from the rows; what went wrong is reported
to the operator and to the authorities whose part it is."""

from datetime import datetime

from procurement.bargaining.events import OFFER_ACCEPTED, OFFER_DECLINED, OFFER_LAPSED, OFFER_MADE
from procurement.contracts.steps import CONTRACT_SIGN
from procurement.ordering.events import (
    ORDER_ACCEPTED,
    ORDER_CANCELLED,
    ORDER_CLOSED,
    ORDER_DECLINED,
    ORDER_PLACED,
    ORDER_SERIOUSLY_OVERDUE,
    ORDERS_FOUND_OVERDUE,
)
from procurement.ordering.steps import ORDER_ANSWER
from procurement.receiving.events import (
    ACCEPTANCE_CONFIRMED,
    ACCEPTANCE_REVERSED,
    ACCEPTANCES_FOUND_OVERDUE,
    DELIVERY_CANCELLED,
    DELIVERY_DISPATCHED,
)
from procurement.receiving.models import Delivery
from procurement.receiving.steps import INVOICE
from settlement.events import (
    INVOICE_SUBMITTED,
    INVOICE_VOIDED,
    PAYABLE_NETTED,
    PAYMENT_IN_GRAVE_ARREARS,
    PAYMENT_MADE,
    PAYMENT_RETURNED,
    PAYMENTS_FOUND_OVERDUE,
    RED_INVOICE_SUBMITTED,
)
from settlement.models.payment import Payment
from settlement.rules.degrees import LEVELS
from sunlight.deadlines.events import DEADLINE_PASSED
from sunlight.journal.declared import EVENTS
from sunlight.journal.events import ALARMS, JOURNAL_ALARM
from sunlight.journal.subscriptions import subscribe
from sunlight.kernel.money import fen_text
from sunlight.messages.kinds import message_kind
from sunlight.messages.services.messages import message_send
from sunlight.scope import Actor, Role
from sunlight.scope.clock import business_date
from sunlight.tenancy.queries.authorities import authorities_of
from supervision.queries.parts import watchers_of
from supervision.services.figures import figures_recompute

ANOMALY = message_kind(
    "anomaly_reported",
    "交易异常报告",
    Role.OPERATOR_SUPPORT,
    Role.REGULATOR_OFFICER,
    Role.REGULATOR_CHIEF,
    url_name="supervision:overview",
    takes_id=False,
    must_acknowledge=True,
)

JOURNAL_RANG = message_kind(
    "journal_alarm",
    "日志告警",
    Role.PLATFORM_AUDIT_ADMIN,
    Role.REGULATOR_AUDITOR,
    Role.REGULATOR_CHIEF,
    url_name="supervision:journal_checks",
    takes_id=False,
    must_acknowledge=True,
)

# The figures an event can change; a withdrawn offer changes none (one that waits from before this was said, neither).
OFFERS = {
    OFFER_MADE: ("offers_made",),
    OFFER_ACCEPTED: ("offers_agreed", "late_answers"),
    OFFER_DECLINED: ("offers_declined",),
    OFFER_LAPSED: ("late_answers",),
}

# By kind of time limit.
STEPS = {
    ORDER_ANSWER.key: ("late_order_answers",),
    CONTRACT_SIGN.key: ("late_firm_signatures", "late_hospital_signatures"),
    INVOICE.key: ("late_invoices",),
}


@subscribe(*OFFERS, name="supervision.offer_moved")
def offer_moved(*, event, actor: Actor, at: datetime) -> None:
    figures_recompute(actor=actor, at=at, figures=OFFERS.get(EVENTS.get(event.name), ()), id=event.subject_id)


@subscribe(ORDER_PLACED, ORDER_DECLINED, ORDER_CANCELLED, name="supervision.order_moved")
def order_moved(*, event, actor: Actor, at: datetime) -> None:
    figures_recompute(actor=actor, at=at, figures=("ordered", "late_deliveries"), id=event.subject_id)
    figures_recompute(actor=actor, at=at, figures=("saved",), order_id=event.subject_id)


@subscribe(ORDER_ACCEPTED, ORDER_CLOSED, name="supervision.order_awaited")
def order_awaited(*, event, actor: Actor, at: datetime) -> None:
    """Accepted, an order has a day to be there by; closed, none is waited for: what was ordered and saved stays."""
    figures_recompute(actor=actor, at=at, figures=("late_deliveries",), id=event.subject_id)


@subscribe(DELIVERY_DISPATCHED, DELIVERY_CANCELLED, name="supervision.delivery_moved")
def delivery_moved(*, event, actor: Actor, at: datetime) -> None:
    order = Delivery.objects.values_list("order_id", flat=True).get(id=event.subject_id)
    figures_recompute(actor=actor, at=at, figures=("late_deliveries",), id=order)
    figures_recompute(actor=actor, at=at, figures=("late_acceptances",), id=event.subject_id)


@subscribe(ACCEPTANCE_CONFIRMED, ACCEPTANCE_REVERSED, name="supervision.acceptance_moved")
def acceptance_moved(*, event, actor: Actor, at: datetime) -> None:
    delivery, order = event.payload["delivery"], event.payload["order"]
    figures_recompute(actor=actor, at=at, figures=("accepted",), id=event.subject_id)
    figures_recompute(actor=actor, at=at, figures=("late_acceptances",), id=delivery)
    figures_recompute(actor=actor, at=at, figures=("late_deliveries",), id=order)


@subscribe(INVOICE_SUBMITTED, INVOICE_VOIDED, name="supervision.invoice_moved")
def invoice_moved(*, event, actor: Actor, at: datetime) -> None:
    figures_recompute(actor=actor, at=at, figures=("late_payments",), invoice_id=event.subject_id)


@subscribe(RED_INVOICE_SUBMITTED, name="supervision.invoice_reddened")
def invoice_reddened(*, event, actor: Actor, at: datetime) -> None:
    figures_recompute(actor=actor, at=at, figures=("late_payments",), id=event.payload["payable"])


@subscribe(PAYMENT_RETURNED, name="supervision.payment_returned")
def payment_returned(*, event, actor: Actor, at: datetime) -> None:
    figures_recompute(actor=actor, at=at, figures=("late_payments",), id=event.payload["payable"])


@subscribe(PAYABLE_NETTED, name="supervision.payable_netted")
def payable_netted(*, event, actor: Actor, at: datetime) -> None:
    figures_recompute(actor=actor, at=at, figures=("late_payments",), id=event.subject_id)


@subscribe(PAYMENT_MADE, name="supervision.payment_moved")
def payment_moved(*, event, actor: Actor, at: datetime) -> None:
    payable = Payment.objects.values_list("payable_id", flat=True).get(id=event.subject_id)
    figures_recompute(actor=actor, at=at, figures=("paid",), id=event.subject_id)
    figures_recompute(actor=actor, at=at, figures=("late_payments",), id=payable)


@subscribe(DEADLINE_PASSED, name="supervision.step_passed")
def step_passed(*, event, actor: Actor, at: datetime) -> None:
    figures_recompute(actor=actor, at=at, figures=STEPS.get(event.payload["kind"], ()), id=event.subject_id)


def _report(event, actor: Actor, at: datetime, *, watching: str, title: str, body: str) -> None:
    """Tell the authorities whose part a figure is of what went wrong (SZ20-6.1b, SZ20-4.1)."""
    message_send(
        actor=actor,
        at=at,
        kind=ANOMALY,
        to=watchers_of(watching, actor, business_date(at)),
        event=event,
        title=title,
        body=body,
    )


@subscribe(ORDERS_FOUND_OVERDUE, name="supervision.late_deliveries_reported")
def late_deliveries_reported(*, event, actor: Actor, at: datetime) -> None:
    """The operator reports late deliveries to the authorities that watch them (SZ20-6.1b, SZ20-4.1, GD25-5.10b)."""
    _report(
        event,
        actor,
        at,
        watching="late_deliveries",
        title=f"新增 {event.payload['count']} 笔订单逾期未送达",
        body="已向企业催办并要求确认。明细见监管总览的逾期配送。",
    )


@subscribe(ORDER_SERIOUSLY_OVERDUE, name="supervision.serious_deliveries_reported")
def serious_deliveries_reported(*, event, actor: Actor, at: datetime) -> None:
    """Likewise an order that is seriously late by now (GD25-5.10b)."""
    facts = event.payload
    _report(
        event,
        actor,
        at,
        watching="late_deliveries",
        title=f"订单 {facts['number']} 严重逾期，已逾期 {facts['days_late']} 日",
        body=f"应于 {facts['delivery_due_on']} 前送达。已向双方催办并要求确认。",
    )


@subscribe(ACCEPTANCES_FOUND_OVERDUE, name="supervision.late_acceptances_reported")
def late_acceptances_reported(*, event, actor: Actor, at: datetime) -> None:
    """Likewise goods that arrived and nobody accepted (A25)."""
    _report(
        event,
        actor,
        at,
        watching="late_acceptances",
        title=f"新增 {event.payload['count']} 笔到货逾期未验收",
        body="已向医院催办并要求确认。明细见待核查事项的逾期未验收。",
    )


@subscribe(PAYMENT_IN_GRAVE_ARREARS, name="supervision.grave_arrears_reported")
def grave_arrears_reported(*, event, actor: Actor, at: datetime) -> None:
    """Serious or malicious arrears, which the authority may hand over (GD25-4.8b); nothing is handed over by itself."""
    facts = event.payload
    _report(
        event,
        actor,
        at,
        watching="late_payments",
        title=f"发票 {facts['invoice_number']} 的货款已属{LEVELS[facts['arrears']]}",
        body=f"未付 {fen_text(facts['unpaid_fen'], grouped=True)} 元，最迟付款日 {facts['due_on']}，已逾期 {facts['days_late']} 日。"
        "可以移送主管部门和纪检监察机关，由贵部门决定。",
    )


@subscribe(PAYMENTS_FOUND_OVERDUE, name="supervision.late_payments_reported")
def late_payments_reported(*, event, actor: Actor, at: datetime) -> None:
    """Likewise payments past their day (SZ20-6.1b, SZ20-6.2b)."""
    facts = event.payload
    _report(
        event,
        actor,
        at,
        watching="late_payments",
        title=f"新增 {facts['count']} 笔货款逾期未付",
        body=f"共 {fen_text(facts['amount_fen'], grouped=True)} 元，最早应付日 {facts['earliest']}。已向医院催办并要求确认。",
    )


@subscribe(JOURNAL_ALARM, name="supervision.journal_alarm")
def journal_rang(*, event, actor: Actor, at: datetime) -> None:
    """Somebody may have rewritten history, or a clock jumped: the auditors of the platform and of every authority hear it."""
    message_send(
        actor=actor,
        at=at,
        kind=JOURNAL_RANG,
        to=authorities_of(actor),
        event=event,
        title=f"日志告警：{ALARMS.get(event.payload['code'], event.payload['code'])}",
        body=f"{event.payload['detail']}\n\n请保全数据库与检查点文件，不作改动，并用独立核验程序核对手中的检查点。",
    )

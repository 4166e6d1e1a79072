"""News of the trade: whatever happened, the figures it touches are summed again from the rows; what went wrong is reported
to the operator and to the authorities whose part it is."""

from datetime import datetime

from procurement.receiving.models import Delivery
from settlement.models import Payment
from sunlight.journal.subscriptions import subscribe
from sunlight.kernel.money import fen_text
from sunlight.messages.kinds import message_kind
from sunlight.messages.services.messages import message_send
from sunlight.scope import Actor, Role
from supervision.queries.parts import watchers_of
from supervision.services import figures_recompute

ANOMALY = message_kind(
    "anomaly_reported", "交易异常报告", Role.OPERATOR_SUPPORT, Role.REGULATOR_OFFICER, Role.REGULATOR_CHIEF,
    url_name="supervision:overview", takes_id=False, must_acknowledge=True,
)  # fmt: skip

# The figures an event can change; a withdrawn offer changes none (one that waits from before this was said, neither).
OFFERS = {
    "offer_made": ("offers_made",),
    "offer_accepted": ("offers_agreed", "late_answers"),
    "offer_declined": ("offers_declined",),
    "offer_lapsed": ("late_answers",),
}


@subscribe(*OFFERS)
def offer_moved(*, event, actor: Actor, at: datetime) -> None:
    figures_recompute(actor=actor, at=at, figures=OFFERS.get(event.name, ()), id=event.subject_id)


@subscribe("order_placed", "order_declined", "order_cancelled")
def order_moved(*, event, actor: Actor, at: datetime) -> None:
    figures_recompute(actor=actor, at=at, figures=("ordered", "late_deliveries"), id=event.subject_id)
    figures_recompute(actor=actor, at=at, figures=("saved",), order_id=event.subject_id)


@subscribe("order_accepted", "order_closed")
def order_awaited(*, event, actor: Actor, at: datetime) -> None:
    """Accepted, an order has a day to be there by; closed, none is waited for: what was ordered and saved stays."""
    figures_recompute(actor=actor, at=at, figures=("late_deliveries",), id=event.subject_id)


@subscribe("delivery_dispatched", "delivery_cancelled")
def delivery_moved(*, event, actor: Actor, at: datetime) -> None:
    order = Delivery.objects.values_list("order_id", flat=True).get(id=event.subject_id)
    figures_recompute(actor=actor, at=at, figures=("late_deliveries",), id=order)


@subscribe("acceptance_confirmed", "acceptance_reversed")
def acceptance_moved(*, event, actor: Actor, at: datetime) -> None:
    figures_recompute(actor=actor, at=at, figures=("accepted", "late_acceptances"), id=event.subject_id)


@subscribe("invoice_submitted", "invoice_voided")
def invoice_moved(*, event, actor: Actor, at: datetime) -> None:
    figures_recompute(actor=actor, at=at, figures=("late_payments",), invoice_id=event.subject_id)


@subscribe("payment_made")
def payment_moved(*, event, actor: Actor, at: datetime) -> None:
    payable = Payment.objects.values_list("payable_id", flat=True).get(id=event.subject_id)
    figures_recompute(actor=actor, at=at, figures=("paid",), id=event.subject_id)
    figures_recompute(actor=actor, at=at, figures=("late_payments",), id=payable)


@subscribe("orders_found_overdue")
def late_deliveries_reported(*, event, actor: Actor, at: datetime) -> None:
    """The operator reports late deliveries to the authorities that watch them (SZ20-6.1b, SZ20-4.1, GD25-5.10b)."""
    message_send(
        actor=actor, at=at, kind=ANOMALY, to=watchers_of("late_deliveries", actor.platform_id), event=event,
        title=f"新增 {event.payload['count']} 笔订单逾期未送达", body="已向企业催办并要求确认。明细见监管总览的逾期配送。",
    )  # fmt: skip


@subscribe("payments_found_overdue")
def late_payments_reported(*, event, actor: Actor, at: datetime) -> None:
    """Likewise payments past their day (SZ20-6.1b, SZ20-6.2b)."""
    facts = event.payload
    message_send(
        actor=actor, at=at, kind=ANOMALY, to=watchers_of("late_payments", actor.platform_id), event=event,
        title=f"新增 {facts['count']} 笔货款逾期未付",
        body=f"共 {fen_text(facts['amount_fen'], grouped=True)} 元，最早应付日 {facts['earliest']}。已向医院催办并要求确认。",
    )  # fmt: skip

"""News of the trade: whatever happened, the figures it touches are summed again from the rows."""

from datetime import datetime

from procurement.models import Delivery
from settlement.models import Payment
from sunlight.journal.subscriptions import subscribe
from sunlight.scope import Actor
from supervision.services import figures_recompute

OFFERS = ("offers_made", "offers_agreed", "offers_declined", "late_answers")


@subscribe("offer_made", "offer_accepted", "offer_declined", "offer_withdrawn", "offer_lapsed")
def offer_moved(*, event, actor: Actor, at: datetime) -> None:
    figures_recompute(actor=actor, at=at, figures=OFFERS, id=event.subject_id)


@subscribe("order_placed", "order_accepted", "order_declined", "order_cancelled", "order_closed")
def order_moved(*, event, actor: Actor, at: datetime) -> None:
    figures_recompute(actor=actor, at=at, figures=("ordered", "late_deliveries"), id=event.subject_id)
    figures_recompute(actor=actor, at=at, figures=("saved",), order_id=event.subject_id)


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

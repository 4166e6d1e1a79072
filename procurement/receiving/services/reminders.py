"""Records once, as events with the rule's answer, what nobody did by its day: accepted orders whose goods are not there
(GD25-5.10b), and goods that arrived and nobody accepted (A25)."""

from collections.abc import Sequence
from datetime import date, datetime

from django.db.models import Q, QuerySet

from procurement.ordering.events import ORDER_OVERDUE, ORDER_SERIOUSLY_OVERDUE, ORDERS_FOUND_OVERDUE
from procurement.ordering.models import Order
from procurement.ordering.queries.terms import delivery_facts
from procurement.ordering.rules.delivering import delivery_overdue
from procurement.receiving.events import ACCEPTANCE_OVERDUE, ACCEPTANCES_FOUND_OVERDUE
from procurement.receiving.models import Delivery
from procurement.receiving.queries import lateness
from procurement.receiving.rules.accepting import acceptance_overdue
from sunlight import scope
from sunlight.journal.declared import EventType
from sunlight.journal.queries import was_recorded
from sunlight.journal.services import decide_all, record, record_all, service
from sunlight.kernel.rule import Decision
from sunlight.scope import Actor
from sunlight.scope.clock import business_date


@service
def orders_overdue_record(*, actor: Actor, at: datetime, limit: int = 100) -> int:
    """Record `order_overdue` for accepted orders past their delivery day and not all there, once each, and one
    `orders_found_overdue` for those who watch; `order_seriously_overdue` once more where the rule calls it serious (A43). By
    the system, for its platform. Returns the number recorded."""
    # Two that run at once would both find nothing recorded: the second waits and sees.
    scope.alone("procurement.orders_remind", actor.platform_id)
    today = business_date(at)
    mine = Order.objects.filter(platform_id=actor.platform_id).select_related("region")
    late = _longest(lateness.deliveries_late(mine.filter(~was_recorded(ORDER_OVERDUE)), today), limit)
    _record_orders(actor, at, ORDER_OVERDUE, late, [_of_order(actor, each, today) for each in late])
    _sum_up(actor, at, ORDERS_FOUND_OVERDUE, "orders", late)
    graver = lateness.deliveries_late(mine, today).filter(_may_be_serious(actor, today))
    waiting = _longest(graver.filter(was_recorded(ORDER_OVERDUE), ~was_recorded(ORDER_SERIOUSLY_OVERDUE)), limit)
    judged = [(each, _of_order(actor, each, today)) for each in waiting]
    serious = [pair for pair in judged if pair[1].regulated and pair[1].outcome["level"] == "serious"]
    _record_orders(actor, at, ORDER_SERIOUSLY_OVERDUE, *(zip(*serious, strict=True) if serious else ((), ())))
    return len(late) + len(serious)


def _may_be_serious(actor: Actor, today: date) -> Q:
    """Urgent orders, and those late by more days than the platform's law allows; none where it raises no alert."""
    law = scope.law(actor, today)
    if not law.every("delivery.alert_when_late"):
        return Q(pk__in=[])
    return Q(is_urgent=True) | Q(days_late__gt=law.at("delivery.serious_days").value)


def _of_order(actor: Actor, order: Order, today: date) -> Decision:
    law = scope.law(actor, today, region=order.region.code)
    return delivery_overdue(law, **delivery_facts(order), delivered_on=order.done_on)


def _longest(rows: QuerySet, limit: int) -> list:
    """The first missed first."""
    return list(rows.order_by("day", "id")[:limit])


def _record_orders(
    actor: Actor, at: datetime, event: EventType, late: Sequence[Order], decisions: Sequence[Decision]
) -> None:
    parties = [[order.buyer_id, order.seller_id, order.distributor_id] for order in late]
    _decide(actor, at, "order", late, decisions, parties)
    happened = [
        {
            "subject": order.id,
            "parties": told,
            "version": order.version,
            "payload": {
                "number": order.number,
                "buyer": order.buyer_id,
                "seller": order.seller_id,
                "distributor": order.distributor_id,
                "delivery_due_on": order.day,
                "days_late": order.days_late,
                "alert_level": decision.outcome["level"] if decision.regulated else "",
                "clause": _clause(decision),
            },
        }
        for order, decision, told in zip(late, decisions, parties, strict=True)
    ]
    if happened:
        record_all(event, happened, actor=actor, at=at)


@service
def acceptances_overdue_record(*, actor: Actor, at: datetime, limit: int = 100) -> int:
    """Record `acceptance_overdue` for deliveries that arrived and were not accepted by their day, once each, and one
    `acceptances_found_overdue` for those who watch (A25). By the system, for its platform. Returns the number recorded."""
    scope.alone("procurement.acceptances_remind", actor.platform_id)
    today = business_date(at)
    mine = Delivery.objects.filter(~was_recorded(ACCEPTANCE_OVERDUE), platform_id=actor.platform_id)
    late = _longest(lateness.acceptances_late(mine.select_related("region", "order"), today), limit)
    decisions = [
        acceptance_overdue(scope.law(actor, today, region=each.region.code), arrived_on=each.came_on) for each in late
    ]
    parties = [[each.buyer_id, each.seller_id, each.distributor_id] for each in late]
    _decide(actor, at, "delivery", late, decisions, parties)
    happened = [
        {
            "subject": each.id,
            "parties": told,
            "version": each.version,
            "payload": {
                "number": each.number,
                "order": each.order_id,
                "order_number": each.order.number,
                "buyer": each.buyer_id,
                "seller": each.seller_id,
                "distributor": each.distributor_id,
                "arrived_on": each.came_on,
                "accept_by": each.day,
                "days_late": each.days_late,
                "clause": _clause(decision),
            },
        }
        for each, decision, told in zip(late, decisions, parties, strict=True)
    ]
    if happened:
        record_all(ACCEPTANCE_OVERDUE, happened, actor=actor, at=at)
    _sum_up(actor, at, ACCEPTANCES_FOUND_OVERDUE, "deliveries", late)
    return len(late)


def _decide(
    actor: Actor,
    at: datetime,
    subject: str,
    rows: Sequence,
    decisions: Sequence[Decision],
    parties: Sequence[list[int | None]],
) -> None:
    kept = [
        (decision, (subject, row.id), told, None) for row, decision, told in zip(rows, decisions, parties, strict=True)
    ]
    if kept:
        decide_all(kept, actor=actor, at=at)


def _clause(decision: Decision) -> str:
    return decision.reasons[0].clause if decision.regulated and decision.reasons else ""


def _sum_up(actor: Actor, at: datetime, event: EventType, key: str, rows: Sequence) -> None:
    if rows:
        payload = {"count": len(rows), key: [row.id for row in rows]}
        record(event, subject=actor.platform_id, actor=actor, at=at, payload=payload)

"""By when an order's goods must be there: the facts of `delivery.overdue`, built in one place."""

from datetime import date
from typing import Any

from procurement.ordering.models import Order
from procurement.ordering.rules.delivering import MOST_DAYS, contract_deadline, delivery_overdue
from sunlight.kernel.policy import Law
from sunlight.kernel.rule import Decision
from sunlight.scope.clock import business_date


def delivery_facts(order: Order, *, confirmed_on: date | None = None) -> dict[str, Any]:
    """What `delivery.overdue` is asked about an order that its manufacturer confirms on a day, or confirmed. The latest
    arrival day the order states is the term agreed (A108)."""
    confirmed_on = confirmed_on or business_date(order.answered_at)
    agreed = order.latest_arrival_on
    days = None if agreed is None else min(max((agreed - confirmed_on).days, 0), MOST_DAYS)
    return {"confirmed_on": confirmed_on, "contract_days": days, "emergency": order.is_urgent}


def delivery_term(law: Law, order: Order, *, confirmed_on: date) -> tuple[date, Decision]:
    """The last day of delivery of an order confirmed on a day, and the rule's answer; where no text has the rule, the day
    is the contract's alone."""
    facts = delivery_facts(order, confirmed_on=confirmed_on)
    decision = delivery_overdue(law, **facts)
    return (decision.outcome["deadline"] if decision.regulated else contract_deadline(law, **facts)), decision

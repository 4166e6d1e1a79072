"""Records once, as events, what is due soon and what is late: each payable, then one summary for each side."""

from collections import defaultdict
from collections.abc import Callable
from datetime import datetime

from settlement.events import (
    PAYMENT_DUE_SOON,
    PAYMENT_OVERDUE,
    PAYMENTS_DUE_SOON,
    PAYMENTS_FOUND_OVERDUE,
    PAYMENTS_OVERDUE,
    RECEIVABLES_OVERDUE,
)
from settlement.models.payment import Payable
from settlement.queries.invoices import with_parts
from settlement.workflows.states import PayableState
from sunlight import scope
from sunlight.journal.declared import EventType
from sunlight.journal.queries import was_recorded
from sunlight.journal.services import record, record_all, service
from sunlight.kernel.workdays import official
from sunlight.scope import Actor
from sunlight.scope.clock import business_date


@service
def payables_remind(*, actor: Actor, at: datetime, limit: int = 1_000) -> int:
    """Record `payment_due_soon` for open payables whose day comes within the working days of warning (A99) and `payment_overdue` for those
    past it and not paid (SZ20-6.2b), once each; then `payments_due_soon` and `payments_overdue` for each hospital,
    `receivables_overdue` for each payee, `payments_found_overdue` for those who watch. By the system, for its platform.
    Returns the number of payables."""
    # Two that run at once would both find nothing recorded: the second waits and sees.
    scope.alone("settlement.payables_remind", actor.platform_id)
    today = business_date(at)
    warning = scope.law(actor, today).at("payment.warning_working_days").value
    # Held or not: the law's day goes on.
    unpaid = with_parts(Payable.objects.select_related("invoice")).filter(
        platform_id=actor.platform_id, state__in=[PayableState.OPEN, PayableState.IN_RUN], due_on__isnull=False
    )
    late = list(unpaid.filter(~was_recorded(PAYMENT_OVERDUE), due_on__lt=today).order_by("due_on", "id")[:limit])
    soon = list(
        unpaid.filter(
            ~was_recorded(PAYMENT_DUE_SOON),
            state=PayableState.OPEN,
            due_on__gte=today,
            due_on__lte=official().shift(today, warning).on,
        ).order_by("due_on", "id")[:limit]
    )
    _record_each(PAYMENT_DUE_SOON, soon, actor, at)
    _record_each(PAYMENT_OVERDUE, late, actor, at)
    _sum_up(PAYMENTS_DUE_SOON, soon, lambda row: row.buyer_id, actor, at)
    _sum_up(PAYMENTS_OVERDUE, late, lambda row: row.buyer_id, actor, at)
    _sum_up(RECEIVABLES_OVERDUE, late, lambda row: row.payee_id, actor, at)
    if late:
        record(
            PAYMENTS_FOUND_OVERDUE,
            subject=actor.platform_id,
            actor=actor,
            at=at,
            payload=_summary(late),
        )
    return len(soon) + len(late)


def _record_each(event: EventType, rows: list[Payable], actor: Actor, at: datetime) -> None:
    happened = [
        {
            "subject": row.id,
            "parties": [row.buyer_id, row.seller_id, row.distributor_id],
            "version": row.version,
            "payload": {
                "invoice": row.invoice_id,
                "invoice_number": row.invoice.number,
                "buyer": row.buyer_id,
                "payee": row.payee_id,
                "amount_fen": row.amount_fen,
                "unpaid_fen": row.unpaid_fen,
                "hold_reason": row.hold_reason,
                "due_on": row.due_on,
                "clause": row.due_clause,
            },
        }
        for row in rows
    ]
    if happened:
        record_all(event, happened, actor=actor, at=at)


def _sum_up(event: EventType, rows: list[Payable], whose: Callable[[Payable], int], actor: Actor, at: datetime) -> None:
    by_party: dict[int, list[Payable]] = defaultdict(list)
    for row in rows:
        by_party[whose(row)].append(row)
    happened = [
        {"subject": party, "parties": [party], "payload": _summary(theirs)}
        for party, theirs in sorted(by_party.items())
    ]
    if happened:
        record_all(event, happened, actor=actor, at=at)


def _summary(rows: list[Payable]) -> dict:
    return {
        "count": len(rows),
        "amount_fen": sum(row.unpaid_fen for row in rows),
        "earliest": min(row.due_on for row in rows),
        "payables": [row.id for row in rows],
    }

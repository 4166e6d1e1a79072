"""Records once, as events, what is due soon and what is late: each payable, then one summary for each side."""

from collections import defaultdict
from collections.abc import Callable, Mapping
from datetime import date, datetime

from django.db.models import QuerySet

from settlement.events import (
    PAYMENT_DUE_SOON,
    PAYMENT_IN_GRAVE_ARREARS,
    PAYMENT_OVERDUE,
    PAYMENTS_DUE_SOON,
    PAYMENTS_FOUND_OVERDUE,
    PAYMENTS_OVERDUE,
    RECEIVABLES_OVERDUE,
)
from settlement.models.payment import Payable
from settlement.queries.lateness import arrears_of, payments_late, with_lateness
from settlement.workflows.states import PayableState
from sunlight import scope
from sunlight.journal.declared import EventType
from sunlight.journal.queries import was_recorded
from sunlight.journal.services import decide_all, record, record_all, service
from sunlight.kernel.rule import Decision
from sunlight.kernel.workdays import official
from sunlight.scope import Actor
from sunlight.scope.clock import business_date


@service
def payables_remind(*, actor: Actor, at: datetime, limit: int = 1_000) -> int:
    """Record `payment_due_soon` for open payables whose day comes within the working days of `payment.warning_working_days`, and
    `payment_overdue`, with what `payment.arrears` says, for those past it and not paid (SZ20-6.2b), once each; then
    `payments_due_soon` and `payments_overdue` for each hospital, `receivables_overdue` for each payee,
    `payments_found_overdue` for those who watch. `payment_in_grave_arrears` once where the rule calls arrears serious or
    malicious (GD25-4.8b). By the system, for its platform. Returns the number of payables."""
    # Two that run at once would both find nothing recorded: the second waits and sees.
    scope.alone("settlement.payables_remind", actor.platform_id)
    today = business_date(at)
    law = scope.law(actor, today)
    mine = Payable.objects.filter(platform_id=actor.platform_id).select_related("invoice", "region")
    # Held or not: the law's day goes on.
    late = _first(payments_late(mine.filter(~was_recorded(PAYMENT_OVERDUE)), today), limit)
    coming = official().shift(today, law.at("payment.warning_working_days").value).on
    unsaid = mine.filter(~was_recorded(PAYMENT_DUE_SOON), state=PayableState.OPEN)
    soon = _first(with_lateness(unsaid.filter(due_on__gte=today, due_on__lte=coming), today), limit)
    grave = _grave(actor, at, mine, today)
    _record_each(PAYMENT_DUE_SOON, soon, actor, at)
    _record_each(PAYMENT_OVERDUE, late, actor, at, _decided(late, actor, at))
    _record_each(PAYMENT_IN_GRAVE_ARREARS, [row for row, _ in grave], actor, at, {row.id: said for row, said in grave})
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
    return len(soon) + len(late) + len(grave)


def _first(rows: QuerySet, limit: int) -> list[Payable]:
    """The first due first."""
    return list(rows.order_by("due_on", "id")[:limit])


def _decided(rows: list[Payable], actor: Actor, at: datetime) -> dict[int, Decision]:
    """What the rule says of each, kept."""
    said = arrears_of(actor, rows, business_date(at))
    _keep([(row, said[row.id]) for row in rows], actor, at)
    return said


def _keep(judged: list[tuple[Payable, Decision]], actor: Actor, at: datetime) -> None:
    kept = [(decision, ("payable", row.id), _parties(row), None) for row, decision in judged]
    if kept:
        decide_all(kept, actor=actor, at=at)


def _grave(actor: Actor, at: datetime, mine: QuerySet, today: date) -> list[tuple[Payable, Decision]]:
    """Payables told to be late whose arrears the rule now calls serious or malicious, told once; the decision is kept."""
    law = scope.law(actor, today)
    if law.find("arrears.prompted") is None:
        return []
    least = min(law.at("arrears.days_with_share").value, law.at("arrears.malicious_days").value)
    told = mine.filter(was_recorded(PAYMENT_OVERDUE), ~was_recorded(PAYMENT_IN_GRAVE_ARREARS))
    rows = list(payments_late(told, today).filter(days_late__gt=least).order_by("due_on", "id"))
    said = arrears_of(actor, rows, today)
    grave = [(row, said[row.id]) for row in rows if _level(said[row.id]) in ("serious", "malicious")]
    _keep(grave, actor, at)
    return grave


def _level(decision: Decision | None) -> str:
    return decision.outcome["level"] if decision is not None and decision.regulated else ""


def _parties(row: Payable) -> list[int | None]:
    return [row.buyer_id, row.seller_id, row.distributor_id]


def _record_each(
    event: EventType, rows: list[Payable], actor: Actor, at: datetime, said: Mapping[int, Decision] | None = None
) -> None:
    happened = [
        {
            "subject": row.id,
            "parties": _parties(row),
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
                **_arrears((said or {}).get(row.id), row),
            },
        }
        for row in rows
    ]
    if happened:
        record_all(event, happened, actor=actor, at=at)


def _arrears(decision: Decision | None, row: Payable) -> dict:
    if decision is None or not decision.regulated:
        return {"days_late": row.days_late}
    return {"days_late": row.days_late, "arrears": _level(decision), "next_step": decision.outcome["next_step"]}


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
        "clauses": sorted({row.due_clause for row in rows if row.due_clause}),
    }

"""Late payments, defined once. Pages, lists, figures, matters, messages and the API all ask here; in SQL the same as
`payment.arrears` of a payable answers.

A payable is late that is not paid up by its last day, held by the hospital or in a run or not: the law's day goes on. Paid up
is it on the day of its last payment or netting; what a red invoice took back is owed no more. Money that the bank sent back
is not paid. `day` (the last day; None where there is none or nothing is owed), `done_on`, `days_late` in calendar days,
`is_open`, `was_late`, `missing_fen` (not paid yet) and `late_fen` (not paid by the last day).
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Case, Count, DateField, F, Max, Min, OuterRef, Q, QuerySet, Subquery, Sum, Value, When
from django.db.models.functions import Coalesce, Greatest

from procurement.receiving.queries.lateness import judged, shanghai_day
from settlement.models.netting import Netting
from settlement.models.payment import Payable, Payment
from settlement.queries.invoices import access_payable, with_parts
from settlement.queries.prompts import unanswered_prompts
from settlement.rules.arrears import payment_arrears
from settlement.workflows.states import NettingState, PayableState, PaymentState
from sunlight import scope
from sunlight.kernel.period import last_months
from sunlight.kernel.rule import Decision
from sunlight.scope import Actor

UNPAID = (PayableState.OPEN, PayableState.IN_RUN)
_MADE = (PaymentState.PAID, PaymentState.SETTLED)


def _per_payable(rows: QuerySet, **what) -> Subquery:
    """One figure of the rows that belong to a payable."""
    mine = rows.filter(payable=OuterRef("pk")).order_by().values("payable")
    return Subquery(mine.annotate(**what).values(*what))


def with_lateness(rows: QuerySet[Payable], today: date) -> QuerySet[Payable]:
    """Payables with what they are late by."""
    paid = _per_payable(Payment.objects.filter(state__in=_MADE), last=Max(shanghai_day("paid_at")))
    netted = _per_payable(Netting.objects.filter(state=NettingState.NETTED), last=Max(shanghai_day("netted_at")))
    owed_no_more = Q(state=PayableState.CANCELLED)
    done = Case(
        When(state=PayableState.PAID, then=Coalesce(Greatest(paid, netted), shanghai_day("paid_at"))),
        default=Value(None, DateField()),
        output_field=DateField(),
    )
    day = Case(When(owed_no_more, then=Value(None, DateField())), default=F("due_on"), output_field=DateField())
    return judged(with_parts(rows).annotate(day=day, done_on=done), today).annotate(missing_fen=F("unpaid_fen"))


def payments_late(rows: QuerySet[Payable], today: date) -> QuerySet[Payable]:
    """The payables past their last day and not paid up."""
    return with_lateness(rows.filter(state__in=UNPAID, due_on__lt=today), today).filter(is_open=True)


def with_late_part(rows: QuerySet[Payable]) -> QuerySet[Payable]:
    """Payables with `late_fen`: what of each, less what red invoices took back, was not paid or netted by its last day."""
    # A payment that came back whole was none.
    paid = Payment.objects.annotate(on=shanghai_day("paid_at")).filter(state__in=_MADE, on__lte=OuterRef("due_on"))
    netted = Netting.objects.annotate(on=shanghai_day("netted_at")).filter(on__lte=OuterRef("due_on"))
    in_time = Coalesce(_per_payable(paid, fen=Sum(F("amount_fen") - F("returned_fen"))), 0) + Coalesce(
        _per_payable(netted, fen=Sum("amount_fen")), 0
    )
    return rows.annotate(late_fen=F("amount_fen") - F("reddened_fen") - in_time)


def late_payables(actor: Actor, today: date) -> tuple[int, date | None]:
    """How many payables the actor sees are past their last day and not paid up, and the longest missed day (SZ20-6.2b)."""
    found = payments_late(Payable.objects.visible_to(actor), today).order_by()
    counted = found.aggregate(count=Count("id"), first=Min("day"))
    return counted["count"], counted["first"]


def payable_in_full(actor: Actor, payable_id: int, today: date) -> Payable:
    """One payable with its lateness. Raises NotThere."""
    found = access_payable(actor, payable_id)
    late = with_lateness(Payable.objects.filter(id=found.id), today).get()
    for name in ("day", "done_on", "days_late", "is_open", "was_late", "missing_fen"):
        setattr(found, name, getattr(late, name))
    return found


def due_in_a_year(rows: Iterable[Payable], today: date, months: int) -> dict[int, int]:
    """Fen due of each of their hospitals within the last months up to today, what was taken back not counted."""
    window = last_months(today, months)
    mine = Payable.objects.filter(
        buyer_id__in={row.buyer_id for row in rows}, due_on__gte=window.first, due_on__lte=window.last
    ).exclude(state=PayableState.CANCELLED)
    summed = mine.order_by().values("buyer_id").annotate(fen=Sum(F("amount_fen") - F("reddened_fen")))
    return {row["buyer_id"]: row["fen"] for row in summed}


def arrears_of(actor: Actor, rows: Sequence[Payable], today: date) -> dict[int, Decision]:
    """What `payment.arrears` says today of each payable (of `with_lateness`) that has a last day, in a constant number of
    queries. Where the hospital's amounts of the year are less than the debt, an older one, the debt is all of them (A59)."""
    dated = [row for row in rows if row.day is not None]
    months = scope.law(actor, today).at("arrears.total_months").value
    totals, prompts = due_in_a_year(dated, today, months), unanswered_prompts(actor, [row.id for row in dated], today)
    return {
        row.id: payment_arrears(
            scope.law(actor, today, region=row.region.code), **_facts(row, totals.get(row.buyer_id, 0), prompts)
        )
        for row in dated
    }


def _facts(row: Payable, total_fen: int, prompts: Mapping[int, int]) -> dict[str, Any]:
    owed_fen = row.amount_fen - row.reddened_fen if row.done_on else row.missing_fen
    return {
        "due_on": row.day,
        "paid_on": row.done_on,
        "amount": _yuan(owed_fen),
        "total": _yuan(max(total_fen, owed_fen, 1)),
        "warnings": prompts.get(row.id, 0),
    }


def _yuan(fen: int) -> Decimal:
    return Decimal(fen).scaleb(-2)

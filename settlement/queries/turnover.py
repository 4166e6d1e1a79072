"""The last net delivery and sale of listings (A16): what was accepted and invoiced, and not taken back whole by red invoices
within the days of `delivery.net`. In SQL the same as the rule says of each invoice."""

from collections.abc import Collection, Iterable
from datetime import date

from django.db.models import DateField, F, Func, Max, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from procurement.ordering.queries.orders import listing_ids
from procurement.receiving.queries.dated import days_by_law
from procurement.receiving.queries.lateness import shanghai_day
from procurement.receiving.workflows import AcceptanceState
from settlement.models.payment import Invoice, InvoiceLine
from settlement.workflows.states import InvoiceKind, InvoiceState, RedReason

_ACCEPTED = "acceptance_line__acceptance__"
_LISTING = "acceptance_line__delivery_line__order_line__agreement__listing"


class _DaysAfter(Func):
    """The day some whole days after another."""

    template, arg_joiner = "(%(expressions)s)", " + "
    output_field = DateField()


def _net_lines() -> QuerySet[InvoiceLine]:
    """Invoice lines that count, with `watched_until` and `returned_fen`, what was taken back by then."""
    days = days_by_law("delivery.net_days", day=f"{_ACCEPTED}accepted_on", region=f"{_ACCEPTED}region__code")
    lines = InvoiceLine.objects.filter(
        **{f"{_ACCEPTED}state": AcceptanceState.CONFIRMED},
        invoice__state=InvoiceState.MATCHED,
        invoice__kind=InvoiceKind.BLUE,
    ).annotate(watched_until=_DaysAfter(F(f"{_ACCEPTED}accepted_on"), days))
    # What was issued wrongly was no sale, whenever that is said.
    counted = Q(red_reason=RedReason.ERROR) | Q(red_reason=RedReason.RETURN, issued_on__lte=OuterRef("watched_until"))
    reds = (
        Invoice.objects.filter(counted, reddens=OuterRef("invoice"), state=InvoiceState.MATCHED)
        .order_by()
        .values("reddens")
        .annotate(fen=Sum("amount_fen"))
        .values("fen")
    )
    return lines.annotate(returned_fen=Coalesce(Subquery(reds), 0)).filter(returned_fen__lt=F("invoice__amount_fen"))


def net_days(listings: Collection[int]) -> dict[int, tuple[date | None, date | None]]:
    """Of each listing the last day of a net delivery (its arrival) and of a net sale (its invoice's day)."""
    rows = (
        _net_lines()
        .filter(**{f"{_LISTING}__in": list(listings)})
        .order_by()
        .values(_LISTING)
        .annotate(delivered=Max(f"{_ACCEPTED}arrived_on"), sold=Max(shanghai_day("invoice__submitted_at")))
    )
    found = {row[_LISTING]: (row["delivered"], row["sold"]) for row in rows}
    return {listing: found.get(listing, (None, None)) for listing in listings}


def listings_of(invoice: Invoice) -> list[int]:
    """The listings under which the goods of an invoice were agreed, each once."""
    lines = invoice.lines.select_related("acceptance_line__delivery_line__order_line")
    return listing_ids(line.acceptance_line.delivery_line.order_line for line in lines)


def counted_back(invoice: Invoice) -> list[tuple[date, date | None]]:
    """Of each day on which goods of an invoice were accepted: the day, and that of the red invoice by which all of it was
    taken back, by what counts as a return."""
    reds = invoice.reds.filter(state=InvoiceState.MATCHED).exclude(red_reason=RedReason.ALLOWANCE)
    left, whole_on = invoice.amount_fen, None
    for red in reds.order_by("issued_on", "id"):
        left -= red.amount_fen
        if left <= 0:
            whole_on = red.issued_on
            break
    days: Iterable[date] = invoice.lines.values_list(f"{_ACCEPTED}accepted_on", flat=True).distinct()
    return [(day, whole_on) for day in sorted(days)]

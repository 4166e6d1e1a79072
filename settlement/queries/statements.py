"""The monthly statement (对账单) of one organisation's account, recomputed from the ledger's legs."""

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db.models import Count, DecimalField, F, Q, Sum
from django.db.models.functions import Coalesce, Round

from procurement.ordering.models import Order
from procurement.ordering.workflows import OrderState
from procurement.receiving.models import Acceptance, AcceptanceLine
from procurement.receiving.workflows import AcceptanceState
from settlement.models.ledger import Leg
from settlement.models.netting import Netting
from settlement.models.payment import Invoice, Payable, Payment
from settlement.workflows.states import AccountKind, InvoiceKind, InvoiceState, PayableState
from sunlight.journal.refusals import Forbidden, Invalid
from sunlight.scope import Actor
from sunlight.scope.clock import SHANGHAI
from sunlight.scope.roles import OrganisationKind

MONTH = re.compile(r"(20[0-9]{2})-(0[1-9]|1[0-2])")
ACCOUNT_OF = {OrganisationKind.HOSPITAL: AccountKind.DEPOSIT, OrganisationKind.SUPPLIER: AccountKind.CLEARING}


@dataclass(frozen=True)
class Movement:
    """One entry on the account: fen in, fen out, and what it then held."""

    entry: str
    occurred_on: date
    memo: str
    in_fen: int
    out_fen: int
    balance_fen: int
    counterparty: str = ""
    payment: str = ""
    invoice: str = ""


@dataclass(frozen=True)
class Summary:
    label: str
    count: int
    fen: int


@dataclass(frozen=True)
class Statement:
    """Opening + in − out = closing, exactly; the closing of a month is the opening of the next."""

    organisation: str
    account: AccountKind
    month: str
    from_date: date
    to_date: date
    known_until: datetime
    opening_fen: int
    closing_fen: int
    movements: tuple[Movement, ...]
    summary: tuple[Summary, ...]

    @property
    def in_fen(self) -> int:
        return sum(m.in_fen for m in self.movements)

    @property
    def out_fen(self) -> int:
        return sum(m.out_fen for m in self.movements)


def month_of(text: str) -> tuple[date, date]:
    """First and last day of `2026-07`. Raises Invalid."""
    match = MONTH.fullmatch(text)
    if match is None:
        raise Invalid("month_invalid", f"月份“{text[:20]}”应写作 2026-07。", field="month")
    first = date(int(match[1]), int(match[2]), 1)
    return first, (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)


def statement_of(actor: Actor, month: str, known_until: datetime) -> Statement:
    """The actor's own statement of a month by business day, with what was recorded until `known_until`: the same pair
    gives the same statement for ever. Raises Invalid for a month that is none, Forbidden for others than parties."""
    first, last = month_of(month)
    if not actor.is_party:
        raise Forbidden("no_account", "只有医院和企业有结算对账单。平台账户请看账户余额页。")
    kind = ACCOUNT_OF[actor.kind]
    legs = Leg.objects.filter(
        platform_id=actor.platform_id,
        organisation_id=actor.organisation_id,
        account__kind=kind,
        entry__recorded_at__lte=known_until,
        entry__occurred_on__lte=last,
    )
    opening = legs.filter(entry__occurred_on__lt=first).aggregate(
        held=Coalesce(Sum("amount_fen", filter=Q(side="CREDIT")), 0)
        - Coalesce(Sum("amount_fen", filter=Q(side="DEBIT")), 0)
    )["held"]
    movements = _movements(actor, legs.filter(entry__occurred_on__gte=first), opening)
    return Statement(
        organisation=actor.organisation_name,
        account=kind,
        month=month,
        from_date=first,
        to_date=last,
        known_until=known_until,
        opening_fen=opening,
        closing_fen=movements[-1].balance_fen if movements else opening,
        movements=movements,
        summary=_summary(actor, first, last),
    )


def _movements(actor: Actor, legs, opening: int) -> tuple[Movement, ...]:
    rows = list(legs.select_related("entry").order_by("entry__occurred_on", "entry_id", "id"))
    payments = {
        p.entry_id: p
        for p in Payment.objects.visible_to(actor)
        .filter(entry__in=[row.entry_id for row in rows])
        .select_related("payee", "buyer", "payable__invoice")
    }
    held, movements = opening, []
    for row in rows:
        came = row.amount_fen if row.side == "CREDIT" else 0
        held += 2 * came - row.amount_fen
        payment = payments.get(row.entry_id)
        other = "" if payment is None else (payment.payee if actor.kind == OrganisationKind.HOSPITAL else payment.buyer)
        movements.append(
            Movement(
                entry=row.entry.number,
                occurred_on=row.entry.occurred_on,
                memo=row.entry.memo,
                in_fen=came,
                out_fen=row.amount_fen - came,
                balance_fen=held,
                counterparty=other and other.name,
                payment=payment.number if payment else "",
                invoice=payment.payable.invoice.number if payment else "",
            )
        )
    return tuple(movements)


def _summary(actor: Actor, first: date, last: date) -> tuple[Summary, ...]:
    """What else happened in the month: orders, acceptances, invoices, payments, and what was owed at its end."""
    start = datetime.combine(first, time(), SHANGHAI)
    end = datetime.combine(last + timedelta(days=1), time(), SHANGHAI)
    count, fen = Count("id"), Coalesce(Sum("amount_fen"), 0)
    orders = Order.objects.visible_to(actor).filter(placed_at__gte=start, placed_at__lt=end)
    acceptances = Acceptance.objects.visible_to(actor).filter(accepted_on__gte=first, accepted_on__lte=last)
    taken = AcceptanceLine.objects.filter(
        acceptance__in=acceptances.filter(state=AcceptanceState.CONFIRMED), accepted_quantity__gt=0
    )
    # numeric round of PostgreSQL is half away from zero: half up for what is never negative
    worth = Round(F("accepted_quantity") * F("delivery_line__order_line__price") * 100, output_field=DecimalField())
    invoices = Invoice.objects.visible_to(actor).filter(
        submitted_at__gte=start, submitted_at__lt=end, state=InvoiceState.MATCHED
    )
    payments = Payment.objects.visible_to(actor).filter(paid_at__gte=start, paid_at__lt=end)
    # A red invoice counts against the blue ones.
    invoiced = Coalesce(Sum("amount_fen", filter=Q(kind=InvoiceKind.BLUE)), 0) - Coalesce(
        Sum("amount_fen", filter=Q(kind=InvoiceKind.RED)), 0
    )
    owed = _owed(actor, end)
    accepted = taken.aggregate(
        count=Count("acceptance_id", distinct=True), fen=Coalesce(Sum(worth), 0, output_field=DecimalField())
    )
    ordered = orders.exclude(state__in=[OrderState.DECLINED, OrderState.CANCELLED])
    rows = [("本月下单", ordered.aggregate(count=count, fen=fen))]
    rows += [("本月验收", accepted), ("本月匹配发票", invoices.aggregate(count=count, fen=invoiced))]
    rows += [("本月付款", payments.aggregate(count=count, fen=fen)), ("月末未付", owed)]
    return tuple(Summary(label, found["count"], int(found["fen"])) for label, found in rows)


def _owed(actor: Actor, end: datetime) -> dict[str, int]:
    """Number and fen of what was owed at `end`: payables not wholly paid, less red invoices, payments and nettings by then
    that stand."""
    payables = Payable.objects.visible_to(actor).filter(Q(paid_at=None) | Q(paid_at__gte=end), created_at__lt=end)
    payables = payables.exclude(state=PayableState.CANCELLED)
    rows = {"payable__in": payables.values("id")}
    owed = payables.aggregate(count=Count("id"), fen=Coalesce(Sum(F("amount_fen") - F("reddened_fen")), 0))
    paid = Payment.objects.filter(**rows, paid_at__lt=end).aggregate(
        fen=Coalesce(Sum(F("amount_fen") - F("returned_fen")), 0)
    )
    netted = Netting.objects.filter(**rows, netted_at__lt=end).aggregate(fen=Coalesce(Sum("amount_fen"), 0))
    return {"count": owed["count"], "fen": owed["fen"] - paid["fen"] - netted["fen"]}

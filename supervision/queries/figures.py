"""The figures of the overview, each defined once: which rows count, on which day, for how much. The rollup, its rebuild
and the lists behind a figure all read these definitions."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from django.db.models import (
    BigIntegerField,
    Count,
    DateField,
    Exists,
    ExpressionWrapper,
    F,
    Func,
    Model,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    Value,
)
from django.db.models.functions import Cast, Coalesce, TruncDate

from pricing.models import ListedPrice
from procurement.bargaining.models.offers import Offer
from procurement.bargaining.workflows import OfferState
from procurement.ordering.models import Order, OrderLine
from procurement.ordering.workflows import OrderState
from procurement.receiving.models import Acceptance, AcceptanceLine, DeliveryLine
from procurement.receiving.workflows import AcceptanceState, DeliveryState
from settlement.models.netting import Netting
from settlement.models.payment import Payable, Payment
from settlement.workflows.states import PayableState, PaymentState
from sunlight import scope
from sunlight.kernel.workdays import official
from sunlight.scope.clock import SHANGHAI
from sunlight.scope.principal import PrincipalKind
from supervision.queries import steps

KEY = ("platform_id", "region_id", "buyer_id", "seller_id", "day")


@dataclass(frozen=True)
class Figure:
    """`base()` gives every row that could count, annotated with `day` (Asia/Shanghai) and `fen`; `counts` says which do.
    A figure that `waits` is a deadline missed: it holds once its day is over. `select` narrows down what SQL cannot."""

    key: str
    label: str
    base: Callable[[], QuerySet]
    counts: Q
    # (subject type of the trace, field of its id, field of the number shown)
    subject: tuple[str, str, str]
    money: bool = True
    waits: bool = False
    clause: str = ""
    select: Callable[[list[Model]], list[Model]] | None = None


def _on(field: str):
    return TruncDate(field, tzinfo=SHANGHAI)


def _fen(expression):
    """Yuan as fen, rounded half up, as everywhere."""
    return Cast(Func(expression * Value(100), function="round"), BigIntegerField())


def _orders() -> QuerySet:
    return Order.objects.annotate(day=_on("placed_at"), fen=F("amount_fen"))


def _savings() -> QuerySet:
    """Order lines with what they cost less than the price listed on the order's day; a line without a listed price saves
    nothing that can be said."""
    listed = ListedPrice.objects.filter(
        Q(valid_to=None) | Q(valid_to__gte=OuterRef("order__law_date")),
        region_id=OuterRef("agreement__listing__region_id"),
        price_group_id=OuterRef("price_group_id"),
        valid_from__lte=OuterRef("order__law_date"),
    ).order_by("-valid_from", "-id")
    rows = OrderLine.objects.annotate(day=_on("order__placed_at"), listed=Subquery(listed.values("price")[:1]))
    return rows.annotate(fen=_fen((F("listed") - F("price")) * F("quantity")))


def _acceptances() -> QuerySet:
    worth = (
        AcceptanceLine.objects.filter(acceptance=OuterRef("pk"))
        .values("acceptance")
        .annotate(worth=Sum(_fen(F("accepted_quantity") * F("delivery_line__order_line__price"))))
        .values("worth")
    )
    return Acceptance.objects.annotate(
        day=F("accepted_on"), fen=Coalesce(Subquery(worth, output_field=BigIntegerField()), Value(0))
    )


def _accepted_late(rows: list[Acceptance]) -> list[Acceptance]:
    """Those accepted after the working days the law of the arrival's day gives (A25)."""
    policy = scope.policy()
    late = []
    for row in rows:
        days = policy.at("acceptance.working_days", region=row.region.code, on=row.arrived_on).value
        if row.accepted_on > official().shift(row.arrived_on, days).on:
            late.append(row)
    return late


def _payments() -> QuerySet:
    return Payment.objects.annotate(day=_on("paid_at"), fen=F("amount_fen"))


def _offers(moment: str) -> Callable[[], QuerySet]:
    return lambda: Offer.objects.annotate(day=_on(moment), fen=_fen(F("price") * F("quantity")))


def _due_orders() -> QuerySet:
    """Orders on the day by which everything had to be dispatched (A8), and whether it was."""
    due = ExpressionWrapper(_on("delivery_due_at"), output_field=DateField())
    shipped = (
        DeliveryLine.objects.annotate(shipped_on=_on("delivery__dispatched_at"))
        .filter(order_line=OuterRef("pk"), shipped_on__lte=OuterRef(OuterRef("day")))
        .exclude(delivery__state=DeliveryState.CANCELLED)
        .values("order_line")
        .annotate(sent=Sum("quantity"))
        .values("sent")
    )
    unsent = OrderLine.objects.filter(
        order=OuterRef("pk"), quantity__gt=Coalesce(Subquery(shipped), Value(0) * F("quantity"))
    )
    rows = Order.objects.annotate(day=due, fen=F("amount_fen"), closed_on=_on("closed_at"))
    return rows.annotate(unsent=Exists(unsent))


def _due_payables() -> QuerySet:
    """Payables on the day by which they had to be paid, held or not, and what of each was not paid by then."""
    paid = (
        Payment.objects.annotate(on=_on("paid_at"))
        .filter(payable=OuterRef("pk"), on__lte=OuterRef("due_on"))
        .order_by()
        .values("payable")
        .annotate(fen=Sum(F("amount_fen") - F("returned_fen")))
        .values("fen")
    )
    netted = (
        Netting.objects.annotate(on=_on("netted_at"))
        .filter(payable=OuterRef("pk"), on__lte=OuterRef("due_on"))
        .order_by()
        .values("payable")
        .annotate(fen=Sum("amount_fen"))
        .values("fen")
    )
    in_time = Coalesce(Subquery(paid), 0) + Coalesce(Subquery(netted), 0)
    return Payable.objects.annotate(
        day=F("due_on"), fen=F("amount_fen") - F("reddened_fen") - in_time, paid_on=_on("paid_at")
    )


def _step(key: str, label: str, base: Callable[[], QuerySet], subject: str, clause: str) -> Figure:
    return Figure(key, label, base, steps.PASSED, (subject, "subject_id", "number"), money=False, clause=clause)


_LIVE = ~Q(state__in=[OrderState.DECLINED, OrderState.CANCELLED])
_OFFER = ("offer", "id", "number")
FIGURES: dict[str, Figure] = {
    figure.key: figure
    for figure in (
        Figure("ordered", "下单金额", _orders, _LIVE, ("order", "id", "number")),
        Figure(
            "accepted", "验收金额", _acceptances, Q(state=AcceptanceState.CONFIRMED), ("acceptance", "id", "number")
        ),
        Figure(
            "paid",
            "付款金额",
            _payments,
            # What was paid that day, also where the bank sent it back later.
            Q(state__in=[PaymentState.PAID, PaymentState.SETTLED, PaymentState.RETURNED]),
            ("payment", "id", "number"),
        ),
        Figure(
            "saved",
            "较挂网价节约",
            _savings,
            Q(is_live=True, fen__isnull=False),
            ("order", "order_id", "number"),
        ),
        Figure("offers_made", "报价", _offers("made_at"), Q(), _OFFER, money=False),
        Figure(
            "offers_agreed", "成交的报价", _offers("answered_at"), Q(state=OfferState.ACCEPTED), _OFFER, money=False
        ),
        Figure(
            "offers_declined",
            "企业拒绝的报价",
            _offers("answered_at"),
            Q(state=OfferState.DECLINED),
            _OFFER,
            money=False,
        ),
        Figure(
            "late_answers",
            "企业逾期未答复",
            _offers("answered_at"),
            Q(state=OfferState.LAPSED) | Q(state=OfferState.ACCEPTED, answered_by_kind=PrincipalKind.SYSTEM),
            _OFFER,
            money=False,
            clause="JS20-11C",
        ),
        Figure(
            "late_deliveries",
            "超期未配送",
            _due_orders,
            Q(day__isnull=False, unsent=True) & _LIVE & (Q(closed_on=None) | Q(closed_on__gt=F("day"))),
            ("order", "id", "number"),
            waits=True,
            clause="ASSUMPTION-A8",
        ),
        Figure(
            "late_acceptances",
            "验收超过三个工作日",
            _acceptances,
            Q(state=AcceptanceState.CONFIRMED, accepted_on__gt=F("arrived_on")),
            ("acceptance", "id", "number"),
            clause="ASSUMPTION-A25",
            select=_accepted_late,
        ),
        Figure(
            "late_payments",
            "逾期付款",
            _due_payables,
            Q(day__isnull=False) & ~Q(state=PayableState.CANCELLED) & (Q(paid_on=None) | Q(paid_on__gt=F("day"))),
            ("invoice", "invoice_id", "invoice__number"),
            waits=True,
            clause="SZ20-6.2b",
        ),
        _step("late_order_answers", "企业逾期未答复的订单", steps.order_answers, "order", "ASSUMPTION-A89"),
        _step("late_firm_signatures", "企业逾期未签的合同", steps.firm_signatures, "contract", "ASSUMPTION-A90"),
        _step(
            "late_hospital_signatures",
            "医疗机构逾期未签的合同",
            steps.hospital_signatures,
            "contract",
            "ASSUMPTION-A90",
        ),
        _step("late_invoices", "逾期未开票的验收", steps.invoices, "acceptance", "ASSUMPTION-A91"),
    )
}


def rows_of(figure: Figure, **where) -> QuerySet:
    """The rows that count in a figure, within `where` (fields of a trade row, `day`)."""
    rows = figure.base().filter(figure.counts)
    if figure.select is None:
        return rows.filter(**where)
    kept = figure.select(list(rows.filter(**where).select_related("region")))
    return rows.filter(id__in=[row.id for row in kept])


def summed(figure: Figure, **where) -> dict[tuple, tuple[int, int]]:
    """Key (platform, region, buyer, seller, day) → (rows, fen) of a figure within `where`, straight from the rows."""
    grouped = rows_of(figure, **where).order_by().values(*KEY).annotate(rows=Count("pk"), total=Sum("fen"))
    return {tuple(row[part] for part in KEY): (row["rows"], row["total"] or 0) for row in grouped}


def keys_of(figure: Figure, **where) -> set[tuple]:
    """The keys under which rows would stand in a figure, whether they count (any more) or not."""
    rows = figure.base().filter(**where).exclude(day=None)
    return set(rows.order_by().values_list(*KEY))


def named(key: str) -> Figure:
    """Raises KeyError."""
    return FIGURES[key]


def last_day(figure: Figure, until: date, yesterday: date) -> date:
    """Until when a figure holds: a missed deadline only counts once its day is over."""
    return min(until, yesterday) if figure.waits else until

"""The figures of the overview, each defined once: which rows count, on which day, for how much. The rollup, its rebuild
and the lists behind a figure all read these definitions."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from django.db.models import BigIntegerField, Count, F, OuterRef, Q, QuerySet, Subquery, Sum, Value
from django.db.models.functions import Coalesce

from pricing.models import ListedPrice
from procurement.bargaining.models.offers import Offer
from procurement.bargaining.workflows import OfferState
from procurement.ordering.models import Order, OrderLine
from procurement.ordering.workflows import OrderState
from procurement.receiving.models import Acceptance, AcceptanceLine, Delivery
from procurement.receiving.queries import lateness as goods
from procurement.receiving.queries.lateness import fen_of, shanghai_day
from procurement.receiving.workflows import AcceptanceState
from settlement.models.payment import Payable, Payment
from settlement.queries import lateness as money
from settlement.workflows.states import PaymentState
from sunlight.scope.principal import PrincipalKind
from supervision.queries import steps

KEY = ("platform_id", "region_id", "buyer_id", "seller_id", "day")


@dataclass(frozen=True)
class Figure:
    """`base()` gives every row that could count, annotated with `day` (Asia/Shanghai) and `fen`; `counts` says which do.
    A figure that `waits` is a deadline missed: it holds once its day is over. `basis` are the parameters whose clauses it
    rests on, the first that is stated. `moved` gives rows within `where` under other days on which they may have stood."""

    key: str
    label: str
    base: Callable[[], QuerySet]
    counts: Q
    # (subject type of the trace, field of its id, field of the number shown)
    subject: tuple[str, str, str]
    money: bool = True
    waits: bool = False
    basis: tuple[str, ...] = ()
    moved: tuple[Callable[[dict], QuerySet], ...] = ()


def _orders() -> QuerySet:
    return Order.objects.annotate(day=shanghai_day("placed_at"), fen=F("amount_fen"))


def _savings() -> QuerySet:
    """Order lines with what they cost less than the price listed on the order's day; a line without a listed price saves
    nothing that can be said."""
    listed = ListedPrice.objects.filter(
        Q(valid_to=None) | Q(valid_to__gte=OuterRef("order__law_date")),
        region_id=OuterRef("agreement__listing__region_id"),
        price_group_id=OuterRef("price_group_id"),
        valid_from__lte=OuterRef("order__law_date"),
    ).order_by("-valid_from", "-id")
    rows = OrderLine.objects.annotate(day=shanghai_day("order__placed_at"), listed=Subquery(listed.values("price")[:1]))
    return rows.annotate(fen=fen_of((F("listed") - F("price")) * F("quantity")))


def _acceptances() -> QuerySet:
    worth = (
        AcceptanceLine.objects.filter(acceptance=OuterRef("pk"))
        .values("acceptance")
        .annotate(worth=Sum(fen_of(F("accepted_quantity") * F("delivery_line__order_line__price"))))
        .values("worth")
    )
    return Acceptance.objects.annotate(
        day=F("accepted_on"), fen=Coalesce(Subquery(worth, output_field=BigIntegerField()), Value(0))
    )


def _payments() -> QuerySet:
    return Payment.objects.annotate(day=shanghai_day("paid_at"), fen=F("amount_fen"))


def _offers(moment: str) -> Callable[[], QuerySet]:
    return lambda: Offer.objects.annotate(day=shanghai_day(moment), fen=fen_of(F("price") * F("quantity")))


# A day by which something had to be done holds for good whatever is done later: the rows are judged on the last day there is.
_EVER = date.max


def _due_orders() -> QuerySet:
    """Orders on the day by which everything had to be there (GD25-5.10b, A8)."""
    return goods.with_delivery(Order.objects.all(), _EVER).annotate(fen=F("amount_fen"))


def _due_deliveries() -> QuerySet:
    """Deliveries on the day by which they had to be accepted (A25), never accepted ones too."""
    return goods.worth_of(goods.with_acceptance(Delivery.objects.all(), _EVER)).annotate(fen=F("worth_fen"))


def _deliveries_as_expected(where: dict) -> QuerySet:
    """Deliveries on the day by which they would have to be accepted had nobody stated when they arrived."""
    rows = Delivery.objects.filter(**{key: value for key, value in where.items() if key != "day"})
    return rows.annotate(came_on=goods.expected()).annotate(day=goods.accept_by("came_on"))


def _deliveries_as_stated(where: dict) -> QuerySet:
    """The same by each arrival that an acceptance stated, though it was reversed."""
    of_delivery = {"delivery_id" if key == "id" else key: value for key, value in where.items() if key != "day"}
    return Acceptance.objects.filter(**of_delivery).annotate(day=goods.accept_by("arrived_on"))


def _due_payables() -> QuerySet:
    """Payables on the day by which they had to be paid, held or not, and what of each was not paid by then."""
    return money.with_late_part(money.with_lateness(Payable.objects.all(), _EVER)).annotate(fen=F("late_fen"))


def _step(key: str, label: str, base: Callable[[], QuerySet], subject: str, parameter: str) -> Figure:
    return Figure(
        key,
        label,
        base,
        steps.PASSED,
        (subject, "subject_id", "number"),
        money=False,
        basis=("deadline.demanded", parameter),
    )


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
            basis=("bargain.answer_days",),
        ),
        Figure(
            "late_deliveries",
            "逾期送达或未送达的订单",
            _due_orders,
            Q(was_late=True),
            ("order", "id", "number"),
            waits=True,
            basis=("delivery.alert_when_late", "delivery.days"),
        ),
        Figure(
            "late_acceptances",
            "逾期验收或未验收的到货",
            _due_deliveries,
            Q(was_late=True),
            ("delivery", "id", "number"),
            waits=True,
            basis=("acceptance.working_days",),
            moved=(_deliveries_as_expected, _deliveries_as_stated),
        ),
        Figure(
            "late_payments",
            "逾期付款或未付的货款",
            _due_payables,
            Q(was_late=True, fen__gt=0),
            ("invoice", "invoice_id", "invoice__number"),
            waits=True,
            basis=("settlement.payment_days", "settlement.payment_by_contract"),
        ),
        _step("late_order_answers", "企业逾期未答复的订单", steps.order_answers, "order", "deadline.order_answer"),
        _step(
            "late_firm_signatures", "企业逾期未签的合同", steps.firm_signatures, "contract", "deadline.contract_sign"
        ),
        _step(
            "late_hospital_signatures",
            "医疗机构逾期未签的合同",
            steps.hospital_signatures,
            "contract",
            "deadline.contract_sign",
        ),
        _step("late_invoices", "逾期未开票的验收", steps.invoices, "acceptance", "deadline.invoice"),
    )
}


def rows_of(figure: Figure, **where) -> QuerySet:
    """The rows that count in a figure, within `where` (fields of a trade row, `day`)."""
    return figure.base().filter(figure.counts, day__isnull=False).filter(**where)


def summed(figure: Figure, **where) -> dict[tuple, tuple[int, int]]:
    """Key (platform, region, buyer, seller, day) → (rows, fen) of a figure within `where`, straight from the rows."""
    grouped = rows_of(figure, **where).order_by().values(*KEY).annotate(rows=Count("pk"), total=Sum("fen"))
    return {tuple(row[part] for part in KEY): (row["rows"], row["total"] or 0) for row in grouped}


def keys_of(figure: Figure, **where) -> set[tuple]:
    """The keys under which rows would stand in a figure, whether they count (any more) or not."""
    found = set()
    for rows in (figure.base().filter(**where), *(moved(where) for moved in figure.moved)):
        found |= set(rows.exclude(day=None).order_by().values_list(*KEY))
    return found


def named(key: str) -> Figure:
    """Raises KeyError."""
    return FIGURES[key]


def last_day(figure: Figure, until: date, yesterday: date) -> date:
    """Until when a figure holds: a missed deadline only counts once its day is over."""
    return min(until, yesterday) if figure.waits else until

"""What was accepted and may be invoiced: procurement's rows as settlement reads them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from django.db.models import Sum

from procurement.receiving.queries.deliveries import acceptance_for_settlement, acceptance_lines_to_invoice, to_invoice
from procurement.receiving.workflows import AcceptanceState
from settlement.models.payment import Invoice, InvoiceLine
from settlement.rules.matching import OrderLeft, Part, part_amounts
from settlement.workflows.states import InvoiceState, RedReason
from sunlight.journal.refusals import NotThere
from sunlight.kernel.money import round_half_up
from sunlight.scope import Actor
from sunlight.scope.clock import business_date


@dataclass(frozen=True)
class AcceptedLine:
    """One accepted line: its trade's parties, the order's price, what is not invoiced yet, the days that count."""

    id: int
    acceptance_id: int
    acceptance_number: str
    is_confirmed: bool
    accepted_on: date
    arrived_on: date
    delivery_number: str
    dispatched_on: date
    order_number: str
    order_line_id: int
    order_line_number: str
    order_line_fen: int
    # Of the whole order line, not invoiced yet.
    order_line_left: Decimal
    product: str
    unit: str
    platform_id: int
    region_id: int
    buyer_id: int
    buyer_name: str
    seller_id: int
    distributor_id: int | None
    price: Decimal
    payment_days: int | None
    accepted_quantity: Decimal
    open_quantity: Decimal

    @property
    def shipper_id(self) -> int:
        """Who delivered, so who issues the invoice and is paid: the distributor, else the manufacturer itself."""
        return self.distributor_id or self.seller_id


def _line(row) -> AcceptedLine:
    acceptance, line = row.acceptance, row.delivery_line.order_line
    return AcceptedLine(
        id=row.id,
        acceptance_id=acceptance.id,
        acceptance_number=acceptance.number,
        is_confirmed=acceptance.state == AcceptanceState.CONFIRMED,
        accepted_on=acceptance.accepted_on,
        arrived_on=acceptance.arrived_on,
        delivery_number=acceptance.delivery.number,
        dispatched_on=business_date(acceptance.delivery.dispatched_at),
        order_number=acceptance.delivery.order.number,
        order_line_id=line.id,
        order_line_number=line.number,
        order_line_fen=line.amount_fen,
        order_line_left=line.quantity - line.invoiced_quantity,
        product=line.national_code.product_name,
        unit=line.price_group.pricing_unit,
        platform_id=acceptance.platform_id,
        region_id=acceptance.region_id,
        buyer_id=acceptance.buyer_id,
        buyer_name=acceptance.buyer.name,
        seller_id=acceptance.seller_id,
        distributor_id=acceptance.distributor_id,
        price=line.price,
        payment_days=line.payment_days,
        accepted_quantity=row.accepted_quantity,
        open_quantity=to_invoice(row),
    )


def accepted_lines(actor: Actor, ids, *, lock: bool = False) -> dict[int, AcceptedLine]:
    """The accepted lines of these ids that the actor's organisation shipped, by id; with their order lines locked where
    an invoice is about to be written."""
    lines = (_line(row) for row in acceptance_for_settlement(ids, lock=lock).values())
    return {
        line.id: line
        for line in lines
        if line.shipper_id == actor.organisation_id and line.platform_id == actor.platform_id
    }


def part_amounts_of(parts: Sequence[tuple[AcceptedLine, Decimal]]) -> list[int]:
    """What each quantity of an accepted line amounts to in fen, tax included, in order: by `part_amounts`, less what
    matched invoices of the same order lines took."""
    invoiced = dict(
        InvoiceLine.objects.filter(
            acceptance_line__delivery_line__order_line_id__in={line.order_line_id for line, _ in parts},
            invoice__state=InvoiceState.MATCHED,
        )
        # What was issued wrongly and reddened is to be invoiced again.
        .exclude(invoice__in=Invoice.objects.filter(red_reason=RedReason.ERROR).values("reddens"))
        .values_list("acceptance_line__delivery_line__order_line_id")
        .annotate(fen=Sum("amount_fen"))
        .order_by()
    )
    left = {
        line.order_line_id: OrderLeft(
            line.order_line_left, line.order_line_fen - int(invoiced.get(line.order_line_id, 0))
        )
        for line, _ in parts
    }
    return part_amounts((Part(line.order_line_id, line.price, quantity) for line, quantity in parts), left)


def lines_to_invoice(actor: Actor, *, limit: int = 500) -> list[AcceptedLine]:
    """What the actor's organisation shipped, was accepted and is not wholly invoiced, the oldest first."""
    return [_line(row) for row in acceptance_lines_to_invoice(actor)[:limit]]


@dataclass(frozen=True)
class DraftLine:
    """An accepted line with what an invoice over `quantity` of it states."""

    line: AcceptedLine
    quantity: Decimal
    amount_fen: int


@dataclass(frozen=True)
class Draft:
    """An invoice as it should be issued: lines at order price, the tax inside the amounts taken out at `rate`."""

    lines: tuple[DraftLine, ...]
    rate: Decimal
    net_fen: int
    tax_fen: int
    total_fen: int


def invoice_draft(actor: Actor, quantities: dict[int, Decimal | None], rate: Decimal) -> Draft:
    """What an invoice over these accepted lines should state; a quantity of None is all that is open.
    Raises NotThere for a line that is not the actor's to invoice."""
    found = accepted_lines(actor, quantities)
    if not found or len(found) < len(quantities):
        raise NotThere("可由贵单位开票的验收明细")
    parts = [
        (found[line_id], found[line_id].open_quantity if wanted is None else wanted)
        for line_id, wanted in quantities.items()
    ]
    lines = [DraftLine(*part, fen) for part, fen in zip(parts, part_amounts_of(parts), strict=True)]
    total = sum(line.amount_fen for line in lines)
    net = int(round_half_up(Fraction(total) / (1 + Fraction(rate)), 0))
    return Draft(tuple(lines), rate, net, total - net, total)


def lines_to_invoice_count(actor: Actor) -> int:
    return acceptance_lines_to_invoice(actor).count()

"""Rows of settlement as its services leave them; what comes before (order, delivery, acceptance) as plain rows.

`accepted(world)` gives an accepted line to invoice; `owed(world)` a payable (invoice handed in and matched);
`funded(world, fen)` money in a hospital's deposit; `prepared(world, payables)` a run to approve.
"""

from datetime import date, timedelta
from decimal import Decimal
from itertools import count

import factory
from factory.django import DjangoModelFactory

from catalog.models import ListedSpecification
from procurement.ordering.models import DeliveryPoint, Order, OrderLine
from procurement.receiving.models import Acceptance, AcceptanceLine, Delivery, DeliveryLine
from settlement.models.instruction import InstructionBatch
from settlement.models.payment import Payable, PaymentRun
from settlement.models.statement import BankStatement
from settlement.queries.bank import lines_of
from settlement.queries.plans import plan_digest, plan_of
from settlement.services.bank import bank_statement_confirm, bank_statement_import
from settlement.services.instructions import instruction_export, instruction_make, instructions_release
from settlement.services.invoices import invoice_submit
from settlement.services.ledger import BANK, DEPOSIT, credit, debit, entry_post
from settlement.services.runs import run_prepare
from sunlight import scope
from sunlight.kernel.money import amount_fen
from sunlight.scope import Role
from sunlight.scope.clock import business_date
from tests.factories import catalog, procurement

_numbers = count(1)


def number() -> str:
    """A platform number no test's own service gives out."""
    return f"20990109{next(_numbers):012d}"


class OrderFactory(DjangoModelFactory):
    class Meta:
        model = Order

    number = factory.LazyFunction(number)
    state = "ACCEPTED"
    contact_name = "张三"
    contact_phone = "13800000000"
    law_date = factory.LazyAttribute(lambda o: business_date(o.placed_at))
    answered_at = factory.SelfAttribute("placed_at")


class OrderLineFactory(DjangoModelFactory):
    class Meta:
        model = OrderLine

    number = factory.LazyFunction(number)
    line_no = 1


class DeliveryFactory(DjangoModelFactory):
    class Meta:
        model = Delivery

    number = factory.LazyFunction(number)
    state = "ACCEPTED"


class AcceptanceFactory(DjangoModelFactory):
    class Meta:
        model = Acceptance

    number = factory.LazyFunction(number)
    state = "CONFIRMED"


def _delivered(trade: dict, listing, at, sent: Decimal, *, accepted_quantity: Decimal, **bought):
    """The delivery and its one lot, of an order of one line."""
    point, _ = DeliveryPoint.objects.get_or_create(
        platform=trade["platform"],
        hospital=trade["buyer"],
        code="A1",
        defaults={"name": "设备科库房", "address": "测试路 1 号", "contact_name": "李四", "contact_phone": "1"},
    )
    fen = amount_fen(bought["price"], sent)
    order = OrderFactory(**trade, delivery_point=point, amount_fen=fen, placed_at=at)
    line = OrderLineFactory(
        **trade,
        **bought,
        order=order,
        national_code=ListedSpecification.objects.filter(listing=listing).first().national_code,
        price_group=listing.price_group,
        quantity=sent,
        amount_fen=fen,
        delivered_quantity=accepted_quantity,
        accepted_quantity=accepted_quantity,
    )
    delivery = DeliveryFactory(**trade, order=order, dispatched_at=at)
    lot = DeliveryLine.objects.create(delivery=delivery, order_line=line, line_no=1, quantity=sent, lot="L1")
    return delivery, lot


def accepted(
    world,
    listing=None,
    *,
    price="12.5000",
    quantity="100",
    buyer="hospital",
    distributor="distributor",
    accepted_on: date | None = None,
    accepted_by=None,
    payment_days: int | None = None,
    rejected="0",
) -> AcceptanceLine:
    """A line a hospital accepted, not invoiced yet. `distributor` None: the manufacturer delivered itself."""
    listing = listing or catalog.listed(world)
    agreement = procurement.agreed(world, listing, price=price, buyer=buyer)
    at = scope.now()
    day = accepted_on or business_date(at)
    price, taken, sent = Decimal(price), Decimal(quantity), Decimal(quantity) + Decimal(rejected)
    with scope.opened(world.system):
        hospital = world.organisations[buyer]
        trade = {
            "platform": world.platform,
            "region": hospital.region,
            "buyer": hospital,
            "seller": listing.manufacturer,
            "distributor": world.organisations[distributor] if distributor else None,
        }
        bought = {"agreement": agreement, "price": price, "payment_days": payment_days}
        delivery, lot = _delivered(trade, listing, at, sent, accepted_quantity=taken, **bought)
        acceptance = AcceptanceFactory(
            **trade,
            delivery=delivery,
            accepted_on=day,
            arrived_on=day - timedelta(days=1),
            accepted_at=at,
            **scope.by(accepted_by, "accepted"),
        )
        return AcceptanceLine.objects.create(
            acceptance=acceptance,
            delivery_line=lot,
            accepted_quantity=taken,
            rejected_quantity=Decimal(rejected),
            rejection_reason="破损" if Decimal(rejected) else "",
        )


def yuan(fen: int) -> str:
    return f"{fen // 100}.{fen % 100:02d}"


def stated(line: AcceptanceLine, *, quantity=None, price=None, amount=None) -> dict:
    """An invoice line that agrees with the accepted line, but for what is given."""
    price = Decimal(price or line.delivery_line.order_line.price)
    quantity = Decimal(quantity or line.accepted_quantity)
    amount = amount or yuan(amount_fen(price, quantity))
    return {"acceptance_line": line.id, "quantity": str(quantity), "price": str(price), "amount": amount}


def paper(lines: list[dict], **facts) -> dict:
    """What an invoice over these lines states at 13 %, but for what is given; a new number each time."""
    total = sum(round(Decimal(line["amount"]) * 100) for line in lines)
    net = round(Decimal(total) / Decimal("1.13"))
    return {
        "number": f"{next(_numbers):020d}",
        "issued_on": scope.today(),
        "tax_rate": "0.13",
        "net": yuan(net),
        "tax": yuan(total - net),
        "amount": yuan(total),
        "lines": lines,
        **facts,
    }


def owed(world, **facts) -> Payable:
    """A payable: goods accepted, invoiced by whoever shipped, matched. Facts as for `accepted`."""
    line = accepted(world, **facts)
    issuer = world.actor(facts.get("distributor", "distributor") or "maker", Role.SUPPLIER_FINANCE)
    with scope.opened(issuer):
        invoice = invoice_submit(actor=issuer, at=scope.now(), **paper([stated(line)]))
        return Payable.objects.get(invoice=invoice)


def funded(world, fen: int, hospital: str = "hospital") -> None:
    """Money in a hospital's deposit."""
    with scope.opened(world.system):
        entry_post(
            actor=world.system,
            at=scope.now(),
            source=f"funding:{next(_numbers)}",
            purpose="receive",
            legs=[debit(BANK, fen), credit(DEPOSIT, fen, world.organisations[hospital].id)],
            occurred_on=scope.today(),
        )


def prepared(world, payables: list[Payable], *, person: str = "", hospital: str = "hospital") -> PaymentRun:
    """A run of these payables, prepared by a person of the hospital's finance."""
    actor = world.actor(hospital, Role.HOSPITAL_FINANCE, person=person)
    with scope.opened(actor):
        return run_prepare(actor=actor, at=scope.now(), payable_ids=[p.id for p in payables])


def plan_seen(actor, statement) -> str:
    """The hash of what a waiting statement would do, as the page shows it."""
    lines = list(lines_of(statement))
    return plan_digest(statement, plan_of(actor, lines))


def confirmed(world, content: bytes, *, acknowledged="", name="对账单.csv") -> BankStatement:
    """A statement imported by one settler and confirmed by another."""
    first, second = (world.actor("operator", Role.OPERATOR_SETTLER, person=p) for p in ("", "second"))
    with scope.opened(first):
        taken = bank_statement_import(actor=first, at=scope.now(), name=name, content=content)
    return confirm(second, taken, acknowledged=acknowledged)


def confirm(actor, taken: BankStatement, **facts) -> BankStatement:
    with scope.opened(actor):
        digest = plan_seen(actor, taken)
        return bank_statement_confirm(actor=actor, at=scope.now(), statement_id=taken.id, digest=digest, **facts)


def instructed(world, run: PaymentRun, *, exported: bool = True) -> InstructionBatch:
    """A run's payments in a batch that one settler made, another released, and that went to the bank."""
    first, second = (world.actor("operator", Role.OPERATOR_SETTLER, person=p) for p in ("", "second"))
    with scope.opened(first):
        batch = instruction_make(actor=first, at=scope.now(), run_id=run.id)
    with scope.opened(second):
        instructions_release(actor=second, at=scope.now(), hashes={batch.id: batch.sha256})
        if exported:
            instruction_export(actor=second, at=scope.now(), batch_id=batch.id)
    return batch

"""Reading invoices and what is owed for them."""

from dataclasses import dataclass
from datetime import date

from django.db.models import BigIntegerField, Count, F, Min, OuterRef, Subquery, Sum
from django.db.models.functions import Coalesce

from settlement.models.netting import Netting, Overpayment
from settlement.models.payment import Invoice, Payable, Payment
from settlement.queries.ledger import deposit_fen, promised_fen
from settlement.rules.netting import Due, Over, spread
from settlement.verifying import Paper
from settlement.workflows.states import (
    Holding,
    InvoiceKind,
    InvoiceState,
    NettingState,
    PayableState,
    PaymentState,
    VerificationState,
)
from sunlight.files.uses import file_use
from sunlight.journal.refusals import NotThere
from sunlight.kernel.money import fen_text
from sunlight.scope import Actor, Role
from sunlight.scope.readers import REGULATORS


def invoices_visible_to(actor: Actor, *, state: str = "", number: str = ""):
    """Invoices the actor may see, newest first, with their parties and lines."""
    rows = Invoice.objects.visible_to(actor).select_related("buyer", "issuer", "seller", "reddens")
    if state:
        rows = rows.filter(state=state)
    if number:
        rows = rows.filter(number=number)
    return rows.prefetch_related("lines__acceptance_line__acceptance").order_by("-id")


def access_invoice(actor: Actor, invoice_id: int, *, lock: bool = False) -> Invoice:
    """One invoice. Raises NotThere."""
    rows = Invoice.objects.visible_to(actor)
    rows = rows.select_for_update(of=("self",)) if lock else _with_original(rows)
    invoice = rows.filter(pk=invoice_id).first()
    if invoice is None:
        raise NotThere("这张发票")
    return invoice


@file_use("invoice", Role.OPERATOR_SETTLER, Role.OPERATOR_SUPPORT, *REGULATORS)
def original_files(actor: Actor, invoice_id: int) -> set[int]:
    """The file an invoice came as. Raises NotThere."""
    return {access_invoice(actor, invoice_id).original_id} - {None}


def _with_original(rows):
    return rows.select_related("buyer", "issuer", "seller", "reddens", "original").defer("original__content")


def invoices_to_verify(actor: Actor, *, limit: int) -> list[Invoice]:
    """Invoices of the platform that no verifier answered about, those asked about longest ago (or never) first."""
    rows = Invoice.objects.visible_to(actor).filter(verification=VerificationState.ENTERED)
    rows = rows.exclude(state=InvoiceState.VOIDED).select_related("issuer", "buyer")
    return list(rows.order_by(F("verification_asked_at").asc(nulls_first=True), "id")[:limit])


def paper_of(invoice: Invoice) -> Paper:
    """What a verifier is told of an invoice; amounts of a red one carry their sign."""
    sign = "-" if invoice.kind == InvoiceKind.RED else ""
    return Paper(
        code=invoice.code,
        number=invoice.number,
        issued_on=invoice.issued_on,
        net=f"{sign}{fen_text(invoice.net_fen)}",
        tax=f"{sign}{fen_text(invoice.tax_fen)}",
        total=f"{sign}{fen_text(invoice.amount_fen)}",
        seller=invoice.issuer.credit_code,
        buyer=invoice.buyer.credit_code,
    )


def invoice_in_full(actor: Actor, invoice_id: int) -> Invoice:
    """One invoice with its lines and what was accepted. Raises NotThere."""
    invoice = invoices_visible_to(actor).filter(pk=invoice_id).first()
    if invoice is None:
        raise NotThere("这张发票")
    return invoice


def payables_visible_to(actor: Actor, *, state: str = "", due_before: date | None = None):
    """What is owed that the actor may see, the first due first; `due_before` includes that day."""
    rows = with_parts(Payable.objects.visible_to(actor).select_related("buyer", "payee", "invoice", "seller"))
    if state:
        rows = rows.filter(state=state)
    if due_before is not None:
        rows = rows.filter(due_on__lte=due_before)
    return rows.order_by("due_on", "id")


def access_payable(actor: Actor, payable_id: int, *, lock: bool = False) -> Payable:
    """One payable. Raises NotThere."""
    rows = Payable.objects.visible_to(actor).select_related("invoice")
    rows = rows.select_for_update(of=("self",)) if lock else with_parts(rows).select_related("buyer", "payee", "seller")
    payable = rows.filter(pk=payable_id).first()
    if payable is None:
        raise NotThere("这笔应付款")
    return payable


def with_parts(rows):
    """The payables with `paid_fen` (made, less what came back), `waiting_fen` (in runs, not made yet), `netted_fen` (set
    against an overpayment) and `unpaid_fen` (open or waiting)."""
    payments = Payment.objects.filter(payable=OuterRef("pk")).order_by().values("payable")
    nettings = Netting.objects.filter(payable=OuterRef("pk")).order_by().values("payable")
    made = payments.filter(state__in=[PaymentState.PAID, PaymentState.SETTLED])
    left = Sum(F("amount_fen") - F("returned_fen"))
    pending = payments.filter(state=PaymentState.PENDING).annotate(fen=Sum("amount_fen")).values("fen")
    to_net = nettings.filter(state=NettingState.PENDING).annotate(fen=Sum("amount_fen")).values("fen")
    netted = nettings.filter(state=NettingState.NETTED).annotate(fen=Sum("amount_fen")).values("fen")
    return rows.annotate(
        paid_fen=_sum_of(made.annotate(fen=left).values("fen")),
        waiting_fen=_sum_of(pending) + _sum_of(to_net),
        netted_fen=_sum_of(netted),
    ).annotate(unpaid_fen=F("open_fen") + F("waiting_fen"))


def _sum_of(rows) -> Coalesce:
    return Coalesce(Subquery(rows, output_field=BigIntegerField()), 0)


def payables_to_pay(actor: Actor):
    """What the actor's hospital has to pay and does not hold, the first due first; what has no day last."""
    return payables_visible_to(actor, state=PayableState.OPEN).filter(holding=Holding.FREE)


def held_payables(actor: Actor) -> int:
    """How many payables of the actor's hospital are held."""
    return Payable.objects.visible_to(actor).filter(holding=Holding.HELD).count()


def open_payables(actor: Actor) -> tuple[int, date | None]:
    """The number of payables that the actor's hospital has to pay and does not hold, and the nearest day on which one is
    due."""
    found = (
        Payable.objects.visible_to(actor)
        .filter(state=PayableState.OPEN, holding=Holding.FREE)
        .aggregate(count=Count("id"), due=Min("due_on"))
    )
    return found["count"], found["due"]


def mismatched_count(actor: Actor) -> int:
    """Invoices the actor's organisation issued that do not match and are not voided yet."""
    return Invoice.objects.filter(issuer_id=actor.organisation_id, state=InvoiceState.MISMATCHED).count()


def lines_of(invoice: Invoice):
    """An invoice's lines with what was ordered and accepted behind them."""
    return invoice.lines.select_related(
        "acceptance_line__acceptance",
        "acceptance_line__delivery_line__order_line__order",
        "acceptance_line__delivery_line__order_line__national_code",
        "acceptance_line__delivery_line__order_line__price_group",
    ).order_by("line_no")


def reds_of(invoice: Invoice):
    """The red invoices that take back some of a blue one, the oldest first."""
    return invoice.reds.order_by("id")


def payable_of(invoice: Invoice) -> Payable | None:
    """What is owed for an invoice, where it matched."""
    return Payable.objects.filter(invoice=invoice).first()


@dataclass(frozen=True)
class Choice:
    """The sum of the ticked payables in fen less what is set against them, and whether the deposit covers it."""

    count: int
    total_fen: int
    deposit_fen: int
    promised_fen: int
    netted_fen: int = 0

    @property
    def available_fen(self) -> int:
        return self.deposit_fen - self.promised_fen

    @property
    def short_fen(self) -> int:
        return max(0, self.total_fen - self.available_fen)


def choice_of(actor: Actor, payable_ids, amounts: dict[int, int] | None = None, overpayment_ids=()) -> Choice:
    """What a run of these open payables of the actor would be: of each the amount typed (fen), else all that is open, less
    what is set against it; and the actor's deposit."""
    rows = Payable.objects.visible_to(actor).filter(pk__in=payable_ids, state=PayableState.OPEN, holding=Holding.FREE)
    found = list(rows.order_by("due_on", "id"))
    fen = {row.id: min((amounts or {}).get(row.id, row.open_fen), row.open_fen) for row in found}
    overs = Overpayment.objects.visible_to(actor).filter(pk__in=overpayment_ids, open_fen__gt=0).order_by("id")
    sets = spread(
        [Due(row.id, row.payee_id, fen[row.id]) for row in found],
        [Over(over.id, over.payee_id, over.open_fen) for over in overs],
    )
    netted = sum(each.fen for each in sets)
    return Choice(
        count=len(found),
        total_fen=sum(fen.values()) - netted,
        netted_fen=netted,
        deposit_fen=deposit_fen(actor),
        promised_fen=promised_fen(platform_id=actor.platform_id, buyer_id=actor.organisation_id),
    )


def overpayments_visible_to(actor: Actor, *, only_open: bool = False):
    """What issuers owe back to hospitals for red invoices, that the actor may see, newest first."""
    rows = Overpayment.objects.visible_to(actor).select_related("buyer", "payee", "red__reddens")
    return (rows.filter(open_fen__gt=0) if only_open else rows).order_by("-id")

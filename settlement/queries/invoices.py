"""Reading invoices and what is owed for them."""

from dataclasses import dataclass
from datetime import date

from django.db.models import Count, F, Min, Sum
from django.db.models.functions import Coalesce

from settlement.models.payment import Invoice, Payable
from settlement.queries.ledger import deposit_fen, promised_fen
from settlement.verifying import Paper
from settlement.workflows import InvoiceState, PayableState, VerificationState
from sunlight.files.uses import file_use
from sunlight.journal.refusals import NotThere
from sunlight.kernel.money import fen_text
from sunlight.scope import Actor, Role
from sunlight.scope.readers import REGULATORS


def invoices_visible_to(actor: Actor, *, state: str = "", number: str = ""):
    """Invoices the actor may see, newest first, with their parties and lines."""
    rows = Invoice.objects.visible_to(actor).select_related("buyer", "issuer", "seller")
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
    return rows.select_related("buyer", "issuer", "seller", "original").defer("original__content")


def invoices_to_verify(actor: Actor, *, limit: int) -> list[Invoice]:
    """Invoices of the platform that no verifier answered about, those asked about longest ago (or never) first."""
    rows = Invoice.objects.visible_to(actor).filter(verification=VerificationState.ENTERED)
    rows = rows.exclude(state=InvoiceState.VOIDED).select_related("issuer", "buyer")
    return list(rows.order_by(F("verification_asked_at").asc(nulls_first=True), "id")[:limit])


def paper_of(invoice: Invoice) -> Paper:
    """What a verifier is told of an invoice."""
    return Paper(
        code=invoice.code,
        number=invoice.number,
        issued_on=invoice.issued_on,
        net=fen_text(invoice.net_fen),
        tax=fen_text(invoice.tax_fen),
        total=fen_text(invoice.amount_fen),
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
    rows = Payable.objects.visible_to(actor).select_related("buyer", "payee", "invoice", "seller")
    if state:
        rows = rows.filter(state=state)
    if due_before is not None:
        rows = rows.filter(due_on__lte=due_before)
    return rows.order_by("due_on", "id")


def payables_to_pay(actor: Actor):
    """What the actor's hospital has to pay, the first due first; what has no day last."""
    return payables_visible_to(actor, state=PayableState.OPEN)


def open_payables(actor: Actor) -> tuple[int, date | None]:
    """The number of open payables of the actor's hospital, and the nearest day on which one is due."""
    found = (
        Payable.objects.visible_to(actor)
        .filter(state=PayableState.OPEN)
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


def payable_of(invoice: Invoice) -> Payable | None:
    """What is owed for an invoice, where it matched."""
    return Payable.objects.filter(invoice=invoice).first()


@dataclass(frozen=True)
class Choice:
    """The sum of the ticked payables in fen, and whether the deposit covers it."""

    count: int
    total_fen: int
    deposit_fen: int
    promised_fen: int

    @property
    def available_fen(self) -> int:
        return self.deposit_fen - self.promised_fen

    @property
    def short_fen(self) -> int:
        return max(0, self.total_fen - self.available_fen)


def choice_of(actor: Actor, payable_ids) -> Choice:
    """The sum of the actor's open payables among these, and its deposit."""
    found = (
        Payable.objects.visible_to(actor)
        .filter(pk__in=payable_ids, state=PayableState.OPEN)
        .aggregate(count=Count("id"), total=Coalesce(Sum("open_fen"), 0))
    )
    return Choice(
        count=found["count"],
        total_fen=found["total"],
        deposit_fen=deposit_fen(actor),
        promised_fen=promised_fen(platform_id=actor.platform_id, buyer_id=actor.organisation_id),
    )

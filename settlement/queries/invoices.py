"""Reading invoices and what is owed for them."""

from datetime import date

from settlement.models import Invoice, Payable
from settlement.workflows import PayableState
from sunlight.journal.refusals import NotThere
from sunlight.scope import Actor


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
    rows = rows.select_for_update(of=("self",)) if lock else rows.select_related("buyer", "issuer", "seller")
    invoice = rows.filter(pk=invoice_id).first()
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

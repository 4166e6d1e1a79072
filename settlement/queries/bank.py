"""Reading bank statements and their bookings; no party sees them."""

from django.db.models import Count, Q

from settlement.models.statement import BankStatement, StatementLine
from settlement.queries.ledger import bank_fen, unbooked_fen
from settlement.workflows import StatementLineState
from sunlight.journal.refusals import NotThere
from sunlight.scope import Actor
from sunlight.tenancy.queries.organisations import hospitals_of


def statements_visible_to(actor: Actor):
    """Statements taken on the actor's platforms, newest first, with how many bookings nobody is known for."""
    if actor.is_party:
        return BankStatement.objects.none()
    waiting = Q(lines__state=StatementLineState.UNIDENTIFIED)
    return (
        BankStatement.objects.filter(platform_id__in=actor.platform_ids)
        .annotate(unidentified_count=Count("lines", filter=waiting))
        .order_by("-id")
    )


def access_statement(actor: Actor, statement_id: int) -> BankStatement:
    """One statement. Raises NotThere."""
    statement = statements_visible_to(actor).filter(pk=statement_id).first()
    if statement is None:
        raise NotThere("这份对账单")
    return statement


def lines_visible_to(actor: Actor, *, state: str = ""):
    """Bookings, newest first."""
    if actor.is_party:
        return StatementLine.objects.none()
    rows = StatementLine.objects.filter(platform_id__in=actor.platform_ids)
    rows = rows.select_related("statement", "organisation", "payment")
    return (rows.filter(state=state) if state else rows).order_by("-id")


def hospitals(actor: Actor):
    """The hospitals money may belong to."""
    return hospitals_of(actor.platform_id)


def reconciliation(actor: Actor) -> dict:
    """How the ledger's bank account ties to the last statement, in fen: ledger − unbooked = closing."""
    last = statements_visible_to(actor).order_by("-to_date", "-id").first()
    ledger, unbooked = bank_fen(actor.platform_id), unbooked_fen(actor.platform_id)
    closing = last.closing_fen if last else 0
    return {
        "last": last,
        "ledger_fen": ledger,
        "unbooked_fen": unbooked,
        "closing_fen": closing,
        "difference_fen": ledger - unbooked - closing,
    }

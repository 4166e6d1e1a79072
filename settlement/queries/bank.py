"""Reading bank statements and their bookings; no party sees them."""

from django.db.models import Count, Q

from settlement.models.payment import PaymentReturn
from settlement.models.statement import BankStatement, StatementLine
from settlement.queries.ledger import bank_fen, unbooked_fen
from settlement.queries.payments import with_accounts
from settlement.workflows.states import ReturnState, StatementLineState, StatementState
from sunlight.journal.refusals import NotThere
from sunlight.scope import Actor
from sunlight.scope.fields import done_by
from sunlight.tenancy.queries.organisations import hospitals_of

# Bookings of which it is not decided whose they are.
OPEN_LINES = (StatementLineState.UNIDENTIFIED, StatementLineState.PROPOSED)


def statements_visible_to(actor: Actor, *, state: str = ""):
    """Statements taken on the actor's platforms, newest first, with how many bookings nobody is known for."""
    if actor.is_party:
        return BankStatement.objects.none()
    waiting = Q(lines__state__in=OPEN_LINES)
    rows = BankStatement.objects.filter(platform_id__in=actor.platform_ids)
    rows = rows.filter(state=state) if state else rows
    return rows.annotate(unidentified_count=Count("lines", filter=waiting)).order_by("-id")


def access_statement(actor: Actor, statement_id: int, *, lock: bool = False) -> BankStatement:
    """One statement. Raises NotThere."""
    statement = statements_visible_to(actor).filter(pk=statement_id).first()
    if statement is None:
        raise NotThere("这份对账单")
    return BankStatement.objects.select_for_update().get(pk=statement_id) if lock else statement


def statements_to_confirm(actor: Actor):
    """Statements that wait for somebody else than imported them, the first to be booked first."""
    rows = statements_visible_to(actor).filter(state=StatementState.RECEIVED)
    return rows.exclude(done_by(actor, "taken_by")).order_by("from_date", "id")


def lines_of(statement: BankStatement):
    """A statement's bookings in its own order."""
    return statement.lines.select_related("organisation", "payment", "overpayment__red").order_by("id")


def lines_to_decide(actor: Actor):
    """Proposals that wait for somebody else than made them or imported the statement."""
    rows = lines_visible_to(actor, state=StatementLineState.PROPOSED)
    return rows.exclude(done_by(actor, "proposed_by")).exclude(done_by(actor, "taken_by", "statement__"))


def returns_visible_to(actor: Actor, *, state: str = ""):
    """Payments that came back or are said to have, newest first."""
    rows = PaymentReturn.objects.visible_to(actor).select_related("payment__payee", "payment__buyer")
    rows = with_accounts(rows, actor, "payment__")
    return (rows.filter(state=state) if state else rows).order_by("-id")


def lines_visible_to(actor: Actor, *, state: str = ""):
    """Bookings, newest first."""
    if actor.is_party:
        return StatementLine.objects.none()
    rows = StatementLine.objects.filter(platform_id__in=actor.platform_ids)
    rows = rows.select_related("statement", "organisation", "payment", "overpayment__red")
    return (rows.filter(state=state) if state else rows).order_by("-id")


def returns_to_decide(actor: Actor):
    """Payments said to have come back that wait for somebody else."""
    return returns_visible_to(actor, state=ReturnState.PROPOSED).exclude(done_by(actor, "proposed_by"))


def hospitals(actor: Actor):
    """The hospitals money may belong to."""
    return hospitals_of(actor.platform_id)


def reconciliation(actor: Actor) -> dict:
    """How the ledger's bank account ties to the last statement, in fen: ledger − unbooked = closing."""
    confirmed = statements_visible_to(actor).filter(state=StatementState.CONFIRMED)
    last = confirmed.order_by("-to_date", "-id").first()
    ledger, unbooked = bank_fen(actor.platform_id), unbooked_fen(actor.platform_id)
    closing = last.closing_fen if last else 0
    return {
        "last": last,
        "ledger_fen": ledger,
        "unbooked_fen": unbooked,
        "closing_fen": closing,
        "difference_fen": ledger - unbooked - closing,
    }

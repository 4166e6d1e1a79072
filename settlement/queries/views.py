"""What pages and API show of a statement: its bookings with what they would do, or have done."""

from dataclasses import dataclass

from settlement.models.statement import BankStatement, StatementLine
from settlement.queries.bank import access_statement, lines_of
from settlement.queries.plans import Planned, plan_digest, plan_of, to_acknowledge
from settlement.workflows.bank import STATEMENT_LINE
from settlement.workflows.states import StatementState
from sunlight.scope import Actor
from sunlight.tenancy.queries.organisations import hospitals_of

MOST_SHOWN = 500


@dataclass(frozen=True)
class LineView:
    """A booking, in words what becomes of it, whose it is, and why a person has to look."""

    line: StatementLine
    what: str
    whose: str
    finding: str


@dataclass(frozen=True)
class StatementView:
    """A statement with its first bookings. While it waits: the hash of what it would do, and the amount to be typed."""

    statement: BankStatement
    lines: list[LineView]
    digest: str
    asked_fen: int
    counts: list[tuple[str, int, int]]


def statement_view(actor: Actor, statement_id: int) -> StatementView:
    """Raises NotThere."""
    statement = access_statement(actor, statement_id)
    rows = list(lines_of(statement))
    if statement.state != StatementState.RECEIVED:
        shown = [_done(line) for line in rows[:MOST_SHOWN]]
        return StatementView(statement, shown, "", 0, _counted([(row.get_state_display(), row) for row in rows]))
    plan = plan_of(actor, rows)
    names = {h.id: h.name for h in hospitals_of(actor.platform_id)}
    return StatementView(
        statement,
        [_planned(each, names) for each in plan[:MOST_SHOWN]],
        plan_digest(statement, plan),
        to_acknowledge(actor, statement, rows),
        _counted([(_word(each), each.line) for each in plan]),
    )


def _word(each: Planned) -> str:
    return str(STATEMENT_LINE.move(each.move).to_state.label)


def _planned(each: Planned, names: dict[int, str]) -> LineView:
    whose = each.payment.number if each.payment else names.get(each.organisation_id, "")
    return LineView(each.line, _word(each), whose, each.finding)


def _done(line: StatementLine) -> LineView:
    whose = line.payment.number if line.payment else (line.organisation.name if line.organisation else "")
    return LineView(line, line.get_state_display(), whose, line.finding)


def _counted(rows: list[tuple[str, StatementLine]]) -> list[tuple[str, int, int]]:
    """Of each kind how many bookings, and their sum in fen."""
    found: dict[str, tuple[int, int]] = {}
    for word, line in rows:
        count, fen = found.get(word, (0, 0))
        found[word] = (count + 1, fen + line.amount_fen)
    return [(word, count, fen) for word, (count, fen) in found.items()]

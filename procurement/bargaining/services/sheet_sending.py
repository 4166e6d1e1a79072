"""Sending a sheet: every filled line through the real service, each in its own scope and transaction.

A line holds the offer it became, so that an interrupted sending continues where it stopped and nothing is sent twice;
a refused line keeps its answer and stays in the sheet.
"""

from dataclasses import dataclass
from datetime import datetime

from procurement.bargaining.models.sheets import OfferSheet, OfferSheetRow
from procurement.bargaining.queries import sheets as queries
from procurement.bargaining.rules.pasting import MOST_ROWS, plain_number
from procurement.bargaining.services.offers import offer_make
from procurement.bargaining.services.sheets import open_sheet
from sunlight import scope
from sunlight.journal.refusals import Invalid, Refused
from sunlight.journal.services import service
from sunlight.scope import Actor


@dataclass(frozen=True, slots=True)
class Sent:
    """What one stretch of a sending did: offers made, lines refused, lines that still wait."""

    made: int
    refused: int
    left: int


@service
def sheet_send(*, actor: Actor, at: datetime, sheet_id: int) -> int:
    """Begin to send a sheet, or resume; returns the number of waiting lines. The offers are made by
    `sheet_send_continue`, after this is committed. Raises Conflict for a closed sheet, Invalid where no line is filled."""
    sheet = open_sheet(actor, sheet_id)
    waiting = queries.rows_to_send(sheet, sheet.sending_at).count()
    if not waiting:
        raise Invalid("nothing_to_send", "没有可发送的行。请先填写产品、数量和单价。", field="lines")
    if sheet.sending_at is None:
        sheet.sending_at = at
        sheet.save(update_fields=["sending_at"])
    return waiting


@service
def sheet_send_stop(*, actor: Actor, at: datetime, sheet_id: int) -> OfferSheet:
    """Send no more lines; what was sent stays sent."""
    sheet = open_sheet(actor, sheet_id)
    sheet.sending_at = None
    sheet.save(update_fields=["sending_at"])
    return sheet


def sheet_send_continue(*, actor: Actor, at: datetime, sheet_id: int, limit: int = MOST_ROWS) -> Sent:
    """Send up to `limit` waiting lines of a sheet that is being sent, each in its own transaction. Call it outside any
    scope; may be called again at any time, by several at once."""
    with scope.opened(actor):
        sheet = queries.access_sheet(actor, sheet_id)
        since = sheet.sending_at
        waiting = list(queries.rows_to_send(sheet, since).values_list("id", flat=True)[:limit]) if since else []
    made = refused = 0
    for row_id in waiting:
        try:
            with scope.opened(actor):
                row_send(actor=actor, at=at, row_id=row_id)
            made += 1
        except Refused as refusal:
            with scope.opened(actor):
                row_answer_keep(actor=actor, at=at, row_id=row_id, refusal=refusal)
            refused += 1
    with scope.opened(actor):
        left = _end(actor=actor, at=at, sheet_id=sheet_id, since=since)
    return Sent(made, refused, left)


@service
def row_send(*, actor: Actor, at: datetime, row_id: int) -> OfferSheetRow:
    """Make the offer of one line, once: a line that is an offer already is returned as it is. Raises whatever
    `offer_make` refuses, Invalid for a cell that cannot be read."""
    row = queries.lock_row(actor, row_id)
    if row.offer_id is not None:
        return row
    if row.price_group_id is None:
        raise Invalid(
            "product_unknown", f"没有找到可交易的产品“{row.product}”。请核对编码或从候选中选择。", field="product"
        )
    row.offer = offer_make(
        actor=actor,
        at=at,
        price_group_id=row.price_group_id,
        price=plain_number(row.price),
        quantity=plain_number(row.quantity),
        months=row.sheet.months,
    )
    row.answer, row.tried_at, row.version = None, at, row.version + 1
    row.save(update_fields=["offer", "answer", "tried_at", "version"])
    return row


@service
def row_answer_keep(*, actor: Actor, at: datetime, row_id: int, refusal: Refused) -> OfferSheetRow:
    """Keep why a line was refused; what was typed stays as it is."""
    row = queries.lock_row(actor, row_id)
    if row.offer_id is None:
        row.answer = {
            "code": refusal.code,
            "message": refusal.message,
            "field": refusal.field,
            "clauses": refusal.clauses,
        }
        row.tried_at = at
        row.save(update_fields=["answer", "tried_at"])
    return row


@service
def _end(*, actor: Actor, at: datetime, sheet_id: int, since: datetime | None) -> int:
    sheet = queries.lock_sheet(actor, sheet_id)
    left = queries.rows_to_send(sheet, since).count() if since else 0
    if since and not left and sheet.sending_at == since:
        sheet.sending_at = None
        sheet.save(update_fields=["sending_at"])
    return left


def send_after_commit(*, actor: Actor, at: datetime, sheet_id: int, limit: int = MOST_ROWS) -> None:
    """Send waiting lines once the request's own transaction has ended."""
    scope.after_scope(lambda: sheet_send_continue(actor=actor, at=at, sheet_id=sheet_id, limit=limit))

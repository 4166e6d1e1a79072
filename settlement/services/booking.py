"""What a known booking of the bank does to the ledger, to payments and to what is owed."""

from collections.abc import Sequence
from datetime import date, datetime

from settlement.events import DEPOSIT_RECEIVED, OVERPAYMENT_REFUNDED, PAYMENT_RETURNED, PAYMENT_SETTLED
from settlement.models.ledger import Entry
from settlement.models.payment import Payable, Payment, PaymentReturn
from settlement.models.statement import BankStatement, StatementLine
from settlement.queries.plans import Planned
from settlement.services.ledger import BANK, CLEARING, DEPOSIT, UNIDENTIFIED, Posting, credit, debit, entries_post
from settlement.services.payables import COLUMNS, reopen
from settlement.workflows.bank import STATEMENT_LINE
from settlement.workflows.paying import PAYMENT
from settlement.workflows.states import Meaning, PaymentState, ReturnState
from sunlight import scope
from sunlight.journal.services import record
from sunlight.scope import Actor
from sunlight.scope.duties import moved

LINE_COLUMNS = (
    *("entry", "organisation", "payment", "meaning", "state", "finding", "version", "end_to_end", "return_code"),
    *("return_reason", "counterparty_name", "counterparty_account", "reference"),
    *("proposed_at", "proposed_by_kind", "proposed_by_id", "proposed_for_person_id", "proposed_mandate_id"),
)


def book(actor: Actor, at: datetime, statement: BankStatement, plan: Sequence[Planned]) -> None:
    """Do what a confirmed statement's bookings are planned to do."""
    system = actor.as_system()
    for each in plan:
        line = each.line
        line.state = _moved(line, each.move, system)
        line.meaning, line.finding = each.meaning, each.finding
        line.organisation_id, line.payment = each.organisation_id, each.payment
        line.version += 1
        if each.move == "suggest":
            # The reference proposes on behalf of whoever brought the file in.
            line.proposed_at = at
            scope.stamp(line, "proposed", statement.taken_by)
    postings = {each.line.id: _postings(each) for each in plan}
    entered = [posting for each in plan for posting in postings[each.line.id]]
    entries = iter(entries_post(actor=actor, at=at, postings=entered) if entered else [])
    known = []
    for each in plan:
        made = [next(entries) for _ in postings[each.line.id]]
        each.line.entry = made[0] if made else None
        if each.move == "identify":
            known.append((each.line, made))
    StatementLine.objects.bulk_update([each.line for each in plan], LINE_COLUMNS)
    for line, made in known:
        take_effect(actor, at, line, made)


def _moved(line: StatementLine, move: str, system: Actor) -> str:
    if move == "identify":
        return moved(STATEMENT_LINE, line.state, "identify", system)
    if move == "suggest":
        return moved(STATEMENT_LINE, line.state, "suggest", system)
    return moved(STATEMENT_LINE, line.state, "set_aside", system)


def _postings(each: Planned) -> list[Posting]:
    """What goes into the ledger at once: money in always, money out once it is known what for."""
    line, source = each.line, f"statement_line:{each.line.id}"
    if line.direction == "DEBIT":
        return [settling(line, each.payment)] if each.payment else []
    memo = f"入金 {line.counterparty_name} {line.reference}".strip()
    if each.move == "identify" and each.meaning == Meaning.RETURN:
        came = (debit(BANK, line.amount_fen), credit(CLEARING, line.amount_fen, each.payment.payee_id))
        return [
            Posting(source, "receive", came, line.booked_on, f"退汇 {each.payment.number}"),
            returning(line, each.payment),
        ]
    is_known = each.move == "identify"
    owner = credit(DEPOSIT if is_known else UNIDENTIFIED, line.amount_fen, each.organisation_id if is_known else None)
    return [Posting(source, "receive", (debit(BANK, line.amount_fen), owner), line.booked_on, memo)]


def settling(line: StatementLine, payment: Payment) -> Posting:
    """The bank has paid out what was on its way to the payee."""
    legs = (debit(CLEARING, payment.amount_fen, payment.payee_id), credit(BANK, payment.amount_fen))
    return Posting(f"statement_line:{line.id}", "settle", legs, line.booked_on, f"银行划拨 {payment.number}")


def returning(line: StatementLine, payment: Payment) -> Posting:
    """What came back of a payment belongs to the hospital again."""
    return opposite(payment, line.amount_fen, f"return:{line.id}", line.booked_on)


def opposite(payment: Payment, fen: int, purpose: str, on: date) -> Posting:
    """The hospital's deposit has again what was on its way to the payee; the reversing entry of the payment's own where it
    is all of it."""
    legs = (debit(CLEARING, fen, payment.payee_id), credit(DEPOSIT, fen, payment.buyer_id))
    reverses = payment.entry_id if fen == payment.amount_fen else None
    return Posting(f"payment:{payment.number}", purpose, legs, on, f"退汇 {payment.number}", reverses)


def take_effect(actor: Actor, at: datetime, line: StatementLine, entries: Sequence[Entry]) -> None:
    """What a booking does besides the ledger, by its meaning."""
    if line.meaning == Meaning.SETTLEMENT:
        _settle(actor, at, line)
    elif line.meaning == Meaning.RETURN:
        bring_back(actor, at, line.payment, line=line, fen=line.amount_fen, entry=entries[-1], by=actor, note="")
    elif line.meaning == Meaning.REFUND:
        _refund(actor, at, line)
    else:
        _record_deposit(actor, at, line)


def _refund(actor: Actor, at: datetime, line: StatementLine) -> None:
    """The issuer has paid back into the hospital's deposit what its red invoice took back. The overpayment is locked."""
    overpayment = line.overpayment
    overpayment.open_fen -= line.amount_fen
    overpayment.refunded_fen += line.amount_fen
    overpayment.version += 1
    overpayment.save(update_fields=["open_fen", "refunded_fen", "version"])
    record(
        OVERPAYMENT_REFUNDED,
        subject=line.id,
        actor=actor,
        at=at,
        parties=[overpayment.buyer_id, overpayment.payee_id],
        payload={
            "hospital": overpayment.buyer_id,
            "payee": overpayment.payee_id,
            "overpayment": overpayment.id,
            "red_number": overpayment.red.number,
            "amount_fen": line.amount_fen,
            "open_fen": overpayment.open_fen,
            "bank_serial": line.bank_serial,
            "entry": line.entry.number,
        },
    )


def _record_deposit(actor: Actor, at: datetime, line: StatementLine) -> None:
    record(
        DEPOSIT_RECEIVED,
        subject=line.id,
        actor=actor,
        at=at,
        parties=[line.organisation_id],
        payload={
            "hospital": line.organisation_id,
            "amount_fen": line.amount_fen,
            "booked_on": line.booked_on,
            "serial": line.bank_serial,
            "entry": line.entry.number,
            "reason": line.assign_reason,
        },
    )


def _settle(actor: Actor, at: datetime, line: StatementLine) -> None:
    payment = line.payment
    payment.state = moved(PAYMENT, payment.state, "settle", actor.as_system())
    payment.settled_on = line.booked_on
    payment.version += 1
    payment.save(update_fields=["state", "settled_on", "version"])
    record(
        PAYMENT_SETTLED,
        subject=payment.id,
        actor=actor,
        at=at,
        parties=[payment.buyer_id, payment.seller_id, payment.distributor_id],
        version=payment.version,
        payload={
            "payment": payment.number,
            "settled_on": line.booked_on,
            "serial": line.bank_serial,
            "amount_fen": payment.amount_fen,
            "entry": line.entry.number,
        },
    )


def bring_back(
    actor: Actor,
    at: datetime,
    payment: Payment,
    *,
    fen: int,
    entry: Entry,
    by: Actor,
    note: str,
    line: StatementLine | None = None,
    said: PaymentReturn | None = None,
) -> PaymentReturn:
    """Money of a payment has come back: the payable is open again by that much, and the payment is returned where it is
    all of it. Kept as a return: the one a settler said before, or a new one of a booking. The payment is locked."""
    system = actor.as_system()
    payable = Payable.objects.select_for_update().get(pk=payment.payable_id)
    reopen(payable, fen, system)
    payable.save(update_fields=COLUMNS)
    payment.returned_fen += fen
    payment.returned_at = at
    if payment.returned_fen == payment.amount_fen:
        payment.state = moved(PAYMENT, payment.state, "send_back", system)
    payment.version += 1
    payment.save(update_fields=["state", "returned_fen", "returned_at", "version"])
    found = said or _return_of(payment, line, at)
    found.state, found.entry, found.decided_at, found.decision_note = ReturnState.CONFIRMED, entry, at, note
    scope.stamp(found, "decided", by)
    found.save()
    _record_return(actor, at, payment, payable, found)
    return found


def _return_of(payment: Payment, line: StatementLine, at: datetime) -> PaymentReturn:
    proposed_by = line.proposed_by or line.statement.taken_by
    return PaymentReturn(
        platform_id=payment.platform_id,
        region_id=payment.region_id,
        buyer_id=payment.buyer_id,
        seller_id=payment.seller_id,
        distributor_id=payment.distributor_id,
        payment=payment,
        line=line,
        bank_serial=line.bank_serial,
        amount_fen=line.amount_fen,
        code=line.return_code,
        reason=line.return_reason or line.assign_reason or line.reference,
        proposed_at=line.proposed_at or at,
        **scope.by(proposed_by, "proposed"),
    )


def _record_return(actor: Actor, at: datetime, payment: Payment, payable: Payable, found: PaymentReturn) -> None:
    record(
        PAYMENT_RETURNED,
        subject=payment.id,
        actor=actor,
        at=at,
        parties=[payment.buyer_id, payment.seller_id, payment.distributor_id],
        version=payment.version,
        payload={
            "payment": payment.number,
            "return": found.id,
            "run": payment.run_id,
            "payable": payable.id,
            "invoice": payable.invoice_id,
            "hospital": payment.buyer_id,
            "payee": payment.payee_id,
            "account": payment.payee_account_number,
            "amount_fen": found.amount_fen,
            "returned_fen": payment.returned_fen,
            "open_fen": payable.open_fen,
            "is_whole": payment.state == PaymentState.RETURNED,
            "state": payment.state,
            "return_code": found.code,
            "return_reason": found.reason,
            "entry": found.entry.number,
            "serial": found.bank_serial,
        },
    )

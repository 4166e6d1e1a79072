"""Bookings nobody is known for: one settler proposes whose they are, another decides."""

from datetime import datetime

from settlement.events import STATEMENT_LINE_ASSIGNED, STATEMENT_LINE_PROPOSED, STATEMENT_LINE_SENT_BACK
from settlement.models.netting import Overpayment
from settlement.models.payment import Payment
from settlement.models.statement import StatementLine
from settlement.queries.plans import ceilings, ceilings_by, why_not_settled
from settlement.services.bank import acknowledge, require_settler
from settlement.services.booking import returning, settling, take_effect
from settlement.services.ledger import (
    BANK,
    CLEARING,
    DEPOSIT,
    UNIDENTIFIED,
    Posting,
    credit,
    debit,
    entries_post,
    lock_balance,
)
from settlement.workflows.bank import STATEMENT_LINE
from settlement.workflows.states import Meaning, PaymentState
from sunlight import scope
from sunlight.journal.refusals import Conflict, Invalid, NotThere
from sunlight.journal.services import record, service
from sunlight.kernel import reading
from sunlight.kernel.money import fen_text
from sunlight.scope import Actor
from sunlight.scope.clock import business_date
from sunlight.scope.duties import moved
from sunlight.tenancy.queries.organisations import hospitals_of

LONGEST_REASON = 300


def _locked(actor: Actor, line_id: int) -> StatementLine:
    rows = StatementLine.objects.select_related("statement").select_for_update(of=("self",))
    line = rows.filter(platform_id=actor.platform_id, pk=line_id).first()
    if line is None:
        raise NotThere("这笔银行流水")
    return line


@service
def statement_line_propose(
    *,
    actor: Actor,
    at: datetime,
    line_id: int,
    reason: str,
    organisation_id: int | str | None = None,
    payment_number: str = "",
    red_number: str = "",
) -> StatementLine:
    """Propose whose an unidentified booking is, by a settler, with the reason: money in a hospital's, what came back of a
    payment, or what an issuer pays back for its red invoice; money out the payment it confirms. Nothing moves until another
    settler agrees.

    Raises Forbidden, NotThere, Invalid (no reason, no such hospital or payment), IllegalMove, Conflict where the payment
    cannot be meant."""
    require_settler(actor, "认领银行流水")
    line = _locked(actor, line_id)
    line.state = moved(STATEMENT_LINE, line.state, "propose", actor)
    read = reading.Collected()
    reason = read(reading.reason, reason, label="认领依据", most=LONGEST_REASON, way_out="，如电话确认、回单编号")
    organisation_id = read(reading.row_id, organisation_id, "organisation", "医院", required=False)
    payment_number = read(reading.text, payment_number, "payment", "平台付款编号", most=20, required=False)
    red_number = read(reading.text, red_number, "red_invoice", "红字发票号码", most=20, required=False)
    read.check()
    if line.direction == "CREDIT" and red_number and not payment_number:
        line.overpayment = _overpayment(actor, red_number)
        line.organisation_id, line.meaning = line.overpayment.buyer_id, Meaning.REFUND
        _require_owed_back(line)
    elif line.direction == "CREDIT" and not payment_number:
        line.organisation_id, line.meaning = _hospital(actor, organisation_id), Meaning.DEPOSIT
    else:
        line.payment = _payment(actor, payment_number, line.direction)
        line.meaning = Meaning.RETURN if line.direction == "CREDIT" else Meaning.SETTLEMENT
        _require_fit(line)
    line.proposed_at, line.assign_reason = at, reason
    scope.stamp(line, "proposed", actor)
    line.version += 1
    line.save()
    record(STATEMENT_LINE_PROPOSED, subject=line.id, actor=actor, at=at, version=line.version, payload=_facts(line))
    return line


def _facts(line: StatementLine) -> dict:
    return {
        "serial": line.bank_serial,
        "amount_fen": line.amount_fen,
        "meaning": line.meaning,
        "hospital": line.organisation_id,
        "payment": line.payment.number if line.payment else None,
        "red_number": line.overpayment.red.number if line.overpayment else "",
        "reason": line.assign_reason,
    }


def _hospital(actor: Actor, organisation_id: int | None) -> int:
    hospital = next((h for h in hospitals_of(actor.platform_id) if h.id == organisation_id), None)
    if hospital is None:
        raise Invalid("hospital_unknown", "请选择本平台登记的医院作为款项归属。", field="organisation")
    return hospital.id


def _payment(actor: Actor, number: str, direction: str) -> Payment:
    rows = Payment.objects.select_for_update(of=("self",))
    payment = rows.filter(platform_id=actor.platform_id, number=number).first()
    if payment is None:
        what = "支出" if direction == "DEBIT" else "退回款项"
        raise Invalid("payment_unknown", f"请填写这笔{what}对应的 20 位平台付款编号。", field="payment")
    return payment


def _overpayment(actor: Actor, red_number: str) -> Overpayment:
    rows = Overpayment.objects.select_for_update(of=("self",)).select_related("red")
    overpayment = rows.filter(platform_id=actor.platform_id, red__number=red_number).first()
    if overpayment is None:
        raise Invalid("overpayment_unknown", "请填写形成应退款的红字发票号码（20 位）。", field="red_invoice")
    return overpayment


def _require_owed_back(line: StatementLine) -> None:
    """The issuer owes as much back; the person who decides asks again."""
    if line.amount_fen > line.overpayment.open_fen:
        left = fen_text(line.overpayment.open_fen)
        raise Conflict(
            "refund_too_large",
            f"退款 {fen_text(line.amount_fen)} 元多于红字发票 {line.overpayment.red.number} 未结的应退款 {left} 元。"
            "请核对红字发票号码；多出的款项请认领给医院或退回供应商。",
            field="red_invoice",
        )


def _require_fit(line: StatementLine) -> None:
    """The payment can be what the booking is about; the person who decides asks again."""
    payment = line.payment
    if line.meaning == Meaning.SETTLEMENT:
        # What the bank has booked is a fact, whether or not we told it to: two people say which payment it was.
        if finding := why_not_settled(payment, line.amount_fen, instructed=True):
            raise Conflict("payment_not_settleable", f"{finding}。请核对付款编号。", field="payment")
    elif payment.state != PaymentState.SETTLED:
        way_out = "请先认领它的支出流水" if payment.state == PaymentState.PAID else "如属重复退回，请认领给付款的医院"
        raise Conflict(
            "payment_not_returnable",
            f"付款 {payment.number} 当前为“{payment.get_state_display()}”，这笔款项不能作为它的退汇。{way_out}。",
            field="payment",
        )
    elif line.amount_fen > payment.amount_fen - payment.returned_fen:
        left = fen_text(payment.amount_fen - payment.returned_fen)
        raise Conflict(
            "return_too_large",
            f"退回 {fen_text(line.amount_fen)} 元多于付款 {payment.number} 可退的 {left} 元。请核对付款编号，或认领给医院。",
            field="payment",
        )


@service
def statement_line_assign(
    *, actor: Actor, at: datetime, line_id: int, reason: str, acknowledged: object = ""
) -> StatementLine:
    """Agree to a proposal, by another settler than made it or imported the statement, with what was checked: the money is
    then whose it was proposed to be. Above the line's ceiling the amount must be typed again (`acknowledged`).

    Raises NotThere, IllegalMove, Forbidden (proposed or imported it), Invalid without reason or amount, Conflict where
    the payment is in another state by now (SZ20-5.3.4)."""
    require_settler(actor, "认领银行流水")
    line = _locked(actor, line_id)
    earlier = {"propose": line.proposed_by, "import": line.statement.taken_by}
    line.state = moved(
        STATEMENT_LINE, line.state, "assign", actor, earlier=earlier, subject=("statement_line", line.id)
    )
    reason = reading.reason(reason, label="复核依据", most=LONGEST_REASON, way_out="，如电话确认、回单编号")
    ceiling, _ = ceilings(actor, line.statement.to_date)
    asked = line.amount_fen if ceiling is not None and line.amount_fen > ceiling else 0
    line.acknowledged_fen = acknowledge(asked, acknowledged, ceilings_by(actor, line.statement.to_date))
    line.assigned_at = at
    line.assign_reason = _both(line.assign_reason, reason)
    scope.stamp(line, "assigned", actor)
    line.version += 1
    # The same order as a confirmed statement takes them in: the bank's account first.
    lock_balance(actor=actor, kind=BANK)
    if line.payment_id:
        line.payment = Payment.objects.select_for_update(of=("self",)).get(pk=line.payment_id)
        _require_fit(line)
    if line.overpayment_id:
        rows = Overpayment.objects.select_for_update(of=("self",)).select_related("red")
        line.overpayment = rows.get(pk=line.overpayment_id)
        _require_owed_back(line)
    entries = entries_post(actor=actor, at=at, postings=_postings(line, business_date(at)))
    line.entry = line.entry or entries[0]
    line.save()
    take_effect(actor, at, line, entries)
    record(
        STATEMENT_LINE_ASSIGNED,
        subject=line.id,
        actor=actor,
        at=at,
        version=line.version,
        parties=[line.organisation_id] if line.organisation_id else [],
        payload={**_facts(line), "acknowledged_fen": line.acknowledged_fen, "entry": line.entry.number},
    )
    return line


def _both(proposed: str, checked: str) -> str:
    """Why it was proposed and what was checked, one after the other; the event keeps each whole."""
    both = f"{proposed}；复核：{checked}" if proposed else checked
    return both if len(both) <= LONGEST_REASON else checked


def _postings(line: StatementLine, on) -> list[Posting]:
    source, fen = f"statement_line:{line.id}", line.amount_fen
    if line.meaning == Meaning.SETTLEMENT:
        return [settling(line, line.payment)]
    if line.meaning == Meaning.RETURN:
        legs = (debit(UNIDENTIFIED, fen), credit(CLEARING, fen, line.payment.payee_id))
        memo = f"认领退汇 {line.payment.number}"
        return [Posting(source, "assign", legs, on, memo), returning(line, line.payment)]
    legs = (debit(UNIDENTIFIED, fen), credit(DEPOSIT, fen, line.organisation_id))
    return [Posting(source, "assign", legs, on, f"认领 {line.assign_reason}")]


@service
def statement_line_send_back(*, actor: Actor, at: datetime, line_id: int, reason: str) -> StatementLine:
    """Undo a proposal that is not agreed to, by any settler, with the reason: the booking waits for another. Raises
    NotThere, IllegalMove, Invalid without a reason."""
    require_settler(actor, "退回认领提议")
    line = _locked(actor, line_id)
    line.state = moved(STATEMENT_LINE, line.state, "send_back", actor)
    reason = reading.reason(reason, label="退回原因", most=LONGEST_REASON)
    facts = {**_facts(line), "reason": reason}
    line.organisation_id, line.payment_id, line.meaning = None, None, ""
    line.overpayment_id = None
    line.proposed_at, line.assign_reason = None, ""
    scope.stamp(line, "proposed", None)
    line.finding = f"认领提议被退回：{reason}"
    line.version += 1
    line.save()
    record(STATEMENT_LINE_SENT_BACK, subject=line.id, actor=actor, at=at, version=line.version, payload=facts)
    return line

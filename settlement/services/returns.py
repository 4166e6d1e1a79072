"""Payments that the bank refused before anything was booked: one settler says so, another confirms, and they are owed
again. What comes back by a booking is in `bank_lines` and `booking`."""

from datetime import datetime

from settlement.events import PAYMENT_RETURN_PROPOSED, PAYMENT_RETURN_REFUSED
from settlement.models.payment import Payment, PaymentReturn
from settlement.queries.payments import access_payment
from settlement.queries.plans import instructed_of
from settlement.services.bank import require_settler
from settlement.services.booking import bring_back, opposite
from settlement.services.ledger import entries_post
from settlement.workflows.bank import PAYMENT_RETURN
from settlement.workflows.states import PaymentState, ReturnState
from sunlight import scope
from sunlight.journal.refusals import Conflict, NotThere
from sunlight.journal.services import record, service
from sunlight.kernel import reading
from sunlight.scope import Actor
from sunlight.scope.clock import business_date
from sunlight.scope.duties import moved


@service
def payment_return_propose(
    *, actor: Actor, at: datetime, payment_id: int, reason: str, code: str = ""
) -> PaymentReturn:
    """Say that the bank refused a payment it was told to make, with its notice, by a settler: no money left the account.
    Another settler confirms. Raises NotThere, Invalid without a reason, Conflict where the payment is not on its way."""
    require_settler(actor, "登记银行退回的付款")
    payment = _locked(actor, payment_id)
    read = reading.Collected()
    reason = read(reading.reason, reason, label="退回依据", most=300, way_out="，如银行退票通知编号")
    code = read(reading.text, code, "code", "银行退回代码", most=8, required=False)
    read.check()
    _require_under_way(payment)
    if PaymentReturn.objects.filter(payment=payment, state=ReturnState.PROPOSED).exists():
        raise Conflict("return_proposed_already", f"付款 {payment.number} 的退回已经提出，正待另一位结算员复核。")
    found = PaymentReturn.objects.create(
        platform_id=payment.platform_id,
        region_id=payment.region_id,
        buyer_id=payment.buyer_id,
        seller_id=payment.seller_id,
        distributor_id=payment.distributor_id,
        payment=payment,
        amount_fen=payment.amount_fen,
        code=code,
        reason=reason,
        state=PAYMENT_RETURN.initial,
        proposed_at=at,
        **scope.by(actor, "proposed"),
    )
    record(PAYMENT_RETURN_PROPOSED, subject=payment.id, actor=actor, at=at, payload=_facts(found))
    return found


def _facts(found: PaymentReturn) -> dict:
    return {
        "payment": found.payment.number,
        "return": found.id,
        "amount_fen": found.amount_fen,
        "return_code": found.code,
        "return_reason": found.reason,
    }


def _locked(actor: Actor, payment_id: int) -> Payment:
    access_payment(actor, payment_id)
    return Payment.objects.select_for_update(of=("self",)).get(pk=payment_id)


def _require_under_way(payment: Payment) -> None:
    """The bank was told to make the payment and has not booked it."""
    if payment.state != PaymentState.PAID:
        raise Conflict(
            "payment_not_under_way",
            f"付款 {payment.number} 当前为“{payment.get_state_display()}”。已到账后退回的款项，请认领对账单中的退汇流水。",
            subject=("payment", payment.id),
        )
    if payment.id not in instructed_of([payment.id]):
        raise Conflict(
            "payment_not_instructed",
            f"付款 {payment.number} 还没有向银行发出指令，银行不会退回它。",
            subject=("payment", payment.id),
        )


def _access(actor: Actor, return_id: int) -> PaymentReturn:
    rows = PaymentReturn.objects.visible_to(actor).filter(pk=return_id, line=None)
    found = rows.select_related("payment").first()
    if found is None:
        raise NotThere("这笔退回")
    found.payment = _locked(actor, found.payment_id)
    found.refresh_from_db(fields=["state"])
    return found


@service
def payment_return_confirm(*, actor: Actor, at: datetime, return_id: int, note: str = "") -> PaymentReturn:
    """Confirm that the bank refused a payment, by another settler than said so: its entry is reversed, the deposit has the
    money again, and the payable is open. Raises NotThere, IllegalMove, Forbidden (said so), Conflict where the payment is
    in another state by now."""
    require_settler(actor, "复核银行退回的付款")
    found = _access(actor, return_id)
    payment = found.payment
    found.state = moved(
        PAYMENT_RETURN,
        found.state,
        "confirm",
        actor,
        earlier={"propose": found.proposed_by},
        subject=("payment", payment.id),
    )
    note = reading.text(note, "note", "复核意见", most=300, required=False)
    _require_under_way(payment)
    posting = opposite(payment, payment.amount_fen, "return", business_date(at))
    (entry,) = entries_post(actor=actor, at=at, postings=[posting])
    return bring_back(actor, at, payment, fen=payment.amount_fen, entry=entry, by=actor, note=note, said=found)


@service
def payment_return_refuse(*, actor: Actor, at: datetime, return_id: int, reason: str) -> PaymentReturn:
    """Not agree that the bank refused a payment, by a settler, with the reason: it stays on its way. Raises NotThere,
    IllegalMove, Invalid without a reason."""
    require_settler(actor, "复核银行退回的付款")
    found = _access(actor, return_id)
    found.state = moved(PAYMENT_RETURN, found.state, "refuse", actor)
    found.decision_note = reading.reason(reason, label="不采纳原因", most=300)
    found.decided_at = at
    who = scope.stamp(found, "decided", actor)
    found.save(update_fields=["state", "decision_note", "decided_at", *who])
    payload = {**_facts(found), "reason": found.decision_note}
    record(PAYMENT_RETURN_REFUSED, subject=found.payment_id, actor=actor, at=at, payload=payload)
    return found

"""Making the payments of approved runs: each its own transaction, so that a run killed anywhere continues where it
stopped and every payment is made once."""

import logging
from dataclasses import dataclass
from datetime import datetime

from settlement.events import PAYMENT_MADE, RUN_FINISHED
from settlement.models.payment import Payable, Payment, PaymentRun
from settlement.queries.payments import approved_runs, pending_payments
from settlement.services.ledger import CLEARING, DEPOSIT, credit, debit, entry_post
from settlement.services.payables import COLUMNS, pay_where_done
from settlement.workflows.paying import PAYMENT, RUN
from settlement.workflows.states import PaymentState, RunState
from sunlight import scope
from sunlight.journal.refusals import Refused
from sunlight.journal.services import record, service
from sunlight.reconciliation.services.gate import require_reconciled
from sunlight.scope import Actor
from sunlight.scope.clock import business_date
from sunlight.scope.duties import moved

INLINE_PAYMENTS = 20
logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Progress:
    """What one call did: payments made, payments left, and why it stopped before the end, if it did."""

    made: int
    left: int
    stopped: str = ""


@service
def payment_make(*, actor: Actor, at: datetime, payment_id: int) -> Payment | None:
    """Make one payment of an approved run: entry (hospital's deposit to payee's clearing), payment, payable and event in
    one transaction. By the system. None where it is not pending any more, or somebody else is making it right now.
    Raises Conflict where the deposit is short, or while the reconciliation found what nobody has released."""
    payment = (
        Payment.objects.select_for_update(of=("self",), skip_locked=True)
        .filter(pk=payment_id, state=PaymentState.PENDING, run__state=RunState.APPROVED)
        .first()
    )
    if payment is None:
        return None
    require_reconciled(actor=actor, at=at, platform_id=payment.platform_id, subject=("payment", payment.id))
    payment.entry = entry_post(
        actor=actor,
        at=at,
        source=f"payment:{payment.number}",
        purpose="pay",
        legs=[
            debit(DEPOSIT, payment.amount_fen, payment.buyer_id),
            credit(CLEARING, payment.amount_fen, payment.payee_id),
        ],
        occurred_on=business_date(at),
        memo=f"付款 {payment.number}",
    )
    payment.state, payment.paid_at = moved(PAYMENT, payment.state, "pay", actor), at
    payment.version += 1
    payment.save(update_fields=["entry", "state", "paid_at", "version"])
    # After the balances: whatever touches both takes them in this order.
    payable = Payable.objects.select_for_update().get(pk=payment.payable_id)
    pay_where_done(payable, actor, at)
    payable.save(update_fields=COLUMNS)
    record(
        PAYMENT_MADE,
        subject=payment.id,
        actor=actor,
        at=at,
        parties=[payment.buyer_id, payment.seller_id, payment.distributor_id],
        version=payment.version,
        payload={
            "payment": payment.number,
            "run": payment.run_id,
            "payable": payable.id,
            "invoice": payable.invoice_id,
            "payee": payment.payee_id,
            "account": payment.payee_account_number,
            "account_name": payment.payee_account_name,
            "bank_name": payment.payee_bank_name,
            "bank_code": payment.payee_bank_code,
            "payer_kind": payment.payer_kind,
            "payer_account": payment.payer_account_number,
            "purpose": payment.purpose,
            "amount_fen": payment.amount_fen,
            "entry": payment.entry.number,
            "due_on": payable.due_on,
            "paid_on": business_date(at),
            "open_fen": payable.open_fen,
            "is_late": payable.due_on is not None and business_date(at) > payable.due_on,
        },
    )
    return payment


@service
def run_finish(*, actor: Actor, at: datetime, run_id: int) -> bool:
    """Close an approved run once nothing of it is left to pay; whether it was closed now. By the system."""
    run = PaymentRun.objects.select_for_update().filter(pk=run_id, state=RunState.APPROVED).first()
    if run is None or run.payments.filter(state=PaymentState.PENDING).exists():
        return False
    run.state, run.finished_at = moved(RUN, run.state, "finish", actor), at
    run.version += 1
    run.save(update_fields=["state", "finished_at", "version"])
    record(
        RUN_FINISHED,
        subject=run.id,
        actor=actor,
        at=at,
        parties=[run.buyer_id],
        version=run.version,
        payload={"number": run.number, "total_fen": run.total_fen, "payments": run.payment_count},
    )
    return True


def payments_execute(*, actor: Actor, at: datetime, run_id: int, limit: int | None = None) -> Progress:
    """Make up to `limit` (all) of a run's pending payments as the system `actor`, each in its own scope and
    transaction; call it outside any scope. May be called again at any time, by several at once."""
    with scope.opened(actor):
        waiting = pending_payments(run_id)
    made, stopped = 0, ""
    for payment_id in waiting[:limit]:
        try:
            with scope.opened(actor):
                made += payment_make(actor=actor, at=at, payment_id=payment_id) is not None
        except Refused as refusal:
            stopped = refusal.message
            break
    with scope.opened(actor):
        run_finish(actor=actor, at=at, run_id=run_id)
        left = len(pending_payments(run_id))
    return Progress(made, left, stopped)


def runs_execute(*, actor: Actor, at: datetime, limit: int | None = None) -> int:
    """Go on with every approved run of the system actor's platform; how many payments were made."""
    with scope.opened(actor):
        waiting = approved_runs(actor.platform_id)
    return sum(payments_execute(actor=actor, at=at, run_id=run_id, limit=limit).made for run_id in waiting)


def execute_after_commit(*, actor: Actor, at: datetime, run_id: int) -> None:
    """Make a run's payments once the approval is committed. What goes wrong then does not undo the approval: the
    background takes the rest up."""
    system = actor.as_system()

    def execute() -> None:
        try:
            payments_execute(actor=system, at=at, run_id=run_id)
        except Exception:
            logger.exception("payment run %s stopped; the background goes on with it", run_id)

    scope.after_scope(execute)

"""Holding what is owed, with a reason: it is not put into a run, and late all the same."""

from datetime import date, datetime

from settlement.events import PAYABLE_HELD, PAYABLE_LET_GO
from settlement.models.payment import Payable, Payment
from settlement.queries.invoices import access_payable
from settlement.services.payables import HOLD_COLUMNS, end_hold, forget_hold
from settlement.workflows.paying import HOLDING
from settlement.workflows.states import Holding, PayableState, PaymentState, RunState
from sunlight import scope
from sunlight.journal.declared import EventType
from sunlight.journal.refusals import Conflict
from sunlight.journal.services import record, service
from sunlight.kernel import reading
from sunlight.scope import Actor
from sunlight.scope.clock import business_date
from sunlight.scope.duties import moved

LONGEST_REASON = 300


@service
def payable_hold(
    *, actor: Actor, at: datetime, payable_id: int, reason: str, until: date | str | None = None
) -> Payable:
    """Hold a payable of the actor's hospital, by its finance or auditor, with the reason, until a day or until somebody lets
    it go. It is put into no run and no prepared run of it is approved; its due day goes on (SZ20-6.2b). One person is
    enough: it delays money and moves none.

    Raises NotThere, IllegalMove, Invalid (no reason, a day that has passed), Conflict where nothing of it can be held."""
    payable = access_payable(actor, payable_id, lock=True)
    payable.holding = moved(HOLDING, payable.holding, "hold", actor)
    read = reading.Collected()
    reason = read(reading.reason, reason, label="暂缓原因", most=LONGEST_REASON, way_out="，如质量争议、缺少随货同行单")
    until = read(_until, until, business_date(at))
    read.check()
    _require_something_to_hold(payable)
    payable.hold_reason, payable.hold_until, payable.held_at = reason, until, at
    scope.stamp(payable, "held", actor)
    _kept(PAYABLE_HELD, payable, actor, at, reason=reason, hold_until=until)
    return payable


def _until(typed: object, today: date) -> date | None:
    until = reading.day(typed, "until", "暂缓至", required=False)
    if until is not None and until < today:
        raise reading.Unreadable(
            "hold_day_passed", f"暂缓至 {until} 已经过去。请填写今天或以后的日期，或留空。", "until"
        )
    return until


def _require_something_to_hold(payable: Payable) -> None:
    prepared = Payment.objects.filter(payable=payable, state=PaymentState.PENDING, run__state=RunState.PREPARED)
    if payable.state == PayableState.OPEN or (payable.state == PayableState.IN_RUN and prepared.exists()):
        return
    how = "付款批次已复核，正在划拨" if payable.state == PayableState.IN_RUN else payable.get_state_display()
    raise Conflict(
        "nothing_to_hold",
        f"发票 {payable.invoice.number} 的应付款：{how}，不能再暂缓。对货物有争议的，请与供应商协商退货并开具红字发票。",
        subject=("payable", payable.id),
    )


@service
def payable_let_go(*, actor: Actor, at: datetime, payable_id: int, note: str = "") -> Payable:
    """Let a held payable go again, by the hospital's finance or auditor: it may be put into a run, which two people pay.
    Raises NotThere, IllegalMove, Invalid for a note too long."""
    payable = access_payable(actor, payable_id, lock=True)
    payable.holding = moved(HOLDING, payable.holding, "let_go", actor)
    note = reading.text(note, "note", "解除说明", most=LONGEST_REASON, required=False)
    forget_hold(payable)
    _kept(PAYABLE_LET_GO, payable, actor, at, note=note)
    return payable


@service
def payable_holds_lapse(*, actor: Actor, at: datetime, limit: int = 500) -> int:
    """Let go what was held until a day that has passed. By the system, for its platform; how many."""
    rows = Payable.objects.filter(
        platform_id=actor.platform_id, holding=Holding.HELD, hold_until__lt=business_date(at)
    ).select_related("invoice")
    held = list(rows.select_for_update(of=("self",)).order_by("id")[:limit])
    for payable in held:
        end_hold(payable, actor)
        _kept(PAYABLE_LET_GO, payable, actor, at, note="暂缓期满")
    return len(held)


def _kept(event: EventType, payable: Payable, actor: Actor, at: datetime, **facts) -> None:
    payable.version += 1
    with scope.elevated(actor):
        payable.save(update_fields=[*HOLD_COLUMNS, "version"])
    record(
        event,
        subject=payable.id,
        actor=actor,
        at=at,
        parties=[payable.buyer_id, payable.seller_id, payable.distributor_id],
        version=payable.version,
        payload={
            "invoice": payable.invoice_id,
            "invoice_number": payable.invoice.number,
            "payee": payable.payee_id,
            "open_fen": payable.open_fen,
            "due_on": payable.due_on,
            **facts,
        },
    )

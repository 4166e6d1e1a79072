"""What of a payable is still open: taken into payments and nettings, given back where one is cancelled or returned, taken
back by a red invoice."""

from datetime import datetime

from settlement.models.netting import Netting
from settlement.models.payment import Payable, Payment
from settlement.workflows.paying import HOLDING, PAYABLE
from settlement.workflows.states import Holding, NettingState, PayableState, PaymentState
from sunlight import scope
from sunlight.scope import Actor
from sunlight.scope.duties import Who, moved

HOLD_COLUMNS = (
    *("holding", "hold_reason", "hold_until", "held_at"),
    *("held_by_kind", "held_by_id", "held_for_person_id", "held_mandate_id"),
)
COLUMNS = ("state", "open_fen", "reddened_fen", "paid_at", "version", *HOLD_COLUMNS)


def take(payable: Payable, fen: int, actor: Actor, *, acceptors: Who) -> None:
    """Take an amount of a locked payable, at most what is open, into a run. Saves nothing."""
    earlier = {"accept": acceptors}
    if fen < payable.open_fen:
        payable.state = moved(PAYABLE, payable.state, "take_part", actor, earlier=earlier)
    else:
        payable.state = moved(PAYABLE, payable.state, "take_in", actor, earlier=earlier)
    payable.open_fen -= fen
    payable.version += 1


def release(payable: Payable, fen: int, actor: Actor) -> None:
    """Open an amount of a locked payable again whose payment was cancelled. Saves nothing."""
    if payable.state != PayableState.OPEN:
        payable.state = moved(PAYABLE, payable.state, "release", actor)
    _open(payable, fen)


def reopen(payable: Payable, fen: int, actor: Actor) -> None:
    """Open an amount of a locked payable again that the bank sent back. Saves nothing."""
    if payable.state != PayableState.OPEN:
        payable.state = moved(PAYABLE, payable.state, "reopen", actor)
    _open(payable, fen)


def _open(payable: Payable, fen: int) -> None:
    payable.open_fen += fen
    payable.paid_at = None
    payable.version += 1


def pay_where_done(payable: Payable, actor: Actor, at: datetime) -> None:
    """A locked payable that has nothing open, and nothing of it waiting in a run any more, is paid. Saves nothing."""
    if payable.state == PayableState.IN_RUN and not _waits(payable):
        payable.state, payable.paid_at = moved(PAYABLE, payable.state, "pay", actor), at
        end_hold(payable, actor)
    payable.version += 1


def redden(payable: Payable, fen: int, actor: Actor, at: datetime) -> int:
    """Take back what is open of a locked payable, as far as a red invoice of `fen` reaches; how much that is. Nothing left
    and nothing paid of it, it is cancelled. Saves nothing."""
    taken = min(fen, payable.open_fen)
    if not taken:
        return 0
    payable.open_fen -= taken
    payable.reddened_fen += taken
    payable.version += 1
    if not payable.open_fen:
        _close(payable, actor, at)
    return taken


def cancel(payable: Payable, actor: Actor) -> None:
    """A locked payable whose invoice is void is owed no more. Saves nothing."""
    payable.state, payable.open_fen = moved(PAYABLE, payable.state, "cancel", actor), 0
    end_hold(payable, actor)
    payable.version += 1


def _close(payable: Payable, actor: Actor, at: datetime) -> None:
    if _waits(payable):
        payable.state = moved(PAYABLE, payable.state, "close_in_run", actor)
        return
    if payable.amount_fen > payable.reddened_fen:
        payable.state, payable.paid_at = moved(PAYABLE, payable.state, "close", actor), at
    else:
        payable.state = moved(PAYABLE, payable.state, "cancel", actor)
    end_hold(payable, actor)


def _waits(payable: Payable) -> bool:
    """Whether a payment or netting of it is prepared and not made yet."""
    payments = Payment.objects.filter(payable=payable, state=PaymentState.PENDING)
    return payments.exists() or Netting.objects.filter(payable=payable, state=NettingState.PENDING).exists()


def end_hold(payable: Payable, actor: Actor) -> None:
    """What is owed no more is held no more. By the system. Saves nothing."""
    if payable.holding == Holding.HELD:
        payable.holding = moved(HOLDING, payable.holding, "lapse", actor)
        forget_hold(payable)


def forget_hold(payable: Payable) -> None:
    payable.hold_reason, payable.hold_until, payable.held_at = "", None, None
    scope.stamp(payable, "held", None)

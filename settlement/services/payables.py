"""What of a payable is still open: taken into payments, and given back where one is cancelled or returned."""

from settlement.models.payment import Payable
from settlement.workflows import PAYABLE, PayableState
from sunlight.scope import Actor
from sunlight.scope.duties import Who, moved


def take_open(payable: Payable, actor: Actor, *, acceptors: Who) -> int:
    """Take all that is open of a locked payable into a payment; how much, in fen. Saves nothing."""
    payable.state = moved(PAYABLE, payable.state, "take_in", actor, earlier={"accept": acceptors})
    taken, payable.open_fen = payable.open_fen, 0
    payable.version += 1
    return taken


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

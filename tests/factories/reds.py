"""Red invoices, made through the service: `reddened(world, payable, 40_000)`."""

from decimal import Decimal

from settlement.models.payment import Invoice, Payable
from settlement.services.reds import red_invoice_submit
from sunlight import scope
from sunlight.scope import Role
from tests.factories.settlement import _numbers, yuan


def red_paper(blue: Invoice, fen: int, **facts) -> dict:
    """What a red invoice of `fen` states of a blue one at 13 %, but for what is given; a new number each time."""
    net = round(Decimal(fen) / Decimal("1.13"))
    return {
        "blue_code": blue.code,
        "blue_number": blue.number,
        "number": f"{next(_numbers):020d}",
        "issued_on": scope.today(),
        "net": f"-{yuan(net)}",
        "tax": f"-{yuan(fen - net)}",
        "amount": f"-{yuan(fen)}",
        "reason": "RETURN",
        **facts,
    }


def reddened(world, payable: Payable, fen: int, *, issuer: str = "distributor", **facts) -> Invoice:
    """A red invoice of the blue one behind a payable."""
    actor = world.actor(issuer, Role.SUPPLIER_FINANCE)
    with scope.opened(actor):
        blue = Invoice.objects.get(pk=payable.invoice_id)
        return red_invoice_submit(actor=actor, at=scope.now(), **red_paper(blue, fen, **facts))

"""Rules about who owes what, and when; and whether an invoice says what was ordered and taken."""

from settlement.rules.matching import Difference, StatedLine, TakenLine, match
from settlement.rules.payment import payment_due, payment_standard, prepayment_amount, surplus_retained

__all__ = [
    "Difference",
    "StatedLine",
    "TakenLine",
    "match",
    "payment_due",
    "payment_standard",
    "prepayment_amount",
    "surplus_retained",
]

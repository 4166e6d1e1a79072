"""What a red invoice may take back, and how overpayments are spread: cases."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from settlement.rules.netting import Blue, Due, Over, Red, Set, red_faults, spread

DAY = date(2026, 3, 2)
BLUE = Blue(issued_on=DAY, tax_rate=Decimal("0.13"), amount_fen=113_000, reddened_fen=0, lines=1)
RED = Red(DAY, DAY, net_fen=50_000, tax_fen=6_500, amount_fen=56_500, whole=False)
WHOLE = replace(RED, net_fen=100_000, tax_fen=13_000, amount_fen=113_000, whole=True)


@pytest.mark.parametrize(
    ("red", "blue", "codes"),
    [
        (RED, BLUE, []),
        (WHOLE, BLUE, []),
        (replace(RED, tax_fen=6_501, amount_fen=56_501), BLUE, []),
        (replace(RED, tax_fen=6_502, amount_fen=56_502), BLUE, ["red_tax_differs"]),
        (replace(RED, amount_fen=56_499), BLUE, ["red_does_not_add_up"]),
        (replace(RED, issued_on=date(2026, 3, 1)), BLUE, ["red_before_blue"]),
        (replace(RED, issued_on=date(2026, 3, 3)), BLUE, ["red_from_the_future"]),
        (replace(RED, issued_on=date(2026, 3, 3), handed_in_on=date(2026, 3, 3)), BLUE, []),
        (RED, replace(BLUE, reddened_fen=56_500), []),
        (RED, replace(BLUE, reddened_fen=56_501), ["red_above_blue"]),
        (WHOLE, replace(BLUE, reddened_fen=1), ["red_above_blue"]),
        (replace(RED, whole=True), BLUE, ["red_of_an_error_is_whole"]),
        (
            replace(RED, issued_on=date(2026, 3, 1), tax_fen=1, amount_fen=200_000),
            BLUE,
            ["red_before_blue", "red_does_not_add_up", "red_tax_differs", "red_above_blue"],
        ),
    ],
)
def test_a_red_invoice_stays_within_the_blue_one(red, blue, codes):
    assert [fault.code for fault in red_faults(red, blue, tolerance_fen=1)] == codes


def test_what_is_above_the_blue_one_is_named_in_yuan():
    (fault,) = red_faults(RED, replace(BLUE, reddened_fen=60_000), tolerance_fen=1)
    assert fault.message == "红字发票 565.00 元超过蓝字发票尚可红冲的 530.00 元，请核对金额与蓝字发票号码。"


@pytest.mark.parametrize(
    ("dues", "overs", "sets"),
    [
        ([], [Over("a", 1, 5)], []),
        ([Due(1, 1, 10)], [Over("a", 1, 4)], [Set("a", 1, 4)]),
        ([Due(1, 1, 10)], [Over("a", 1, 40)], [Set("a", 1, 10)]),
        ([Due(1, 2, 10)], [Over("a", 1, 4)], []),
        ([Due(1, 1, 3), Due(2, 2, 9), Due(3, 1, 9)], [Over("a", 1, 5)], [Set("a", 1, 3), Set("a", 3, 2)]),
        (
            [Due(1, 1, 6), Due(2, 1, 6)],
            [Over("a", 1, 4), Over("b", 1, 4), Over("c", 1, 9)],
            [Set("a", 1, 4), Set("b", 1, 2), Set("b", 2, 2), Set("c", 2, 4)],
        ),
    ],
)
def test_overpayments_are_spread_over_what_their_payee_is_owed(dues, overs, sets):
    assert spread(dues, overs) == sets

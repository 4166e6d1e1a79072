"""The three-way match as a function of plain values."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from settlement.rules.matching import StatedLine, TakenLine, match
from sunlight.kernel.money import amount_fen

TAKEN = TakenLine(Decimal("12.3456"), Decimal("100"))
RIGHT = StatedLine(1, Decimal("100"), Decimal("12.3456"), 123_456)


def compare(said=RIGHT, taken=TAKEN, rate="0.13", net=109_253, tax=14_203, total=123_456):
    return match([(said, taken)], tax_rate=Decimal(rate), net_fen=net, tax_fen=tax, total_fen=total)


@pytest.mark.clause("SZ20-5.3.4")
def test_what_agrees_has_no_difference():
    assert compare() == []


@pytest.mark.clause("SZ20-5.3.4")
@pytest.mark.parametrize(
    ("said", "field", "message"),
    [
        (
            StatedLine(1, Decimal("100"), Decimal("12.3457"), 123_457),
            "price",
            "第 1 行单价与订单不符：应为 12.3456，发票为 12.3457",
        ),
        (
            StatedLine(1, Decimal("100.001"), Decimal("12.3456"), 123_457),
            "quantity",
            "第 1 行数量超过已验收未开票数量：应为 ≤ 100，发票为 100.001",
        ),
        (
            StatedLine(1, Decimal("100"), Decimal("12.3456"), 123_457),
            "amount",
            "第 1 行金额不等于单价乘数量：应为 1234.56，发票为 1234.57",
        ),
    ],
)
def test_each_line_field_is_compared(said, field, message):
    found = compare(said, net=109_254, total=123_457)
    assert [(d.line, d.field, d.message) for d in found] == [(1, field, message)]


@pytest.mark.parametrize(
    ("sums", "fields"),
    [
        ({"total": 123_457, "net": 109_254}, ["amount"]),
        ({"net": 109_252}, ["net"]),
        ({"net": 109_255, "tax": 14_201}, ["tax"]),
        ({"net": 109_252, "tax": 14_204}, []),
        ({"net": 109_254, "tax": 14_202}, []),
        ({"rate": "0.06"}, ["tax"]),
        ({"rate": "0", "net": 123_456, "tax": 0}, []),
    ],
)
def test_the_sums_are_compared_the_tax_within_a_fen_a_line(sums, fields):
    assert [d.field for d in compare(**sums)] == fields


def test_every_difference_is_listed_at_once():
    found = compare(StatedLine(1, Decimal("101"), Decimal("1"), 5), rate="0.06", net=1, tax=9, total=7)
    assert [d.field for d in found] == ["price", "quantity", "amount", "amount", "net", "tax"]


@given(
    price=st.decimals("0.0001", "99999", places=4),
    quantity=st.decimals("0.001", "9999", places=3),
    rate=st.sampled_from(["0", "0.01", "0.03", "0.06", "0.09", "0.13"]),
)
def test_a_right_invoice_always_matches(price, quantity, rate):
    total = amount_fen(price, quantity)
    net = round(Decimal(total) / (1 + Decimal(rate)))
    said = StatedLine(1, quantity, price, total)
    assert compare(said, TakenLine(price, quantity), rate, net, total - net, total) == []

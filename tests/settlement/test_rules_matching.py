"""The three-way match as a function of plain values."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from settlement.rules.matching import Face, OrderLeft, Part, StatedLine, TakenLine, compare_faces, match, part_amounts
from sunlight.kernel.money import amount_fen

PRICE = Decimal("12.3456")
RIGHT = StatedLine(1, Decimal("100"), Decimal("12.3456"), 123_456)


def compare(said=RIGHT, taken=None, rate="0.13", net=109_253, tax=14_203, total=123_456):
    taken = taken or TakenLine(PRICE, Decimal("100"), amount_fen(PRICE, said.quantity))
    return match([(said, taken)], tax_rate=Decimal(rate), net_fen=net, tax_fen=tax, total_fen=total, tolerance_fen=1)


@pytest.mark.clause("SZ20-5.3.4", on="rule")
def test_what_agrees_has_no_difference():
    assert compare() == []


@pytest.mark.clause("SZ20-5.3.4", on="rule")
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
    assert compare(said, TakenLine(price, quantity, total), rate, net, total - net, total) == []


def parts(price, *quantities, ordered=None):
    price, quantities = Decimal(price), [Decimal(q) for q in quantities]
    ordered = Decimal(ordered) if ordered else sum(quantities)
    left = {"line": OrderLeft(ordered, amount_fen(price, ordered))}
    return part_amounts([Part("line", price, quantity) for quantity in quantities], left)


def test_the_last_part_of_an_order_line_gets_what_is_left():
    assert parts("51.04", "0.005", "0.005") == [26, 25]  # together 0.51, as ordered
    assert parts("51.04", "0.005", "0.005", "0.005") == [26, 26, 25]
    assert parts("0.333", "1", "1", "1") == [33, 33, 34]
    assert parts("12.50", "40", "60") == [50_000, 75_000]


def test_what_is_never_wholly_invoiced_stays_half_up_within_the_order_line():
    assert parts("51.04", "0.005", ordered="0.01") == [26]
    assert parts("0.5", "0.01", "0.01", "0.01", ordered="0.04") == [1, 1, 0]


def test_more_than_is_left_is_compared_with_the_plain_product():
    assert parts("1", "3", ordered="2") == [300]


@given(
    price=st.integers(1, 99_990_000),
    quantities=st.lists(st.integers(1, 99_000), min_size=1, max_size=8),
    more=st.integers(0, 9_000),
)
def test_parts_never_sum_up_to_more_than_their_order_line(price, quantities, more):
    price, more = Decimal(price).scaleb(-4), Decimal(more).scaleb(-3)
    quantities = [Decimal(each).scaleb(-3) for each in quantities]
    ordered = sum(quantities) + more
    amounts = parts(str(price), *map(str, quantities), ordered=str(ordered))
    assert min(amounts) >= 0
    assert sum(amounts) <= amount_fen(price, ordered)
    assert more or sum(amounts) == amount_fen(price, ordered)


def test_an_original_is_compared_in_what_it_says():
    typed = Face("", "1" * 20, date(2026, 3, 2), 100, 13, 113, "S", "B")
    assert compare_faces(typed=typed, original=Face(number="1" * 20, total_fen=113)) == []
    found = compare_faces(
        typed=typed, original=Face(number="2" * 20, issued_on=date(2026, 3, 1), total_fen=114, buyer="C")
    )
    assert [(d.line, d.field, d.expected, d.stated) for d in found] == [
        (None, "original.number", "2" * 20, "1" * 20),
        (None, "original.issued_on", "2026-03-01", "2026-03-02"),
        (None, "original.total", "1.14", "1.13"),
        (None, "original.buyer", "C", "B"),
    ]
    assert found[2].message == "价税合计与发票原件不符：原件为 1.14，填写为 1.13"

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sunlight.kernel import money


@pytest.mark.parametrize(
    ("price", "quantity", "fen"),
    [
        ("0.0050", "1", 1),  # exactly half a fen goes up
        ("0.0049", "1", 0),
        ("0.0001", "50", 1),
        ("12.3450", "1", 1235),
        ("690.1819", "3", 207055),
        ("0.3333", "0.150", 5),  # 4.9995 fen
        ("9999999999.9999", "0.001", 1000000000),
    ],
)
def test_amount_is_rounded_half_up_once(price, quantity, fen):
    assert money.amount_fen(Decimal(price), Decimal(quantity)) == fen


def test_amount_above_a_million_million_is_refused():
    with pytest.raises(money.MoneyError, match="1 万亿元"):
        money.amount_fen(money.MAX_PRICE, Decimal(101))


@settings(max_examples=50)
@given(st.integers(0, 10**14), st.integers(0, 10**8))
def test_amount_equals_integer_arithmetic(price, quantity):
    price //= max(1, quantity)
    fen = money.amount_fen(Decimal(f"{price}E-4"), Decimal(f"{quantity}E-3"))
    assert abs(fen * 10**5 - price * quantity) * 2 <= 10**5
    assert fen * 10**5 - price * quantity > -(10**5) / 2


def test_fen_and_yuan():
    assert money.fen_from_yuan(Decimal("0.10")) == 10
    assert money.yuan_from_fen(123456) == Decimal("1234.56")
    assert money.fen_text(123456789, grouped=True) == "1,234,567.89"
    assert money.fen_text(-5) == "-0.05"
    with pytest.raises(money.MoneyError, match="精确到分"):
        money.fen_from_yuan(Decimal("0.001"))


@pytest.mark.parametrize("typed", ["12.5", " １２.５ ", "012.5000", 12.5, Decimal("12.5")])
def test_prices_as_people_type_them(typed):
    assert money.parse_price(typed) == Decimal("12.5000")
    assert str(money.parse_price(typed)) == "12.5000"


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("", "malformed"),
        ("NaN", "malformed"),
        ("Infinity", "malformed"),
        (float("nan"), "malformed"),
        (float("inf"), "malformed"),
        ("1e3", "malformed"),
        ("-1", "malformed"),
        ("+1", "malformed"),
        ("1,000", "malformed"),
        ("¥5", "malformed"),
        (".5", "malformed"),
        ("5.", "malformed"),
        ("1 000", "malformed"),
        ("٣", "malformed"),
        (True, "malformed"),
        (None, "malformed"),
        (b"1", "malformed"),
        ("1.00001", "too_many_decimals"),
        ("10000000000", "too_large"),
        ("1" + "0" * 15, "too_large"),
        ("9" * 5000, "too_large"),
        (10**30, "too_large"),
        (1e300, "malformed"),
        ("0", "zero"),
        ("0.0000", "zero"),
    ],
)
def test_prices_that_are_none(typed, code):
    with pytest.raises(money.MoneyError) as refused:
        money.parse_price(typed)
    assert refused.value.code == code
    assert refused.value.message


def test_quantities_and_amounts():
    assert str(money.parse_quantity("2.5")) == "2.500"
    with pytest.raises(money.MoneyError, match="最多 3 位小数"):
        money.parse_quantity("0.0001")
    with pytest.raises(money.MoneyError, match="必须大于 0"):
        money.parse_quantity(0)
    assert money.parse_amount_fen("1234.5") == 123450
    with pytest.raises(money.MoneyError, match="最多 2 位小数"):
        money.parse_amount_fen("0.005")
    assert money.quantity_text(Decimal("2000.000")) == "2000"
    assert money.quantity_text(Decimal("2.500")) == "2.5"
    assert money.price_text(Decimal(5)) == "5.0000"


@pytest.mark.parametrize(
    ("fen", "text"),
    [
        (0, "零元整"),
        (1, "壹分"),
        (10, "壹角"),
        (100, "壹元整"),
        (105, "壹元零伍分"),
        (140950, "壹仟肆佰零玖元伍角"),
        (600714, "陆仟零柒元壹角肆分"),
        (10700053, "壹拾万柒仟元伍角叁分"),
        (1640902, "壹万陆仟肆佰零玖元零贰分"),
        (1000000100, "壹仟万零壹元整"),
        (10010001000, "壹亿零壹拾万零壹拾元整"),
        (10**14, "壹万亿元整"),
    ],
)
def test_capital_numerals(fen, text):
    assert money.rmb_upper(fen) == text


def test_capital_numerals_have_bounds():
    for fen in (-1, 10**14 + 1):
        with pytest.raises(money.MoneyError):
            money.rmb_upper(fen)

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pricing.rules.segments import segment_of
from tests.asking import error, outcome, regulated

SZ = "CN-GD-SZ"
NOTHING = {"boundaries": None, "segment": None, "colour": None, "above_top": None}


def deal(price, quantity=1, on="2026-01-01"):
    return {"price": price, "quantity": quantity, "date": on}


def segments(*deals, on="2026-01-01", **more):
    return outcome("price.segments", SZ, on, {"deals": list(deals)} | more)


TEN = [deal(str(price)) for price in range(1, 11)]
BOUNDARIES = ["1.0000", "2.3333", "3.6667", "5.0000", "6.3333", "7.6667", "9.0000", "10.0000", "11.0000", "12.0000"]


@pytest.mark.clause("SZ24-3.3b", on="rule")
def test_boundaries_by_weighted_inverse_distribution():
    # the median of ten equal quantities is the fifth price, the 90th percentile the ninth
    assert segments(*TEN, alert_line="12")["boundaries"] == BOUNDARIES
    assert segments(*TEN)["boundaries"][-1] == "10.0000"
    heavy = segments(deal("1", 90), deal("2", 9), deal("3", 1))
    assert heavy["boundaries"][3:7] == ["1.0000"] * 4


@pytest.mark.clause("SZ24-3.3b", on="rule")
@pytest.mark.parametrize(
    ("price", "segment", "colour", "above"),
    [
        ("0.5", 1, "green", False),  # below the first boundary
        ("1", 1, "green", False),
        ("2.3333", 1, "green", False),  # on a boundary: the lower segment
        ("2.3334", 2, "green", False),
        ("5", 3, "green", False),
        ("5.0001", 4, "yellow", False),
        ("9", 6, "yellow", False),
        ("9.0001", 7, "red", False),
        ("12", 9, "red", False),
        ("12.0001", 9, "red", True),
    ],
)
def test_where_a_price_lies(price, segment, colour, above):
    assert segments(*TEN, alert_line="12", price=price) == {
        "boundaries": BOUNDARIES,
        "segment": segment,
        "colour": colour,
        "above_top": above,
    }


def test_without_a_price_only_the_lines():
    assert segments(*TEN, alert_line="12", price=None) == NOTHING | {"boundaries": BOUNDARIES}


@pytest.mark.clause("SZ24-3.3b", on="rule")
def test_fewer_than_three_deals_draw_no_lines():
    two = (deal("1", 100), deal("2", 100))
    assert segments(*two, price="9") == NOTHING
    assert segments(*two, alert_line="5") == NOTHING
    assert segments(*two, alert_line="5", price="5") == NOTHING | {"above_top": False}
    assert segments(*two, alert_line="5", price="5.0001") == NOTHING | {"above_top": True}
    # a third deal above the line does not count, one on the line does
    assert segments(*two, deal("5.0001"), alert_line="5")["boundaries"] is None
    assert segments(*two, deal("5"), alert_line="5")["boundaries"] is not None


def test_twenty_four_months():
    three = [deal("1", on="2024-01-01"), deal("1"), deal("1")]
    assert segments(*three)["boundaries"] is None
    assert segments(deal("1", on="2024-01-02"), *three[1:])["boundaries"] is not None
    assert segments(deal("1", on="2026-01-02"), *three[1:])["boundaries"] is None


def test_boundaries_are_rounded_before_the_price_is_compared():
    # the second boundary is 1 1/3 exactly, 1.3333 rounded: 1.3333 still belongs to segment 1
    deals = [deal("1"), deal("2"), deal("2")]
    assert segments(*deals, price="1.3333")["segment"] == 1
    # 1 2/3 is rounded up to 1.6667, so 1.6667 belongs to segment 2
    assert segments(*deals, price="1.6667")["segment"] == 2


def test_equal_boundaries_put_a_price_into_the_lowest_segment():
    assert segments(deal("5"), deal("5"), deal("5"), price="5") == {
        "boundaries": ["5.0000"] * 10,
        "segment": 1,
        "colour": "green",
        "above_top": False,
    }


def test_fractions_of_quantity_are_exact():
    # 0.1 + 0.2 reaches half of 0.6 exactly
    deals = [deal("1", 0.1), deal("2", 0.2), deal("3", 0.3)]
    assert segments(*deals)["boundaries"][3] == "2.0000"


@settings(max_examples=60)
@given(st.lists(st.integers(0, 50), min_size=10, max_size=10).map(sorted), st.integers(0, 60))
def test_a_price_lies_at_or_below_its_upper_boundary(edges, price):
    boundaries = [Decimal(edge) for edge in edges]
    segment = segment_of(Decimal(price), boundaries)
    assert price <= boundaries[segment] or price > boundaries[9]
    assert segment == 1 or price > boundaries[segment - 1]
    assert Fraction(segment) in range(1, 10)


@pytest.mark.clause("SZ24-3.3b", on="rule")
def test_from_its_first_day_in_shenzhen_only():
    assert regulated("price.segments", SZ, "2024-12-31", {"deals": []}) is False
    assert regulated("price.segments", SZ, "2025-01-01", {"deals": []}) is True
    assert regulated("price.segments", "CN-GD", "2026-01-01", {"deals": []}) is False


def test_bad_facts():
    assert error("price.segments", SZ, "2026-01-01", {"deals": [], "price": 5}) == ("wrong_type", "facts.price")
    bad = {"deals": [deal("1") | {"level": "primary"}]}
    assert error("price.segments", SZ, "2026-01-01", bad) == ("unknown_key", "facts.deals[0].level")

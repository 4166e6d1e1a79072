"""Jiangsu's red, yellow and blue (JS20-12), as assumption A4 reads them."""

import pytest

from tests.asking import ask, error, outcome, regulated

DAY = "2026-03-02"


def colour(price, **facts):
    facts = {"lowest": "100", "weighted_average": "120", "price": price} | facts
    return outcome("bargain.zone", "CN-JS", DAY, facts)["colour"]


@pytest.mark.clause("JS20-12", "ASSUMPTION-A4", on="rule")
@pytest.mark.parametrize(
    ("price", "facts", "expected"),
    [
        ("90", {}, "blue"),
        ("105", {}, "blue"),
        ("105.0001", {}, "yellow"),
        ("120", {}, "yellow"),
        ("120.0001", {}, "red"),
        ("104", {"weighted_average": "101"}, "blue"),
        ("105.0001", {"weighted_average": "101"}, "red"),
    ],
)
def test_the_colour_of_a_price(price, facts, expected):
    assert colour(price, **facts) == expected


@pytest.mark.clause("JS20-12", on="rule")
def test_bounds_are_told_without_a_price_and_nothing_without_deals():
    facts = {"lowest": "33.3333", "weighted_average": "40"}
    assert outcome("bargain.zone", "CN-JS", DAY, facts) == {
        "blue_top": "35.0000",
        "yellow_top": "40.0000",
        "colour": None,
    }
    assert set(outcome("bargain.zone", "CN-JS", DAY, {"price": "5"}).values()) == {None}


@pytest.mark.clause("JS20-12", on="rule")
def test_where_and_since_when_it_holds():
    assert regulated("bargain.zone", "CN-JS", "2020-04-30", {}) is False
    assert regulated("bargain.zone", "CN-JS", "2020-05-01", {}) is True
    assert regulated("bargain.zone", "CN-GD-SZ", DAY, {}) is False
    assert [
        p["source"] for p in ask("bargain.zone", "CN-JS", DAY, {"lowest": "1", "weighted_average": "1"})["parameters"]
    ] == [
        "JS20-12",
        "ASSUMPTION-A4",
    ]
    assert error("bargain.zone", "CN-JS", DAY, {"price": 5}) == ("wrong_type", "facts.price")

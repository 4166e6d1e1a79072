import pytest

from tests.asking import ask, error, outcome


def deal(price, quantity=1, level="tertiary", on="2026-01-01"):
    return {"price": price, "quantity": quantity, "level": level, "date": on}


def levels(*deals, on="2026-01-01"):
    return outcome("price.statistics", "CN", on, {"deals": list(deals)})["levels"]


@pytest.mark.clause("SZ24-3.3a", on="rule")
def test_figures_for_all_and_each_level_met():
    assert levels(deal("1"), deal("2", 3, "primary"), deal("4", 1, "primary")) == {
        "all": {"count": 3, "lowest": "1.0000", "highest": "4.0000", "weighted_average": "2.2000", "median": "2.0000"},
        "tertiary": {
            "count": 1,
            "lowest": "1.0000",
            "highest": "1.0000",
            "weighted_average": "1.0000",
            "median": "1.0000",
        },
        "primary": {
            "count": 2,
            "lowest": "2.0000",
            "highest": "4.0000",
            "weighted_average": "2.5000",
            "median": "3.0000",
        },
    }


@pytest.mark.clause("SZ24-3.3a", on="rule")
def test_no_deal_no_figure():
    assert levels() == {}
    assert levels(deal("1", on="2025-01-01"), deal("2", on="2026-01-02")) == {}
    assert list(levels(deal("1", on="2025-01-02"))) == ["all", "tertiary"]


def test_twelve_months_over_a_leap_day():
    assert levels(deal("1", on="2023-02-28"), on="2024-02-29") == {}
    assert levels(deal("1", on="2023-03-01"), on="2024-02-29")["all"]["count"] == 1
    assert levels(deal("1", on="2024-02-29"), on="2025-02-28")["all"]["count"] == 1


def test_rounded_half_up_once_from_exact_values():
    found = levels(deal("0.0001"), deal("0.0002"))["all"]
    assert (found["median"], found["weighted_average"]) == ("0.0002", "0.0002")  # 0.00015
    # 1/3 of a unit at 1 and 2/3 at 2, in binary floats as JSON writes them
    found = levels(deal("1", 0.1), deal("2", 0.2))["all"]
    assert found["weighted_average"] == "1.6667"
    assert levels(deal("0"), deal("0"))["all"]["lowest"] == "0.0000"
    huge = levels(deal("999999999999.9999", 1e300), deal("0.0001", 1e-300))["all"]
    assert huge["weighted_average"] == "999999999999.9999"
    assert levels(deal("0.0001", 10**30), deal("0.0002", 10**30 + 1))["all"]["weighted_average"] == "0.0002"


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"quantity": 0}, "out_of_range"),
        ({"quantity": -1}, "out_of_range"),
        ({"quantity": -0.5}, "out_of_range"),
        ({"quantity": True}, "wrong_type"),
        ({"quantity": "1"}, "wrong_type"),
        ({"quantity": None}, "missing"),
        ({"quantity": 10**401}, "out_of_range"),
        ({"level": "third"}, "unknown_value"),
        ({"level": None}, "missing"),
        ({"date": "2026-1-1"}, "malformed"),
        ({"date": "2026-02-29"}, "malformed"),
        ({"date": "2003-12-31"}, "out_of_range"),
        ({"date": "2100-01-01"}, "out_of_range"),
        ({"price": 1}, "wrong_type"),
        ({"price": "0.12345"}, "malformed"),
        ({"public": True}, "unknown_key"),
    ],
)
def test_bad_deals_are_located(change, expected):
    facts = {"deals": [deal("1"), deal("1") | change]}
    path = f"facts.deals[1].{next(iter(change))}"
    assert error("price.statistics", "CN", "2026-01-01", facts) == (expected, path)


@pytest.mark.parametrize(
    ("deals", "expected"),
    [
        (None, ("missing", "facts.deals")),
        ({}, ("wrong_type", "facts.deals")),
        ([None], ("missing", "facts.deals[0]")),
        (["x"], ("wrong_type", "facts.deals[0]")),
    ],
)
def test_bad_lists_are_located(deals, expected):
    assert error("price.statistics", "CN", "2026-01-01", {"deals": deals}) == expected


def test_quantities_of_extreme_exponents_are_refused_quickly():
    import json

    from sunlight.rules import ask_line

    line = json.dumps(
        {"rule": "price.statistics", "region": "CN", "date": "2026-01-01", "facts": {"deals": [deal("1", 7777)]}}
    )
    for number in ("1e999", "1e-999", "1e999999999"):
        answer = ask_line(line.replace("7777", number))
        assert answer["error"]["path"] == "facts.deals[0].quantity"
    assert ask_line(line.replace("7777", "1.5E2"))["regulated"] is True
    for text in ("NaN", "Infinity", "-Infinity", "01", "1."):
        assert ask_line(line.replace("7777", text))["error"]["path"] == "line"


def test_the_parameter_is_an_assumption():
    answer = ask("price.statistics", "CN-JS", "2026-01-01", {"deals": []})
    assert answer["parameters"] == [
        {
            "key": "statistics.window_months",
            "value": 12,
            "source": "ASSUMPTION-A13",
            "from": "2004-01-01",
            "to": None,
            "status": "in_force",
        }
    ]

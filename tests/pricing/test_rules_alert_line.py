import pytest

from tests.asking import ask, error, outcome, regulated

SZ = "CN-GD-SZ"
FIFTEEN = "110000 120000 130000 310000 320000 330000 340000 350000 360000 370000 410000 420000 430000 500000 510000"


def province(price, code="110000", since="2020-01-01", until=None):
    return {"province": code, "price": price, "from": since, "to": until}


def deal(price, on="2026-01-01", public=True):
    return {"price": price, "quantity": 1, "public": public, "date": on}


def line(*, provinces=(), deals=(), on="2026-01-01"):
    return outcome("price.alert_line", SZ, on, {"province_prices": list(provinces), "deals": list(deals)})


@pytest.mark.clause("SZ24-3.3c", on="rule")
def test_the_lower_of_both():
    assert line(provinces=[province("9"), province("8", "510000")], deals=[deal("7"), deal("7.5")]) == {
        "line": "7.5000",
        "source": "city",
        "provinces_lowest": "8.0000",
        "city_highest": "7.5000",
    }
    assert line(provinces=[province("7")], deals=[deal("7.5")])["source"] == "provinces"


@pytest.mark.clause("SZ24-3.3c", on="rule")
def test_a_tie_goes_to_the_provinces_and_one_side_is_enough():
    assert line(provinces=[province("7.5")], deals=[deal("7.5000")])["source"] == "provinces"
    assert line(deals=[deal("7.5")]) == {
        "line": "7.5000",
        "source": "city",
        "provinces_lowest": None,
        "city_highest": "7.5000",
    }
    assert line() == {"line": None, "source": "none", "provinces_lowest": None, "city_highest": None}


@pytest.mark.clause("SZ24-3.3c", on="rule")
def test_only_the_fifteen_provinces_count():
    for code in FIFTEEN.split():
        assert line(provinces=[province("5", code)])["line"] == "5.0000"
    for code in ("440000", "650000", "000000", "999999"):
        assert line(provinces=[province("5", code)])["line"] is None


def test_intervals_include_both_ends():
    day = "2026-06-15"
    for since, until, counts in [
        (day, day, True),
        ("2026-06-16", None, False),
        ("2020-01-01", "2026-06-14", False),
        ("2026-06-16", "2026-06-14", False),
        ("2020-01-01", "2026-06-15", True),
    ]:
        found = line(provinces=[province("5", since=since, until=until)], on=day)
        assert (found["line"] is not None) is counts
    absent = {"province": "110000", "price": "5", "from": day}
    assert line(provinces=[absent], on=day)["line"] == "5.0000"


@pytest.mark.clause("SZ24-3.3c", on="rule")
def test_only_public_deals_of_two_years_count():
    assert line(deals=[deal("9", public=False), deal("5")])["line"] == "5.0000"
    assert line(deals=[deal("9", "2024-01-01")])["line"] is None
    assert line(deals=[deal("9", "2024-01-02")])["line"] == "9.0000"
    assert line(deals=[deal("9", "2026-01-02")])["line"] is None
    assert line(deals=[deal("9", "2024-02-29")], on="2026-02-28")["line"] == "9.0000"


@pytest.mark.clause("SZ24-3.3c", "SZ24-3.10", on="rule")
def test_from_its_first_day_in_shenzhen_only():
    facts = {"province_prices": [], "deals": []}
    assert regulated("price.alert_line", SZ, "2024-12-31", facts) is False
    assert regulated("price.alert_line", SZ, "2025-01-01", facts) is True
    assert regulated("price.alert_line", SZ, "2099-12-31", facts) is True
    for region in ("CN", "CN-GD", "CN-HB", "CN-JS"):
        assert regulated("price.alert_line", region, "2026-01-01", facts) is False


def test_parameters_as_the_contract_shows_them():
    answer = ask("price.alert_line", SZ, "2026-03-01", {"province_prices": [], "deals": []})
    assert answer["parameters"][0] == {
        "key": "alert_line.window_years",
        "value": 2,
        "source": "SZ24-3.3c",
        "from": "2025-01-01",
        "to": None,
        "status": "draft",
    }
    assert answer["parameters"][1]["source"] == "ASSUMPTION-A2"
    assert answer["parameters"][1]["status"] == "in_force"
    assert " ".join(answer["parameters"][1]["value"]) == FIFTEEN


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({"deals": []}, ("missing", "facts.province_prices")),
        ({"province_prices": []}, ("missing", "facts.deals")),
        (
            {"province_prices": [province("5", "11000")], "deals": []},
            ("malformed", "facts.province_prices[0].province"),
        ),
        (
            {"province_prices": [province("5", 110000)], "deals": []},
            ("wrong_type", "facts.province_prices[0].province"),
        ),
        ({"province_prices": [province("5", since=None)], "deals": []}, ("missing", "facts.province_prices[0].from")),
        ({"province_prices": [province("5", until="x")], "deals": []}, ("malformed", "facts.province_prices[0].to")),
        ({"province_prices": [], "deals": [deal("5", public="yes")]}, ("wrong_type", "facts.deals[0].public")),
        ({"province_prices": [], "deals": [deal("5") | {"quantity": 0}]}, ("out_of_range", "facts.deals[0].quantity")),
        ({"province_prices": [], "deals": [], "price": "1"}, ("unknown_key", "facts.price")),
    ],
)
def test_bad_facts_are_located_even_where_nothing_is_regulated(facts, expected):
    assert error("price.alert_line", SZ, "2026-01-01", facts) == expected
    assert error("price.alert_line", "CN-JS", "2026-01-01", facts) == expected

from datetime import date, timedelta

import pytest

from sunlight.acts import current_policy
from tests.asking import ask, error, outcome, regulated

SZ, GD, HB, JS = "CN-GD-SZ", "CN-GD", "CN-HB", "CN-JS"


def prepayment(region, on, amount="1000.01", volume=True):
    return outcome("prepayment.amount", region, on, {"contract_amount": amount, "volume": volume})


@pytest.mark.clause("SZ20-5.4.1", on="rule")
def test_shenzhen_prepays_half():
    assert prepayment(SZ, "2020-07-01") == {"ratio": "0.50", "amount": "500.01", "is_minimum": False}
    facts = {"contract_amount": "1", "volume": True}
    assert regulated("prepayment.amount", SZ, "2020-06-30", facts) is False
    assert regulated("prepayment.amount", GD, "2026-01-01", facts) is False


@pytest.mark.clause("HB20-5.4b", on="rule")
def test_hubei_prepays_at_least_30_percent():
    for region in (HB, "CN-HB-XN"):
        assert prepayment(region, "2020-06-18", "0.05") == {"ratio": "0.30", "amount": "0.02", "is_minimum": True}
    assert regulated("prepayment.amount", HB, "2020-06-17", {"contract_amount": "1", "volume": True}) is False


@pytest.mark.clause("SZ20-5.4.1", "HB20-5.4b", on="rule")
def test_only_volume_purchases_are_prepaid():
    for region in (SZ, HB):
        assert regulated("prepayment.amount", region, "2026-01-01", {"contract_amount": "1", "volume": False}) is False
    bad = {"contract_amount": "1", "volume": None}
    assert error("prepayment.amount", SZ, "2026-01-01", bad) == ("missing", "facts.volume")


def last_day_of(key: str, region: str, on: str) -> date:
    """The last day of the value in force on a day, far off where nothing ended it: a newer act breaks no test of this one."""
    return current_policy().at(key, region=region, on=date.fromisoformat(on)).valid_to or date(2099, 12, 31)


def due(region, on, accepted_on, contract_due_on=None):
    facts = {"accepted_on": accepted_on, "contract_due_on": contract_due_on}
    return outcome("payment.due", region, on, facts)["due_on"]


@pytest.mark.clause("SZ20-6.2b", "HB20-5.4a", on="rule")
@pytest.mark.parametrize(("region", "first"), [(SZ, "2020-07-01"), (HB, "2020-06-18"), ("CN-HB-XN", "2020-06-18")])
def test_thirty_calendar_days_or_the_contracts_earlier_day(region, first):
    assert due(region, first, "2026-01-31") == "2026-03-02"
    assert due(region, first, "2026-01-31", "2026-03-01") == "2026-03-01"
    assert due(region, first, "2026-01-31", "2026-03-03") == "2026-03-02"
    last = last_day_of("settlement.payment_days", region, first)
    assert due(region, str(last), str(last)) == str(last + timedelta(days=30))


@pytest.mark.clause("JS20-32", "GD25-4.8a", on="rule")
@pytest.mark.parametrize(("region", "first"), [(JS, "2020-05-01"), ("CN-JS-WX", "2020-05-01"), (GD, "2025-12-01")])
def test_elsewhere_the_contracts_day(region, first):
    assert due(region, first, "2026-01-31") is None
    assert due(region, first, "2026-01-31", "2026-12-31") == "2026-12-31"


@pytest.mark.clause("SZ20-6.2b", "GD25-4.8a", on="rule")
def test_shenzhens_thirty_days_hold_beside_and_after_guangdongs_act():
    for on in ("2025-11-30", "2025-12-01", str(last_day_of("settlement.payment_days", SZ, "2025-12-01"))):
        assert due(SZ, on, "2026-01-01", "2026-12-31") == "2026-01-31"


@pytest.mark.parametrize(
    ("region", "on"),
    [
        (SZ, "2020-06-30"),
        (HB, "2020-06-17"),
        (JS, "2020-04-30"),
        (GD, "2025-11-30"),
        (GD, "2030-12-01"),
        ("CN", "2026-01-01"),
    ],
)
def test_payment_is_not_regulated_before_after_and_elsewhere(region, on):
    assert regulated("payment.due", region, on, {"accepted_on": "2026-01-01"}) is False


def standard(region, on, level, *prices, own=None):
    facts = {"round": level, "winning_prices": list(prices), "own_price": own}
    return outcome("payment.standard", region, on, facts)["standard"]


@pytest.mark.clause("SZ20-5.4.2", on="rule")
@pytest.mark.parametrize("level", ["national", "province", "city"])
@pytest.mark.parametrize("on", ["2020-07-01", "2025-11-30"])
def test_the_lowest_winning_price(level, on):
    assert standard(SZ, on, level, "10", "9.5", "11", own="11") == "9.5000"


@pytest.mark.clause("SZ20-5.4.2", "GD25-4.7", on="rule")
@pytest.mark.parametrize("level", ["province", "city"])
def test_guangdongs_act_leaves_other_rounds_alone(level):
    for on in ("2025-12-01", "2030-12-01"):
        assert standard(SZ, on, level, "10", "9.5") == "9.5000"
    facts = {"round": level, "winning_prices": ["1"]}
    assert regulated("payment.standard", GD, "2026-01-01", facts) is False


@pytest.mark.clause("GD25-4.7", on="rule")
def test_national_winners_have_their_own_price():
    for region in (SZ, GD):
        for on in ("2025-12-01", "2030-11-30"):
            assert standard(region, on, "national", "10", "9.5", own="10") == "10.0000"
            facts = {"round": "national", "winning_prices": ["10"]}
            assert error("payment.standard", region, on, facts) == ("missing", "facts.own_price")
    facts = {"round": "national", "winning_prices": ["10"]}
    assert regulated("payment.standard", GD, "2025-11-30", facts) is False


@pytest.mark.clause("GD25-4.7", "SZ20-5.4.2", on="rule")
def test_nothing_revives_for_national_rounds():
    facts = {"round": "national", "winning_prices": ["10"], "own_price": "10"}
    for region in (SZ, GD):
        assert regulated("payment.standard", region, "2030-12-01", facts) is False


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({"round": "national", "winning_prices": []}, ("out_of_range", "facts.winning_prices")),
        ({"round": "regional", "winning_prices": ["1"]}, ("unknown_value", "facts.round")),
        ({"round": "city", "winning_prices": ["1"], "own_price": "x"}, ("malformed", "facts.own_price")),
        ({"round": "city", "winning_prices": "1"}, ("wrong_type", "facts.winning_prices")),
        ({"winning_prices": ["1"]}, ("missing", "facts.round")),
    ],
)
def test_bad_standards_are_located_everywhere(facts, expected):
    for region in (SZ, JS):
        assert error("payment.standard", region, "2026-01-01", facts) == expected


def surplus(budget, expenditure, score):
    return outcome("surplus.retained", SZ, "2020-07-01", {"budget": budget, "expenditure": expenditure, "score": score})


@pytest.mark.clause("SZ20-5.4.3", on="rule")
def test_half_the_surplus_scaled_by_the_score():
    assert surplus("1000", "400", "100") == {"surplus": "600.00", "retained": "300.00"}
    assert surplus("1000", "400", "60") == {"surplus": "600.00", "retained": "180.00"}
    assert surplus("1000", "400", "59.99") == {"surplus": "600.00", "retained": "0.00"}
    assert surplus("400", "1000", "100") == {"surplus": "0.00", "retained": "0.00"}
    assert surplus("0.01", "0", "100.00") == {"surplus": "0.01", "retained": "0.01"}  # half a fen goes up
    assert surplus("0.01", "0", "99.99") == {"surplus": "0.01", "retained": "0.00"}


@pytest.mark.clause("SZ20-5.4.3", on="rule")
def test_surplus_is_shenzhens_from_its_first_day():
    facts = {"budget": "1", "expenditure": "0", "score": "60"}
    assert regulated("surplus.retained", SZ, "2020-06-30", facts) is False
    for region in (GD, HB, JS):
        assert regulated("surplus.retained", region, "2026-01-01", facts) is False


@pytest.mark.parametrize(
    ("score", "code"),
    [
        ("100.01", "out_of_range"),
        ("101", "out_of_range"),
        ("-1", "malformed"),
        ("60.001", "malformed"),
        (60, "wrong_type"),
    ],
)
def test_a_score_is_zero_to_a_hundred(score, code):
    facts = {"budget": "1", "expenditure": "0", "score": score}
    assert error("surplus.retained", SZ, "2026-01-01", facts) == (code, "facts.score")


def test_parameters_carry_their_sources():
    answer = ask("payment.due", SZ, "2026-01-01", {"accepted_on": "2026-01-01"})
    assert [(used["key"], used["source"], used["value"]) for used in answer["parameters"]] == [
        ("settlement.payment_days", "SZ20-6.2b", 30),
        ("settlement.payment_by_contract", "GD25-4.8a", True),
    ]

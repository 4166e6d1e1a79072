import pytest

from tests.asking import ask, broken, error, regulated

SZ, GD = "CN-GD-SZ", "CN-GD"


def facts(kind, used, amount, year_total="1000.00", **more):
    return {"kind": kind, "year_total": year_total, "used": used, "amount": amount} | more


@pytest.mark.clause("SZ20-5.2.1d", "SZ24-3.5c", on="rule")
def test_products_without_reference_price_until_the_end_of_2024():
    answer = ask("cap.check", SZ, "2024-12-31", facts("no_reference", "100", "50.01"))
    assert (answer["allowed"], broken(answer)) == (False, ["SZ20-5.2.1d"])
    assert answer["outcome"] == {"cap": "150.00", "used_after": "150.01", "share": "0.1500", "effect": "block"}
    assert answer["reasons"][0]["effect"] == "refuse"
    assert "150.01" in answer["reasons"][0]["message"]
    assert "15%" in answer["reasons"][0]["message"]
    assert regulated("cap.check", SZ, "2025-01-01", facts("no_reference", "100", "50.01")) is False
    assert regulated("cap.check", SZ, "2020-06-30", facts("no_reference", "100", "50.01")) is False
    assert regulated("cap.check", GD, "2024-12-31", facts("no_reference", "100", "50.01")) is False
    assert regulated("cap.check", GD, "2026-01-01", facts("no_reference", "100", "50.01")) is False


@pytest.mark.clause("SZ20-5.2.1d", on="rule")
def test_equality_does_not_break_a_cap_and_nothing_is_rounded_before():
    assert ask("cap.check", SZ, "2024-01-01", facts("no_reference", "100", "50"))["allowed"] is True
    # 15 % of 333.33 is 49.9995: shown as 50.00, but 50.00 is above it
    answer = ask("cap.check", SZ, "2024-01-01", facts("no_reference", "0", "50.00", "333.33"))
    assert (answer["allowed"], answer["outcome"]["cap"]) == (False, "50.00")


@pytest.mark.clause("SZ20-5.2.4", "GD25-2.3b", "SZ24-3.4b", on="rule")
@pytest.mark.parametrize("kind", ["self_procured", "filed"])
@pytest.mark.parametrize(
    ("region", "on", "clause"),
    [
        (SZ, "2020-07-01", "SZ20-5.2.4"),
        (SZ, "2025-11-30", "SZ20-5.2.4"),
        (SZ, "2025-12-01", "GD25-2.3b"),
        (GD, "2025-12-01", "GD25-2.3b"),
        (SZ, "2030-11-30", "GD25-2.3b"),
    ],
)
def test_filed_and_self_procured_share_one_cap(kind, region, on, clause):
    answer = ask("cap.check", region, on, facts(kind, "50", "0.01"))
    assert (answer["allowed"], broken(answer)) == (False, [clause])
    assert answer["outcome"] == {"cap": "50.00", "used_after": "50.01", "share": "0.0500", "effect": "flag"}
    assert answer["reasons"][0]["effect"] == "flag"
    assert ask("cap.check", region, on, facts(kind, "49.99", "0.01"))["allowed"] is True


@pytest.mark.clause("GD25-2.3b", on="rule")
@pytest.mark.parametrize(
    ("region", "on"),
    [(SZ, "2020-06-30"), (GD, "2025-11-30"), (SZ, "2030-12-01"), (GD, "2030-12-01"), ("CN-JS", "2026-01-01")],
)
def test_no_cap_before_after_and_elsewhere(region, on):
    assert regulated("cap.check", region, on, facts("filed", "50", "1")) is False


@pytest.mark.clause("GD25-2.3b", on="rule")
def test_exempt_products_do_not_count_under_guangdongs_act():
    answer = ask("cap.check", GD, "2026-01-01", facts("filed", "60", "40", exempt=True))
    assert (answer["allowed"], broken(answer)) == (True, [])
    assert answer["outcome"] == {"cap": "50.00", "used_after": "60.00", "share": "0.0600", "effect": "flag"}
    before = ask("cap.check", SZ, "2025-11-30", facts("filed", "60", "40", exempt=True))
    assert (before["allowed"], before["outcome"]["used_after"]) == (False, "100.00")
    assert ask("cap.check", SZ, "2024-01-01", facts("no_reference", "150", "1", exempt=True))["allowed"] is False


@pytest.mark.clause("SZ20-3.1", on="rule")
def test_private_institutions_have_no_cap():
    assert regulated("cap.check", SZ, "2024-01-01", facts("filed", "500", "1", public=False)) is False
    assert regulated("cap.check", SZ, "2024-01-01", facts("filed", "500", "1", public=None)) is True


def test_amounts_large_and_small():
    big = "9" * 14 + ".99"
    answer = ask("cap.check", SZ, "2024-01-01", facts("filed", big, big, "0.01"))
    assert answer["outcome"]["used_after"] == "199999999999999.98"
    assert answer["outcome"]["share"] == "19999999999999998.0000"
    assert answer["outcome"]["cap"] == "0.00"
    zero = ask("cap.check", SZ, "2024-01-01", facts("filed", "0", "0", "0.01"))
    assert (zero["allowed"], zero["outcome"]["share"]) == (True, "0.0000")


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"kind": None}, ("missing", "facts.kind")),
        ({"kind": "other"}, ("unknown_value", "facts.kind")),
        ({"kind": ["filed"]}, ("wrong_type", "facts.kind")),
        ({"year_total": "0"}, ("out_of_range", "facts.year_total")),
        ({"year_total": "0.00"}, ("out_of_range", "facts.year_total")),
        ({"year_total": "1" * 15}, ("malformed", "facts.year_total")),
        ({"used": "1.001"}, ("malformed", "facts.used")),
        ({"used": "-1"}, ("malformed", "facts.used")),
        ({"amount": 5}, ("wrong_type", "facts.amount")),
        ({"exempt": "true"}, ("wrong_type", "facts.exempt")),
        ({"public": 1}, ("wrong_type", "facts.public")),
    ],
)
def test_bad_facts_come_before_regulation(change, expected):
    for region in (SZ, "CN-HB"):
        assert error("cap.check", region, "2024-01-01", facts("filed", "1", "1") | change) == expected

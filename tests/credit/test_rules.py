import pytest

from tests.asking import error, outcome, regulated

GD, SZ, JS = "CN-GD", "CN-GD-SZ", "CN-JS"


def finding(matter, amount=None, basis="court_judgment", severity=None, aggravated=False):
    return {"matter": matter, "amount": amount, "basis": basis, "severity": severity, "aggravated": aggravated}


def grade(*findings, region=JS, on="2025-07-01"):
    return outcome("credit.grade", region, on, {"findings": list(findings)})["grade"]


@pytest.mark.parametrize(
    ("amount", "expected"),
    [
        (None, "discredited"),
        ("0", "discredited"),
        ("499999.99", "discredited"),
        ("500000", "serious"),
        ("999999.99", "serious"),
        ("1000000.00", "extreme"),
    ],
)
def test_bribery_by_amount(amount, expected):
    assert grade(finding("bribery", amount)) == expected
    assert grade(finding("bribery", amount, severity="extreme")) == expected  # the authority's grade is ignored


@pytest.mark.parametrize(
    ("amount", "expected"),
    [
        (None, "none"),
        ("49999.99", "none"),
        ("50000", "discredited"),
        ("499999.99", "discredited"),
        ("500000", "serious"),
        ("2499999.99", "serious"),
        ("2500000", "extreme"),
    ],
)
def test_tax_by_amount(amount, expected):
    assert grade(finding("tax", amount, severity="extreme", aggravated=True)) == expected


@pytest.mark.parametrize("matter", ["price_monopoly", "price_violation", "illegal_bidding"])
def test_other_matters_by_the_authoritys_decision(matter):
    assert grade(finding(matter, "9000000")) == "discredited"
    for severity in ("discredited", "serious", "extreme"):
        assert grade(finding(matter, severity=severity)) == severity


@pytest.mark.parametrize("matter", ["resisting_supervision", "broken_commitment"])
def test_two_matters_are_serious_at_most(matter):
    assert grade(finding(matter)) == "discredited"
    assert grade(finding(matter, severity="extreme")) == "serious"
    assert grade(finding(matter, severity="serious")) == "serious"


def test_aggravation_lifts_bribery_and_bidding_only():
    for matter in ("bribery", "illegal_bidding"):
        assert grade(finding(matter, aggravated=True)) == "extreme"
        assert grade(finding(matter, "1", severity="discredited", aggravated=True)) == "extreme"
    for matter in ("price_monopoly", "price_violation", "resisting_supervision", "broken_commitment"):
        assert grade(finding(matter, severity="serious", aggravated=True)) == "serious"


def test_the_worst_finding_decides():
    assert grade() == "none"
    assert grade(finding("tax", "1"), finding("bribery"), finding("price_violation", severity="serious")) == "serious"


@pytest.mark.clause("GD25-5.11c", "SZ20-6.3", on="rule")
def test_which_facts_count_where_and_when():
    audit = finding("bribery", basis="audit_finding")
    assert grade(audit) == "discredited"
    for region in (GD, SZ):
        assert grade(audit, region=region, on="2025-11-30") == "discredited"
        assert grade(audit, region=region, on="2025-12-01") == "none"
        assert grade(audit, region=region, on="2030-11-30") == "none"
        assert grade(audit, region=region, on="2030-12-01") == "discredited"
        assert (
            grade(finding("bribery", basis="administrative_penalty"), region=region, on="2026-01-01") == "discredited"
        )
    for basis in ("media_report", "complaint", "", "Court_Judgment"):
        assert grade(finding("bribery", "9999999", basis, aggravated=True)) == "none"


@pytest.mark.parametrize("region", ["CN", GD, SZ, JS, "CN-HB-XN"])
def test_everywhere_from_july_2025(region):
    assert regulated("credit.grade", region, "2025-06-30", {"findings": []}) is False
    assert regulated("credit.grade", region, "2025-07-01", {"findings": []}) is True


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"matter": "gossip"}, "unknown_value"),
        ({"matter": None}, "missing"),
        ({"amount": 5}, "wrong_type"),
        ({"amount": "1.234"}, "malformed"),
        ({"basis": None}, "missing"),
        ({"basis": 5}, "wrong_type"),
        ({"severity": "none"}, "unknown_value"),
        ({"aggravated": None}, "missing"),
        ({"aggravated": 1}, "wrong_type"),
        ({"note": "x"}, "unknown_key"),
    ],
)
def test_bad_findings_are_located(change, expected):
    facts = {"findings": [finding("tax"), finding("tax") | change]}
    path = f"facts.findings[1].{next(iter(change))}"
    assert error("credit.grade", JS, "2026-01-01", facts) == (expected, path)
    assert error("credit.grade", JS, "2020-01-01", facts) == (expected, path)

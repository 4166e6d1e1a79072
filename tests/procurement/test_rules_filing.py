import pytest

from tests.asking import error, outcome, regulated

SZ, GD, JS = "CN-GD-SZ", "CN-GD", "CN-JS"


def facts(completed_on, emergency=False):
    return {"completed_on": completed_on, "emergency": emergency}


@pytest.mark.parametrize(
    ("region", "completed_on", "emergency", "deadline"),
    [
        pytest.param(
            SZ, "2025-11-30", False, "2025-12-12", marks=pytest.mark.clause("SZ20-5.2.4", "SZ24-3.4b", on="rule")
        ),
        (SZ, "2025-11-30", True, "2025-12-12"),
        (SZ, "2020-07-01", False, "2020-07-15"),
        pytest.param(SZ, "2025-12-01", False, "2025-12-10", marks=pytest.mark.clause("GD25-2.3a", on="rule")),
        (GD, "2025-12-01", True, "2025-12-10"),
        (GD, "2030-11-29", False, "2030-12-10"),
        pytest.param(JS, "2025-12-16", True, "2026-01-14", marks=pytest.mark.clause("JS20-19", on="rule")),
        ("CN-JS-NT", "2020-05-01", True, "2020-06-01"),
    ],
)
def test_deadlines_follow_the_day_of_completion(region, completed_on, emergency, deadline):
    # the request's date is not used
    for on in ("2004-01-01", "2099-12-31"):
        found = outcome("filing.deadline", region, on, facts(completed_on, emergency))
        assert found == {"deadline": deadline, "file_first": False}


@pytest.mark.clause("JS20-15", on="rule")
def test_jiangsu_files_first():
    assert outcome("filing.deadline", JS, "2026-01-01", facts("2026-01-01")) == {"deadline": None, "file_first": True}


@pytest.mark.clause("GD25-2.3a", on="rule")
@pytest.mark.parametrize(
    ("region", "completed_on"),
    [
        (SZ, "2020-06-30"),
        (GD, "2025-11-30"),
        (SZ, "2030-12-01"),
        (GD, "2030-12-01"),
        (JS, "2020-04-30"),
        ("CN-HB", "2026-01-01"),
    ],
)
def test_not_regulated_before_after_and_elsewhere(region, completed_on):
    for emergency in (True, False):
        assert regulated("filing.deadline", region, "2026-01-01", facts(completed_on, emergency)) is False


def test_bad_facts():
    assert error("filing.deadline", SZ, "2026-01-01", facts("2026-02-30")) == ("malformed", "facts.completed_on")
    assert error("filing.deadline", SZ, "2026-01-01", facts("2003-12-31")) == ("out_of_range", "facts.completed_on")
    assert error("filing.deadline", SZ, "2026-01-01", facts(20260101)) == ("wrong_type", "facts.completed_on")
    assert error("filing.deadline", SZ, "2026-01-01", {"completed_on": "2026-01-01"}) == ("missing", "facts.emergency")
    assert error("filing.deadline", SZ, "2100-01-01", facts("2026-01-01")) == ("out_of_range", "date")

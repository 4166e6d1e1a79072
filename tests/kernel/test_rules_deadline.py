import pytest

from tests.asking import ask, error, outcome


def deadline(start, days):
    return outcome("deadline.working_days", "CN-GD-SZ", "2026-01-01", {"start": start, "days": days})


@pytest.mark.parametrize(
    ("start", "days", "on", "provisional"),
    [
        ("2025-01-13", 20, "2025-02-14", False),
        ("2025-09-26", 1, "2025-09-28", False),
        ("2025-10-09", -1, "2025-09-30", False),
        ("2026-12-31", 1, "2027-01-01", True),
        ("2027-01-04", -1, "2027-01-01", True),
        ("2027-01-01", -1, "2026-12-31", False),
        ("2004-01-02", -1, "2003-12-31", True),
        ("2099-12-31", 1, "2100-01-01", True),
        ("2026-12-25", 10, "2027-01-08", True),
    ],
)
def test_deadlines(start, days, on, provisional):
    assert deadline(start, days) == {"deadline": on, "provisional": provisional}


def test_it_names_its_assumption():
    answer = ask("deadline.working_days", "CN", "2026-01-01", {"start": "2026-01-01", "days": 1})
    assert [parameter["source"] for parameter in answer["parameters"]] == ["ASSUMPTION-A17"]


@pytest.mark.parametrize(
    ("days", "code"),
    [
        (None, "missing"),
        (0, "out_of_range"),
        (True, "wrong_type"),
        (1.0, "wrong_type"),
        (1.5, "wrong_type"),
        ("1", "wrong_type"),
        ([1], "wrong_type"),
        (10**9, "out_of_range"),
        (-(10**9), "out_of_range"),
        (10**40, "out_of_range"),
    ],
)
def test_days_is_a_bounded_integer_other_than_zero(days, code):
    facts = {"start": "2026-01-01", "days": days}
    assert error("deadline.working_days", "CN", "2026-01-01", facts) == (code, "facts.days")

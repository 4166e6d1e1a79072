from datetime import date

import pytest

from sunlight.kernel.period import Period, last_months, last_years, months_back, years_back


@pytest.mark.parametrize(
    ("day", "months", "result"),
    [
        ((2026, 5, 31), 1, (2026, 4, 30)),
        ((2024, 3, 31), 1, (2024, 2, 29)),
        ((2026, 1, 15), 1, (2025, 12, 15)),
        ((2026, 1, 31), 24, (2024, 1, 31)),
    ],
)
def test_months_back(day, months, result):
    assert months_back(date(*day), months) == date(*result)


def test_a_leap_day_minus_a_year_is_the_28th():
    assert years_back(date(2024, 2, 29), 1) == date(2023, 2, 28)
    assert years_back(date(2024, 2, 29), 4) == date(2020, 2, 29)
    assert years_back(date(2025, 2, 28), 1) == date(2024, 2, 28)


def test_the_last_year_excludes_its_first_day_and_includes_its_last():
    window = last_years(date(2026, 11, 7), 2)
    assert date(2024, 11, 7) not in window
    assert date(2024, 11, 8) in window
    assert date(2026, 11, 7) in window
    assert date(2026, 11, 8) not in window
    assert last_months(date(2026, 11, 7), 24) == window


def test_after_a_leap_day_the_window_begins_on_the_first_of_march():
    assert last_years(date(2024, 2, 29), 1).first == date(2023, 3, 1)
    assert last_years(date(2025, 2, 28), 1).first == date(2024, 2, 29)


def test_periods_include_both_ends_and_may_be_open_or_empty():
    assert date(2026, 1, 1) in Period(date(2026, 1, 1), date(2026, 1, 1))
    assert date(2099, 12, 31) in Period(date(2026, 1, 1))
    assert date(2026, 1, 2) not in Period(date(2026, 1, 3), date(2026, 1, 1))

"""The countdown of a to-do: working days by the official calendar, not days of the week."""

from datetime import date, timedelta

import pytest

from sunlight.kernel.workdays import Left, official


@pytest.mark.parametrize(
    ("today", "last", "days", "overdue"),
    [
        ((2026, 3, 2), (2026, 3, 2), 0, False),
        ((2026, 3, 2), (2026, 3, 6), 4, False),
        ((2026, 3, 6), (2026, 3, 9), 1, False),  # Friday to Monday
        ((2026, 3, 6), (2026, 3, 8), 0, False),  # to a Sunday: nothing left, not yet over
        ((2025, 9, 30), (2025, 10, 9), 1, False),  # the eight days of National Day do not count
        ((2025, 9, 27), (2025, 9, 28), 1, False),  # a make-up Sunday does
        ((2026, 3, 9), (2026, 3, 6), -1, True),
        ((2026, 3, 8), (2026, 3, 6), 0, True),  # over since Friday, and nobody has worked since
        ((2025, 10, 9), (2025, 9, 30), -1, True),
    ],
)
def test_working_days_left(today, last, days, overdue):
    assert official().left(date(*today), date(*last)) == Left(days, overdue, False)


def test_it_is_the_inverse_of_a_deadline():
    start = date(2025, 12, 1)
    for offset in range(60):
        day = start + timedelta(days=offset)
        for days in (1, 5, 10, 23):
            assert official().left(day, official().shift(day, days).on).days == days


def test_a_year_without_a_notice_is_provisional():
    assert official().left(date(2026, 12, 31), date(2027, 1, 4)) == Left(2, False, True)

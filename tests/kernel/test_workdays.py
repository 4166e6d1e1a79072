from datetime import date, timedelta

import chinese_calendar
import pytest

from sunlight.kernel.workdays import Calendar, official, parse
from sunlight.tenancy.management.commands import workdays_write

NO_NOTICE = Calendar("none", frozenset(), frozenset(), frozenset())


def test_the_shipped_calendar_is_chinesecalendars():
    calendar = official()
    assert calendar.years == frozenset(range(2004, 2027))
    day = date(2004, 1, 1)
    while day <= date(2026, 12, 31):
        assert calendar.is_workday(day) == chinese_calendar.is_workday(day), day
        day += timedelta(days=1)


def test_the_data_file_is_what_the_script_writes():
    assert parse(workdays_write.text(), official().version) == official()


@pytest.mark.parametrize(
    ("start", "days", "result"),
    [
        ((2025, 1, 13), 20, (2025, 2, 14)),  # over the spring festival with its make-up days
        ((2020, 9, 18), 10, (2020, 10, 9)),
        ((2025, 7, 27), 5, (2025, 8, 1)),  # from a Sunday
        ((2025, 9, 28), -1, (2025, 9, 26)),  # the make-up Sunday itself does not count
        ((2025, 9, 26), 1, (2025, 9, 28)),  # a make-up Sunday is a working day
        ((2026, 12, 30), 1, (2026, 12, 31)),
    ],
)
def test_deadlines(start, days, result):
    deadline = official().shift(date(*start), days)
    assert (deadline.on, deadline.provisional) == (date(*result), False)


def test_an_unpublished_year_counts_monday_to_friday_and_is_provisional():
    forward = official().shift(date(2026, 12, 31), 1)
    assert (forward.on, forward.provisional) == (date(2027, 1, 1), True)
    assert official().shift(date(2027, 1, 4), -1).provisional
    assert not official().shift(date(2027, 1, 1), -1).provisional
    back = official().shift(date(2004, 1, 2), -1)
    assert (back.on, back.provisional) == (date(2003, 12, 31), True)


@pytest.mark.parametrize("start", [date(2027, 1, 1) + timedelta(days=n) for n in range(7)])
@pytest.mark.parametrize("days", [1, 4, 5, 6, 9, 10, 11, 14, 15, 52, 261, -1, -5, -10, -11, -23])
def test_long_counts_equal_day_by_day(start, days):
    step = timedelta(days=1 if days > 0 else -1)
    day, left = start, abs(days)
    while left:
        day += step
        left -= day.weekday() < 5
    assert NO_NOTICE.shift(start, days).on == day


def test_very_long_counts_are_fast_and_bounded():
    assert NO_NOTICE.shift(date(2026, 1, 2), 5 * 52000).on == date(2026, 1, 2) + timedelta(days=7 * 52000)
    for days in (10**7, -(10**7), 10**30):
        with pytest.raises(OverflowError):
            official().shift(date(2026, 1, 1), days)
    with pytest.raises(ValueError, match="zero"):
        official().shift(date(2026, 1, 1), 0)

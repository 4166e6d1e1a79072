"""Calendar windows: "the last n years (months)" at a date, and periods with both ends included (A18)."""

import calendar
from dataclasses import dataclass
from datetime import date, timedelta


def months_back(day: date, months: int) -> date:
    """`day` minus calendar months; a day the month does not have becomes its last (31 May - 1 = 30 April)."""
    index = day.year * 12 + day.month - 1 - months
    year, month = divmod(index, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def years_back(day: date, years: int) -> date:
    """`day` minus calendar years (29 February - 1 = 28 February)."""
    return months_back(day, years * 12)


@dataclass(frozen=True, slots=True)
class Period:
    """From `first` to `last`, both included; `last` None is open; an end before the beginning holds no day."""

    first: date
    last: date | None = None

    def __contains__(self, day: date) -> bool:
        return self.first <= day and (self.last is None or day <= self.last)


def last_months(day: date, months: int) -> Period:
    """The last n months at a date: after `day` minus n months, up to and including `day` (A18)."""
    return Period(months_back(day, months) + timedelta(days=1), day)


def last_years(day: date, years: int) -> Period:
    """The last n years at a date: after `day` minus n years, up to and including `day` (A18)."""
    return last_months(day, years * 12)

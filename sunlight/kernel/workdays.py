"""Working-day arithmetic over a calendar value (A17).

The State Council's yearly notices decide: holidays, and weekend days worked instead. A year without a notice counts
Monday to Friday, and every answer that passed through it is provisional. `official()` is the versioned calendar that
ships with the product (`data/workdays.csv`); another calendar is another value.
"""

import csv
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from importlib import resources

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Deadline:
    """The day a deadline ends (24:00 Asia/Shanghai); provisional where an unpublished year was counted through."""

    on: date
    provisional: bool


@dataclass(frozen=True, slots=True)
class Left:
    """Working days until the end of a deadline, negative once it has passed; provisional where an unpublished year was
    counted through."""

    days: int
    overdue: bool
    provisional: bool


@dataclass(frozen=True, slots=True)
class Calendar:
    """Published years with the days they take from, and give to, Monday to Friday."""

    version: str
    years: frozenset[int]
    holidays: frozenset[date]
    workdays: frozenset[date]

    def is_workday(self, day: date) -> bool:
        """Whether people work on `day`."""
        if day in self.workdays:
            return True
        return day.weekday() < 5 and day not in self.holidays

    def shift(self, start: date, days: int) -> Deadline:
        """The n-th working day after (negative: before) `start`; `start` itself never counts.

        Raises ValueError for 0 and OverflowError where the calendar of Python ends.
        """
        if days == 0:
            raise ValueError("zero working days is no deadline")
        step = _DAY if days > 0 else -_DAY
        left, day, provisional = abs(days), start, False
        while left:
            weeks = min(left // 5, self._plain_weeks(day, step))
            if weeks > 1:
                # leave one week for single steps, so that the last counted day is a working day
                day += step * 7 * (weeks - 1)
                left -= 5 * (weeks - 1)
                provisional = True
            day += step
            provisional = provisional or day.year not in self.years
            left -= self.is_workday(day)
        return Deadline(day, provisional)

    def left(self, today: date, last: date) -> "Left":
        """How many working days are left from `today` until the end of `last`: `today` itself never counts, `last` does
        where it is one. Past `last` it is minus the working days since. The inverse of `shift` for working days."""
        step = _DAY if last >= today else -_DAY
        # Overdue, it is the working days after `last` up to today that count.
        day, end = (today, last) if last >= today else (today + _DAY, last + _DAY)
        days, provisional = 0, False
        while day != end:
            day += step
            days += self.is_workday(day)
            provisional = provisional or day.year not in self.years
        return Left(days if last >= today else -days, last < today, provisional)

    def _plain_weeks(self, day: date, step: timedelta) -> int:
        """Number of complete weeks after `day` that no notice changes."""
        if not self.years:
            return 10**9
        if step > timedelta(0):
            return 10**9 if day.year > max(self.years) else 0
        return 10**9 if day.year < min(self.years) else 0


def parse(text: str, version: str) -> Calendar:
    """A calendar from CSV text with columns date, kind (holiday or workday), occasion."""
    days: dict[str, set[date]] = {"holiday": set(), "workday": set()}
    for row in csv.DictReader(text.splitlines()):
        days[row["kind"]].add(date.fromisoformat(row["date"]))
    # a make-up day in the last days of December belongs to the next year's notice, a holiday to its own year's
    years = frozenset(day.year for day in days["holiday"])
    return Calendar(version, years, frozenset(days["holiday"]), frozenset(days["workday"]))


@cache
def official() -> Calendar:
    """The calendar that ships with the product."""
    folder = resources.files("sunlight.kernel") / "data"
    version = (folder / "workdays.version").read_text("utf-8").strip()
    return parse((folder / "workdays.csv").read_text("utf-8"), version)

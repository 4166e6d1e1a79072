"""From which day a price holds that was published for objection (A9, A17, A30)."""

from datetime import date, timedelta

from sunlight.kernel.facts import Choice, Field
from sunlight.kernel.rule import Reading
from sunlight.kernel.workdays import official

OBJECTIONS = {"none": "无", "open": "尚未答复", "upheld": "成立", "dismissed": "不成立"}
OBJECTION = Field("objection", Choice(OBJECTIONS), "公示期间的异议", required=False, default="none")
PARAMETERS = ("publicity.days", "publicity.first_day", "workdays.calendar")
CLAUSES = ("ASSUMPTION-A9", "ASSUMPTION-A17", "ASSUMPTION-A30")


def given_on(read: Reading, day: date | None) -> date | None:
    """A day of the facts; what lies after the day asked for has not happened."""
    return day if day is not None and day <= read.on else None


def first_day(read: Reading, published_on: date) -> date:
    """The first day of a price published on a day: the calendar day after the last working day of the term."""
    days = read.at("publicity.days", on=published_on)
    after = read.at("publicity.first_day", on=published_on)
    read.at("workdays.calendar", on=published_on)
    return official().shift(published_on, days.value).on + timedelta(days=after.value)

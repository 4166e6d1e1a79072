"""Write sunlight/kernel/data/workdays.csv from chinesecalendar: `manage.py workdays_write`.

Run it when chinesecalendar includes a new notice of the State Council; a test compares both.
"""

import csv
import io
from importlib.metadata import version
from pathlib import Path

from chinese_calendar import constants
from django.core.management.base import BaseCommand

DATA = Path(__file__).resolve().parents[3] / "kernel" / "data"


def rows() -> list[tuple[str, str, str]]:
    """Every day a notice changed: ISO date, holiday or workday, what for."""
    names = {item.value: item.chinese for item in constants.Holiday}
    days = [(day.isoformat(), "holiday", names[what]) for day, what in constants.holidays.items()]
    days += [(day.isoformat(), "workday", names[what]) for day, what in constants.workdays.items()]
    return sorted(days)


def text() -> str:
    """The CSV file's text."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(("date", "kind", "occasion"))
    writer.writerows(rows())
    return out.getvalue()


class Command(BaseCommand):
    help = "Writes the working-day calendar that the kernel ships, after a new notice of the State Council."

    def handle(self, *args, **options):
        (DATA / "workdays.csv").write_text(text(), "utf-8")
        (DATA / "workdays.version").write_text(f"chinesecalendar {version('chinesecalendar')}\n", "utf-8")

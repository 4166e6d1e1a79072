"""The only clock. A sandbox platform may run faster: its factor and start stand in the settings of the process."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import connection

SHANGHAI = ZoneInfo("Asia/Shanghai")


def now(platform: str | int | None = None) -> datetime:
    """The moment, in UTC, as `platform` counts time.

    `settings.SANDBOX_CLOCKS` maps a platform's code to (real start, platform start, factor) for sandboxes;
    every other platform lives in real time.
    """
    real = datetime.now(UTC)
    sandbox = getattr(settings, "SANDBOX_CLOCKS", {}).get(platform)
    if sandbox is None:
        return real
    real_start, platform_start, factor = sandbox
    return platform_start + timedelta(seconds=(real - real_start).total_seconds() * factor)


def today(platform: str | int | None = None) -> date:
    """The business day in Asia/Shanghai; it closes at 24:00 there (design: trade grain)."""
    return business_date(now(platform))


def business_date(at: datetime) -> date:
    """The business day in Asia/Shanghai that the moment `at` falls on."""
    return at.astimezone(SHANGHAI).date()


def database_now() -> datetime:
    """The database's own clock: only to be compared with ours."""
    with connection.cursor() as cursor:
        cursor.execute("select clock_timestamp()")
        return cursor.fetchone()[0]

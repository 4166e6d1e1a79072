"""Platform numbers: 20 digits, `yyyyMMdd` of the business day and a 12-digit sequence, as hospital systems know them."""

from datetime import date

from django.db import connection


def platform_numbers(on: date, count: int) -> list[str]:
    """`count` new numbers in one statement. Numbers are unique, not gap-free."""
    with connection.cursor() as cursor:
        cursor.execute("select nextval('platform_number') from generate_series(1, %s)", [count])
        return [f"{on:%Y%m%d}{value % 10**12:012d}" for (value,) in cursor.fetchall()]


def platform_number(on: date) -> str:
    return platform_numbers(on, 1)[0]

"""Platform numbers: 20 digits, `yyyyMMdd` of the business day and 12 more, as hospital systems know them. The twelve are unique
and tell nothing: whoever compares its own numbers learns neither how many others got in between nor in which order
(`scope/sql/numbers.sql`)."""

from datetime import date

from django.db import connection


def platform_numbers(on: date, count: int) -> list[str]:
    """`count` new numbers in one statement, in no order."""
    with connection.cursor() as cursor:
        cursor.execute("select number from sun_numbers(%s, %s) number", [on, count])
        return [number for (number,) in cursor.fetchall()]


def platform_number(on: date) -> str:
    return platform_numbers(on, 1)[0]

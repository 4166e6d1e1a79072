"""Numbers of papers: as long as ever, never the same, and no clue to how many there are."""

from datetime import date

import pytest
from django.db import ProgrammingError, connection, transaction

from sunlight import scope
from sunlight.numbering import platform_number, platform_numbers
from sunlight.scope import Role

DAY = date(2026, 3, 2)


def test_numbers_are_the_day_and_twelve_digits_and_never_the_same(world):
    with scope.opened(world.system):
        made = platform_numbers(DAY, 3_000)
        other_day = platform_numbers(date(2026, 3, 3), 3)
    assert len(set(made)) == 3_000
    assert all(len(number) == 20 and number.isdigit() and number.startswith("20260302") for number in made)
    assert all(number.startswith("20260303") for number in other_day)


def test_ones_own_numbers_do_not_say_how_many_others_got(world):
    """Neighbours in time lie anywhere: neither in order nor near each other."""
    with scope.opened(world.actor("hospital", Role.HOSPITAL_BUYER)):
        made = [int(platform_number(DAY)[8:]) for _ in range(200)]
    rises = sum(one < next_ for one, next_ in zip(made, made[1:], strict=False))
    assert 60 < rises < 140
    near = sum(abs(one - next_) < 10**9 for one, next_ in zip(made, made[1:], strict=False))
    assert near < 10
    # Spread over the whole range.
    assert min(made) < 10**11 and max(made) > 9 * 10**11


@pytest.mark.parametrize(
    "statement",
    [
        "select nextval('sun_secret.number')",
        "select last_value from sun_secret.number",
        "select secret from sun_secret.number_key",
    ],
)
def test_nobody_sees_the_counter_or_its_key(world, statement):
    for actor in (world.actor("hospital", Role.HOSPITAL_BUYER), world.system):
        with scope.opened(actor), pytest.raises(ProgrammingError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)

"""The demonstration on any day: dates relative to today must hold on days off, after long holidays, past midnight, at the
turn of a year and where the next year's working days are not published."""

import os
from contextlib import contextmanager
from datetime import datetime

import pytest
import time_machine

from sunlight import scope
from sunlight.demo import story
from sunlight.demo.cast import actors_by_username
from sunlight.scope.clock import SHANGHAI
from sunlight.tenancy.queries.platforms import platform_by_code
from tests import databases
from tests.flows.test_todos import DONE_BY_DOING, PEOPLE, todos


def _shanghai(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=SHANGHAI)


DAYS = {
    "a working day": _shanghai(2026, 4, 15, 11),
    "the first minutes of a Monday": _shanghai(2026, 11, 30, 0, 20),
    "a Sunday": _shanghai(2026, 9, 6, 15),
    "a Sunday that is worked": _shanghai(2026, 9, 20, 9),
    "in a long holiday": _shanghai(2026, 10, 4, 9),
    "after a long holiday": _shanghai(2026, 2, 24, 8, 5),
    "the last hour of a year": _shanghai(2026, 12, 31, 23, 30),
    "a year whose working days are not published": _shanghai(2028, 2, 29, 10),
}


@contextmanager
def _told_on(moment: datetime, django_db_blocker):
    with (
        django_db_blocker.unblock(),
        databases.copy_of(databases.template(), f"sun_day_{os.getpid()}"),
        time_machine.travel(moment, tick=True),
    ):
        story.play(say=lambda line: None)
        with scope.login_scope():
            platform = platform_by_code("gd-sz")
        yield actors_by_username(platform)


@pytest.mark.drill
@pytest.mark.parametrize("day", DAYS)
def test_the_story_can_be_told_and_gone_on_with(django_db_setup, django_db_blocker, day):
    with _told_on(DAYS[day], django_db_blocker) as people:
        assert [name for name in PEOPLE if not todos(people[name])] == []
        left = []
        for username, label, do in DONE_BY_DOING:
            actor = people[username]
            if label not in todos(actor):
                left.append((username, label, "not there"))
                continue
            with scope.opened(actor):
                do(actor, scope.now("gd-sz"))
            if label in todos(actor):
                left.append((username, label))
        assert left == []

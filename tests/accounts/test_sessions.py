"""Sessions: idle and absolute limits, the list of your own, ending the others."""

from dataclasses import replace
from datetime import timedelta

import pytest
import time_machine
from django.test import Client

from sunlight import scope
from sunlight.journal.models import Event
from sunlight.journal.refusals import Forbidden
from sunlight.scope import Role
from sunlight.scope.principal import Principal, PrincipalKind
from sunlight.tenancy import profile
from sunlight.tenancy.models import Session, User
from sunlight.tenancy.queries.people import sessions_of
from sunlight.tenancy.services import people
from tests.browsing import client_of
from tests.world import PASSWORD

START = "2026-06-01T02:00:00Z"


@pytest.fixture
def clock():
    with time_machine.travel(START, tick=False) as traveller:
        yield traveller


@pytest.fixture
def strict(settings):
    settings.ACCOUNT_PROFILE = "standard"
    return profile.PROFILES["standard"]


def count() -> int:
    with scope.login_scope():
        return Session.objects.count()


def name_of(actor) -> str:
    with scope.login_scope():
        return User.objects.get(pk=actor.user_id).username


def test_an_idle_session_ends(clock, world, strict):
    client = client_of(world.actor("hospital", Role.HOSPITAL_BUYER))
    for _ in range(3):
        clock.shift(strict.idle - timedelta(seconds=1))
        assert client.get("/").status_code == 200
    clock.shift(strict.idle)
    assert client.get("/").status_code == 302


def test_a_busy_session_ends_too(clock, world, strict):
    client = client_of(world.actor("hospital", Role.HOSPITAL_BUYER))
    for _ in range(35):
        clock.shift(timedelta(minutes=20))
        assert client.get("/").status_code == 200
    clock.shift(timedelta(minutes=20))
    assert client.get("/").status_code == 302


def test_being_seen_is_written_once_a_minute(clock, world):
    client = client_of(world.actor("hospital", Role.HOSPITAL_BUYER))
    began = scope.now()

    def seen():
        with scope.login_scope():
            return Session.objects.get().seen_at

    clock.shift(timedelta(seconds=59))
    client.get("/")
    assert seen() == began
    clock.shift(timedelta(seconds=1))
    client.get("/")
    assert seen() == scope.now()


def test_ones_sessions_are_listed_and_the_others_ended(clock, world):
    actor = world.actor("hospital", Role.HOSPITAL_BUYER)
    here, there, stranger = Client(), Client(), client_of(world.actor("other_hospital", Role.HOSPITAL_BUYER))
    for client, agent in (
        (there, "Mozilla/5.0 (Windows NT 10.0) Edg/131.0"),
        (here, "Mozilla/5.0 (X11; Linux) Firefox/132.0"),
    ):
        answer = client.post(
            "/login/",
            {"username": name_of(actor), "password": PASSWORD},
            REMOTE_ADDR="198.51.100.9",
            headers={"User-Agent": agent},
        )
        assert answer.status_code == 302
        clock.shift(timedelta(minutes=2))
    page = here.get("/account/sessions/").content.decode()
    assert page.count("当前登录") == 1 and page.count("198.51.100.9") == 2
    assert "Edge · Windows" in page and "Firefox · Linux" in page and "Mozilla" not in page
    assert here.session.session_key not in page and there.session.session_key not in page
    assert here.post("/account/sessions/end/").status_code == 302
    assert (here.get("/").status_code, there.get("/").status_code) == (200, 302)
    assert stranger.get("/").status_code == 200
    with scope.opened(actor):
        assert Event.objects.get(name="sessions_ended").payload == {"ended": 1}


def test_a_machine_ends_nobodys_sessions_nor_sees_any(clock, world):
    actor = world.actor("hospital", Role.HOSPITAL_BUYER)
    client_of(actor), Client().get("/login/")
    before = count()
    for kind in (PrincipalKind.TOKEN, PrincipalKind.CLIENT):
        machine = replace(actor, principal=Principal(kind, actor.user_id))
        with pytest.raises(Forbidden), scope.opened(machine):
            people.sessions_end(actor=machine, at=scope.now(), keep="")
        assert sessions_of(machine.user_id, scope.now()) == []
    assert count() == before > 0


def test_logging_in_changes_the_key_and_logging_out_ends_it(clock, world):
    actor, client = world.actor("hospital", Role.HOSPITAL_BUYER), Client()
    client.post("/login/", {"username": name_of(actor), "password": PASSWORD})
    first = client.session.session_key
    client.post("/login/", {"username": name_of(actor), "password": PASSWORD})
    assert client.session.session_key != first and count() == 1
    client.post("/logout/")
    assert count() == 0 and client.get("/").status_code == 302


def test_ended_sessions_are_cleared(clock, world):
    client_of(world.actor("hospital", Role.HOSPITAL_BUYER))
    assert people.sessions_clear(at=scope.now()) == 0
    assert people.sessions_clear(at=scope.now() + profile.current().idle) == 1
    assert count() == 0


def test_the_session_tables_open_to_the_login_alone(world):
    from django.db import ProgrammingError, transaction

    for actor in (world.system, world.actor("hospital", Role.HOSPITAL_BUYER)):
        with pytest.raises(ProgrammingError), transaction.atomic(), scope.opened(actor):
            Session.objects.count()

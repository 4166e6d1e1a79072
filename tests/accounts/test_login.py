"""Logging in: attempts are recorded, too many failures lock, a lock does not show whether the name exists."""

from datetime import timedelta

import pytest
import time_machine
from django.test import Client

from sunlight import scope
from sunlight.scope import Role
from sunlight.tenancy import devices
from sunlight.tenancy.models import LoginRecord, User
from tests.world import PASSWORD

START = "2026-06-01T02:00:00Z"
WRONG, LOCKED = "登录名或密码不正确。", "失败次数过多"


@pytest.fixture
def clock():
    with time_machine.travel(START, tick=False) as traveller:
        yield traveller


@pytest.fixture
def buyer(clock, world) -> str:
    actor = world.actor("hospital", Role.HOSPITAL_BUYER)
    with scope.login_scope():
        return User.objects.get(pk=actor.user_id).username


def log_in(username: str, password: str = "wrong", address: str = "198.51.100.1", client: Client | None = None):
    return (client or Client()).post("/login/", {"username": username, "password": password}, REMOTE_ADDR=address)


def records(**where) -> list[LoginRecord]:
    with scope.login_scope():
        return list(LoginRecord.objects.filter(**where).order_by("id"))


@pytest.mark.clause("SZ20-6.1b", on="rule")
def test_every_try_is_kept_with_time_address_and_client(buyer):
    log_in(buyer)
    log_in(buyer, PASSWORD, address="198.51.100.2")
    failed, succeeded = records(username=buyer)
    assert (failed.succeeded, failed.user_id, failed.address) == (False, None, "198.51.100.1")
    assert succeeded.succeeded and succeeded.user_id and succeeded.organisation_id
    assert (succeeded.address, succeeded.at) == ("198.51.100.2", scope.now())


def test_five_failures_lock_the_name_at_the_address_for_fifteen_minutes(buyer, clock):
    for _ in range(5):
        answer = log_in(buyer)
        assert answer.status_code == 422 and WRONG in answer.content.decode()
    answer = log_in(buyer, PASSWORD)
    assert answer.status_code == 429 and f"{LOCKED}，10:15 之前" in answer.content.decode()
    clock.shift(timedelta(minutes=14, seconds=59))
    assert log_in(buyer, PASSWORD).status_code == 429
    clock.shift(timedelta(seconds=1))
    assert log_in(buyer, PASSWORD).status_code == 302


def test_a_stranger_elsewhere_locks_nobody_out(buyer):
    """Five wrong passwords from any address locked every name for good."""
    for _ in range(9):
        log_in(buyer, address="203.0.113.66")
    assert log_in(buyer, PASSWORD, address="203.0.113.66").status_code == 429
    assert log_in(buyer, PASSWORD).status_code == 302


def test_a_known_device_is_not_locked_out_by_strangers(buyer, clock):
    """Neither from the own address, one for a whole hospital, nor from a thousand others; its own failures count."""
    known = Client()
    assert log_in(buyer, PASSWORD, client=known).status_code == 302
    cookie = known.cookies["sunlight_device"]
    assert cookie["httponly"] and cookie["samesite"] == "Lax" and buyer not in cookie.value
    known.post("/logout/")
    for number in range(60):
        log_in(buyer, address=f"203.0.113.{number}")
    for number in range(50):
        log_in(f"guess{number}")
    assert log_in(buyer, PASSWORD, address="198.51.100.77").status_code == 429
    assert log_in(buyer, PASSWORD).status_code == 429
    assert log_in(buyer, PASSWORD, client=known).status_code == 302
    known.post("/logout/")
    for _ in range(5):
        assert log_in(buyer, client=known).status_code == 422
    assert log_in(buyer, PASSWORD, client=known).status_code == 429


def test_a_device_is_known_for_its_people_and_password_only(buyer, world, clock):
    known, other = Client(), world.actor("hospital", Role.HOSPITAL_FINANCE)
    log_in(buyer, PASSWORD, client=known)
    with scope.login_scope():
        other_name = User.objects.get(pk=other.user_id).username
    for _ in range(5):
        log_in(other_name, client=known)
    assert log_in(other_name, PASSWORD, client=known).status_code == 429
    assert {each.device for each in records(username=other_name)} == {""}
    with scope.login_scope():
        user = User.objects.get(username=buyer)
        cookie = known.cookies["sunlight_device"].value
        assert devices.device_of(user, cookie) and not devices.device_of(user, cookie + "x")
        user.set_password("another-password-2026")
        assert not devices.device_of(user, cookie)


def test_tries_while_locked_do_not_make_it_longer(buyer, clock):
    for _ in range(5):
        log_in(buyer)
    clock.shift(timedelta(minutes=10))
    for _ in range(9):
        assert log_in(buyer).status_code == 429
    assert len(records(username=buyer, locked=True)) == 9
    clock.shift(timedelta(minutes=5))
    assert log_in(buyer, PASSWORD).status_code == 302


def test_a_success_clears_the_count(buyer):
    for _ in range(4):
        log_in(buyer)
    assert log_in(buyer, PASSWORD).status_code == 302
    for _ in range(4):
        assert log_in(buyer).status_code == 422
    assert log_in(buyer, PASSWORD).status_code == 302


def test_a_name_that_nobody_has_is_locked_the_same(buyer):
    for name in (buyer, "nobody-has-this"):
        answers = [log_in(name) for _ in range(6)]
        assert [a.status_code for a in answers] == [422] * 5 + [429]
    own, foreign = log_in(buyer), log_in("nobody-has-this")
    assert own.content.decode().replace(buyer, "X").count(LOCKED) == foreign.content.decode().count(LOCKED) == 1


def test_an_address_that_fails_under_many_names_is_locked(buyer, settings, monkeypatch):
    from dataclasses import replace

    from sunlight.tenancy import profile

    monkeypatch.setitem(profile.PROFILES, "demo", replace(profile.PROFILES["demo"], lock_address_after=8))
    for number in range(8):
        assert log_in(f"guess{number}").status_code == 422
    assert log_in(buyer, PASSWORD).status_code == 429
    assert log_in(buyer, PASSWORD, address="203.0.113.5").status_code == 302


@pytest.mark.parametrize("name", ["", "\x00", "a\x00b", "x" * 5000, "'; drop table tenancy_user; --"])
def test_strange_names_are_wrong_names(clock, world, name):
    assert log_in(name).status_code == 422


def test_a_person_without_a_duty_gets_in_nowhere(clock, world):
    from sunlight.tenancy.services.admission import user_create

    with scope.opened(world.system):
        user_create(actor=world.system, at=scope.now(), username="idle", name="闲人", password=PASSWORD)
    answer = log_in("idle", PASSWORD)
    assert answer.status_code == 422 and "还没有任何岗位" in answer.content.decode()

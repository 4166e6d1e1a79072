"""Passwords: what a new one must be, who must choose one, and the password once more before what matters."""

from datetime import timedelta

import pytest
import time_machine
from django.http import HttpResponse
from django.test import Client
from django.urls import path

from sunlight import scope
from sunlight.scope import Role
from sunlight.tenancy import profile
from sunlight.tenancy.models import PastPassword, User
from sunlight.web.pages import page
from tests.browsing import client_of
from tests.machines import token_of
from tests.world import PASSWORD

NEW = "correct horse battery"


@page(Role.HOSPITAL_FINANCE, methods=("GET", "POST"), step_up=True)
def paying(request):
    return HttpResponse("paid")


# Every route, and one more that moves money.
from sunlight.urls import handler403, handler404, handler500, urlpatterns as _routes  # noqa: E402, F401, I001

urlpatterns = [path("paying/", paying), *_routes]


@pytest.fixture
def clock():
    with time_machine.travel("2026-06-01T02:00:00Z", tick=False) as traveller:
        yield traveller


@pytest.fixture
def person(clock, world):
    return world.actor("hospital", Role.HOSPITAL_FINANCE)


@pytest.fixture
def client(person):
    return client_of(person)


def change(client, old=PASSWORD, new=NEW, again=None, **more):
    return client.post("/account/password/", {"old": old, "new": new, "again": again or new, **more})


def user_of(actor) -> User:
    with scope.login_scope():
        return User.objects.get(pk=actor.user_id)


def mark(actor, **fields):
    with scope.login_scope():
        User.objects.filter(pk=actor.user_id).update(**fields)


def log_in(actor, password=PASSWORD) -> tuple[Client, HttpResponse]:
    client = Client()
    return client, client.post("/login/", {"username": user_of(actor).username, "password": password})


def test_a_new_password_ends_the_other_sessions(client, person):
    other = client_of(person)
    assert change(client).status_code == 302
    assert user_of(person).check_password(NEW)
    assert client.get("/").status_code == 200
    assert other.get("/").status_code == 302


@pytest.mark.parametrize(
    ("new", "code", "message"),
    [
        ("short-1", "password_too_short", "新密码至少 10 位。"),
        ("password123", "password_unfit", ""),
        (PASSWORD, "password_used_before", "最近 5 次"),
    ],
)
def test_an_unfit_password_changes_nothing(client, person, new, code, message):
    before = user_of(person).password
    answer = change(client, new=new)
    assert answer.status_code == 422 and answer.context["refusal"].code == code
    assert message in answer.content.decode() and new not in answer.content.decode()
    assert user_of(person).password == before


def test_the_last_five_do_not_come_back_and_the_sixth_does(client, person):
    words = [PASSWORD, *(f"quite different {n}{n}" for n in range(5))]
    for old, new in zip(words, words[1:], strict=False):
        assert change(client, old, new).status_code == 302
    for used in words[1:]:
        assert change(client, words[-1], used).context["refusal"].code == "password_used_before"
    assert change(client, words[-1], words[0]).status_code == 302


def test_a_wrong_old_password_counts_towards_the_lock(client, person):
    for _ in range(5):
        assert change(client, old="wrong").context["refusal"].code == "password_wrong"
    assert change(client).context["refusal"].code == "locked"
    assert log_in(person)[1].status_code == 429


def test_two_different_new_ones(client, person):
    assert change(client, again="something else").context["refusal"].code == "passwords_differ"


def test_a_password_given_by_others_must_be_changed_first(person):
    mark(person, must_change_password=True)
    client, answer = log_in(person)
    assert answer.headers["Location"].startswith("/account/password/")
    for closed in ("/", "/account/sessions/", "/api/v1/orders/"):
        assert client.get(closed).status_code in (302, 401, 403)
    assert "他人代设" in client.get("/account/password/").content.decode()
    assert client.get("/login/").headers["Location"] == "/account/password/"
    assert change(client, next="/account/sessions/").headers["Location"] == "/account/sessions/"
    assert client.get("/").status_code == 200
    assert not user_of(person).must_change_password


def test_a_pending_session_may_be_left(person):
    mark(person, must_change_password=True)
    client, _ = log_in(person)
    assert client.post("/logout/").status_code == 302
    assert client.get("/account/password/").headers["Location"].startswith("/login/")


def test_an_old_password_must_be_changed(person, clock, settings):
    settings.ACCOUNT_PROFILE = "standard"
    mark(person, password_set_at=scope.now())
    clock.shift(timedelta(days=90) - timedelta(seconds=1))
    assert log_in(person)[1].headers["Location"] == "/"
    clock.shift(timedelta(seconds=1))
    assert log_in(person)[1].headers["Location"].startswith("/account/password/")


def test_demonstration_accounts_keep_theirs(client, person, settings, clock):
    settings.ACCOUNT_PROFILE = "standard"
    mark(person, is_demo=True, must_change_password=True, password_set_at=scope.now() - timedelta(days=999))
    assert log_in(person)[1].headers["Location"] == "/"
    assert change(client).context["refusal"].code == "demo_password"
    assert user_of(person).check_password(PASSWORD)


def test_a_machine_and_nobody_have_no_password_page(db):
    assert Client().get("/account/password/").headers["Location"].startswith("/login/")
    assert Client().get("/account/confirm/").headers["Location"].startswith("/login/")


def test_a_machine_cannot_confirm(world):
    secret = token_of(world.system, world.hospital, world.platform, Role.HOSPITAL_FINANCE)
    answer = Client().post("/account/confirm/", {"old": PASSWORD}, headers={"Authorization": f"Bearer {secret}"})
    assert answer.status_code == 422 and answer.context["refusal"].code == "not_a_person"


def test_past_passwords_are_kept_as_hashes(client, person):
    change(client)
    with scope.login_scope():
        (past,) = PastPassword.objects.filter(user_id=person.user_id)
    assert PASSWORD not in past.hash and past.hash.count("$") >= 2


class TestStepUp:
    @pytest.fixture(autouse=True)
    def _strict(self, settings):
        settings.ACCOUNT_PROFILE, settings.ROOT_URLCONF = "standard", __name__

    def test_fresh_after_logging_in_and_stale_after_ten_minutes(self, person, clock):
        client, _ = log_in(person)
        assert client.post("/paying/").content == b"paid"
        clock.shift(profile.current().step_up_within - timedelta(seconds=1))
        assert client.post("/paying/").content == b"paid"
        clock.shift(timedelta(seconds=1))
        assert client.get("/paying/").headers["Location"] == "/account/confirm/?next=%2Fpaying%2F"

    def test_the_password_again_leads_back(self, person, clock):
        client, _ = log_in(person)
        clock.shift(timedelta(minutes=11))
        where = client.post("/paying/", headers={"Referer": "http://testserver/paying/"}).headers["Location"]
        assert where == "/account/confirm/?next=%2Fpaying%2F"
        assert client.post(where, {"old": "wrong", "next": "/paying/"}).status_code == 422
        assert client.get("/paying/").status_code == 302
        assert client.post(where, {"old": PASSWORD, "next": "/paying/"}).headers["Location"] == "/paying/"
        assert client.post("/paying/").content == b"paid"

    def test_never_to_another_site(self, person, clock):
        client, _ = log_in(person)
        answer = client.post("/account/confirm/", {"old": PASSWORD, "next": "https://evil.example/"})
        assert answer.headers["Location"] == "/"
        clock.shift(timedelta(minutes=11))
        answer = client.post("/paying/", headers={"Referer": "https://evil.example/x"})
        assert answer.headers["Location"] == "/account/confirm/?next=%2F"

    def test_htmx_is_told_to_go_there(self, person, clock):
        client, _ = log_in(person)
        clock.shift(timedelta(minutes=11))
        answer = client.post("/paying/", headers={"HX-Request": "true"})
        assert answer.status_code == 204 and answer.headers["HX-Redirect"].startswith("/account/confirm/")

    def test_a_session_without_a_stamp_is_stale(self, person):
        assert client_of(person).get("/paying/").status_code == 302

    def test_roles_come_first(self, world, clock):
        assert client_of(world.actor("hospital", Role.HOSPITAL_BUYER)).get("/paying/").status_code == 403

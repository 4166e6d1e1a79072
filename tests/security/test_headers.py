"""Security headers stand on every kind of answer, also on those that no view made."""

import pytest
from django.test import Client
from django.urls import reverse

from sunlight.scope import Role
from tests.browsing import client_of

EXPECTED = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}


def policy_of(response) -> dict[str, list[str]]:
    parts = (part.split() for part in response.headers["Content-Security-Policy"].split(";") if part.strip())
    return {name: values for name, *values in parts}


def hold(response, status: int):
    assert response.status_code == status
    assert {name: response.headers.get(name) for name in EXPECTED} == EXPECTED
    assert response.headers["X-Request-ID"]
    policy = policy_of(response)
    for directive in ("default-src", "script-src", "style-src"):
        assert policy[directive] == ["'self'"]
    assert (policy["object-src"], policy["frame-ancestors"]) == (["'none'"], ["'none'"])
    assert (policy["base-uri"], policy["form-action"]) == (["'self'"], ["'self'"])
    assert "unsafe" not in response.headers["Content-Security-Policy"]


@pytest.fixture
def buyer(world):
    return client_of(world.actor("hospital", Role.HOSPITAL_BUYER), raise_request_exception=False)


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("get", "/login/", 200),
        ("post", "/login/", 422),
        ("get", "/", 302),
        ("get", "/nowhere/", 404),
        ("put", "/login/", 405),
        ("get", "/healthz", 200),
        ("get", "/readyz", 200),
        ("get", "/metrics", 200),
        ("get", "/static/sunlight/mark.svg", 200),
        ("get", "/api/schema/", 200),
        ("get", "/api/v1/rules/nothing/", 422),
        ("delete", "/api/v1/rules/", 405),
    ],
)
def test_for_anonymous_visitors(db, method, path, status):
    response = getattr(Client(), method)(path)
    hold(response, status)
    response.close()


def test_for_people(buyer):
    hold(buyer.get("/"), 200)
    hold(buyer.get(reverse("operations:dead_letters")), 403)
    hold(buyer.get(reverse("imports:run", args=[1])), 404)


def test_for_a_broken_view(buyer, monkeypatch):
    def broken(*args, **kwargs):
        raise RuntimeError("planted")

    monkeypatch.setattr("sunlight.accounts.web.entry.todos_of", broken)
    response = buyer.get("/")
    hold(response, 500)
    assert "planted" not in response.content.decode() and response.headers["X-Request-ID"] in response.content.decode()


def test_for_a_missing_csrf_token(db):
    hold(Client(enforce_csrf_checks=True).post("/login/", {"username": "x", "password": "y"}), 403)


def test_a_host_that_is_not_ours(db):
    hold(Client(HTTP_HOST="evil.example").get("/login/"), 400)


def test_cookies(world, settings):
    settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = True
    from tests.world import PASSWORD

    actor = world.actor("hospital", Role.HOSPITAL_BUYER)
    from sunlight import scope
    from sunlight.tenancy.models import User

    with scope.login_scope():
        name = User.objects.get(pk=actor.user_id).username
    response = Client().post("/login/", {"username": name, "password": PASSWORD})
    assert response.status_code == 302
    session = response.cookies["sessionid"]
    assert (session["secure"], session["httponly"], session["samesite"]) == (True, True, "Lax")

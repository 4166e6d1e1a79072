"""Health, readiness and figures: what monitoring is told, and what it is not."""

import json
import logging

import pytest
import time_machine
from django.db import OperationalError
from django.test import Client

from sunlight import scope
from sunlight.operations import checks, logs
from sunlight.scope import Role
from sunlight.web import proxy
from tests.browsing import client_of


def readiness(client=None) -> tuple[int, dict]:
    response = (client or Client()).get("/readyz")
    return response.status_code, response.json()["checks"]


def test_health_asks_nobody():
    response = Client().get("/healthz")  # without the `db` fixture any query would fail
    assert (response.status_code, response.content) == (200, b"ok\n")
    assert response.headers["Cache-Control"] == "no-store"


def test_probes_answer_for_any_host_and_without_tls(db, settings):
    settings.SECURE_SSL_REDIRECT = True
    assert Client(HTTP_HOST="10.0.0.7:8000").get("/healthz").status_code == 200
    assert Client(HTTP_HOST="10.0.0.7:8000").get("/readyz").status_code == 200
    assert Client().get("/login/").status_code == 301


def test_ready_when_everything_holds(db):
    assert readiness() == (
        200,
        dict.fromkeys(["database", "migrations", "redis", "workdays", "policy", "role_settings"], True),
    )


def test_not_ready_without_the_database(db, monkeypatch):
    def gone():
        raise OperationalError("could not connect to server: password of sun_app is s3cret")

    monkeypatch.setattr("sunlight.scope.login_scope", gone)
    response = Client().get("/readyz")
    assert response.status_code == 503
    assert response.json()["checks"] == {
        "database": False,
        "migrations": False,
        "redis": True,
        "workdays": True,
        "policy": True,
        "role_settings": True,
    }
    assert b"s3cret" not in response.content and b"sun_app" not in response.content


def test_not_ready_with_a_migration_missing(db, monkeypatch):
    monkeypatch.setattr(checks, "_migrations_on_disk", lambda: frozenset({("catalog", "0099_more")}))
    assert readiness() == (
        503,
        {**dict.fromkeys(["database", "redis", "workdays", "policy", "role_settings"], True), "migrations": False},
    )
    (finding,) = checks.run({"migrations": checks.READINESS["migrations"]})
    assert finding.says == "有未执行的数据库迁移：catalog.0099_more" and "manage.py migrate" in finding.mend


def test_not_ready_without_redis(db, settings):
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    status, found = readiness()
    assert status == 503 and [name for name, ok in found.items() if not ok] == ["redis"]


@time_machine.travel("2035-03-01T00:00:00Z", tick=False)
def test_not_ready_in_a_year_without_a_calendar(db):
    status, found = readiness()
    assert status == 503 and [name for name, ok in found.items() if not ok] == ["workdays"]


def test_not_ready_under_a_broken_policy(db, monkeypatch):
    def broken():
        raise ValueError("SZ24: two values on one day")

    monkeypatch.setattr(scope, "policy", broken)
    status, found = readiness()
    assert status == 503 and [name for name, ok in found.items() if not ok] == ["policy"]


def test_probes_take_no_posts(db):
    assert Client().post("/readyz").status_code == 405


def test_figures_name_routes_and_no_tenant(world):
    buyer = world.actor("hospital", Role.HOSPITAL_BUYER)
    client_of(buyer).get("/", {"q": "secret-word"})
    text = Client().get("/metrics").content.decode()
    assert 'sunlight_http_requests_total{method="GET",route="accounts:workbench",status="200"}' in text
    assert 'sunlight_ready{check="database"} 1.0' in text
    assert "sunlight_deliveries_dead 0.0" in text
    assert "sunlight_events_unsealed " in text
    # Only our own figures: the interpreter's name generations of garbage by small numbers too.
    ours = "\n".join(line for line in text.splitlines() if line.startswith("sunlight_"))
    for word in ("gd-sz", "测试市第一人民医院", buyer.user_name, "secret-word", f'="{buyer.organisation_id}"'):
        assert word not in ours


def test_figures_without_a_database_still_say_so(db, monkeypatch):
    def gone():
        raise OperationalError("no")

    monkeypatch.setattr("sunlight.scope.login_scope", gone)
    text = Client().get("/metrics").content.decode()
    assert 'sunlight_ready{check="database"} 0.0' in text
    assert "sunlight_deliveries_dead" not in text


def test_figures_under_https_want_the_token(db, settings):
    settings.SECURE_COOKIES = True
    assert Client().get("/metrics").status_code == 404
    settings.METRICS_TOKEN = "scrape-me"
    assert Client().get("/metrics").status_code == 404
    assert Client().get("/metrics", headers={"Authorization": "Bearer wrong"}).status_code == 404
    assert Client().get("/metrics", headers={"Authorization": "Bearer scrape-me"}).status_code == 200


def test_a_request_is_one_line_with_who_and_where_and_no_secret(world, caplog):
    buyer = world.actor("hospital", Role.HOSPITAL_BUYER)
    client = client_of(buyer)
    with caplog.at_level(logging.INFO, "sunlight.request"):
        client.get("/?token=very-secret", headers={"X-Request-ID": "trace-1"})
        client.post("/login/", {"username": "x", "password": "hidden-password"})
    first, second = (r for r in caplog.records if r.name == "sunlight.request")
    token = logs.request_id.set("trace-1")
    line = json.loads(logs.JsonLine().format(first))
    logs.request_id.reset(token)
    duration = line.pop("duration_ms")
    assert duration > 0 and line.pop("time").endswith("+00:00")
    assert line == {
        "level": "INFO",
        "logger": "sunlight.request",
        "message": f"GET accounts:workbench 200 {duration} ms",
        "request_id": "trace-1",
        "platform": "gd-sz",
        "organisation": buyer.organisation_id,
        "principal": f"person:{buyer.user_id}",
        "method": "GET",
        "route": "accounts:workbench",
        "status": 200,
    }
    everything = logs.JsonLine().format(first) + logs.JsonLine().format(second)
    assert "very-secret" not in everything and "hidden-password" not in everything


@pytest.mark.parametrize("given", ["bad id\twith spaces", "x" * 65, '"}{"'])
def test_a_strange_request_id_is_replaced(db, given):
    answered = Client().get("/healthz", headers={"X-Request-ID": given}).headers["X-Request-ID"]
    assert answered != given and len(answered) == 32
    assert Client().get("/healthz", headers={"X-Request-ID": "abc-1"}).headers["X-Request-ID"] == "abc-1"


def test_a_proxy_that_nobody_named_is_told_once_and_stops_nothing(db, settings, monkeypatch, caplog):
    """A forgotten SUNLIGHT_PROXY_COUNT gives every visitor one address, and one lock for all."""
    monkeypatch.setattr(proxy, "_told", [])
    monkeypatch.setattr(proxy, "KEY", "sunlight:test-proxy")
    assert "hints" not in Client().get("/readyz").json() and not proxy.seen_lately()
    for _ in range(3):
        Client().get("/healthz", headers={"X-Forwarded-For": "203.0.113.9"})
    told = [each.getMessage() for each in caplog.records if each.name == "sunlight.proxy"]
    assert len(told) == 1 and "SUNLIGHT_PROXY_COUNT is 0" in told[0]
    answer = Client().get("/readyz")
    assert answer.status_code == 200 and answer.json()["hints"] == ["proxy_count"]
    # The doctor is another process.
    monkeypatch.setattr(proxy, "_told", [])
    with pytest.raises(checks.Ill, match="SUNLIGHT_PROXY_COUNT 为 0"):
        checks.proxies()
    settings.PROXY_COUNT = 1
    assert checks.proxies() == "前置代理 1 层"
    proxy._server().delete(proxy.KEY)


def test_an_address_counts_as_far_as_our_proxies_wrote_it(rf, settings, monkeypatch):
    monkeypatch.setattr(proxy, "_told", [True])
    from sunlight.web.middleware import client_of as who

    request = rf.get("/", headers={"X-Forwarded-For": "6.6.6.6, 203.0.113.9"}, REMOTE_ADDR="10.0.0.1")
    assert who(request).address == "10.0.0.1"
    settings.PROXY_COUNT = 1
    assert who(request).address == "203.0.113.9"
    assert who(rf.get("/", REMOTE_ADDR="10.0.0.1")).address == "10.0.0.1"

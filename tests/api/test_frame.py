"""What every endpoint does by itself: it counts calls, and no POST has its effect twice.

The counters are in the one Redis that all workers share: no other file counts calls."""

from dataclasses import replace

import pytest
from django.test import Client as Browser
from django.urls import get_resolver, include, path
from prometheus_client import REGISTRY

from sunlight.api import limits
from sunlight.api.batch import Batch
from sunlight.api.permissions import ANYBODY
from sunlight.api.views import Endpoint
from sunlight.scope import Role
from sunlight.scope.principal import Principal, PrincipalKind
from sunlight.web.middleware import paths_with_own_scopes
from tests.api_client import ApiClient
from tests.security.routes import walk


def endpoints() -> list[type[Endpoint]]:
    found = (getattr(view, "cls", None) for _, _, view in walk(get_resolver()))
    return [cls for cls in found if isinstance(cls, type) and issubclass(cls, Endpoint)]


def test_every_post_answers_a_repeated_key():
    """From the URL configuration: each POST is wrapped, or is a batch whose operations each have a key. Only questions
    that anybody may put, and that change nothing, go without."""
    posts = [cls for cls in endpoints() if hasattr(cls, "post")]
    bare = [
        cls.__name__
        for cls in posts
        if not getattr(cls.post, "is_idempotent", False)
        and not (issubclass(cls, Batch) and getattr(cls.one.post, "is_idempotent", False))
        and cls.roles["POST"] != ANYBODY
    ]
    assert len(posts) >= 25
    assert bare == []
    assert {cls.__name__ for cls in posts if cls.roles["POST"] == ANYBODY} == {"RuleAsk", "Token"}


class Several(Endpoint):
    opens_own_scopes = True


def test_batches_are_known_by_their_paths():
    """A batch's path is found before its view is: outside of it, no request runs without a scope."""
    batches = {cls for cls in endpoints() if cls.opens_own_scopes}
    paths = paths_with_own_scopes("sunlight.urls")
    assert {get_resolver().resolve(each).func.cls for each in paths} == batches
    assert len(batches) == len(paths) >= 2


def test_a_batch_under_a_path_that_varies_is_refused(monkeypatch):
    urls = type("Urls", (), {"urlpatterns": [path("x/", include([path("<int:n>/batch/", Several.as_view())]))]})
    monkeypatch.setattr("sunlight.web.middleware.get_resolver", lambda name: get_resolver(urls))
    with pytest.raises(ValueError, match="has one path"):
        paths_with_own_scopes("of this test")


@pytest.fixture
def limited(settings):
    """Three calls a minute for a hospital's machine, one for whoever says nothing; the counters as if nobody had
    called."""
    settings.API_RATE_LIMITS = {"hospital": 3, "anonymous": 1}
    limits.meter.silent_until = 0.0
    limits.meter.spend("warm", 1)
    for key in limits.meter.server.scan_iter("sunlight:rate:*"):
        limits.meter.server.delete(key)


def figure(name: str, **labels) -> float:
    return REGISTRY.get_sample_value(name, labels) or 0.0


def test_a_client_is_told_its_limit_and_refused_beyond_it(world, limited):
    machine, other = (ApiClient(world, "hospital", Role.HOSPITAL_BUYER) for _ in range(2))
    before = figure("sunlight_api_limited_total", profile="hospital")

    def call(client):
        return client.client.get("/api/v1/offers/", headers=client.headers)

    answers = [call(machine) for _ in range(4)]
    assert [a.status_code for a in answers] == [200, 200, 200, 429]
    assert [a["RateLimit-Remaining"] for a in answers] == ["2", "1", "0", "0"]
    assert {(a["RateLimit-Limit"], a["RateLimit-Policy"]) for a in answers} == {("3", "3;w=60")}
    refused = answers[-1]
    assert (refused["Content-Type"], refused.json()["code"]) == ("application/problem+json", "rate_limited")
    assert 1 <= int(refused["Retry-After"]) == int(refused["RateLimit-Reset"]) <= 60
    assert "每分钟最多调用 3 次" in refused.json()["detail"]
    assert figure("sunlight_api_limited_total", profile="hospital") == before + 1
    assert call(other).status_code == 200  # each machine counts for itself
    nobody = [Browser().get("/api/v1/offers/") for _ in range(2)]
    assert [a.status_code for a in nobody] == [401, 429]


def test_a_person_and_machines_with_one_number_count_apart(world):
    person = world.actor("hospital", Role.HOSPITAL_BUYER)
    principals = [
        Principal(kind, person.user_id) for kind in (PrincipalKind.PERSON, PrincipalKind.TOKEN, PrincipalKind.CLIENT)
    ]
    actors = [replace(person, principal=each) for each in principals]
    where = f"{person.platform_id}:{person.organisation_id}"
    assert [limits.client_key(each, "") for each in actors] == [
        f"{where}:{kind}:{person.user_id}" for kind in ("person", "token", "client")
    ]
    assert [limits.profile_of(each) for each in actors] == ["person", "hospital", "hospital"]


def test_an_operation_of_a_batch_costs_a_call(world, limited):
    machine = ApiClient(world, "hospital", Role.HOSPITAL_BUYER)
    body = {"operations": [{"idempotency_key": str(n), "body": {}} for n in range(4)]}
    status, problem = machine.post("/api/v1/offers/batch/", body)
    assert (status, problem["code"]) == (429, "rate_limited")


def test_without_redis_calls_pass_and_it_shows(world, limited, settings):
    settings.REDIS_URL = "unix:///nowhere/redis.sock"
    machine = ApiClient(world, "hospital", Role.HOSPITAL_BUYER)
    before = figure("sunlight_api_limiter_away_total")
    try:
        answers = [machine.client.get("/api/v1/offers/", headers=machine.headers) for _ in range(5)]
    finally:
        limits.meter.silent_until = 0.0
    assert {a.status_code for a in answers} == {200}
    assert "RateLimit-Limit" not in answers[0]
    assert figure("sunlight_api_limiter_away_total") == before + 5

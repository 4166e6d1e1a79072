"""The kit of the API on endpoints of these tests' own: strict JSON, problem details, keys that make a POST happen once."""

import base64
import json
import threading
from urllib.parse import urlencode

import pytest
from django.contrib.auth import SESSION_KEY, get_user_model
from django.db import connection
from django.test import Client as Browser
from django.test import override_settings
from django.urls import path
from rest_framework import serializers
from rest_framework.response import Response

from sunlight import scope
from sunlight.answers.models import IdempotentAnswer
from sunlight.api.errors import TITLES
from sunlight.api.views import Endpoint, paged
from sunlight.journal.models import Event, Refusal
from sunlight.journal.refusals import Conflict, Forbidden, Invalid, NotThere, Refused
from sunlight.journal.services import record, service
from sunlight.scope import Role
from sunlight.tenancy.queries.actors import actor_of_token
from tests import world as worlds
from tests.happening import THING_MADE
from tests.machines import token_of
from tests.stated import stated

pytestmark = pytest.mark.urls(__name__)
KINDS = {
    "refused": Refused("too_dear", "价格高于预警线，请降价后再提交。", field="price", basis=stated("SZ24-3.3c")),
    "not_there": NotThere("订单"),
    "forbidden": Forbidden("not_yours", "不可以，请联系管理员。"),
    "conflict": Conflict("twice", "重复，请刷新。"),
    "invalid": Invalid("bad", "有误，请更正。", field="price", items=[{"field": "rows[2].price", "message": "有误"}]),
}


@service
def thing_make(*, actor, at, name, fails=""):
    record(THING_MADE, subject=1, actor=actor, at=at, payload={"name": name})
    if fails:
        raise KINDS[fails]
    with scope.opened(actor):
        return Event.objects.filter(name="thing_made").count()


class _In(serializers.Serializer):
    name = serializers.CharField(max_length=20)
    fails = serializers.CharField(required=False)
    count = serializers.IntegerField(required=False)


class Things(Endpoint):
    roles = {"GET": frozenset({Role.HOSPITAL_BUYER}), "POST": frozenset({Role.HOSPITAL_BUYER})}
    holding: threading.Event | None = None
    entered: threading.Event | None = None

    def get(self, request):
        return paged(
            self, request, Event.objects.filter(name="thing_made"), lambda event: {"name": event.payload["name"]}
        )

    def post(self, request):
        given = _In(data=request.data)
        given.is_valid(raise_exception=True)
        values = given.validated_data
        number = thing_make(actor=self.actor, at=self.now, name=values["name"], fails=values.get("fails", ""))
        if Things.holding is not None:
            Things.entered.set()
            assert Things.holding.wait(20)
        return Response({"number": number, "name": values["name"]}, status=201)


class Breaks(Endpoint):
    roles = {"POST": frozenset({Role.HOSPITAL_BUYER})}

    def post(self, request):
        raise ZeroDivisionError


urlpatterns = [path("api/things/", Things.as_view()), path("api/breaks/", Breaks.as_view())]
handler500 = "sunlight.web.errors.broken"


class Machine:
    """A hospital's machine: posts text as it is."""

    def __init__(self, world, key="hospital", *roles):
        roles = roles or (Role.HOSPITAL_BUYER,)
        self.secret = token_of(world.system, world.organisations[key], world.platform, *roles)
        self.browser = Browser(raise_request_exception=False)

    def post(self, body, *, where="/api/things/", key=None, content_type="application/json", **headers):
        headers = {"Authorization": f"Bearer {self.secret}", **({"Idempotency-Key": key} if key else {}), **headers}
        body = body if isinstance(body, (str, bytes)) else json.dumps(body)
        return self.browser.post(where, data=body, content_type=content_type, headers=headers)

    def get(self, query=""):
        return self.browser.get(f"/api/things/{query}", headers={"Authorization": f"Bearer {self.secret}"})


@pytest.fixture
def machine(world):
    return Machine(world)


def made(world) -> int:
    with scope.opened(world.system):
        return Event.objects.filter(name="thing_made").count()


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ('{"name": NaN}', "NaN"),
        ('{"name": Infinity}', "Infinity"),
        ('{"name": "a", "name": "b"}', "重复的键"),
        ('{"name": "a\\u0000b"}', "空字符"),
        ("{name: 1}", "有效的 JSON"),
        ('{"name": "a"} x', "有效的 JSON"),
        (b'{"name": "\xff"}', "UTF-8"),
        ("[" * 100_000, "嵌套过深"),
    ],
)
def test_json_is_taken_strictly(world, machine, body, said):
    answer = machine.post(body)
    assert answer.status_code == 400
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json()["title"] == TITLES[400]
    assert said in answer.json()["detail"]
    assert made(world) == 0


@pytest.mark.parametrize("body", ["[]", "null", '"text"', "3"])
def test_a_body_of_another_type_is_refused(world, machine, body):
    answer = machine.post(body)
    assert answer.status_code == 422
    assert answer.json()["errors"]
    assert made(world) == 0


def test_another_content_type_is_refused(world, machine):
    answer = machine.post("name=a", content_type="application/x-www-form-urlencoded")
    assert (answer.status_code, answer["Content-Type"]) == (415, "application/problem+json")
    assert made(world) == 0


def test_a_field_that_does_not_fit_is_named(machine):
    problem = machine.post({"name": "a" * 21, "count": "x"}).json()
    assert problem["status"] == 422
    assert problem["type"] == "/problems/invalid"
    assert [error["field"] for error in problem["errors"]] == ["name", "count"]
    assert problem["field"] == "name"


@pytest.mark.parametrize(
    ("kind", "status"), [("refused", 422), ("not_there", 404), ("forbidden", 403), ("conflict", 409), ("invalid", 422)]
)
def test_a_refusal_is_a_problem_and_what_rests_on_a_clause_or_a_right_is_on_record(world, machine, kind, status):
    answer = machine.post({"name": "a", "fails": kind})
    refusal = KINDS[kind]
    assert (answer.status_code, answer["Content-Type"]) == (status, "application/problem+json")
    problem = answer.json()
    assert problem["type"] == f"/problems/{refusal.code}"
    assert (problem["status"], problem["code"], problem["detail"]) == (status, refusal.code, refusal.message)
    assert problem["title"] == TITLES[status]
    assert problem.get("field", "") == refusal.field
    assert problem.get("clauses", []) == refusal.clauses
    assert problem.get("errors", []) == refusal.items
    assert made(world) == 0
    with scope.opened(world.system):
        kept = [("thing_make", refusal.code)] if refusal.on_record else []
        assert list(Refusal.objects.values_list("service", "code")) == kept


def test_a_repeated_post_has_one_effect_and_the_first_answer(world, machine):
    first = machine.post({"name": "a"}, key="k1")
    again = machine.post('{ "name" : "a" }', key="k1")
    assert (first.status_code, first.json()) == (again.status_code, again.json()) == (201, {"number": 1, "name": "a"})
    assert "Idempotency-Replayed" not in first
    assert again["Idempotency-Replayed"] == "true"
    assert made(world) == 1
    assert machine.post({"name": "a"}, key="k2").json()["number"] == 2
    assert machine.post({"name": "a"}).json()["number"] == 3


def test_a_key_with_another_body_is_refused(world, machine):
    machine.post({"name": "a"}, key="k1")
    answer = machine.post({"name": "b"}, key="k1")
    assert (answer.status_code, answer.json()["code"]) == (422, "idempotency_key_reused")
    assert answer.json()["field"] == "Idempotency-Key"
    assert made(world) == 1


def test_a_refusal_is_answered_again_too_and_kept_once(world, machine):
    first = machine.post({"name": "a", "fails": "refused"}, key="k1")
    again = machine.post({"name": "a", "fails": "refused"}, key="k1")
    assert first.status_code == again.status_code == 422
    assert first.json() == again.json()
    assert again["Content-Type"] == "application/problem+json"
    with scope.opened(world.system):
        assert Refusal.objects.count() == 1


def test_a_key_belongs_to_its_organisation_and_route(world, machine):
    machine.post({"name": "a"}, key="k1")
    other = Machine(world, "other_hospital")
    assert other.post({"name": "b"}, key="k1").status_code == 201
    assert made(world) == 2
    with scope.opened(world.system):
        assert set(IdempotentAnswer.objects.values_list("organisation_id", "route", "status")) == {
            (world.hospital.id, "/api/things/", 201),
            (world.other_hospital.id, "/api/things/", 201),
        }


@pytest.mark.parametrize("key", ["", "k" * 201])
def test_a_key_too_long_or_empty_is_refused(world, machine, key):
    answer = machine.post({"name": "a"}, **{"Idempotency-Key": key})
    assert (answer.status_code, answer.json()["code"]) == (422, "idempotency_key_length")
    assert made(world) == 0


def test_the_same_key_while_the_first_is_in_flight_is_a_conflict(own_database):
    """Two real connections: the second is told so at once, and has the first's answer when that is done."""
    world = worlds.build()
    machine = Machine(world)
    Things.holding, Things.entered = threading.Event(), threading.Event()
    answers = []

    def first():
        try:
            answers.append(machine.post({"name": "a"}, key="k1"))
        finally:
            connection.close()

    thread = threading.Thread(target=first)
    try:
        thread.start()
        assert Things.entered.wait(20)
        meanwhile = machine.post({"name": "a"}, key="k1")
    finally:
        Things.holding.set()
        thread.join(20)
        Things.holding = Things.entered = None
    assert (meanwhile.status_code, meanwhile.json()["code"]) == (409, "in_flight")
    assert answers[0].status_code == 201
    again = machine.post({"name": "a"}, key="k1")
    assert again.json() == answers[0].json()
    assert made(world) == 1


def test_an_unforeseen_error_keeps_nothing_and_says_nothing(world, machine):
    answer = machine.post({}, where="/api/breaks/", key="k1")
    assert answer.status_code == 500
    assert b"ZeroDivision" not in answer.content
    with scope.opened(world.system):
        assert not IdempotentAnswer.objects.exists()


def test_lists_come_newest_first_by_cursor(world, machine):
    for name in "abc":
        machine.post({"name": name})
    first = machine.get("?limit=2").json()
    assert [row["name"] for row in first["results"]] == ["c", "b"]
    second = machine.get("?" + first["next"].partition("?")[2]).json()
    assert [row["name"] for row in second["results"]] == ["a"]
    assert second["next"] is None
    assert len(machine.get("?limit=500").json()["results"]) == 3
    for bad in ("0", "501", "-1", "1.5", "x", "", "１"):
        answer = machine.get(f"?limit={bad}")
        assert (answer.status_code, answer.json()["field"]) == (422, "limit")
    made_up = [
        base64.b64encode(f"p={place}".encode()).decode() for place in ("x", "-1", "1.5", "１", "\x00", "9" * 5000)
    ]
    for bad in ("nonsense", *made_up):
        answer = machine.get(f"?{urlencode({'cursor': bad})}")
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


@pytest.mark.parametrize("secret", ["", "wrong", "sun_" + "x" * 500])
def test_a_token_that_is_none_is_told_so(world, machine, secret):
    machine.secret = secret
    answer = machine.post({"name": "a"})
    assert answer.status_code == 401
    assert answer["WWW-Authenticate"] == "Bearer"
    assert "令牌" in answer.json()["detail"]
    assert made(world) == 0


@pytest.fixture
def person(world):
    """(browser that checks CSRF, logged in as the hospital's buyer)"""
    actor = world.actor("hospital", Role.HOSPITAL_BUYER)
    browser = Browser(enforce_csrf_checks=True, raise_request_exception=False)
    with scope.login_scope():
        browser.force_login(get_user_model().objects.get(pk=actor.user_id))
    assert SESSION_KEY in browser.session
    return browser


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Basic eDp5"}, {"Authorization": "Bearerx y"}])
def test_a_session_needs_its_csrf_token(world, person, headers):
    """Whatever else stands in Authorization: only a token of ours does without."""
    answer = person.post("/api/things/", data='{"name": "a"}', content_type="application/json", headers=headers)
    assert answer.status_code == 403
    assert "CSRF" in answer.json()["detail"]
    assert made(world) == 0


@pytest.mark.parametrize("scheme", ["Bearer", "bearer"])
def test_a_wrong_token_puts_no_session_in_charge(world, person, scheme):
    """Who sends a token, in whatever case, is asked for no CSRF token: so the session must not answer for it."""
    headers = {"Authorization": f"{scheme} x"}
    answer = person.post("/api/things/", data='{"name": "a"}', content_type="application/json", headers=headers)
    assert answer.status_code == 401 and made(world) == 0


def test_a_session_with_its_csrf_token_is_served(world, person):
    person.cookies["csrftoken"] = "a" * 32
    answer = person.post(
        "/api/things/", data='{"name": "a"}', content_type="application/json", headers={"X-CSRFToken": "a" * 32}
    )
    assert answer.status_code == 201
    assert made(world) == 1


@override_settings(MIDDLEWARE=[])
def test_the_kit_does_not_work_without_a_scope():
    """Without the middleware there is no actor: the request breaks before it reads anything."""
    assert Browser(raise_request_exception=False).get("/api/things/").status_code == 500


def test_a_token_ends_at_its_hour_and_when_revoked(world):
    from sunlight.tenancy.models import ApiToken

    at = scope.now()
    secret = token_of(world.system, world.hospital, world.platform, Role.HOSPITAL_BUYER, name="x", at=at, days=1)
    with scope.login_scope():
        token = ApiToken.objects.get(name="x")
        assert secret not in (token.token_hash, token.name)

    def found(when):
        with scope.login_scope():
            return actor_of_token(secret, worlds.Client(), when)

    assert found(token.expires_at.replace(microsecond=0)) is not None
    assert found(token.expires_at) is None
    with scope.opened(world.system):
        ApiToken.objects.filter(pk=token.pk).update(revoked_at=at)
    assert found(at) is None

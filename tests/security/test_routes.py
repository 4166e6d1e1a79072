"""Every route × method × role, anonymous and foreign tenant, by the test client on one committed database. The routes come
from the URLconf and the expectation from the roles each view declares; nothing here lists a route by hand. The suite asks a
part of the questions, `make walls` (which CI runs too) all of them."""

import re
from itertools import islice

import pytest
from django.db import DatabaseError, connection, transaction
from django.db.models import Q, QuerySet
from django.test import override_settings
from django.urls import path

from sunlight import scope
from sunlight.api.permissions import ANYBODY
from sunlight.api.views import Endpoint
from sunlight.scope import Role
from sunlight.scope.actor import ANONYMOUS
from sunlight.scope.prepared import Given, Prepared
from sunlight.scope.readers import EVERY_ROLE
from sunlight.web.pages import page
from tests import rows
from tests.security import estate as estates
from tests.security.routes import METHODS, PEOPLE, Route, actor_in, declaration, one_of_each_kind, routes

STRANGERS = [
    "other_hospital",
    "private_hospital",
    "other_maker",
    "other_distributor",
    "hospital_on_gd",
    "maker_on_gd",
    "distributor_on_gd",
    "operator_gd",
    "regulator_js",
]


@pytest.fixture(scope="module")
def estate(module_database):
    return estates.build()


def content(response) -> str:
    raw = b"".join(response.streaming_content) if response.streaming else response.content
    return raw.decode("utf-8", "replace")


def broken_by(response) -> str:
    error = getattr(response, "exc_info", None)
    return repr(error[1])[:200] if error else content(response)[:200]


def turned_away(route: Route, response) -> bool:
    """Whether an answer says "not your role", as the kits say it."""
    if route.is_api:
        return response.status_code == 403 and response.json().get("code") == "permission_denied"
    return response.status_code == 403 and any(t.name == "web/no_access.html" for t in response.templates or ())


def test_every_route_declares_its_roles():
    found = routes()
    assert len(found) >= 25
    assert [str(route) for route in found if route.declared is None] == []
    for route in found:
        for roles in route.declared.values():
            assert roles == ANYBODY or (roles and set(roles) <= PEOPLE), str(route)


# What is the same around every page has a test of its own.
FRAME = ("web/_menu.html", "web/_topbar.html", "web/_keys.html")


def test_the_frame_is_drawn_for_every_role_and_tells_nothing_foreign(estate, ask):
    faults = []
    for role in sorted(PEOPLE):
        if (answer := ask(actor_in(estate, role), "GET", "/")).status_code != 200:
            faults.append(f"{role}: {answer.status_code} {broken_by(answer)}")
        assert not faults and {t.name for t in answer.templates} >= set(FRAME)
    for key in STRANGERS:
        if estates.CANARY in content(ask(estate.actors[key], "GET", "/")):
            faults.append(f"tells {key}")
    assert faults == [], "\n".join(faults)


@pytest.mark.bare_pages
def test_who_is_not_declared_is_turned_away(estate, ask, sampled):
    faults, asked = [], 0
    for route in routes():
        for method in METHODS:
            roles = route.declared.get(method)
            if roles == ANYBODY:
                continue
            for role in sorted(PEOPLE - (roles or PEOPLE)):
                if not sampled(route, method, role):
                    continue
                asked += 1
                response = ask(actor_in(estate, role), method, route.path)
                if not turned_away(route, response):
                    faults.append(f"{method} {route} as {role}: {response.status_code}")
            if not sampled(route, method, "nobody", of=8):
                continue
            answer = ask(ANONYMOUS, method, route.path)
            expected = {401} if route.is_api else {302}
            if roles is None:
                expected |= {405}
            if answer.status_code not in expected or (
                answer.status_code == 302 and "/login/" not in answer["Location"]
            ):
                faults.append(f"{method} {route} as nobody: {answer.status_code}")
    assert sampled.enough(asked, 2400)
    assert faults == [], "\n".join(faults)


def test_a_method_not_offered_is_refused_to_everybody(estate, ask, sampled):
    faults = []
    for route in routes():
        roles = next((r for r in route.declared.values() if r != ANYBODY), EVERY_ROLE)
        for method in set(METHODS) - set(route.declared):
            if not sampled(route, method):
                continue
            response = ask(actor_in(estate, min(roles)), method, route.path)
            if response.status_code != 405:
                faults.append(f"{method} {route}: {response.status_code}")
    assert faults == [], "\n".join(faults)


@pytest.mark.bare_pages
def test_who_is_declared_is_let_in(estate, ask, sampled):
    """With the ids of rows of your own: never "not your role", never a server error. What a form without fields or an
    empty body meets is a refusal in words. Changes are rolled back; reads run in the read-only transaction of real
    life."""
    faults = []
    for route in routes():
        for method, roles in route.declared.items():
            for role in one_of_each_kind(roles):
                if not sampled(route, method, role):
                    continue
                actor = actor_in(estate, role)
                if method == "GET":
                    response = ask(actor, method, route.path)
                else:
                    with transaction.atomic():
                        response = ask(actor, method, route.path)
                        transaction.set_rollback(True)
                if response.status_code in (401, 405) or response.status_code >= 500 or turned_away(route, response):
                    faults.append(f"{method} {route} as {role}: {response.status_code} {broken_by(response)}")
    assert faults == [], "\n".join(faults)


def images() -> dict:
    """Every planted row of every table, as JSON."""
    found = {}
    with connection.cursor() as cursor:
        for model in rows.plantable():
            cursor.execute(f"select to_jsonb(t)::text from {model._meta.db_table} t where id = %s", [estates.BASE])
            found[model._meta.label] = cursor.fetchall()
    return found


def owners(estate) -> set[str]:
    """Strangers to whom the wall itself shows a planted row: a maker's applications are its own on every platform."""
    seen = set()
    for key in STRANGERS:
        if not estate.actors[key].is_party:
            continue  # operators and regulators are bounded by their queries there, and held to it below
        with scope.opened(estate.actors[key]), connection.cursor() as cursor:
            cursor.execute("select commitment_text from catalog_listing where id = %s", [estates.BASE])
            if any(estates.CANARY in text for (text,) in cursor.fetchall()):
                seen.add(key)
    return seen


# A condition of a query that says whose a row is.
OWNERSHIP = re.compile(
    r"(^|__)(platform|region|buyer|seller|distributor|manufacturer|hospital|organisation)(_id|__code)?(__in)?$"
)


def ownerless(condition):
    """A condition of the ORM without what says whose a row is."""
    if isinstance(condition, Q):
        kept = [ownerless(each) for each in condition.children]
        return Q(
            *[each for each in kept if each is not None], _connector=condition.connector, _negated=condition.negated
        )
    if isinstance(condition, tuple) and OWNERSHIP.search(condition[0]):
        return None
    return condition


@pytest.fixture(params=["filters on", pytest.param("filters off", marks=pytest.mark.walls)])
def filters(request, monkeypatch):
    """The ORM as it is, or with every filter by owner taken out, so that nothing but the wall keeps strangers away."""
    if request.param == "filters on":
        return
    real = QuerySet._filter_or_exclude

    def unfiltered(self, negate, args, kwargs):
        if not negate:
            args = tuple(kept for each in args if (kept := ownerless(each)) is not None)
            kwargs = {key: value for key, value in kwargs.items() if not OWNERSHIP.search(key)}
        return real(self, negate, args, kwargs)

    def rows_anew(self, **given):
        """Built without those filters, and not kept for the tests to come."""
        bare = Prepared(self._build)
        left = {value.name for value in bare._made[-1] if isinstance(value, Given)}
        return prepared(bare, **{name: value for name, value in given.items() if name in left})

    prepared = Prepared.rows
    monkeypatch.setattr(Prepared, "rows", rows_anew)
    monkeypatch.setattr(QuerySet, "_filter_or_exclude", unfiltered)


@pytest.mark.bare_pages
def test_a_foreign_tenant_reads_and_changes_nothing(estate, ask, sampled, filters, request):
    """Strangers of every kind with all the roles a route asks for, on the ids of other people's rows: no canary in any
    answer, no server error, and not one planted row changed. With the ORM's filters off too, where an error is no leak."""
    bare = "filters off" in request.node.name
    with scope.opened(estate.world.system):
        before = images()
    faults, asked, owning = [], 0, owners(estate)
    assert owning == {"maker_on_gd"}
    for route in routes():
        for method, roles in route.declared.items():
            for key in STRANGERS:
                kind = estate.actors[key].kind
                fitting = sorted(r for r in (PEOPLE if roles == ANYBODY else roles) if r.kind == kind)
                if not fitting or not sampled(route, method, key):
                    continue
                asked += 1
                response = ask(actor_in(estate, fitting[0], key), method, route.path)
                text = content(response)
                tells = estates.CANARY in text and key not in owning
                if tells or (response.status_code >= 500 and not bare):
                    told = "tells" if tells else broken_by(response)
                    faults.append(f"{method} {route} as {key}: {response.status_code} {told}")
    with scope.opened(estate.world.system):
        after = images()
    assert sampled.enough(asked, 480)
    assert faults == [], "\n".join(faults)
    assert after == before


def test_what_an_application_covers_is_read_where_it_was_made(estate, ask, filters):
    """Every platform's role reads all price groups, so here the query must ask whether one sees the application."""
    page, prices = f"/pricing/groups/{estates.BASE}/", f"/api/v1/price-groups/{estates.BASE}/prices/"
    for key, role, sees in (
        ("operator", Role.OPERATOR_REVIEWER, True),
        ("operator_gd", Role.OPERATOR_REVIEWER, False),
        ("regulator", Role.REGULATOR_OFFICER, True),
        ("regulator_js", Role.REGULATOR_OFFICER, False),
        ("hospital", Role.HOSPITAL_BUYER, False),
    ):
        for where in (page, prices):
            answer = ask(actor_in(estate, role, key), "GET", where)
            assert (answer.status_code == 200) is sees, (key, where, answer.status_code)


def test_the_canary_is_seen_by_its_own_people(estate, ask):
    """Otherwise its absence would prove nothing."""
    shown = (
        estates.CANARY in content(ask(actor_in(estate, role), "GET", route.path))
        for route in routes()
        for role in one_of_each_kind(route.declared.get("GET", ()))
    )
    assert len(list(islice(filter(None, shown), 3))) == 3


@page()
def _writes_on_get(request):
    from sunlight.tenancy.models import Contact

    Contact.objects.create(
        organisation_id=request.actor.organisation_id,
        platform_id=request.actor.platform_id,
        name="x",
        declared_on="2026-03-02",
    )
    raise AssertionError("a GET wrote")


class _WritesOnGet(Endpoint):
    roles = {"GET": EVERY_ROLE}

    def get(self, request):
        return _writes_on_get.__wrapped__(request._request)


class _SaysNothing(Endpoint):
    def get(self, request):
        raise AssertionError


class _SaysTooLittle(Endpoint):
    roles = {"GET": EVERY_ROLE}

    def get(self, request):
        raise AssertionError

    def delete(self, request):
        raise AssertionError


urlpatterns = [path("planted/", _writes_on_get), path("api/planted/", _WritesOnGet.as_view())]
handler500 = "sunlight.web.errors.broken"


@override_settings(ROOT_URLCONF=__name__)
@pytest.mark.parametrize("where", ["/planted/", "/api/planted/"])
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_a_get_cannot_write(estate, ask, where, method):
    from sunlight.tenancy.models import Contact

    with pytest.raises(DatabaseError, match="read-only transaction") as refused:
        ask(actor_in(estate, Role.HOSPITAL_BUYER), method, where, raising=True)
    assert refused.value.__cause__.pgcode == "25006"
    with scope.opened(estate.world.system):
        assert not Contact.objects.filter(name="x").exists()


def test_a_view_that_says_nothing_or_too_little_is_seen():
    def bare(request):
        raise AssertionError

    assert declaration(bare) is None
    assert declaration(_SaysNothing.as_view()) is None
    assert declaration(_SaysTooLittle.as_view()) is None
    assert declaration(_WritesOnGet.as_view()) == {"GET": EVERY_ROLE}
    assert declaration(_writes_on_get) == {"GET": EVERY_ROLE}

"""What is not yours is not there, wherever it is asked for: an id of somebody else's row in a path or in any field of a body
meets the very answer of an id that nothing has. Routes and fields come from the URLconf and the OpenAPI document.
`make walls` asks."""

import base64
import json
import re
from dataclasses import replace
from urllib.parse import urlencode

import pytest
from django.apps import apps
from django.db import IntegrityError, connection, models, transaction

from catalog.models import Listing
from catalog.workflows import ListingState
from sunlight import scope
from sunlight.scope import Role
from sunlight.tenancy.models import Region
from tests import rows
from tests.security import bodies, routes
from tests.security import estate as estates
from tests.security.test_routes import content

pytestmark = pytest.mark.walls

FOREIGN, MISSING = estates.BASE + 50_000, estates.BASE + 70_000
# Of the same length as the ids, so that it can stand for them in an answer.
ID = re.compile(rf"{FOREIGN}|{MISSING}")
SECRET = "别人的-canary-51c9"


@pytest.fixture(scope="module")
def estate(module_database):
    """The usual one, and a row of every table between three other parties of the same platform."""
    estate = estates.build()
    others = (estate.world.organisations[key] for key in ("other_hospital", "other_maker", "other_distributor"))
    with scope.opened(estate.world.system):
        parties = rows.Parties(estate.world.platform, Region.objects.get(code="CN-GD-SZ"), *others, SECRET)
        planter = rows.Planter(parties, FOREIGN)
        for model in rows.plantable():
            try:
                with transaction.atomic():
                    planter.row(model)
            except IntegrityError:
                continue  # one of its kind is all there can be
        planter.balance()
        # Our own product is in trade, or our own id would be refused as theirs is.
        Listing.objects.filter(id=estates.BASE).update(
            state=ListingState.LISTED, listed_on=rows.DAY, submitted_at=rows.MOMENT, commitment_sha256="0" * 64
        )
    estate.foreign = set(planter.rows)
    return estate


@pytest.fixture(scope="module")
def document():
    return bodies.document()


@pytest.fixture(scope="module")
def filler(document):
    return bodies.Filler(document)


def described(response) -> tuple[int, str]:
    """Status and text, with the ids that were asked for made alike."""
    return response.status_code, ID.sub("#", content(response))


def asked(ask, *request, **more) -> tuple[int, str]:
    with transaction.atomic():
        response = ask(*request, **more)
        transaction.set_rollback(True)
    return described(response)


def actors(estate, declared):
    """The hospital, maker and distributor of the estate, each with the roles that the method asks for."""
    for key in ("hospital", "maker", "distributor"):
        actor = estate.actors[key]
        fitting = frozenset(
            r for r in (routes.PEOPLE if declared == routes.ANYBODY else declared) if r.kind == actor.kind
        )
        if fitting:
            yield key, replace(actor, roles=fitting)


def api_operations(document):
    """(route, method, declared roles, path, operation) of every operation of the API."""
    known = bodies.operations(document)
    for route in routes.routes():
        template = f"/{bodies.template(route.pattern)}"
        for method, declared in (route.declared or {}).items():
            if (method, template) in known:
                yield route, method, declared, template, known[method, template]


def test_every_id_in_a_body_says_so(document, filler):
    """A whole number that is called as a row is called is marked as a row's id; so the tests below miss none."""
    marked, unmarked = set(), []
    for (method, path), operation in bodies.operations(document).items():
        schema = filler.schema(operation)
        for place, each in filler.places(schema) if schema else ():
            if "integer" not in (each.get("type") or ""):
                continue
            if each.get("x-row-id"):
                marked.add(place)
                assert bodies.model_of(place), place
            elif bodies.model_of(place):
                unmarked.append(f"{method} {path}: {place}")
    assert unmarked == []
    assert len(marked) >= 12


def taken(status: int, text: str) -> bool:
    """Whether a call did something; a batch says so of each of its operations."""
    return status < 400 and json.loads(text).get("succeeded") != 0


def private(estate, place: str) -> bool:
    model = bodies.model_of(place)
    return model in estate.foreign and model._meta.db_table not in rows.PUBLIC


def test_an_id_of_anothers_row_in_a_body_is_not_there(estate, ask, document, filler):
    """For every operation, field and kind of party: no answer tells somebody else's row from none, and none takes it."""
    faults, looked_at, tried = [], set(), 0
    for route, method, declared, path, operation in api_operations(document):
        for place in filler.ids(operation):
            if not private(estate, place):
                continue
            for key, actor in actors(estate, declared):
                tried += 1
                own, foreign, missing = (
                    asked(ask, actor, method, route.path, body=filler.body(operation, {place: given}))
                    for given in (estates.BASE, FOREIGN, MISSING)
                )
                if foreign != missing or taken(*foreign) or SECRET in foreign[1]:
                    faults.append(f"{method} {path} {place} as {key}: {foreign} but {missing}")
                if own != missing:
                    looked_at.add(f"{method} {path} {place}")
    assert faults == [], "\n".join(faults)
    assert tried >= 12 and len(looked_at) >= 6, sorted(looked_at)


def test_an_id_of_anothers_row_in_a_path_is_not_there(estate, ask, document, filler):
    """With a body of the right form too, and with the version of the row asked for (If-Match)."""
    faults, tried = [], 0
    for route, method, declared, path, operation in api_operations(document):
        if str(estates.BASE) not in route.path:
            continue
        for key, actor in actors(estate, declared):
            tried += 1
            body = filler.body(operation)
            foreign, missing = (
                asked(
                    ask,
                    actor,
                    method,
                    route.path.replace(str(estates.BASE), str(given)),
                    body=body,
                    **({} if method == "GET" else {"If-Match": '"1-x"'}),
                )
                for given in (FOREIGN, MISSING)
            )
            if foreign != missing or SECRET in foreign[1]:
                faults.append(f"{method} {path} as {key}: {foreign} but {missing}")
    assert faults == [], "\n".join(faults)
    assert tried > 80


CURSORS = [
    base64.b64encode(text.encode()).decode()
    for text in (
        f"p={FOREIGN}",
        f"r=1&p={FOREIGN}",
        "p=" + "9" * 5_000,
        "o=9999999999&p=1",
        "p=' or 1=1 --",
        "p=\x00",
    )
]


def test_a_question_about_anothers_row_is_answered_as_one_about_none(estate, ask, document):
    """Numbers in a query, and cursors that were made and not got: nothing of others, and nothing breaks."""
    faults, tried = [], 0
    for route, method, declared, path, operation in api_operations(document):
        if method != "GET":
            continue
        for parameter in (
            each for each in operation["parameters"] if each["in"] == "query" and each["name"] != "limit"
        ):
            name, number = parameter["name"], parameter["schema"].get("type") == "integer"
            values = CURSORS if name == "cursor" else [str(FOREIGN)] if number else []
            for value in values:
                for key, actor in actors(estate, declared):
                    tried += 1
                    status, text = asked(ask, actor, method, f"{route.path}?{urlencode({name: value})}")
                    if status >= 500 or SECRET in text:
                        faults.append(f"{path}?{name}={value} as {key}: {status} {text[:200]}")
                    if number and (status, text) != asked(ask, actor, method, f"{route.path}?{name}={MISSING}"):
                        faults.append(f"{path}?{name}={value} as {key}: not as for none")
    assert faults == [], "\n".join(faults)
    assert tried > 100


@pytest.mark.bare_pages
def test_a_page_of_anothers_row_is_not_there(estate, ask):
    """The same for the pages, by their status."""
    faults, tried = [], 0
    for route in routes.routes():
        if route.is_api or str(estates.BASE) not in route.path:
            continue
        for method, declared in (route.declared or {}).items():
            if declared == routes.ANYBODY:
                continue  # the portal: what is published is everybody's
            for key, actor in actors(estate, declared):
                tried += 1
                foreign, missing = (
                    asked(ask, actor, method, route.path.replace(str(estates.BASE), str(given)))
                    for given in (FOREIGN, MISSING)
                )
                if foreign[0] != missing[0] or SECRET in foreign[1]:
                    faults.append(f"{method} {route} as {key}: {foreign[0]} but {missing[0]}")
    assert faults == [], "\n".join(faults)
    assert tried > 60


def test_a_body_cannot_set_what_is_not_its_own_to_set(estate, ask, document, filler):
    """Mass assignment: the columns of every table, put beside the fields of each body, are refused by name."""
    columns = {f.name: f for model in apps.get_models() for f in model._meta.concrete_fields}
    extra = {
        name: estates.BASE if isinstance(f, models.IntegerField | models.ForeignKey) else "1"
        for name, f in columns.items()
    }
    assert {"state", "platform", "buyer", "approved_by_id", "amount_fen", "version"} <= set(extra)
    faults, tried = [], 0
    for route, method, declared, path, operation in api_operations(document):
        schema = filler.schema(operation)
        if method == "GET" or schema is None or declared == routes.ANYBODY:
            continue
        fields = set(filler.resolved(schema).get("properties", {}))
        more = {name: value for name, value in extra.items() if name not in fields}
        actor = routes.actor_in(estate, min(declared))
        status, text = asked(ask, actor, method, route.path, body=filler.body(operation) | more)
        tried += 1
        untold = [name for name in more if name not in text]
        if status != 404 and (status != 422 or untold):
            faults.append(f"{method} {path}: {status} {untold} {text[:200]}")
    assert faults == [], "\n".join(faults)
    assert tried > 40


def test_the_second_estate_is_seen_by_its_own(estate, ask):
    """Otherwise the comparison would prove nothing."""
    order = apps.get_model("procurement.Order")
    assert order in estate.foreign and len(estate.foreign) > 40
    buyer = replace(estate.actors["other_hospital"], roles=frozenset({Role.HOSPITAL_BUYER}))
    answer = ask(buyer, "GET", f"/api/v1/orders/{FOREIGN}/")
    assert answer.status_code == 200 and json.loads(answer.content)["id"] == FOREIGN
    with scope.opened(estate.actors["hospital"]), connection.cursor() as cursor:
        cursor.execute("select count(*) from procurement_order where id = %s", [FOREIGN])
        assert cursor.fetchone() == (0,)

"""时限 as page, workbench and API: what is late first, filters, what each side has to do."""

from dataclasses import replace
from datetime import date

import pytest

from procurement.ordering.services import orders as answering
from sunlight import scope
from sunlight.deadlines import queries
from sunlight.scope import Role
from sunlight.web.navigation import todos_of
from supervision.models import DailyFigure
from supervision.queries import overview
from supervision.subscribers import step_passed
from tests.api_client import ApiClient
from tests.browsing import client_of
from tests.deadlines.limits import events, limits, swept
from tests.factories import orders
from tests.regional import at

TODAY = at("2026-03-10")


@pytest.fixture
def placed(world, settings):
    """An order that is late, and a later one that is not."""
    settings.SANDBOX_CLOCKS = {"gd-sz": (TODAY, TODAY, 0)}
    late = orders.placed(world, at=at("2026-03-05"))
    with scope.opened(world.system):
        agreed = late.lines.get().agreement
    fresh = orders.placed(world, agreed, at=at("2026-03-09"))
    swept(world, TODAY)
    return late, fresh


def page(world, key, role, query="") -> str:
    response = client_of(world.actor(key, role)).get(f"/deadlines/{query}")
    assert response.status_code == 200
    return response.content.decode()


@pytest.mark.clause("GD25-5.10a", on="page")
@pytest.mark.parametrize(
    ("key", "role"),
    [
        ("hospital", Role.HOSPITAL_BUYER),
        ("maker", Role.SUPPLIER_SELLER),
        ("operator", Role.OPERATOR_SUPPORT),
        ("regulator", Role.REGULATOR_OFFICER),
    ],
)
def test_both_sides_and_those_who_watch_see_what_is_late_first(world, placed, key, role):
    late, fresh = placed
    html = page(world, key, role)
    assert html.index(late.number) < html.index(fresh.number)
    assert "已超 1 日" in html and "依据 GD25-5.10a；平台推定 A89：2 个工作日" in html
    assert limits(world)[0].about in html and world.maker.name in html


def test_the_list_is_filtered_by_kind_and_by_lateness(world, placed):
    late, fresh = placed
    role = ("maker", Role.SUPPLIER_SELLER)
    html = page(world, *role, "?late=1&side=owes")
    assert late.number in html and fresh.number not in html
    assert late.number in page(world, *role, "?kind=order_answer")
    assert late.number not in page(world, *role, "?kind=invoice")
    assert late.number not in page(world, *role, "?side=awaits")


@pytest.mark.clause("GD25-5.10a", on="page")
def test_both_sides_have_it_to_do_until_it_is_done(world, placed):
    def todos(key, role):
        actor = world.actor(key, role)
        with scope.opened(actor):
            return {todo.label: (todo.count, todo.due_on) for todo in todos_of(actor, date(2026, 3, 10))}

    mine, theirs = "已超过时限、须立即办理的事项", "对方已超过时限的事项，可催办"
    assert todos("maker", Role.SUPPLIER_SELLER)[mine] == (1, date(2026, 3, 9))
    assert todos("hospital", Role.HOSPITAL_BUYER)[theirs] == (1, date(2026, 3, 9))
    seller = world.actor("maker", Role.SUPPLIER_SELLER)
    with scope.opened(seller):
        answering.order_accept(actor=seller, at=TODAY, order_id=placed[0].id)
    assert mine not in todos("maker", Role.SUPPLIER_SELLER)
    assert theirs not in todos("hospital", Role.HOSPITAL_BUYER)


def test_the_api_says_the_same(world, placed):
    late, fresh = placed
    client = ApiClient(world, "maker", Role.SUPPLIER_SELLER)
    status, answer = client.get("/api/v1/deadlines/?late=1")
    assert status == 200
    (row,) = answer["results"]
    assert (row["kind"], row["subject_type"], row["subject_id"], row["number"]) == (
        "order_answer",
        "order",
        late.id,
        late.number,
    )
    assert (row["due_on"], row["passed_on"], row["state"]) == ("2026-03-09", "2026-03-10", "PASSED")
    assert (row["clause"], row["demanded_by"]) == ("ASSUMPTION-A89", "GD25-5.10a")
    status, answer = client.get("/api/v1/deadlines/?kind=order_answer&state=OPEN")
    assert [row["number"] for row in answer["results"]] == [fresh.number]
    for query, field in (("kind=x", "kind"), ("state=x", "state")):
        status, answer = client.get(f"/api/v1/deadlines/?{query}")
        assert (status, answer["field"]) == (422, field)


def test_nobody_sees_a_limit_about_what_is_not_theirs_to_read(world, placed):
    actor = world.actor("operator", Role.OPERATOR_SUPPORT)
    with scope.opened(actor):
        assert queries.kinds_for(actor) == ["contract_sign", "order_answer", "invoice"]
    for authority, seen in (("market", {"order_answer"}), ("health", {"contract_sign", "order_answer", "invoice"})):
        other = replace(world.actor("regulator", Role.REGULATOR_OFFICER), authority=authority)
        with scope.opened(other):
            assert set(queries.kinds_for(other)) == seen, authority


@pytest.mark.clause("GD25-5.10a", on="page")
def test_what_passed_is_counted_by_kind_and_organisation(world, placed):
    (event,) = events(world)
    with scope.opened(world.system):
        step_passed(event=event, actor=world.system, at=TODAY)
        (stored,) = DailyFigure.objects.filter(figure__startswith="late_order")
    assert (stored.count, stored.day, stored.seller_id) == (1, date(2026, 3, 9), world.maker.id)
    officer = world.actor("regulator", Role.REGULATOR_OFFICER)
    with scope.opened(officer):
        view = overview.view_of(officer, {}, date(2026, 3, 10))
        counted = {total["figure"].key: total["count"] for total in overview.totals(view)}
        (firm,) = overview.by_party(view, "seller")
    assert (counted["late_order_answers"], counted["late_firm_signatures"]) == (1, 0)
    assert firm["name"] == world.maker.name
    assert {cell["figure"].key: cell["count"] for cell in firm["cells"]}["late_order_answers"] == 1
    response = client_of(officer).get("/supervision/overview/rows/late_order_answers/?from=2026-03-01&to=2026-03-31")
    assert placed[0].number in response.content.decode()

"""监管总览: each authority its own part, its own regions, and rows behind every figure."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from procurement.ordering.models import Order
from sunlight import scope
from sunlight.journal.refusals import Forbidden, Invalid, NotThere
from sunlight.kernel.reading import Unreadable
from sunlight.scope import Role
from sunlight.scope.clock import business_date
from sunlight.tenancy.queries.actors import actor_of_membership, memberships_of, open_platform_actors
from sunlight.tenancy.queries.platforms import platform_by_code
from sunlight.tenancy.services.admission import membership_grant, user_create
from sunlight.tenancy.services.organisations import organisation_register
from supervision.models import DailyFigure
from supervision.queries import overview as queries
from supervision.queries.figures import FIGURES
from supervision.queries.parts import part_of
from supervision.services.figures import figures_rebuild
from tests.api_client import logged_in
from tests.factories import orders
from tests.stated import stated

AUTHORITIES = ("discipline", "health", "insurance", "market")


def text(response) -> str:
    return response.content.decode()


@pytest.fixture
def officer(world):
    return world.actor("regulator", Role.REGULATOR_OFFICER)


def rebuild(world):
    with scope.opened(world.system):
        figures_rebuild(actor=world.system, at=scope.now())


def totals(actor, asked=None, today=None) -> dict[str, tuple[int, int]]:
    with scope.opened(actor):
        view = queries.view_of(actor, asked or {}, today or business_date(scope.now()))
        return {row["figure"].key: (row["count"], row["fen"]) for row in queries.totals(view)}


def foreign_regulator(world):
    """The insurance bureau of another province, on its own platform."""
    system = next(a for a in open_platform_actors() if a.platform_code == "js")
    with scope.opened(system):
        platform = platform_by_code("js")
        organisation = organisation_register(
            actor=system,
            at=scope.now(),
            platform=platform,
            kind="REGULATOR",
            name="外省医疗保障局",
            credit_code="11320000455755068T",
            region_code="CN-JS",
            profile={"legal_representative": "张三"},
            authority="insurance",
        )
        user = user_create(
            actor=system, at=scope.now(), username="js.officer", name="外省监管员", password="sunlight-test-2026"
        )
        membership_grant(
            actor=system,
            at=scope.now(),
            user=user,
            organisation=organisation,
            platform=platform,
            roles=[Role.REGULATOR_OFFICER],
        )
    with scope.login_scope():
        return actor_of_membership(memberships_of(user.id)[0], world.system.client)


@pytest.mark.clause("SZ20-4.1", on="rule")
@pytest.mark.parametrize("authority", AUTHORITIES)
def test_each_authority_sees_its_part_and_no_more(world, officer, authority):
    orders.acceptance(world)
    rebuild(world)
    actor = replace(officer, authority=authority)
    part = part_of(actor)
    assert set(totals(actor)) == set(part.figures)
    with scope.opened(actor):
        view = queries.view_of(actor, {}, business_date(scope.now()))
        for side in ("buyer", "seller"):
            rows = queries.by_party(view, side)
            assert bool(rows) == (side in part.by)
            assert all({cell["figure"].key for cell in row["cells"]} == set(part.figures) for row in rows)
        for key in FIGURES:
            if key in part.figures:
                assert queries.rows_behind(view, key)[0].key == key
            else:
                with pytest.raises(NotThere):
                    queries.rows_behind(view, key)


@pytest.mark.clause("SZ20-4.1", on="rule")
def test_the_parts_are_as_the_clause_divides_them(officer):
    """医保 and 纪检 everything, 卫健 buying and use, 市监 the suppliers' side."""
    everything = set(FIGURES)
    parts = {authority: part_of(replace(officer, authority=authority)) for authority in AUTHORITIES}
    assert set(parts["insurance"].figures) == set(parts["discipline"].figures) == everything
    assert parts["health"].by == ("buyer",) and parts["market"].by == ("seller",)
    assert not {"late_deliveries", "late_answers", "offers_declined"} & set(parts["health"].figures)
    assert not {"paid", "accepted", "late_payments", "ordered"} & set(parts["market"].figures)
    assert parts["health"].refusals_of == ("HOSPITAL",) and parts["market"].refusals_of == ("SUPPLIER",)


@pytest.mark.clause("SZ20-4.1", on="rule")
def test_nobody_else_has_a_part(world, officer):
    for actor in (
        world.actor("hospital", Role.HOSPITAL_AUDITOR),
        world.actor("maker", Role.SUPPLIER_ADMIN),
        replace(officer, authority="weather"),
        replace(officer, authority=""),
    ):
        with pytest.raises(Forbidden) as refused:
            part_of(actor)
        assert refused.value.clauses == ["SZ20-4.1"]
    for key, role in (("hospital", Role.HOSPITAL_BUYER), ("maker", Role.SUPPLIER_SELLER)):
        assert logged_in(world.actor(key, role)).get("/supervision/overview/").status_code == 403


def test_a_regulator_of_another_region_sees_nothing(world, officer):
    """Neither sums nor rows, nor by naming the region; and the wall alone shows it no figure."""
    orders.acceptance(world)
    rebuild(world)
    stranger = foreign_regulator(world)
    assert totals(officer)["ordered"][0] == 1
    assert set(totals(stranger).values()) == {(0, 0)}
    with scope.opened(stranger):
        assert not DailyFigure.objects.exists()
        view = queries.view_of(stranger, {}, business_date(scope.now()))
        assert not any(queries.rows_behind(view, key)[1].exists() for key in FIGURES)
        for field, value in (("region", "CN-GD-SZ"), ("hospital", str(world.hospital.id))):
            with pytest.raises(Invalid) as refused:
                queries.view_of(stranger, {field: value}, business_date(scope.now()))
            assert refused.value.field == field
    page = text(logged_in(stranger).get("/supervision/overview/"))
    assert world.hospital.name not in page and world.maker.name not in page
    # The same platform but a sister region: the wall bounds by region too.
    sister = replace(officer, region_ids=stranger.region_ids)
    assert set(totals(sister).values()) == {(0, 0)}


def test_parties_read_no_figure(world):
    orders.placed(world)
    rebuild(world)
    from django.db import DatabaseError, transaction

    for key, role in (("hospital", Role.HOSPITAL_ADMIN), ("maker", Role.SUPPLIER_ADMIN)):
        with scope.opened(world.actor(key, role)), pytest.raises(DatabaseError), transaction.atomic():
            list(DailyFigure.objects.all())


@pytest.mark.clause("SZ20-6.1b", on="rule")
def test_every_figure_opens_its_rows(world, officer):
    made = orders.acceptance(world)
    rebuild(world)
    browser = logged_in(officer)
    page = text(browser.get("/supervision/overview/"))
    assert world.hospital.name in page and world.maker.name in page
    with scope.opened(officer):
        view = queries.view_of(officer, {}, business_date(scope.now()))
        for row in queries.totals(view):
            figure, rows = queries.rows_behind(view, row["figure"].key)
            assert rows.count() == row["count"], figure.key
            assert sum(each.fen or 0 for each in rows) == row["fen"], figure.key
    detail = text(browser.get("/supervision/overview/rows/accepted/"))
    assert made.number in detail and f"/supervision/trace/acceptance/{made.id}/" in detail
    for key in FIGURES:
        assert browser.get(f"/supervision/overview/rows/{key}/").status_code == 200
    assert browser.get("/supervision/overview/rows/nothing/").status_code == 404


def test_the_period_includes_its_first_and_its_last_day(world, officer):
    order = orders.placed(world)
    rebuild(world)
    day = business_date(order.placed_at)

    def ordered(since, until):
        return totals(officer, {"from": since.isoformat(), "to": until.isoformat()})["ordered"][0]

    one = timedelta(days=1)
    assert ordered(day, day) == 1
    assert ordered(day - one, day) == ordered(day, day + one) == 1
    assert ordered(day - one, day - one) == ordered(day + one, day + one) == 0


def test_a_missed_deadline_counts_once_its_day_is_over(world, officer):
    order = orders.accepted_order(world)
    rebuild(world)
    with scope.opened(world.system):
        due = business_date(Order.objects.get(id=order.id).delivery_due_at)
    asked = {"from": (due - timedelta(days=30)).isoformat(), "to": (due + timedelta(days=5)).isoformat()}
    assert totals(officer, asked, today=due)["late_deliveries"][0] == 0
    assert totals(officer, asked, today=due + timedelta(days=1))["late_deliveries"][0] == 1
    with scope.opened(officer):
        for today, rows in ((due, 0), (due + timedelta(days=1), 1)):
            view = queries.view_of(officer, asked, today)
            assert queries.rows_behind(view, "late_deliveries")[1].count() == rows


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({"from": "2026-03-02", "to": "2026-03-01"}, "from"),
        ({"from": "x"}, "from"),
        ({"to": "2026-02-30"}, "to"),
        ({"from": "2010-01-01", "to": "2026-01-01"}, "from"),
        ({"region": "CN-XX"}, "region"),
        ({"hospital": "1e9"}, "hospital"),
        ({"hospital": "9" * 30}, "hospital"),
        ({"supplier": "0"}, "supplier"),
    ],
)
def test_what_cannot_be_asked_is_refused_at_its_field(world, officer, asked, field):
    with scope.opened(officer), pytest.raises((Invalid, Unreadable)) as refused:
        queries.view_of(officer, asked, date(2026, 3, 2))
    assert refused.value.field == field
    answer = logged_in(officer).get("/supervision/overview/", asked)
    assert answer.status_code == 422 and refused.value.message in text(answer)


def test_a_hospital_or_supplier_chosen_bounds_everything(world, officer):
    orders.acceptance(world)
    rebuild(world)
    assert totals(officer, {"hospital": str(world.hospital.id)})["ordered"][0] == 1
    assert totals(officer, {"hospital": str(world.other_hospital.id)})["ordered"][0] == 0
    assert totals(officer, {"supplier": str(world.other_maker.id)})["ordered"][0] == 0


@pytest.mark.clause("SZ20-6.1b", on="rule")
def test_refused_acts_are_counted_by_clause_and_kind(world, officer):
    from sunlight.journal.refusals import Refused
    from sunlight.journal.services import record_refusal

    for key, role in (("hospital", Role.HOSPITAL_BUYER), ("maker", Role.SUPPLIER_SELLER)):
        record_refusal(
            service_name="offer_make",
            actor=world.actor(key, role),
            at=scope.now(),
            refusal=Refused("above_alert_line", "报价高于预警线", basis=stated("SZ24-3.3c")),
        )

    def counted(authority):
        actor = replace(officer, authority=authority)
        with scope.opened(actor):
            view = queries.view_of(actor, {}, business_date(scope.now()))
            found = {row["clause"]: row["count"] for row in queries.refusals_by_clause(view)}
            assert queries.refusals_behind(view, "SZ24-3.3c").count() == found["SZ24-3.3c"]
        return found

    assert counted("insurance") == counted("discipline") == {"SZ24-3.3c": 2}
    assert counted("health") == counted("market") == {"SZ24-3.3c": 1}
    page = text(logged_in(officer).get("/supervision/overview/"))
    assert "/supervision/overview/refusals/SZ24-3.3c/" in page
    assert "报价高于预警线" in text(logged_in(officer).get("/supervision/overview/refusals/SZ24-3.3c/"))


def test_the_chart_says_the_same_as_its_table(world, officer):
    order = orders.placed(world)
    rebuild(world)
    with scope.opened(officer):
        day = business_date(order.placed_at)
        view = queries.view_of(officer, {"from": day.isoformat(), "to": day.isoformat()}, day)
        drawn = queries.series(view)
        assert drawn["labels"] == [day.isoformat()]
        assert {line["name"]: line["values"] for line in drawn["lines"]}["下单金额"] == [order.amount_fen]
        long = queries.series(queries.view_of(officer, {}, day))
        assert long["labels"][-1] == f"{day:%Y-%m}" and len(long["labels"]) <= 4
    answer = logged_in(officer).get("/supervision/overview/")
    assert "overview-series" in text(answer) and "以表格查看" in text(answer)
    assert "style=" not in text(answer)


def test_the_overview_asks_as_often_for_ten_orders_as_for_one(world, officer):
    browser, counts = logged_in(officer), []
    agreed = orders.agreement(world)
    for number in (1, 9):
        for _ in range(number):
            orders.placed(world, agreed)
        rebuild(world)
        pages = ("/supervision/overview/", "/supervision/overview/rows/ordered/", "/supervision/overview/rows/saved/")
        for where in pages:
            browser.get(where)
        with CaptureQueriesContext(connection) as ran:
            for where in pages:
                assert browser.get(where).status_code == 200
        counts.append(len(ran))
    assert counts[0] == counts[1]

"""Row security must not cost the index: for every table whose rows several parties share, as each of them, the operator and
a regulator, with many rows and with a few that are the oldest of all, the first page and a row by its id come by an index
and read little more than they show. At some thousand rows by `make walls`, at a million in the drill."""

import json

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from sunlight import scope
from sunlight.scope.wall import PartyRows
from sunlight.web.lists.show import Pages
from tests.security import estate as estates
from tests.security import filling

SOME, MANY = 20_000, 1_000_000
SHARED = filling.shared_tables()
INDEXED = {"Index Scan", "Index Only Scan", "Bitmap Heap Scan", "Bitmap Index Scan"}
PAGE = 50
# What a page may read: rows of the table, kept or not, and blocks of table and indexes. A page of 50 rows lies in up to 50
# blocks; each branch of a merge costs a descent into its index and one row read ahead.
MOST_ROWS, MOST_BLOCKS = 3 * PAGE, 5 * PAGE
MOST_BLOCKS_BY_ID = 12
SLOWEST_MS = 50


@pytest.fixture(scope="module")
def filled(module_database):
    estate = estates.build()
    for shared in SHARED:
        filling.fill(shared, estates.BASE, SOME)
    return estate


def explained(actor, queryset) -> dict:
    sql, params = queryset.query.sql_with_params()
    with scope.opened(actor), connection.cursor() as cursor:
        cursor.execute("explain (analyze, buffers, format json) " + sql, params)
        answer = cursor.fetchone()[0]
    return (json.loads(answer) if isinstance(answer, str) else answer)[0]


def walked(plan: dict, table: str) -> int:
    """Rows of the table that were read, kept or thrown away."""
    return sum(
        (
            node.get("Actual Rows", 0)
            + node.get("Rows Removed by Filter", 0)
            + node.get("Rows Removed by Index Recheck", 0)
        )
        * node.get("Actual Loops", 1)
        for node in filling.scans(plan, table)
        if node["Node Type"] != "Bitmap Index Scan"
    )


def blocks(explanation: dict, table: str) -> int:
    """Blocks of the table and its indexes that were looked at."""
    return sum(
        node.get("Shared Hit Blocks", 0) + node.get("Shared Read Blocks", 0)
        for node in filling.scans(explanation["Plan"], table)
        if node["Node Type"] != "Bitmap Index Scan"
    )


def cases():
    for shared in SHARED:
        for who, rare in filling.askers(shared):
            yield pytest.param(shared, who, rare, id=f"{shared.model._meta.label}-{who}{'-rare' * rare}")


def look(estate, shared, who, rare, count):
    """The first page and its last row by id: right rows, index scans only, little of the table read."""
    row = estate.rows[shared.model]
    actor = filling.actor_of(who, estate.world.platform.id, getattr(row, "region_id", 0) or 3, rare=rare)
    page = filling.first_page(shared, actor)
    with scope.opened(actor):
        found = [each.id for each in page]
        # Without the page's form, by plain conditions, and all of it: a few old rows are a few old rows.
        plain = sorted(shared.visible_to(actor).order_by().values_list("id", flat=True), reverse=True)
    assert found == plain[:PAGE]
    assert len(found) == (filling.RARE_ROWS if rare else PAGE)
    assert count < 1_000 or (found[0] < 100) is rare
    explanation = explained(actor, page)
    nodes = list(filling.scans(explanation["Plan"], shared.table))
    assert nodes and {node["Node Type"] for node in nodes} <= INDEXED, explanation
    assert walked(explanation["Plan"], shared.table) <= MOST_ROWS, explanation
    assert blocks(explanation, shared.table) <= MOST_BLOCKS, explanation
    by_id = explained(actor, shared.visible_to(actor).filter(id=found[-1]).order_by("-id")[:1])
    assert {node["Node Type"] for node in filling.scans(by_id["Plan"], shared.table)} == {"Index Scan"}, by_id
    assert walked(by_id["Plan"], shared.table) == 1, by_id
    assert blocks(by_id, shared.table) <= MOST_BLOCKS_BY_ID, by_id
    return explanation


@pytest.mark.walls
def test_every_wall_that_names_several_parties_is_looked_at(filled):
    """Asked of the database itself: which policies of parties compare the asker with more than one column."""
    with scope.login_scope(), connection.cursor() as cursor:
        cursor.execute(
            "select distinct tablename from pg_policies where roles = '{sun_hospital}' and qual like '%CASE%sun_claims(%'"
        )
        walls = {table for (table,) in cursor.fetchall()}
    assert walls == {shared.table for shared in SHARED} - {"journal_refusal"}
    assert len(walls) >= 12


def test_a_wall_says_which_parties_it_names():
    operation = filling.PartyRows("select 1", table="t", parties=("a_id", "b_id"))
    assert isinstance(operation, PartyRows) and (operation.table, operation.parties) == ("t", ("a_id", "b_id"))


@pytest.mark.walls
@pytest.mark.parametrize(("shared", "who", "rare"), list(cases()))
def test_the_first_page_comes_by_an_index(filled, shared, who, rare):
    look(filled, shared, who, rare, SOME)


@pytest.mark.walls
@pytest.mark.parametrize("shared", [s for s in SHARED if "buyer_id" in s.parties], ids=lambda s: s.model._meta.label)
def test_a_hospital_counts_its_rows_in_the_index_alone(filled, shared):
    """The wall asks each row for its other parties; the index carries them, so no row is read for it."""
    row = filled.rows[shared.model]
    actor = filling.actor_of("buyer_id", filled.world.platform.id, row.region_id)
    explanation = explained(actor, filling.own_rows(shared, actor))
    (scan,) = filling.scans(explanation["Plan"], shared.table)
    assert scan["Node Type"] == "Index Only Scan", explanation
    assert scan["Heap Fetches"] == 0 and scan["Actual Rows"] > 100, explanation


@pytest.mark.walls
@pytest.mark.parametrize("shared", [s for s in SHARED if "seller_id" in s.parties], ids=lambda s: s.model._meta.label)
def test_a_suppliers_rows_are_counted_in_the_indexes_alone(filled, shared):
    """As the lists count them, up to a limit: each branch from its index (`sunlight.web.lists.show.Pages`)."""
    row = filled.rows[shared.model]
    actor = filling.actor_of("seller_id", filled.world.platform.id, row.region_id)
    with CaptureQueriesContext(connection) as asked, scope.opened(actor):
        assert Pages(shared.visible_to(actor).order_by("-id"), 50).count > 80
    (counting,) = (query["sql"] for query in asked.captured_queries if "COUNT(*)" in query["sql"])
    with scope.opened(actor), connection.cursor() as cursor:
        cursor.execute("explain (format json) " + counting)
        answer = cursor.fetchone()[0]
    plan = (json.loads(answer) if isinstance(answer, str) else answer)[0]["Plan"]
    columns = {"seller_id", "distributor_id"} & set(shared.parties)
    assert [node["Node Type"] for node in filling.scans(plan, shared.table)] == ["Index Only Scan"] * len(columns), plan


@pytest.mark.walls
def test_a_plan_that_walks_is_seen(filled):
    """Asked for what no index knows, an operator reads the whole table: the figures above would show it."""
    from procurement.ordering.models import Order

    actor = filling.actor_of("operator", filled.world.platform.id, filled.rows[Order].region_id)
    explanation = explained(actor, Order.objects.visible_to(actor).filter(contact_phone="nobody").order_by("-id")[:50])
    assert walked(explanation["Plan"], "procurement_order") > 10 * MOST_ROWS


@pytest.mark.drill
@pytest.mark.parametrize("shared", SHARED, ids=lambda s: s.model._meta.label)
def test_a_million_rows(own_database, shared):
    """Every multi-party policy at a million rows, as everybody: the same small plans."""
    estate = estates.build()
    filling.fill(shared, estates.BASE, MANY)
    for who, rare in filling.askers(shared):
        assert look(estate, shared, who, rare, MANY)["Execution Time"] < SLOWEST_MS

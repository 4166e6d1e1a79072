"""Row security must not cost the index: the plan of every multi-party policy, with the ORM's own filter, at some thousand
rows on every run and at a million in the drill."""

import json

import pytest
from django.db import connection

from sunlight import scope
from tests.security import estate as estates
from tests.security import filling

SOME, MANY = 30_000, 1_000_000
MODELS = filling.multi_party_models()
# A first page reads a few rows of the table. A supplier is the seller or the distributor, so no one index has its page in
# order: it is either sorted from all of its own rows, or found walking from the newest, past the other suppliers' rows.
FEW_ROWS = 500


@pytest.fixture(scope="module")
def estate(module_database):
    return estates.build()


@pytest.fixture(scope="module")
def filled(estate):
    for model in MODELS:
        filling.fill(model, estates.BASE, SOME)
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


def cases():
    for model in MODELS:
        for column in filling.askers(model):
            yield pytest.param(model, column, False, id=f"{model._meta.label}-{column}")
            if column != "platform":
                yield pytest.param(model, column, True, id=f"{model._meta.label}-{column}-rare")


def look(estate, model, column, rare, count):
    """The first page of the party in `column`: right rows, index scans only, little of the table read."""
    region = estate.rows[model].region_id
    actor = filling.actor_of(column, estate.world.platform.id, region, rare=rare)
    table = model._meta.db_table
    explanation = explained(actor, filling.first_page(model, actor))
    nodes = list(filling.scans(explanation["Plan"], table))
    assert nodes
    kinds = {node["Node Type"] for node in nodes}
    assert kinds <= {"Index Scan", "Index Only Scan", "Bitmap Heap Scan", "Bitmap Index Scan"}, explanation
    with scope.opened(actor):
        assert len(filling.first_page(model, actor)) == (filling.RARE_ROWS if rare else 50)
    suppliers = {"seller_id": filling.MAKERS, "distributor_id": filling.DISTRIBUTORS}.get(column, 1)
    most = FEW_ROWS if rare else max(FEW_ROWS, count // suppliers + 10 if suppliers > 1 else 0, 70 * (suppliers - 1))
    assert walked(explanation["Plan"], table) <= most, explanation
    return explanation


def test_there_are_multi_party_tables_to_look_at():
    assert {m._meta.label for m in MODELS} >= {
        "procurement.Order", "procurement.OrderLine", "procurement.Offer", "procurement.SupplyContract",
        "procurement.PriceAgreement", "procurement.Delivery", "procurement.Acceptance", "settlement.Invoice",
        "settlement.Payable", "settlement.Payment", "pricing.DealFact",
    }  # fmt: skip


@pytest.mark.parametrize(("model", "column", "rare"), list(cases()))
def test_the_first_page_comes_by_an_index(filled, model, column, rare):
    look(filled, model, column, rare, SOME)


def test_a_plan_that_walks_is_seen(filled):
    """Asked for what no index knows, an operator reads the whole table: the figures above would show it."""
    from procurement.models import Order

    actor = filling.actor_of("platform", filled.world.platform.id, filled.rows[Order].region_id)
    explanation = explained(actor, Order.objects.visible_to(actor).filter(contact_phone="nobody").order_by("-id")[:50])
    assert walked(explanation["Plan"], "procurement_order") > 10 * FEW_ROWS


# A supplier with a handful of old rows among a million: the walk from the newest finds them last. Known and bounded.
SLOWEST_MS, SLOWEST_RARE_SUPPLIER_MS = 50, 2_000


@pytest.mark.drill
@pytest.mark.parametrize("model", MODELS, ids=lambda m: m._meta.label)
def test_a_million_rows(own_database, model):
    """Every multi-party policy at a million rows: each party's first page by an index."""
    estate = estates.build()
    filling.fill(model, estates.BASE, MANY)
    for column in filling.askers(model):
        assert look(estate, model, column, False, MANY)["Execution Time"] < SLOWEST_MS
    assert look(estate, model, "buyer_id", True, MANY)["Execution Time"] < SLOWEST_MS
    for column in set(filling.askers(model)) - {"buyer_id", "platform"}:
        actor = filling.actor_of(column, estate.world.platform.id, estate.rows[model].region_id, rare=True)
        assert explained(actor, filling.first_page(model, actor))["Execution Time"] < SLOWEST_RARE_SUPPLIER_MS

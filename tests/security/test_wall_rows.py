"""The tenant wall without the ORM's help: for every table, whose rows a stranger can neither read, add, change nor remove."""

import json

import pytest
from django.apps import apps
from django.db import DatabaseError, connection, transaction

from sunlight import scope
from tests import rows
from tests.architecture import schema
from tests.security import estate as estates

PARTY_STRANGERS = [
    "other_hospital",
    "private_hospital",
    "other_maker",
    "other_distributor",
    "hospital_on_gd",
    "maker_on_gd",
    "distributor_on_gd",
]
PLATFORM_STRANGERS = ["operator_gd", "regulator_js"]
# A maker's application is its own on whichever platform it works: listings belong to regions.
OWN_EVERYWHERE = {
    ("maker_on_gd", table)
    for table in ("catalog_listing", "catalog_listedspecification", "catalog_pricegroup", "catalog_pack")
} | {(platform, table) for platform in PLATFORM_STRANGERS for table in rows.PLATFORMS_READ}
PRIVATE = [model for model in rows.plantable() if model._meta.db_table not in rows.PUBLIC]


@pytest.fixture(scope="module")
def estate(module_database):
    return estates.build()


def attempt(statement: str, values=()):
    """(rows touched, rows returned), or None where the database refused; leaves no trace."""
    with connection.cursor() as cursor:
        point = transaction.savepoint()
        try:
            cursor.execute(statement, values)
            return cursor.rowcount, cursor.fetchall() if cursor.description else []
        except DatabaseError as refused:
            # By the wall or by rights, not by some constraint that happens to stand in the way.
            assert refused.__cause__.pgcode == "42501", f"{statement}: {refused}"
            return None
        finally:
            transaction.savepoint_rollback(point)


def image(estate, model) -> dict:
    """The planted row as JSON, read as the platform itself."""
    with scope.opened(estate.world.system), connection.cursor() as cursor:
        cursor.execute(f"select to_jsonb(t) from {model._meta.db_table} t where id = %s", [estates.BASE])
        found = cursor.fetchone()[0]
        return found if isinstance(found, dict) else json.loads(found)


def sees(actor, model) -> bool:
    with scope.opened(actor):
        found = attempt(f"select id from {model._meta.db_table} where id = %s", [estates.BASE])
        by_orm = model._base_manager.filter(pk=estates.BASE).exists() if found is not None else False
    assert bool(found and found[1]) is by_orm
    return by_orm


def test_what_is_public_is_said_here(db):
    with connection.cursor() as cursor:
        policies = schema.rows(cursor, schema.POLICIES)
    open_to = {
        role: {t for t, _, _, roles, command, using, _ in policies if role in roles and using == "true"}
        for role in ("sun_hospital", "sun_supplier", "sun_platform")
    }
    assert open_to["sun_hospital"] == open_to["sun_supplier"] == rows.PUBLIC
    assert open_to["sun_platform"] == rows.PUBLIC - rows.OFFICES_OWN | rows.PLATFORMS_READ


def test_every_private_table_is_tried(estate):
    assert len(PRIVATE) >= 34
    assert {m._meta.db_table for m in PRIVATE} >= {
        "procurement_order",
        "procurement_offer",
        "procurement_supplycontract",
        "procurement_priceagreement",
        "procurement_delivery",
        "procurement_acceptance",
        "settlement_invoice",
        "settlement_payable",
        "settlement_payment",
        "settlement_paymentrun",
        "settlement_leg",
        "pricing_dealfact",
        "files_storedfile",
        "sheets_importrun",
        "tenancy_profile",
        "tenancy_bankaccount",
        "journal_refusal",
        "journal_decision",
        "journal_event",
        "procurement_deliverypoint",
    }


@pytest.mark.parametrize("model", PRIVATE, ids=lambda m: m._meta.label)
def test_its_own_people_see_the_row(estate, model):
    """Otherwise the rest would prove nothing."""
    assert sees(estate.world.system, model)
    # What law an authority tries is nobody else's, the operator's neither.
    assert sees(estate.actors["operator"], model) is (model._meta.db_table not in rows.WATCHERS_OWN)
    if model._meta.db_table not in rows.OPERATORS_OWN:
        assert any(sees(estate.actors[key], model) for key in ("hospital", "maker", "distributor"))


@pytest.mark.parametrize("model", PRIVATE, ids=lambda m: m._meta.label)
@pytest.mark.parametrize("stranger", [*PARTY_STRANGERS, *PLATFORM_STRANGERS])
def test_a_stranger_gets_nothing(estate, model, stranger):
    table = model._meta.db_table
    if (stranger, table) in OWN_EVERYWHERE:
        assert sees(estate.actors[stranger], model)
        return
    kept = image(estate, model)
    copy = json.dumps({**kept, "id": estates.BASE + 1})
    column = next(f.column for f in model._meta.concrete_fields if not f.primary_key)
    with scope.opened(estate.actors[stranger]):
        read = attempt(f"select to_jsonb(t) from {table} t where id = %s", [estates.BASE])
        assert read is None or read[1] == []
        everything = attempt(f"select to_jsonb(t)::text from {table} t")
        assert everything is None or not any(estates.CANARY in text for (text,) in everything[1])
        assert (attempt(f"update {table} set {column} = {column} where id = %s", [estates.BASE]) or (0,))[0] == 0
        assert (attempt(f"delete from {table} where id = %s", [estates.BASE]) or (0,))[0] == 0
        assert attempt(f"insert into {table} select (jsonb_populate_record(null::{table}, %s)).*", [copy]) is None
    assert image(estate, model) == kept


@pytest.mark.parametrize("model", PRIVATE, ids=lambda m: m._meta.label)
def test_nobody_in_particular_gets_nothing(estate, model):
    with scope.opened(estates.anonymous(estate)):
        read = attempt(f"select to_jsonb(t) from {model._meta.db_table} t")
        assert read is None or read[1] == []


def names(row, organisation_id: int) -> bool:
    """Whether a row as JSON has the organisation in one of its columns or lists."""
    return any(
        value == organisation_id or (isinstance(value, list) and organisation_id in value) for value in row.values()
    )


@pytest.mark.parametrize("stranger", PARTY_STRANGERS)
def test_whatever_a_stranger_reads_names_it(estate, stranger):
    """Beyond the planted rows: of every table that is not public a party reads only rows that say its own name, or whose
    parent does."""
    actor, read = estate.actors[stranger], {}
    with scope.opened(actor):
        for model in apps.get_models():
            table = model._meta.db_table
            if table in rows.PUBLIC or not model._meta.managed:
                continue
            found = attempt(f"select to_jsonb(t) from {table} t")
            loaded = [row if isinstance(row, dict) else json.loads(row) for (row,) in (found or (0, []))[1]]
            foreign = [row for row in loaded if not names(row, actor.organisation_id)]
            if foreign and (stranger, table) not in OWN_EVERYWHERE:
                read[table] = foreign[:3]
    assert read == {}


def test_what_an_application_covers_is_public_once_it_is_listed(estate):
    """Its specifications, price group and packs; a later revision of the row hides nothing again (GD25-2.2c)."""
    covered = [apps.get_model(f"catalog.{name}") for name in ("Listing", "ListedSpecification", "PriceGroup", "Pack")]
    with transaction.atomic():
        assert not any(sees(estate.actors["other_maker"], model) for model in covered)
        assert all(sees(estate.actors["maker"], model) for model in covered)
        with scope.opened(estate.world.system), connection.cursor() as cursor:
            cursor.execute("update catalog_listing set listed_on = '2026-01-05' where id = %s", [estates.BASE])
        for stranger in PARTY_STRANGERS:
            assert all(sees(estate.actors[stranger], model) for model in covered)
        transaction.set_rollback(True)


def test_a_maker_cannot_show_its_application_itself(estate):
    """Nor make a row that says it was listed already."""
    with scope.opened(estate.actors["maker"]):
        assert attempt("update catalog_listing set listed_on = '2026-01-05' where id = %s", [estates.BASE]) is None
        assert attempt("update catalog_listedspecification set was_listed = true") is None
        # The key to the national catalogue is looked at only when the transaction ends.
        made = attempt(
            "insert into catalog_listedspecification (id, listing_id, national_code_id, was_listed)"
            " values (%s, %s, 1, true) returning was_listed",
            [estates.BASE + 5, estates.BASE],
        )
        assert made == (1, [(False,)])


@pytest.mark.parametrize(
    ("regulator", "sees_it"), [("regulator", True), ("regulator_gd", True), ("regulator_js", False)]
)
def test_a_regulator_sees_its_region_and_what_lies_below(estate, regulator, sees_it):
    """The city's and the province's authority see the city's trade; another province's does not."""
    for label in ("procurement.Order", "procurement.Offer", "settlement.Payment", "pricing.DealFact"):
        assert sees(estate.actors[regulator], apps.get_model(label)) is sees_it


def test_the_operator_of_the_province_sees_nothing_of_the_city(estate):
    """An operator is bounded by its platform, not by its region: gd-sz's trade is not gd's."""
    for label in ("procurement.Order", "settlement.Payment", "journal.Event", "files.StoredFile"):
        assert sees(estate.actors["operator"], apps.get_model(label))
        assert not sees(estate.actors["operator_gd"], apps.get_model(label))


def test_a_maker_may_not_order_in_a_hospitals_name(estate):
    """WITH CHECK: a row naming the writer as one party passes the wall, one naming only others does not."""
    order = apps.get_model("procurement.Order")
    other = estate.world.organisations["other_hospital"].id
    for key, value in (("seller_id", estate.world.organisations["other_maker"].id), ("buyer_id", other)):
        copy = json.dumps({**image(estate, order), "id": estates.BASE + 2, "number": "x" * 20, key: value})
        insert = "insert into procurement_order select (jsonb_populate_record(null::procurement_order, %s)).*"
        stranger = "maker" if key == "seller_id" else "hospital"
        with scope.opened(estate.actors[stranger]):
            assert attempt(insert, [copy]) is None


def test_a_party_may_not_hand_its_row_to_others(estate):
    """Not even by changing it so that it names the writer no longer."""
    other = estate.world.organisations["other_hospital"].id
    with scope.opened(estate.actors["hospital"]):
        assert (
            attempt("update procurement_deliverypoint set hospital_id = %s where id = %s", [other, estates.BASE])
            is None
        )
        assert attempt("update files_storedfile set organisation_id = %s where id = %s", [other, estates.BASE]) is None

"""The database's shape: the tenant wall stands on every table, machines and constraints agree, nothing points upwards."""

import importlib
import inspect
import pkgutil
import re

import pytest
from django.apps import apps
from django.db import connection, models
from django.db.migrations.loader import MigrationLoader
from django.db.models import ForeignKey, ManyToManyField
from django.test.utils import isolate_apps

from sunlight.kernel.machine import Machine
from sunlight.scope import wall
from tests import databases
from tests.architecture import checks, schema
from tests.rows import PUBLIC

KITS = [checks.LABELS.get(each, each) for each in checks.KITS]
FEATURES = [checks.LABELS.get(each, each) for each in checks.FEATURES]
ORDER = ["scope", "journal", "tenancy", *KITS, "sunlight_web", "sunlight_api", *FEATURES, "accounts", *checks.APPS]
OURS = [model for model in apps.get_models() if model._meta.app_label in ORDER]


def catalogue(statement):
    with connection.cursor() as cursor:
        return schema.rows(cursor, statement)


def test_every_table_stands_behind_forced_row_security(db):
    tables = catalogue(schema.TABLES)
    assert len([t for t in tables if t[0] not in schema.NOT_OURS]) >= 40
    assert {m._meta.db_table for m in OURS} <= {t[0] for t in tables}
    assert schema.unwalled_tables(tables) == []


def test_rights_are_the_scope_roles_alone_and_bounded(db):
    grants, policies = catalogue(schema.GRANTS), catalogue(schema.POLICIES)
    assert len(grants) > 100
    assert schema.bad_grants(grants, policies) == []


def test_policies_and_triggers_ask_the_ticket_and_no_setting(db):
    """What a scope means to the wall is said in one place: its checks may change, not a hundred policies."""
    policies = catalogue(schema.POLICIES)
    assert [name for _, name, _, _, _, *texts in policies if any(schema.SETTING.search(text) for text in texts)] == []
    assert sum(any(schema.ASKED.search(text) for text in texts) for _, _, _, _, _, *texts in policies) > 100
    with connection.cursor() as cursor:
        assert schema.readers_of_settings(cursor) == schema.WHO_ASKS


def test_every_policy_asks_the_ticket_of_its_role(db):
    """Otherwise `set role` alone would show its rows. Only reading what is public asks nobody."""
    faults = schema.unasked(catalogue(schema.POLICIES))
    assert [fault for fault in faults if not fault.startswith("PUBLIC: ")] == []
    assert {fault.removeprefix("PUBLIC: ").partition(".")[0] for fault in faults} <= PUBLIC | {
        # Published or listed once; nothing of it is anybody's own.
        "sunlight_messages_notice",
        "catalog_listedspecification",
        "catalog_listing",
        "catalog_pack",
        "catalog_pricegroup",
    }


def test_no_policy_can_be_bypassed_by_a_setting(db):
    policies = catalogue(schema.POLICIES)
    assert len(policies) > 80
    faults = schema.bad_policies(policies)
    # A certificate is public and named by nobody: any maker may put one up, none may change it.
    allowed = {
        "catalog_certificate.catalog_certificate_supplier_insert: a party may write any row",
        # Versions of rows are written by triggers, which run as the owner; no scope may.
        "journal_rowfact.journal_rowfact_owner_all: written to sun_owner",
    }
    # Only the system itself makes regions and platforms, whose rows say of no column whose they are.
    made = re.compile(r"tenancy_(region|platform)\.\w+: the asker decides without a column: .*'system:0:'")
    assert {fault for fault in faults if not made.match(fault)} <= allowed, "\n".join(faults)


def test_the_wall_checkers_see_bad_tables():
    """Planted in the real catalogue, inside a transaction of the owner that is rolled back."""
    setting = wall.PARTY.replace("()", "('sun_platform')")
    with databases.owner() as owner, owner.cursor() as cursor:
        owner.autocommit = False
        cursor.execute(
            "create table bad_open (id int); create table bad_unforced (id int);"
            "alter table bad_unforced enable row level security; grant select on bad_open to sun_app, public;"
            "grant truncate, select on bad_unforced to sun_supplier; grant select on django_migrations to sun_platform;"
            "create policy p1 on bad_open to public using (true);"
            "create policy p2 on bad_open to sun_supplier using (id = 1 or current_setting('app.super', true) = 'on');"
            "create policy p3 on bad_open to sun_supplier using (id = 1 or (sun_claims('sun_supplier'))[4]::bigint = id);"
            f"create policy p4 on bad_open to sun_platform using ({setting} = 7 or id = {setting});"
            f"create policy p5 on bad_open as restrictive for select to sun_platform using (id = {setting});"
            "create policy p6 on bad_unforced for insert to sun_supplier with check (true);"
            "create table bad_walk (id bigint primary key, buyer_id bigint);"
            f"create policy p7 on bad_walk to sun_supplier using (buyer_id = {setting});"
            f"create policy p8 on bad_walk to sun_platform using (case {setting} when buyer_id then true when 7 then true"
            " else false end);"
            "create function bad_reader() returns trigger language plpgsql as $$ begin"
            " if current_setting('sun.party', true) = '' then return null; end if; return new; end $$;"
        )
        readers = schema.readers_of_settings(cursor)
        walked = schema.missing_indexes(cursor)
        tables, grants = schema.rows(cursor, schema.TABLES), schema.rows(cursor, schema.GRANTS)
        policies = schema.rows(cursor, schema.POLICIES)
        owner.rollback()
        owner.autocommit = True
    assert schema.unwalled_tables(tables) == [
        "bad_open: row security is not enabled",
        "bad_unforced: row security is not forced",
        "bad_walk: row security is not enabled",
    ]
    assert readers - schema.WHO_ASKS == {"bad_reader"}
    assert walked == ["bad_walk.buyer_id: no index begins with it"]
    granted = "\n".join(schema.bad_grants(grants, policies))
    for fault in (
        "bad_open: sun_app may SELECT",
        "bad_open: public may SELECT",
        "bad_unforced: sun_supplier may TRUNCATE",
        "django_migrations: sun_platform may SELECT",
    ):
        assert fault in granted
    found = "\n".join(schema.bad_policies(policies))
    for fault in (
        "bad_open.p1: written to public",
        "bad_open.p2: reads a setting",
        "bad_open.p3: a second ALL policy for sun_supplier",
        "bad_open.p3: the asker decides without a column",
        "bad_open.p4: the asker decides without a column",
        "bad_open.p5: RESTRICTIVE",
        "bad_unforced.p6: a party may write any row",
        "bad_walk.p8: the asker decides without a column",
    ):
        assert fault in found
    assert "bad_open.p5: the asker decides" not in found
    unasked = schema.unasked(policies)
    assert "bad_walk.p7: asks for the ticket of sun_platform" in unasked
    assert "bad_unforced.p6: asks for no ticket" in unasked


def test_party_columns_are_indexed(db):
    with connection.cursor() as cursor:
        assert schema.missing_indexes(cursor) == []


def foreign_keys():
    for model in OURS:
        for field in (*model._meta.local_fields, *model._meta.local_many_to_many):
            if isinstance(field, ForeignKey | ManyToManyField):
                yield model._meta.app_label, field.related_model._meta.app_label, f"{model.__name__}.{field.name}"


def migration_dependencies():
    loader = MigrationLoader(None, ignore_no_migrations=True)
    for (app, name), migration in loader.disk_migrations.items():
        for target, _ in migration.dependencies:
            yield app, target, name


def test_nothing_points_upwards():
    keys, dependencies = list(foreign_keys()), list(migration_dependencies())
    assert len(keys) > 60
    assert len(dependencies) > 20
    assert schema.upward(keys, ORDER) == []
    assert schema.upward(dependencies, ORDER) == []
    assert schema.upward([("pricing", "catalog", "x"), ("catalog", "pricing", "key")], ORDER) == [
        "catalog points up to pricing: key"
    ]


def test_relations_have_no_way_back_up():
    """`related_name="+"` across apps: a lower model grows no attribute of a higher app."""
    assert schema.open_relations(OURS) == []


@isolate_apps("procurement")
def test_a_relation_with_a_way_back_is_seen():
    from catalog.models import Listing
    from procurement.ordering.models import Order

    class Bad(models.Model):
        named = models.ForeignKey(Listing, models.PROTECT, related_name="bad_rows")
        unnamed = models.ForeignKey(Listing, models.PROTECT)
        many = models.ManyToManyField(Listing)
        hidden = models.ForeignKey(Listing, models.PROTECT, related_name="+")
        own = models.ForeignKey(Order, models.PROTECT, related_name="bad_rows")

        class Meta:
            app_label = "procurement"

    assert schema.open_relations([Bad]) == ["Bad.named", "Bad.unnamed", "Bad.many"]


def machines() -> dict[str, Machine]:
    found = {}
    rooms = [
        f"{app}.{room.name}"
        for app in checks.APPS
        for room in pkgutil.iter_modules([str(checks.ROOT / app)])
        if room.ispkg
    ]
    for package in (*checks.APPS, *rooms, *checks.FOUNDATION):
        try:
            module = importlib.import_module(f"{package}.workflows")
        except ModuleNotFoundError:
            continue
        modules = [module]
        if hasattr(module, "__path__"):
            modules += [
                importlib.import_module(m.name) for m in pkgutil.iter_modules(module.__path__, f"{module.__name__}.")
            ]
        for each in modules:
            found |= {m.name: m for _, m in inspect.getmembers(each) if isinstance(m, Machine)}
    return found


def state_fields(machine: Machine):
    """The model fields whose choices are the machine's states."""
    values = {str(state) for state in machine.states}
    for model in OURS:
        for field in model._meta.local_fields:
            if field.choices and {value for value, _ in field.flatchoices} == values:
                yield model, field


def test_every_machine_state_is_reachable_and_the_database_knows_the_same(db):
    found = machines()
    assert len(found) >= 10
    for machine in found.values():
        assert machine.unreachable() == ()
        values = {str(state) for state in machine.states}
        fields = list(state_fields(machine))
        assert fields, f"no model keeps the states of {machine.name}"
        with connection.cursor() as cursor:
            checked = [schema.checked_values(cursor, *each) for each in fields]
        assert values in checked, f"{machine.name}: CHECK differs"
        assert all(state.label and not state.label.isascii() for state in machine.states), machine.name


def test_every_state_column_has_its_check(db):
    with connection.cursor() as cursor:
        assert schema.unchecked_states(cursor, OURS) == []


@isolate_apps("catalog")
def test_a_state_column_without_its_check_is_seen():
    """Planted in the real catalogue, inside a transaction of the owner that is rolled back."""

    class States(models.TextChoices):
        OPEN = "OPEN"
        SHUT = "SHUT"

    def model(name: str):
        return type(
            name,
            (models.Model,),
            {
                "__module__": __name__,
                "state": models.CharField(max_length=10, choices=States),
                "Meta": type("Meta", (), {"app_label": "catalog", "db_table": name.lower()}),
            },
        )

    with databases.owner() as owner, owner.cursor() as cursor:
        owner.autocommit = False
        for table, check in (
            ("whole", "state in ('OPEN', 'SHUT')"),
            ("narrow", "state in ('OPEN')"),
            ("wide", "state in ('OPEN', 'SHUT', 'LOST')"),
            ("another", "id > 0 or state in ('OPEN', 'SHUT')"),
            ("bare", "id > 0"),
        ):
            cursor.execute(f"create table {table} (id int, state varchar(10), check ({check}))")
        found = schema.unchecked_states(cursor, map(model, ("Whole", "Narrow", "Wide", "Another", "Bare")))
        owner.rollback()
        owner.autocommit = True
    assert found == [
        "Narrow.state: the CHECK allows []",
        "Wide.state: the CHECK allows ['LOST', 'OPEN', 'SHUT']",
        "Another.state: the CHECK allows []",
        "Bare.state: the CHECK allows []",
    ]


@pytest.mark.parametrize("name", ["nothing leads to LOST"])
def test_an_unreachable_state_cannot_be_built(name):
    from sunlight.kernel.machine import Move
    from sunlight.kernel.states import States

    class Bad(States):
        A = "A", "甲"
        B = "B", "乙"
        LOST = "LOST", "失"

    with pytest.raises(ValueError, match=name):
        Machine("bad", Bad.A, (Move("go", {Bad.A}, Bad.B), Move("back", {Bad.LOST}, Bad.A)))

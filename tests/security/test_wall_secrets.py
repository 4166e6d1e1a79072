"""What opens an account, and who its people are, by plain SQL under the platform's role: no ORM filter helps here."""

import pytest
from django.db import connection, transaction

from sunlight import scope
from sunlight.scope import Role
from sunlight.tenancy.models import LoginRecord, User
from sunlight.tenancy.services.admission import user_create
from tests.security import estate as estates
from tests.security.test_wall_rows import attempt

SECRETS = [("tenancy_user", "password"), ("tenancy_apitoken", "token_hash")]
LOGIN_ALONE = ["tenancy_session", "tenancy_pastpassword"]
PLATFORM_WIDE = ["operator", "regulator", "operator_gd", "regulator_gd", "regulator_js"]


@pytest.fixture(scope="module")
def estate(module_database):
    estate = estates.build()
    person = estate.world.actor("hospital", Role.HOSPITAL_BUYER)
    with scope.login_scope():
        user = User.objects.get(pk=person.user_id)
        for user_id in (user.pk, None):
            LoginRecord.objects.create(
                username=user.username,
                user_id=user_id,
                organisation_id=person.organisation_id,
                succeeded=user_id is not None,
                address="198.51.100.7",
                agent="pytest",
                at=scope.now(),
            )
    estate.person = person
    return estate


def actors(estate):
    return [estate.world.system, *(estate.actors[key] for key in PLATFORM_WIDE)]


@pytest.mark.parametrize(("table", "column"), SECRETS)
def test_no_platform_reads_what_opens_an_account(estate, table, column):
    for actor in actors(estate):
        with scope.opened(actor):
            for statement in (
                f"select {column} from {table}",
                f"select * from {table}",
                f"select to_jsonb(t) from {table} t",
                f"select 1 from {table} where {column} like 'a%%'",
                f"select count(*) from {table} group by {column}",
                f"update {table} set {column} = {column} returning {column}",
            ):
                assert attempt(statement) is None, statement
            assert attempt(f"select id from {table}") is not None


@pytest.mark.parametrize("table", LOGIN_ALONE)
def test_sessions_and_past_passwords_are_the_logins_alone(estate, table):
    for actor in actors(estate):
        with scope.opened(actor):
            assert attempt(f"select 1 from {table}") is None


def test_no_platform_writes_people(estate):
    for actor in actors(estate):
        with scope.opened(actor):
            assert attempt("update tenancy_user set password = 'x'") is None
            assert attempt("update tenancy_user set is_active = true") is None
            assert attempt("insert into tenancy_user (username) values ('x')") is None
            assert attempt("delete from tenancy_user") is None
            assert attempt("update tenancy_loginrecord set succeeded = true") is None


@pytest.mark.parametrize("key", [*PLATFORM_WIDE, "system"])
def test_people_and_their_logins_are_seen_by_their_own_platforms(estate, key):
    actor = estate.world.system if key == "system" else estate.actors[key]
    # The province's regulator stands above the city; its operator does not, nor does another province.
    sees = key in ("operator", "regulator", "regulator_gd", "system")
    with scope.opened(actor):
        people = attempt("select name from tenancy_user where id = %s", [estate.person.user_id])
        tries = attempt("select succeeded from tenancy_loginrecord where address = '198.51.100.7'")
    assert people[1] == ([(estate.person.user_name,)] if sees else [])
    # A failed attempt belongs to nobody yet, so to no platform.
    assert tries[1] == ([(True,)] if sees else [])


def test_a_party_reads_no_account_at_all(estate):
    for key in ("hospital", "maker", "distributor"):
        with scope.opened(estate.actors[key]):
            for table in (
                "tenancy_user",
                "tenancy_membership",
                "tenancy_apitoken",
                "tenancy_loginrecord",
                *LOGIN_ALONE,
            ):
                assert attempt(f"select 1 from {table}") is None


def test_an_application_is_its_platforms_and_a_listing_everybodys(estate):
    """A province's listing is open on its cities' platforms; what is not listed yet is nobody else's to read."""

    def readers(statement: str) -> set[str]:
        seen = set()
        with transaction.atomic():
            with scope.opened(estate.world.system), connection.cursor() as cursor:
                cursor.execute(statement, [estates.BASE])
                assert cursor.rowcount == 1
            for key in PLATFORM_WIDE:
                with scope.opened(estate.actors[key]):
                    if attempt("select 1 from catalog_listing where id = %s", [estates.BASE])[1]:
                        seen.add(key)
            transaction.set_rollback(True)
        return seen

    draft = "update catalog_listing set state = 'DRAFT', listed_on = null where id = %s"
    assert readers(draft) == {"operator", "regulator", "regulator_gd"}
    assert readers("update catalog_listing set listed_on = '2026-01-05' where id = %s") == set(PLATFORM_WIDE)


def test_a_listing_is_changed_where_it_is_open(estate):
    change = "update catalog_listing set version = version + 1 where id = %s"
    with transaction.atomic():
        with scope.opened(estate.world.system), connection.cursor() as cursor:
            cursor.execute("update catalog_listing set listed_on = '2026-01-05' where id = %s", [estates.BASE])
        for key, changed in (("operator", 1), ("operator_gd", 0), ("regulator_js", 0)):
            with scope.opened(estate.actors[key]):
                assert attempt(change, [estates.BASE])[0] == changed
        transaction.set_rollback(True)


def test_a_new_person_is_made_all_the_same(estate):
    with transaction.atomic(), scope.opened(estate.world.system):
        user = user_create(actor=estate.world.system, at=scope.now(), username="new.person", name="新人", password="x")
        assert attempt("select 1 from tenancy_user where id = %s", [user.id])[1] == []
        transaction.set_rollback(True)

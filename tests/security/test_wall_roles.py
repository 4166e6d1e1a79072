"""The application's login owns nothing: without a scope it reads nothing, it takes no other role, it changes no record."""

import psycopg2
import pytest
from django.db import DatabaseError, ProgrammingError, connection, transaction
from django.test import Client as Browser
from django.test import override_settings
from django.urls import path

from sunlight import scope
from sunlight.scope import session
from sunlight.tenancy.models import Organisation
from tests import databases
from tests.architecture import schema
from tests.security import estate as estates

APPEND_ONLY = [
    "journal_event",
    "journal_decision",
    "journal_refusal",
    "journal_seal",
    "journal_eventreader",
    "journal_checkpoint",
    "journal_checkpointdelivery",
    "settlement_entry",
    "settlement_leg",
]


@pytest.fixture(scope="module")
def estate(module_database):
    return estates.build()


def tables() -> list[str]:
    with connection.cursor() as cursor:
        return [name for name, *_ in schema.rows(cursor, schema.TABLES)]


def refusal(statement: str, values=()) -> str | None:
    """The database's error code for a statement, or None where it let it through; leaves no trace."""
    with transaction.atomic(), connection.cursor() as cursor:
        try:
            cursor.execute(statement, values)
        except DatabaseError as error:
            return error.__cause__.pgcode
        finally:
            transaction.set_rollback(True)
    return None


def test_without_a_scope_nothing_can_be_read_or_written(estate):
    found = tables()
    assert len(found) > 45
    for table in found:
        for statement in (
            f"select * from {table} limit 1",
            f"select count(*) from {table}",
            f"insert into {table} default values",
            f"delete from {table}",
            f"truncate {table}",
        ):
            assert refusal(statement) == "42501", statement


def test_without_a_scope_the_orm_is_refused_too(estate):
    with pytest.raises(ProgrammingError, match="permission denied"):
        Organisation.objects.count()


@pytest.mark.parametrize(
    "statement",
    [
        "set role sun_owner",
        "set role postgres",
        "set session authorization sun_owner",
        "select set_config('role', 'sun_owner', true)",
        "alter role sun_app bypassrls",
        "alter role sun_app superuser",
        "grant sun_owner to sun_app",
        "create table mine (id int)",
        "create schema mine",
        "create role mine",
        "alter table procurement_order no force row level security",
        "alter table procurement_order disable row level security",
        "alter table settlement_leg disable trigger all",
        "drop policy procurement_order_party_all on procurement_order",
        "create policy mine on procurement_order using (true)",
        "drop table procurement_order",
        "set session_replication_role = replica",
        "create or replace function sun_refuse_change() returns trigger language plpgsql as $$ begin return new; end $$",
    ],
)
@pytest.mark.parametrize("who", ["nobody", "hospital", "operator", "system"])
def test_the_application_cannot_raise_itself(estate, who, statement):
    refused = {"42501", "22023", "42704", "2BP01"}
    if who == "nobody":
        assert refusal(statement) in refused
        return
    with scope.opened(estate.world.system if who == "system" else estate.actors[who]):
        assert refusal(statement) in refused


def test_row_security_cannot_be_switched_off_for_a_query(estate):
    """`row_security = off` does not pass policies by: it refuses the query."""
    with scope.opened(estate.actors["other_hospital"]), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("set local row_security = off")
        with pytest.raises(ProgrammingError, match="would be affected by row-level security"):
            cursor.execute("select * from procurement_order")
        transaction.set_rollback(True)


@pytest.mark.parametrize("table", APPEND_ONLY)
@pytest.mark.parametrize("who", ["hospital", "operator", "regulator", "system"])
def test_no_scope_changes_a_record(estate, table, who):
    actor = estate.world.system if who == "system" else estate.actors[who]
    with scope.opened(actor):
        assert refusal(f"update {table} set id = id") == "42501"
        assert refusal(f"delete from {table}") == "42501"
        assert refusal(f"truncate {table}") == "42501"


@pytest.mark.parametrize("table", APPEND_ONLY)
def test_not_even_the_owner_changes_a_record(estate, table):
    """The owner is held by forced row security; having lifted that, by the trigger."""
    connection.close()
    with databases.owner() as owner, owner.cursor() as cursor:
        owner.autocommit = False
        cursor.execute(f"update {table} set id = id")
        assert cursor.rowcount == 0
        owner.rollback()
        for statement in (f"update {table} set id = id", f"delete from {table}", f"truncate {table} cascade"):
            cursor.execute(f"alter table {table} no force row level security")
            cursor.execute(f"select count(*) from {table}")
            assert cursor.fetchone()[0] > 0
            with pytest.raises(psycopg2.errors.IntegrityConstraintViolation, match="append-only"):
                cursor.execute(statement)
            owner.rollback()
        owner.autocommit = True


def test_an_entry_that_does_not_balance_cannot_be_committed(estate):
    leg = (
        "insert into settlement_leg (entry_id, account_id, platform_id, side, amount_fen)"
        " select entry_id, account_id, platform_id, side, 1 from settlement_leg limit 1"
    )
    with (
        pytest.raises(DatabaseError, match="does not balance"),
        scope.opened(estate.world.system),
        connection.cursor() as cursor,
    ):
        cursor.execute(leg)


def who_am_i() -> tuple:
    with connection.cursor() as cursor:
        cursor.execute("select current_user, sun_claims(current_user), current_setting('sun.ticket', true)")
        user, claims, ticket = cursor.fetchone()
    assert bool(claims) is bool(ticket)
    role, _, platform, party, platforms, regions, *_ = claims or ("",) * 7
    assert role in ("", user)
    return user, platform, party, platforms, regions


NOBODY = ("sun_app", "", "", "", "")


def test_nothing_of_a_scope_outlives_it(estate):
    hospital = estate.actors["hospital"]
    with scope.opened(hospital):
        assert who_am_i()[:3] == ("sun_hospital", str(hospital.platform_id), str(hospital.organisation_id))
    assert who_am_i() == NOBODY
    with pytest.raises(ZeroDivisionError), scope.opened(hospital):
        raise ZeroDivisionError
    assert who_am_i() == NOBODY
    with scope.opened(hospital):
        transaction.set_rollback(True)
    assert who_am_i() == NOBODY
    with pytest.raises(DatabaseError), scope.opened(hospital), connection.cursor() as cursor:
        cursor.execute("select 1/0")
    assert who_am_i() == NOBODY
    assert session._state.get() is None


def test_nested_scopes_give_back_the_outer_one(estate):
    hospital = estate.actors["hospital"]
    with scope.opened(hospital):
        outer = who_am_i()
        with scope.elevated(hospital):
            assert who_am_i()[0] == "sun_platform"
            with scope.login_scope():
                assert who_am_i() == ("sun_login", "0", "0", "{}", "{}")
            assert who_am_i()[0] == "sun_platform"
        assert who_am_i() == outer
        with pytest.raises(ZeroDivisionError), scope.elevated(hospital):
            raise ZeroDivisionError
        assert who_am_i() == outer
        with pytest.raises(DatabaseError), scope.elevated(hospital), connection.cursor() as cursor:
            cursor.execute("select 1/0")
        assert who_am_i() == outer
    assert who_am_i() == NOBODY


def test_a_scope_inside_a_foreign_transaction_leaves_nothing_behind(estate):
    """As in tests, where a transaction surrounds everything."""
    with transaction.atomic():
        with scope.opened(estate.actors["hospital"]):
            pass
        assert who_am_i() == NOBODY
        with pytest.raises(ZeroDivisionError), scope.opened(estate.actors["hospital"]):
            raise ZeroDivisionError
        assert who_am_i() == NOBODY


def _breaks(request):
    raise ZeroDivisionError


def _answers(request):
    from django.http import HttpResponse

    return HttpResponse(" ".join(who_am_i()))


urlpatterns = [path("breaks/", _breaks), path("answers/", _answers)]
handler500 = "sunlight.web.errors.broken"


@override_settings(ROOT_URLCONF=__name__)
def test_nothing_of_a_request_outlives_it(estate):
    browser = Browser(raise_request_exception=False)
    assert browser.get("/answers/").content.decode().split()[0] == "sun_hospital"
    assert who_am_i() == NOBODY
    assert browser.get("/breaks/").status_code == 500
    assert who_am_i() == NOBODY
    assert browser.post("/breaks/").status_code == 500
    assert who_am_i() == NOBODY

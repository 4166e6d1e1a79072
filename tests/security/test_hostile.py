"""Hostile SQL inside a scope, on databases made as in production and made from a template: 0 foreign rows, 0 foreign
changes, nothing left for whoever comes next. `make test` tries a sample, `make walls` everything (`tests/security/hostile.py`).
"""

import json
import os
from contextlib import contextmanager, suppress

import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection, connections, transaction
from django.db.transaction import TransactionManagementError

from sunlight import scope
from sunlight.scope.tickets import PLACES
from tests import databases
from tests.security import estate as estates
from tests.security import hostile

# One of so many ways is tried by `make test`.
SHARE = 8


@contextmanager
def as_in_production(name: str):
    """A database of which nothing comes from a template: created, `roles.sql`, `migrate`, `load_reference`."""
    home = databases.settings.DATABASES["owner"]["NAME"]
    with databases.owner(home) as owner:
        databases.drop(owner, name)
        databases._run(owner, "create database {} template template0", name)
    databases.entitle(name)
    databases.point_at(name)
    try:
        call_command("migrate", verbosity=0)
        call_command("load_reference", verbosity=0)
        yield name
    finally:
        databases.point_at(home)
        with databases.owner(home) as owner:
            databases.drop(owner, name)


@pytest.fixture(scope="module", params=["from a template", pytest.param("as in production", marks=pytest.mark.walls)])
def estate(request, django_db_setup, django_db_blocker):
    name = f"sun_own_{os.getpid()}_hostile"
    made = (
        as_in_production(name) if request.param == "as in production" else databases.copy_of(databases.template(), name)
    )
    with django_db_blocker.unblock(), made:
        yield estates.build()


@pytest.fixture(scope="module")
def facts(estate):
    """What the robber knows: ids, and a ticket of the platform that somebody let him see."""
    hospital = estate.actors["hospital"]
    with scope.opened(estate.world.system), connection.cursor() as cursor:
        cursor.execute("select current_setting('sun.ticket')")
        (replayed,) = cursor.fetchone()
    claims = replayed.split("|")
    return {
        "platform": hospital.platform_id,
        "party": hospital.organisation_id,
        "place": hospital.platform_id * PLACES + hospital.organisation_id,
        "regions": ",".join(map(str, hospital.region_ids)),
        "replayed": replayed,
        "forged": "|".join([*claims[:-1], "0" * 64]),
        "database": connection.settings_dict["NAME"],
    }


def opened(estate, who: str):
    if who == "login":
        return scope.login_scope()
    return scope.opened(estates.anonymous(estate) if who == "nobody" else estate.actors[who])


def attempt(estate, who: str, statement: str) -> list:
    """What an injected statement gives in the scope; that scope ends as it may."""
    found: list = []
    with (
        suppress(DatabaseError, TransactionManagementError),
        opened(estate, who),
        connection.wrap_database_errors,
        # Without values: a percent sign is one, and several statements are one message.
        connection.connection.cursor() as cursor,
    ):
        cursor.execute(statement)
        found = cursor.fetchall() if cursor.description else []
    if connection.connection is not None and connection.connection.closed:
        connection.close()
    return found


NAMES = "(^|_)(organisation|buyer|seller|distributor|manufacturer|hospital|payee)_id$"


def picture(own: int = 0) -> dict[str, str]:
    """Table → digest of its rows, but for those that name the organisation `own`, as superuser."""
    with databases.superuser(connection.settings_dict["NAME"]) as powerful, powerful.cursor() as cursor:
        cursor.execute(
            "select c.relname from pg_class c where c.relnamespace = 'public'::regnamespace and c.relkind = 'r'"
        )
        tables = [table for (table,) in cursor.fetchall()]
        cursor.execute(
            " union all ".join(
                f"select '{table}', md5(coalesce(string_agg(t::text, '' order by t::text), '')) from {table} t where not exists"
                f" (select from jsonb_each_text({'facts' if table == 'journal_rowfact' else 'to_jsonb(t)'}) f where f.key ~ '{NAMES}' and f.value = '{own:d}')"
                for table in tables
            )
        )
        return dict(cursor.fetchall())


def chosen(sampled, *question) -> bool:
    return sampled(*question, of=SHARE)


@pytest.mark.parametrize("who", hostile.STRANGERS)
def test_no_way_out_of_a_scope(estate, facts, sampled, who):
    own = estate.actors[who].organisation_id if who in estate.actors else 0
    before, leaked = picture(own), []
    for way, prefix in hostile.WAYS.items():
        if way != "nothing" and not chosen(sampled, who, way):
            continue
        thefts = hostile.THEFTS if who == "login" else hostile.THEFTS | hostile.OF_LOGIN
        for name, theft in thefts.items():
            statement = f"{prefix.format(**facts)}; {theft.format(**facts)}" if prefix else theft.format(**facts)
            found = attempt(estate, who, statement)
            if any(estates.CANARY in str(value) for row in found for value in row) or (
                found and name in hostile.OF_LOGIN
            ):
                leaked.append((way, name, found[:1]))
        for damage in hostile.DAMAGE:
            attempt(estate, who, f"{prefix.format(**facts)}; {damage}" if prefix else damage)
        attempt(estate, who, f"{prefix.format(**facts)}; commit")
        after = picture(own)
        assert [table for table in after if after[table] != before[table]] == [], way
    assert leaked == []


def test_the_list_would_show_a_leak(estate, facts):
    """As the robbed hospital itself each theft finds something, and each damage does some: otherwise nothing is proved."""
    for name in ("procurement_order", "settlement_payment", "tenancy_bankaccount", "journal_event"):
        assert estates.CANARY in str(attempt(estate, "hospital", hostile.THEFTS[name])), name
    with connection.cursor() as cursor, pytest.raises(DatabaseError):
        cursor.execute("select 1 from procurement_order")
    before = picture()
    attempt(estate, "hospital", "update jobs_job set note = 'x'")
    after = picture()
    assert [table for table in after if after[table] != before[table]] == ["jobs_job"]


@pytest.mark.parametrize("who", ["hospital", *hostile.STRANGERS])
def test_what_everybody_may_by_default_is_taken(estate, facts, who):
    with databases.owner(connection.settings_dict["NAME"]) as other:
        known = {**facts, "other": other.info.backend_pid}
        for statement in hostile.REFUSED:
            with opened(estate, who), transaction.atomic(), connection.connection.cursor() as cursor:
                try:
                    with connection.wrap_database_errors:
                        cursor.execute(statement.format(**known))
                    pytest.fail(f"{who}: {statement}")
                except DatabaseError as refused:
                    assert refused.__cause__.pgcode in ("42501", "0A000", "25001"), f"{statement}: {refused}"
                finally:
                    transaction.set_rollback(True)
        assert other.closed == 0 and other.cursor().execute("select 1") is None


@pytest.mark.parametrize("left", hostile.LEFT)
@pytest.mark.parametrize("ends", ["", "; commit"])
def test_nothing_is_left_for_who_comes_next(estate, facts, left, ends):
    leave, meet = hostile.LEFT[left]
    leave = leave.format(**facts)
    attempt(estate, "hospital", f"{leave}{ends}")
    if left == "a channel":  # listening ends when the next transaction does
        attempt(estate, "other_hospital", "select 1")
    found = str(attempt(estate, "other_hospital", meet))
    assert estates.CANARY not in found
    for word in ("sun_platform", "pg_temp", "DMY", "everything"):
        assert word not in found, (left, found)
    with scope.opened(estate.actors["other_hospital"]), connection.cursor() as cursor:
        cursor.execute("select current_user::text, (sun_claims('sun_hospital'))[4]::bigint")
        assert cursor.fetchone() == ("sun_hospital", estate.actors["other_hospital"].organisation_id)
    connections["default"].close()


def test_a_ticket_is_of_one_transaction_and_one_backend(estate):
    """The same claims, signed by the process itself, for the transaction before and for another backend's."""
    from sunlight.scope.session import grant_of
    from sunlight.scope.tickets import ticket

    claims = grant_of(estate.world.system)
    names = []
    for _ in range(2):
        with scope.opened(estate.world.system), connection.cursor() as cursor:
            cursor.execute("select sun_transaction()")
            names.append(cursor.fetchone()[0])
            for name, accepted in ((names[-1], True), (names[0], len(names) == 1), (f"1.{names[-1]}", False)):
                cursor.execute("select set_config('sun.ticket', %s, true)", [ticket(claims, name)])
                cursor.execute("select sun_claims('sun_platform') is not null")
                assert cursor.fetchone()[0] is accepted


def test_a_process_with_another_key_opens_nothing(estate, settings):
    from sunlight.scope.session import TicketRefused

    settings.TICKET_KEYS = ["somebody else's"]
    with pytest.raises(TicketRefused), scope.opened(estate.world.system):
        pytest.fail("opened")


def test_two_keys_count_while_they_change(estate, settings):
    from sunlight.scope.session import TicketRefused
    from sunlight.scope.tickets import tell_the_database

    def opens(key: str) -> bool:
        settings.TICKET_KEYS = [key]
        try:
            with scope.opened(estate.world.system):
                return True
        except TicketRefused:
            return False

    (first,) = settings.TICKET_KEYS
    try:
        settings.TICKET_KEYS = ["the new one", first]
        assert tell_the_database("owner") == 2
        assert opens(first) and opens("the new one") and not opens("a third")
        settings.TICKET_KEYS = ["the new one"]
        assert tell_the_database("owner") == 1
        assert opens("the new one") and not opens(first)
    finally:
        settings.TICKET_KEYS = [first]
        tell_the_database("owner")


@pytest.mark.parametrize(("who", "statement"), hostile.OWN_ROWS)
def test_a_side_writes_neither_prices_nor_what_is_the_others(estate, who, statement):
    before = picture()
    with scope.opened(estate.actors[who]):
        assert refused(statement) == "42501", statement
    assert picture() == before


@pytest.mark.parametrize(("who", "table", "state"), hostile.OTHERS_MOVES)
def test_a_side_makes_its_own_moves_only(estate, who, table, state):
    with scope.opened(estate.actors[who]), connection.cursor() as cursor:
        cursor.execute(f"select state from {table} where id = %s", [estates.BASE])
        assert cursor.fetchone() not in (None, (state,))
        assert refused(f"update {table} set state = '{state}' where id = {estates.BASE}") == "42501"
        assert refused(f"update {table} set state = state where id = {estates.BASE}") is None


def test_rows_begin_in_their_first_state_and_cost_what_was_agreed(estate):
    begun = "insert into {table} select (jsonb_populate_record(t, '{{{changed}}}')).* from {table} t where id = {id}"
    with scope.opened(estate.actors["hospital"]):
        for table, changed in (
            ("procurement_offer", '"state": "ACCEPTED", "answered_at": "2026-01-01"'),
            ("procurement_order", '"state": "ACCEPTED", "answered_at": "2026-01-01"'),
            ("settlement_paymentrun", '"state": "APPROVED"'),
            ("procurement_orderline", '"price": 0.5, "amount_fen": 50'),
            ("procurement_orderline", '"amount_fen": 99'),
        ):
            number = f'"id": {estates.BASE + 77}, "number": "x", {changed}'
            if table == "procurement_offer":
                number = f'"id": {estates.BASE + 77}, {changed}'
            assert refused(begun.format(table=table, changed=number, id=estates.BASE)) == "42501", table


@pytest.mark.parametrize("who", ["hospital", "maker", "operator"])
@pytest.mark.parametrize(
    "stamp",
    [
        {"actor_kind": "person", "actor_id": 1},
        {"actor_kind": "system", "actor_id": 0},
        {"actor_for_person_id": 1_000_000},
        {"actor_organisation_id": 1_000_000},
        {"actor_kind": None, "actor_id": None},
    ],
    ids=str,
)
@pytest.mark.parametrize("table", ["journal_event", "journal_decision", "journal_refusal"])
def test_nobody_writes_history_in_anothers_name(estate, table, who, stamp):
    actor = estate.actors[who]
    true = {
        "actor_kind": str(actor.principal.kind),
        "actor_id": actor.principal.id,
        "actor_for_person_id": actor.for_person_id,
        "actor_organisation_id": actor.organisation_id,
        "platform_id": actor.platform_id,
        "parties": [actor.organisation_id],
    }
    assert true != {**true, **stamp}
    with databases.owner(connection.settings_dict["NAME"]) as owner, owner.cursor() as cursor:
        cursor.execute(
            "select string_agg(quote_ident(attname), ', ') from pg_attribute"
            f" where attrelid = '{table}'::regclass and attnum > 0 and attname <> 'id'"
        )
        columns = cursor.fetchone()[0]
    insert = (
        f"insert into {table} ({columns}) select {columns.replace(', ', ', r.').join(('r.', ''))}"
        f" from jsonb_populate_record(null::{table}, %s) r"
    )
    with scope.opened(estate.world.system), connection.cursor() as cursor:
        cursor.execute(f"select to_jsonb(t)::text from {table} t where id = %s", [estates.BASE])
        row = json.loads(cursor.fetchone()[0])
    with scope.opened(actor):
        assert refused(insert, [json.dumps({**row, **true})]) is None
        assert refused(insert, [json.dumps({**row, **true, **stamp})]) == "42501"


def refused(statement: str, values=None) -> str | None:
    """The database's error code, or None where it let the statement through; leaves no trace."""
    with transaction.atomic(), connection.cursor() as cursor:
        try:
            cursor.execute(statement, values)
        except DatabaseError as error:
            return error.__cause__.pgcode
        finally:
            transaction.set_rollback(True)
    return None

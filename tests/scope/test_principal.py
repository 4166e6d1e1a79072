"""Who acts is a kind and a number, in four columns of a row, never a number that means something else by its size."""

from dataclasses import replace

import psycopg2
import pytest
from django.apps import apps
from django.db import connection, models
from django.test.utils import isolate_apps

from sunlight import scope
from sunlight.journal.models import Event
from sunlight.scope import Role
from sunlight.scope.fields import acted_by, done_by, principal_is, who_did
from sunlight.scope.principal import (
    SYSTEM,
    Acted,
    Human,
    Principal,
    PrincipalKind,
    acted,
    by,
    columns,
    person,
    stamp,
    values,
)
from tests import databases

TOKEN = Principal(PrincipalKind.TOKEN, 5)


@pytest.mark.parametrize(("kind", "number"), [("person", -5), ("token", -1), ("client", 0), ("system", 7)])
def test_no_number_says_what_a_kind_says(kind, number):
    with pytest.raises(ValueError, match="no principal"):
        Principal(PrincipalKind(kind), number)


def test_principals_have_a_text():
    assert [str(each) for each in (person(9), TOKEN, SYSTEM)] == ["person:9", "token:5", "system:0"]
    assert [each.is_machine for each in (person(9), TOKEN, SYSTEM)] == [False, True, False]
    assert person(5) != TOKEN


def test_columns_are_written_by_one_helper_and_read_by_one():
    row = type("Row", (), {})()
    who = Acted(TOKEN, for_person_id=9, mandate_id=4)
    assert stamp(row, "placed", who) == columns("placed_by")
    assert (
        vars(row)
        == by(who, "placed")
        == {
            "placed_by_kind": "token",
            "placed_by_id": 5,
            "placed_for_person_id": 9,
            "placed_mandate_id": 4,
        }
    )
    assert acted(*vars(row).values()) == who
    assert set(by(None, "placed").values()) == {None} and acted(*by(None, "placed").values()) is None


@isolate_apps("procurement")
def test_a_model_declares_the_four_columns_by_one_word():
    class Abstract(models.Model):
        actor = acted_by()

        class Meta:
            abstract = True

    class Row(Abstract):
        placed_by = acted_by(null=False)

        class Meta:
            app_label = "procurement"

    assert [field.name for field in Row._meta.local_fields] == ["id", *columns("actor"), *columns("placed_by")]
    assert [field.null for field in Row._meta.local_fields[5:]] == [False, False, True, True]
    assert {rule.name for rule in Row._meta.constraints} == {
        "procurement_row_actor_is_whole",
        "procurement_row_placed_by_is_whole",
    }
    row = Row(**by(Acted(TOKEN), "placed"))
    assert (row.placed_by, row.actor) == (Acted(TOKEN), None)
    with pytest.raises(AttributeError):
        row.placed_by = Acted(TOKEN)


def test_no_model_keeps_a_number_without_its_kind():
    bare = [
        f"{model.__name__}.{field.name}"
        for model in apps.get_models()
        for field in model._meta.local_fields
        if field.name.endswith("_by_id") and not isinstance(vars(model).get(field.name[:-3]), type(acted_by()))
    ]
    assert bare == []


def test_who_acts_stands_in_the_row_as_it_does_in_the_actor(world):
    buyer = world.actor("hospital", Role.HOSPITAL_BUYER)
    assert buyer.acting == Acted(person(buyer.user_id), buyer.for_person_id) and buyer.for_person_id
    machine = replace(buyer, principal=Principal(PrincipalKind.TOKEN, buyer.user_id))
    assert machine.user_id is None and machine.acting.people == {machine.principal, Human(buyer.for_person_id)}
    assert (world.system.principal, world.system.user_id, world.system.acting.people) == (SYSTEM, None, frozenset())


def events(world, *doers):
    for who in doers:
        # Nobody records in another's name: each does it themselves.
        doer = {"principal": who and who.principal, "for_person_id": who and who.for_person_id}
        with scope.opened(replace(world.system, **doer)):
            Event.objects.create(
                name="x",
                subject_type="x",
                subject_id=1,
                payload={},
                platform_id=world.platform.id,
                occurred_at=scope.now(),
                recorded_at=scope.now(),
                **values(who, "actor"),
            )


def test_questions_about_who_did_it(world):
    me = world.actor("hospital", Role.HOSPITAL_BUYER)
    same_number = Acted(Principal(PrincipalKind.TOKEN, me.user_id))
    for_me = Acted(TOKEN, for_person_id=me.for_person_id)
    everybody = {me.acting, same_number, for_me, Acted(SYSTEM), None}
    events(world, *everybody)
    with scope.opened(world.system):
        rows = Event.objects.filter(name="x")
        assert who_did(rows, "actor") == everybody
        assert who_did(rows.filter(done_by(me, "actor")), "actor") == {me.acting, for_me}
        assert who_did(rows.exclude(done_by(me, "actor")), "actor") == {same_number, Acted(SYSTEM), None}
        # What somebody keeps as their own is theirs alone, also where a machine stands for them.
        assert who_did(rows.filter(principal_is(me.principal, "actor")), "actor") == {me.acting}
        assert who_did(rows.filter(principal_is(TOKEN, "actor")), "actor") == {for_me}
        machine = replace(me, principal=same_number.principal, for_person_id=None)
        assert who_did(rows.filter(done_by(machine, "actor")), "actor") == {same_number}
        assert not rows.filter(done_by(world.system, "actor")).exists()
        assert rows.exclude(done_by(world.system, "actor")).count() == len(everybody)


@pytest.mark.parametrize("columns_", [("person", None), (None, 5), ("person", -5), ("robot", 5)])
def test_the_database_keeps_no_half_and_no_negative_principal(world, columns_):
    kind, number = columns_
    # As the superuser: the wall lets nobody come as far, because nobody is such a principal.
    with (
        databases.superuser(connection.settings_dict["NAME"]) as powerful,
        powerful.cursor() as cursor,
        pytest.raises(psycopg2.errors.CheckViolation, match="is_whole"),
    ):
        cursor.execute(
            "insert into journal_event select (jsonb_populate_record(e, jsonb_build_object('id', -1, 'actor_kind',"
            " %s::text, 'actor_id', %s::bigint))).* from journal_event e limit 1",
            [kind, number],
        )

"""Random edits as superuser over the tables that say what happened: every one is found, by the independent verifier against
what was delivered before, or by the platform's own reading."""

import shutil
from random import Random

import pytest
from django.db import DatabaseError, connection, transaction

from sunlight import scope
from sunlight.journal import checkpoints, verifier
from tests import world as worlds
from tests.drill.edits import DERIVED, SEALED, columns, journal_edits
from tests.journal.outside import configured, work
from tests.superuser import superuser, triggers_off

FEW, MANY = 30, 200


@pytest.fixture(scope="module")
def outside(module_database, tmp_path_factory):
    actor, folder = worlds.build().system, tmp_path_factory.mktemp("outside")
    with configured(folder, actor, folder / "key.pem") as made:
        for _ in range(3):
            work(actor, 6)
            made.tend(at_once=True)
        # The last checkpoint's own event is sealed and signed too: nothing is newer than what was delivered.
        made.tend(at_once=True)
        shutil.copy(made.file, folder / "delivered.jsonl")
        yield made


def found(outside) -> bool:
    """Whether somebody who looks finds something."""
    if outside.verify(outside.folder / "delivered.jsonl")[0] == 1:
        return True
    with scope.opened(outside.actor):
        own = verifier.verify(platform_id=outside.actor.platform_id, at=scope.now())
        return bool(own.faults or checkpoints.faults(outside.actor))


def edited(edits, chance: Random) -> str:
    """One edit that the database takes: its CHECKs and types hold for a superuser too."""
    while True:
        try:
            with transaction.atomic(), triggers_off() as cursor:
                return edits(cursor, chance)
        except DatabaseError:
            continue


def drill(outside, seeds) -> None:
    missed = []
    for seed in seeds:
        with superuser():
            done = edited(journal_edits, Random(seed))
            if not found(outside):
                missed.append(f"{seed}: {done}")
    assert missed == []


def test_nothing_is_found_where_nothing_was_done(outside):
    assert not found(outside)


def test_some_random_edits_are_found(outside):
    drill(outside, range(FEW))


@pytest.mark.drill
def test_random_edits_are_found(outside, capsys):
    with capsys.disabled():
        for name, why in DERIVED.items():
            print(f"not edited: {name} ({why})")  # noqa: T201
    drill(outside, range(1_000, 1_000 + MANY))


def test_every_column_of_the_journal_is_in_the_text_that_is_sealed(outside):
    with superuser(), connection.cursor() as cursor:
        for table in SEALED:
            cursor.execute(
                f"select array_agg(key) from jsonb_object_keys((select to_jsonb(r) from {table} r limit 1)) key"
            )
            assert set(cursor.fetchone()[0]) == set(columns(cursor, table))

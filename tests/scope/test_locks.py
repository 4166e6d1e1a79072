"""Doing something alone: by name and keys, until the transaction ends or for as long as a block runs."""

import threading

import pytest
from django.db import ProgrammingError, connection, transaction

from sunlight import scope
from sunlight.scope.actor import ANONYMOUS
from sunlight.scope.session import background_scope
from tests import databases

# Commits are real: a lock must be seen to end.
pytestmark = pytest.mark.usefixtures("module_database")


def asked(other, function: str, name: str, *keys, shared: bool = False):
    """What a function of PostgreSQL's own says of a lock of ours, on another connection, the owner's."""
    with other.cursor() as cursor:
        cursor.execute(f"select {function}(sun_lock_key(%s, %s, %s))", [name, "\x1f".join(map(str, keys)), shared])
        return cursor.fetchone()[0]


def free(name: str, *keys, shared: bool = False) -> bool:
    """Whether another connection could have the lock."""
    with databases.owner() as other:
        return asked(other, "pg_try_advisory_xact_lock", name, *keys, shared=shared)


def test_a_lock_depends_on_name_and_keys_and_on_being_shared():
    with databases.owner() as other, other.cursor() as cursor:
        names = [("figures", "1"), ("figures", "11"), ("figures", "1\x1f1"), ("figure", "s1"), ("x", "")]
        numbers = set()
        for name, keys in names:
            for shared in (True, False):
                cursor.execute("select sun_lock_key(%s, %s, %s)", [name, keys, shared])
                numbers |= set(cursor.fetchone())
    assert len(numbers) == 2 * len(names)


def test_a_party_is_alone_only_where_it_is_shared():
    with scope.opened(ANONYMOUS):
        assert scope.alone("figures", 1, shared=True)
        assert not free("figures", 1, shared=True)
        assert free("figures", 1)
        with pytest.raises(ProgrammingError, match="the lock figures is not for sun_hospital"), transaction.atomic():
            scope.alone("figures", 1)
    with pytest.raises(ProgrammingError, match="is not for"), transaction.atomic():
        scope.alone("figures", 1, shared=True)


def test_nobody_else_is_alone_until_the_transaction_ends():
    with background_scope():
        assert scope.alone("figures", 1)
        assert scope.alone("figures", 1, wait=False)
        assert not free("figures", 1)
        assert free("figures", 2)
        assert free("runs", 1)


def test_whoever_does_not_wait_is_told():
    with databases.owner() as other:
        asked(other, "pg_advisory_lock", "figures", 1)
        with background_scope():
            assert not scope.alone("figures", 1, wait=False)
            assert scope.alone("figures", 2, wait=False)
        with scope.alone_across_transactions("figures", 1) as mine:
            assert not mine
        asked(other, "pg_advisory_unlock", "figures", 1)
        with background_scope():
            assert scope.alone("figures", 1, wait=False)


def test_whoever_waits_goes_on_when_the_other_ends():
    """The other ends only once this connection is seen waiting."""
    connection.ensure_connection()
    pid = connection.connection.info.backend_pid
    with databases.owner() as other, databases.owner() as watcher:
        asked(other, "pg_advisory_lock", "figures", 1)

        def release():
            with watcher.cursor() as cursor:
                waits = False
                while not waits:
                    cursor.execute("select exists (select 1 from pg_locks where pid = %s and not granted)", [pid])
                    waits = cursor.fetchone()[0]
            seen.append(waits)
            asked(other, "pg_advisory_unlock", "figures", 1)

        seen: list[bool] = []
        thread = threading.Thread(target=release)
        thread.start()
        with background_scope():
            assert scope.alone("figures", 1)
        thread.join()
    assert seen == [True]


def test_it_ends_with_the_transaction_and_needs_one():
    with background_scope():
        scope.alone("figures", 1)
        assert not free("figures", 1)
    assert free("figures", 1)
    with pytest.raises(transaction.TransactionManagementError):
        scope.alone("figures", 1)


def test_across_transactions_it_lasts_as_long_as_the_block():
    with scope.alone_across_transactions("runs", 1) as mine:
        assert mine
        for _ in range(2):
            with background_scope():
                assert not free("runs", 1)
        assert not free("runs", 1)
    assert free("runs", 1)
    with pytest.raises(ValueError, match="broke"), scope.alone_across_transactions("runs", 1):
        raise ValueError("it broke")
    assert free("runs", 1)


def test_a_connection_that_is_gone_takes_its_lock_with_it():
    with scope.alone_across_transactions("runs", 1) as mine:
        assert mine
        connection.close()
    assert free("runs", 1)

"""Doing something alone: by name and keys, until the transaction ends or for as long as a block runs."""

import threading

import pytest
from django.db import connection, transaction

from sunlight import scope
from sunlight.scope.locks import key_of
from tests import databases

# Commits are real: a lock must be seen to end.
pytestmark = pytest.mark.usefixtures("module_database")


def free(name: str, *keys) -> bool:
    """Whether another connection could have the lock."""
    with databases.owner() as other, other.cursor() as cursor:
        cursor.execute("select pg_try_advisory_xact_lock(%s)", [key_of(name, *keys)])
        return cursor.fetchone()[0]


def test_the_number_is_of_64_bits_and_depends_on_name_and_keys_alone():
    numbers = {
        key_of("figures", 1),
        key_of("figures", 11),
        key_of("figures", 1, 1),
        key_of("figure", "s1"),
        key_of("x"),
    }
    assert len(numbers) == 5
    assert all(-(2**63) <= number < 2**63 for number in numbers)
    assert key_of("figures", 1) == key_of("figures", "1") == -4441980591310001251


def test_nobody_else_is_alone_until_the_transaction_ends():
    with transaction.atomic():
        assert scope.alone("figures", 1)
        assert scope.alone("figures", 1, wait=False)
        assert not free("figures", 1)
        assert free("figures", 2)
        assert free("runs", 1)


def test_whoever_does_not_wait_is_told():
    with databases.owner() as other, other.cursor() as cursor:
        cursor.execute("select pg_advisory_lock(%s)", [key_of("figures", 1)])
        with transaction.atomic():
            assert not scope.alone("figures", 1, wait=False)
            assert scope.alone("figures", 2, wait=False)
        with scope.alone_across_transactions("figures", 1) as mine:
            assert not mine
        cursor.execute("select pg_advisory_unlock(%s)", [key_of("figures", 1)])
        with transaction.atomic():
            assert scope.alone("figures", 1, wait=False)


def test_whoever_waits_goes_on_when_the_other_ends():
    """The other ends only once this connection is seen waiting."""
    connection.ensure_connection()
    pid = connection.connection.info.backend_pid
    with databases.owner() as other, databases.owner() as watcher:
        other.cursor().execute("select pg_advisory_lock(%s)", [key_of("figures", 1)])

        def release():
            with watcher.cursor() as cursor:
                waits = False
                while not waits:
                    cursor.execute("select exists (select 1 from pg_locks where pid = %s and not granted)", [pid])
                    waits = cursor.fetchone()[0]
            seen.append(waits)
            other.cursor().execute("select pg_advisory_unlock(%s)", [key_of("figures", 1)])

        seen: list[bool] = []
        thread = threading.Thread(target=release)
        thread.start()
        with transaction.atomic():
            assert scope.alone("figures", 1)
        thread.join()
    assert seen == [True]


def test_it_ends_with_the_transaction_and_needs_one():
    with transaction.atomic():
        scope.alone("figures", 1)
        assert not free("figures", 1)
    assert free("figures", 1)
    with pytest.raises(transaction.TransactionManagementError):
        scope.alone("figures", 1)


def test_across_transactions_it_lasts_as_long_as_the_block():
    with scope.alone_across_transactions("runs", 1) as mine:
        assert mine
        for _ in range(2):
            with transaction.atomic():
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

"""Doing something alone: the only place that takes the database's advisory locks.

A lock is a name and keys, `figures` of platform 3, and is the database's: whoever asks for the same on any connection waits
or is told. The database knows them as 64-bit numbers; two that share one by chance would only wait for each other.
"""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from django.db import Error, connection, transaction


def key_of(name: str, *keys: object) -> int:
    """The number the database knows a lock by (`pg_locks` shows it as classid and objid)."""
    text = "\x1f".join(map(str, (name, *keys)))
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), signed=True)


def alone(name: str, *keys: object, wait: bool = True) -> bool:
    """Until the transaction ends nobody else is `alone` with this name and these keys. Waits for whoever is; with
    `wait=False` answers False instead. The same transaction may ask again. Raises TransactionManagementError outside a
    transaction, where the lock would be gone at once."""
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError(f"alone({name!r}) needs a transaction that holds the lock")
    with connection.cursor() as cursor:
        if wait:
            cursor.execute("select pg_advisory_xact_lock(%s)", [key_of(name, *keys)])
            return True
        cursor.execute("select pg_try_advisory_xact_lock(%s)", [key_of(name, *keys)])
        return cursor.fetchone()[0]


@contextmanager
def alone_across_transactions(name: str, *keys: object) -> Iterator[bool]:
    """Whether this connection is alone with the name and keys for as long as the block runs, however many transactions it
    opens. Never waits. The lock belongs to the connection, so a killed worker frees it."""
    key = key_of(name, *keys)
    with connection.cursor() as cursor:
        cursor.execute("select pg_try_advisory_lock(%s)", [key])
        mine = cursor.fetchone()[0]
    try:
        yield mine
    finally:
        # A connection that is gone took the lock with it.
        with suppress(Error):
            if mine and connection.connection is not None:
                connection.cursor().execute("select pg_advisory_unlock(%s)", [key])

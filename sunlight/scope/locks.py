"""Doing something alone: the only place that takes the database's advisory locks.

A lock is a name and keys, `figures` of platform 3, and is the database's: whoever asks for the same on any connection waits
or is told. It is taken by functions of ours (`scope/sql/ticket.sql`), which ask who is asking; PostgreSQL's own, which know
only numbers, are nobody's. The database knows locks as 64-bit numbers; two that share one by chance would only wait for
each other.
"""

from collections.abc import Iterator
from contextlib import contextmanager, suppress

from django.db import Error, connection, transaction

from sunlight.scope.session import background_scope


def alone(name: str, *keys: object, wait: bool = True, shared: bool = False) -> bool:
    """Until the transaction ends nobody else is `alone` with this name and these keys. Waits for whoever is; with
    `wait=False` answers False instead. The same transaction may ask again. Parties may be alone only where it is `shared`,
    which is another lock than the one that is not. Raises TransactionManagementError outside a transaction, where the lock
    would be gone at once."""
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError(f"alone({name!r}) needs a transaction that holds the lock")
    with connection.cursor() as cursor:
        cursor.execute("select sun_alone(%s, %s, %s, %s)", [name, _text(keys), wait, shared])
        return cursor.fetchone()[0]


@contextmanager
def alone_across_transactions(name: str, *keys: object) -> Iterator[bool]:
    """Whether this connection is alone with the name and keys for as long as the block runs, however many transactions it
    opens. Never waits. The lock belongs to the connection, so a killed worker frees it. For the background alone."""
    with background_scope(), connection.cursor() as cursor:
        cursor.execute("select sun_alone_for_long(%s, %s)", [name, _text(keys)])
        mine = cursor.fetchone()[0]
    try:
        yield mine
    finally:
        # A connection that is gone took the lock with it.
        with suppress(Error):
            if mine and connection.connection is not None:
                connection.cursor().execute("select sun_let_go(%s, %s)", [name, _text(keys)])


def _text(keys: tuple) -> str:
    return "\x1f".join(map(str, keys))

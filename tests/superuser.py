"""A database administrator with every right: for tests of what is found afterwards."""

from contextlib import contextmanager

from django.db import connection, transaction


@contextmanager
def superuser():
    """The default connection as the server's superuser, who passes by row security, triggers and foreign keys; everything is
    rolled back at the end. The embedded server lets its superuser in by the socket, as peer authentication does."""
    settings = connection.settings_dict
    before = settings["USER"]
    connection.close()
    settings["USER"] = "postgres"
    try:
        with transaction.atomic():
            yield
            transaction.set_rollback(True)
    finally:
        connection.close()
        settings["USER"] = before


@contextmanager
def triggers_off():
    """A cursor for which no trigger and no foreign key counts."""
    with connection.cursor() as cursor:
        cursor.execute("set local session_replication_role = replica")
        yield cursor
        # After an error the rollback takes it back.
        cursor.execute("set local session_replication_role = origin")

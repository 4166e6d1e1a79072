"""Databases for tests: one template migrated once, one copy for each worker, all reached as `sun_app`.

A copy by CREATE DATABASE … TEMPLATE takes a fraction of a second; nothing is ever flushed, since triggers and roles
forbid TRUNCATE. The template is named after a hash of the migrations and reference data, so it is made again when they change.
"""

import hashlib
from contextlib import contextmanager
from pathlib import Path

import psycopg2
from django.conf import settings
from django.core.management import call_command
from django.db import connections
from psycopg2 import sql

ROOT = Path(__file__).resolve().parent.parent


def _schema_hash() -> str:
    digest = hashlib.sha256()
    for pattern in (
        "*/migrations/*.py",
        "sunlight/*/migrations/*.py",
        "sunlight/*/data/*.yaml",
        "sunlight/scope/wall.py",
    ):
        for file in sorted(ROOT.glob(pattern)):
            digest.update(str(file.relative_to(ROOT)).encode())
            digest.update(file.read_bytes())
    return digest.hexdigest()[:12]


@contextmanager
def owner(database: str | None = None):
    """A plain connection as the owner, outside Django, in autocommit."""
    entry = connections["owner"].settings_dict
    connection = psycopg2.connect(
        dbname=database or entry["NAME"],
        user=entry["USER"],
        password=entry["PASSWORD"] or None,
        host=entry["HOST"] or None,
        port=entry["PORT"] or None,
    )
    connection.autocommit = True
    try:
        yield connection
    finally:
        connection.close()


def _run(connection, statement, *names):
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))


def point_at(database: str) -> None:
    for alias in ("default", "owner"):
        connections[alias].close()
        connections[alias].settings_dict["NAME"] = settings.DATABASES[alias]["NAME"] = database


def template() -> str:
    """The migrated template's name; made under an advisory lock, so that parallel workers make it once."""
    name = f"sun_template_{_schema_hash()}"
    home = settings.DATABASES["owner"]["NAME"]
    with owner(home) as connection, connection.cursor() as cursor:
        cursor.execute("select pg_advisory_lock(hashtext('sunlight.tests.template'))")
        cursor.execute("select 1 from pg_database where datname = %s", [name])
        if cursor.fetchone():
            return name
        cursor.execute("select datname from pg_database where datname like 'sun_template_%'")
        for (stale,) in cursor.fetchall():
            _run(connection, "drop database if exists {} with (force)", stale)
        _run(connection, "create database {}", name)
        try:
            point_at(name)
            call_command("migrate", verbosity=0)
            call_command("load_reference", verbosity=0)
        except BaseException:
            point_at(home)
            _run(connection, "drop database if exists {} with (force)", name)
            raise
        point_at(home)
    return name


@contextmanager
def copy_of(source: str, name: str):
    """A fresh copy of a database, the connections pointed at it, dropped at the end."""
    home = settings.DATABASES["owner"]["NAME"]
    with owner(home) as connection:
        _run(connection, "drop database if exists {} with (force)", name)
        _run(connection, "create database {} template {}", name, source)
    point_at(name)
    try:
        yield name
    finally:
        point_at(home)
        with owner(home) as connection:
            _run(connection, "drop database if exists {} with (force)", name)

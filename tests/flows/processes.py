"""The product's own processes on a test's database, to be killed and started again."""

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from threading import Event

from tests import databases
from tools.embedded.process import die_with_parent

# Patience, no goal: what is measured is said in the drills themselves.
DEADLINE = 300.0
PAUSE = 0.2


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Process:
    """A command in its own session, on `database`; what it says goes to `log`."""

    def __init__(self, database: str, log: Path, *words: str):
        self.environment = databases.environment_for(database) | {"PYTHONUNBUFFERED": "1"}
        self.words, self.log, self.process = [sys.executable, *words], log, None

    def start(self) -> "Process":
        with self.log.open("ab") as out:
            self.process = subprocess.Popen(
                self.words,
                cwd=databases.ROOT,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=die_with_parent(signal.SIGKILL),
            )
        return self

    def kill(self) -> None:
        """kill -9 of the process and all its children."""
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


class Web(Process):
    """gunicorn as `make demo` starts it."""

    def __init__(self, database: str, log: Path):
        self.port = free_port()
        super().__init__(
            database,
            log,
            "-m",
            "gunicorn",
            "sunlight.wsgi",
            "--bind",
            f"127.0.0.1:{self.port}",
            "--workers",
            "2",
            "--threads",
            "4",
            "--no-control-socket",
        )

    def wait(self) -> float:
        """Seconds until it answered."""
        begun = time.monotonic()
        while time.monotonic() < begun + DEADLINE:
            with suppress(OSError, http.client.HTTPException):
                if self.call("GET", "/login/")[0] < 500:
                    return time.monotonic() - begun
            Event().wait(PAUSE / 4)
        raise AssertionError(f"no answer within {DEADLINE} s: {self.log.read_text('utf-8', 'replace')[-2000:]}")

    def call(self, method: str, path: str, body=None, **headers):
        """(status, parsed answer). Raises OSError or HTTPException where the web process is not there."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            text = None if body is None else json.dumps(body)
            connection.request(method, path, text, {"Content-Type": "application/json", **headers})
            response = connection.getresponse()
            content = response.read()
            is_json = "json" in (response.getheader("Content-Type") or "")
            return response.status, json.loads(content) if is_json else content
        finally:
            connection.close()

    def insist(self, method: str, path: str, body=None, **headers):
        """As `call`, asked again until an answer comes that is neither "not there" nor "being worked on": what a careful
        client does, with its Idempotency-Key."""
        deadline = time.monotonic() + DEADLINE
        while time.monotonic() < deadline:
            with suppress(OSError, http.client.HTTPException):
                status, answer = self.call(method, path, body, **headers)
                in_flight = status == 409 and answer.get("code") == "in_flight"
                if status < 500 and not in_flight:
                    return status, answer
            # A careful client leaves the others some air, most of all to a process that is just starting.
            Event().wait(PAUSE)
        raise AssertionError(f"{method} {path}: no answer within {DEADLINE} s")


class Worker(Process):
    """The Celery worker with its beat."""

    def __init__(self, database: str, log: Path, folder: Path):
        super().__init__(
            database,
            log,
            "-m",
            "celery",
            "-A",
            "sunlight.celery",
            "worker",
            "--concurrency",
            "2",
            "--beat",
            "--schedule",
            str(folder / "beat"),
            "--loglevel",
            "INFO",
        )

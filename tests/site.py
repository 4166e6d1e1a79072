"""A real web process on a copy of the seeded demonstration."""

import os
import signal
import socket
import subprocess
import sys
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

from django.db import connections

from tests import databases


class Site(str):
    """The address of a demonstration, and the hand that turns its clockwork."""

    database: str

    def turn(self) -> None:
        """What beat and worker do about once a second: deliver the events that wait, continue payment runs."""
        from settlement.tasks import runs_continue
        from sunlight.tenancy.tasks import deliver_events, seal_events

        def turned() -> None:
            while deliver_events():
                continue
            runs_continue()
            while deliver_events():
                continue
            seal_events()

        self.do(turned)

    def do(self, call):
        """What `call` gives when it is called on this site's database. In its own thread, because Django refuses the
        database where a browser's event loop runs."""
        with ThreadPoolExecutor(1) as pool:
            return pool.submit(self._done, call).result(60)

    def _done(self, call):
        home = databases.settings.DATABASES["default"]["NAME"]
        databases.point_at(self.database)
        try:
            return call()
        finally:
            connections.close_all()
            databases.point_at(home)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _wait(process, seconds: float) -> None:
    """Wait for the process to end, at most `seconds`: the one way of waiting that notices a crash at once."""
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        return


@contextmanager
def web_process(database: str):
    """gunicorn on `database`; yields its address once the login page answers."""
    port = _free_port()
    process = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "gunicorn",
            "sunlight.wsgi",
            "-b",
            f"127.0.0.1:{port}",
            "--threads",
            "4",
            "--no-control-socket",
            "--log-level",
            "warning",
        ],
        cwd=databases.ROOT,
        env=databases.environment_for(database),
        start_new_session=True,
    )
    url = f"http://127.0.0.1:{port}"
    try:
        for _ in range(300):
            assert process.poll() is None, "the web process ended"
            try:
                urllib.request.urlopen(f"{url}/login/", timeout=10)
                break
            except OSError:
                _wait(process, 0.1)
        yield url
    finally:
        os.killpg(process.pid, signal.SIGKILL)  # nobody waits for an answer any more
        process.wait(20)


@contextmanager
def demonstration():
    """A demonstration of your own: a copy of the seeded database with a web process on it; yields its Site."""
    name = f"sun_e2e_{os.getpid()}_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}"
    home = databases.settings.DATABASES["owner"]["NAME"]
    source = databases.demo_template()
    with databases.owner(home) as connection:
        databases.drop(connection, name)
        databases._run(connection, "create database {} template {}", name, source)
    databases.entitle(name)
    try:
        with web_process(name) as url:
            site = Site(url)
            site.database = name
            yield site
    finally:
        with databases.owner(home) as connection:
            databases.drop(connection, name)

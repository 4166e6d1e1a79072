"""A real web process on a copy of the seeded demonstration, and a real Chromium in front of it."""

import os
import shutil
import socket
import subprocess
import sys
import urllib.request
from contextlib import contextmanager

import pytest

from tests import databases

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def pytest_collection_modifyitems(config, items):
    """Browser tests run where a Chromium is found; `.ci/run` demands them."""
    if CHROMIUM or os.environ.get("SUNLIGHT_REQUIRE_BROWSER") == "1":
        return
    kept = [item for item in items if not item.get_closest_marker("browser")]
    config.hook.pytest_deselected(items=[item for item in items if item not in kept])
    items[:] = kept


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextmanager
def web_process(database: str):
    """gunicorn on `database`; yields its address once the login page answers."""
    port = _free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "gunicorn", "sunlight.wsgi", "-b", f"127.0.0.1:{port}", "--threads", "4",
         "--no-control-socket", "--log-level", "warning"],
        cwd=databases.ROOT, env=databases.environment_for(database),
    )  # fmt: skip
    url = f"http://127.0.0.1:{port}"
    try:
        for _ in range(300):
            assert process.poll() is None, "the web process ended"
            try:
                urllib.request.urlopen(f"{url}/login/", timeout=10)
                break
            except OSError:
                process_wait(process, 0.1)
        yield url
    finally:
        process.terminate()
        process.wait(20)


def process_wait(process, seconds: float) -> None:
    """Wait for the process to end, at most `seconds`: the one way of waiting that notices a crash at once."""
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        return


@pytest.fixture(scope="module")
def site(django_db_setup, django_db_blocker):
    """The address of a demonstration of this file's own."""
    with django_db_blocker.unblock():
        name = f"sun_e2e_{os.getpid()}_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}"
        home = {alias: databases.settings.DATABASES[alias]["NAME"] for alias in ("default", "owner")}
        source = databases.demo_template()
        with databases.owner(home["owner"]) as connection:
            databases._run(connection, "drop database if exists {} with (force)", name)
            databases._run(connection, "create database {} template {}", name, source)
        try:
            with web_process(name) as url:
                yield url
        finally:
            with databases.owner(home["owner"]) as connection:
                databases._run(connection, "drop database if exists {} with (force)", name)


@pytest.fixture(scope="session")
def chromium():
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


class Person:
    """Somebody at a browser, logged in by the demonstration's button."""

    def __init__(self, browser, site: str, username: str):
        self.site = site
        self.context = browser.new_context(
            viewport={"width": 1366, "height": 768}, locale="zh-CN", base_url=site, accept_downloads=True
        )
        self.page = self.context.new_page()
        self.errors: list[str] = []
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("console", lambda m: self.errors.append(m.text) if m.type == "error" else None)
        self.page.goto("/login/")
        self.page.locator(f"[data-demo-account='{username}']").click()
        self.page.wait_for_url("**/")

    def close(self):
        self.context.close()


@pytest.fixture
def person(chromium, site):
    """`person("buyer1")` gives a logged-in browser; a script error or a refused resource fails the test at its end."""
    opened: list[Person] = []

    def enter(username: str) -> Person:
        someone = Person(chromium, site, username)
        opened.append(someone)
        return someone

    yield enter
    errors = [error for someone in opened for error in someone.errors]
    for someone in opened:
        someone.close()
    assert errors == []

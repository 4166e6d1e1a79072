"""Makes the suite faster and decides nothing: delete this file and the line of tests/conftest.py that loads it, and every
test has the same result.

- Files that take longest start first, so that no worker waits for the other at the end.
- In a fresh clone the two workers compile half of the tests each.
- The garbage collector leaves alone what stays to the end.
- Tests marked `bare_pages` open thousands of pages; these are drawn without menu and top bar.
"""

import gc
import importlib
import os
from collections import Counter, defaultdict
from contextlib import suppress
from pathlib import Path

import pytest
from django.conf import settings
from django.test import override_settings

TESTS = Path(__file__).resolve().parent
# Fixtures that are expensive to make: the seeded demonstration; a database for one file, filled with rows of every kind.
DEMONSTRATION, OWN_DATABASE = {"site", "demo_database"}, {"module_database", "filled", "estate"}
DATABASE = {"django_db_setup", "db", "world"}
# A file with more tests than this does not come last.
MANY = 20


def pytest_sessionstart(session):
    """Where no test is compiled yet, the second worker imports the files from the other end: each compiles one half and
    reads what the other compiled."""
    runs_all = session.config.args_source is pytest.Config.ArgsSource.TESTPATHS
    if runs_all and os.environ.get("PYTEST_XDIST_WORKER") == "gw1":
        for file in sorted(TESTS.glob("*/test_*.py"), reverse=True):
            with suppress(Exception):  # collection reports it
                importlib.import_module(f"tests.{file.parent.name}.{file.stem}")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items):
    """After the shuffle. Each file goes to one worker as a whole: one begins with the longest walk through the demonstration
    and makes the template databases, the other with what needs no database; by the time the other files that need the
    demonstration start, it is seeded."""
    size, needs, browser = Counter(), defaultdict(set), set()
    for item in items:
        size[item.path] += 1
        needs[item.path] |= set(item.fixturenames)
        if item.get_closest_marker("browser"):
            browser.add(item.path)

    def place(item) -> int:
        path = item.path
        if path in browser:
            return 0
        if path.parent.name == "architecture" and not needs[path] & DATABASE:
            return 1
        if needs[path] & OWN_DATABASE:
            return 2
        if needs[path] & DEMONSTRATION:
            return 3
        return 4 if size[path] > MANY else 5

    items.sort(key=place)


@pytest.hookimpl(trylast=True)
def pytest_collection_finish():
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True)
def _bare_pages(request):
    if request.node.get_closest_marker("bare_pages") is None:
        yield
        return
    engine = settings.TEMPLATES[0]
    frame = dict.fromkeys(("web/_menu.html", "web/_topbar.html", "web/_keys.html"), "")
    loaders = [
        ("django.template.loaders.locmem.Loader", {**frame, "web/no_access.html": "no access"}),
        "django.template.loaders.filesystem.Loader",
        "django.template.loaders.app_directories.Loader",
    ]
    options = {**engine["OPTIONS"], "loaders": [("django.template.loaders.cached.Loader", loaders)]}
    with override_settings(TEMPLATES=[{**engine, "APP_DIRS": False, "OPTIONS": options}]):
        yield

import os
from pathlib import Path

import pytest

from tests import databases

CLAUSES = Path(__file__).resolve().parent.parent / "sunlight" / "acts"


def pytest_configure(config):
    config.addinivalue_line("markers", "clause(id, ...): the clauses of the law this test proves")
    config.addinivalue_line("markers", "browser: needs a Chromium")
    config.addinivalue_line("markers", "drill: slow, run by `make drill`")


def pytest_collection_modifyitems(config, items):
    if config.getoption("-m"):
        return
    items[:] = [item for item in items if not item.get_closest_marker("drill")]


@pytest.fixture(scope="session")
def django_db_setup(request, django_db_blocker):
    """Each worker's own copy of the migrated template, reached as sun_app like production."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
    with django_db_blocker.unblock():
        template = databases.template()
        with databases.copy_of(template, f"sun_test_{os.getpid()}_{worker}"):
            yield


@pytest.fixture(autouse=True)
def _fast_passwords(settings):
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(autouse=True)
def _quiet_static(settings):
    settings.WHITENOISE_AUTOREFRESH = True


@pytest.fixture
def world(db):
    """The small world of tests/world.py in this test's transaction."""
    from tests import world as worlds

    return worlds.build()

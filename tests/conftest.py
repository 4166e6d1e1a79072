"""Fixtures for all tests.

**`make test` samples.** Tests that walk the matrix of routes, methods and roles use `chosen`, and of their questions `make test`
asks one in sixteen, others in every run: a leak behind a single question passes `make test` fifteen times of sixteen.
`make walls` asks every one, and CI runs it. Drills, walks with a browser and kills run only when asked for.
"""

import ipaddress
import logging
import os
import socket
import sys
from contextlib import contextmanager
from zlib import crc32

import pytest
from django.db import transaction
from django.test import override_settings

from tests import databases
from tests.duties import _duties_are_proven  # noqa: F401

# Order of files, garbage collection: results are the same without it.
pytest_plugins = ["tests.speed", "tests.clauses"]


def pytest_configure(config):
    config.addinivalue_line(
        "markers", "clause(id, ..., on=place): the clauses of the law this test proves (tests/clauses.py)"
    )
    config.addinivalue_line("markers", "duty(machine, move, act): a service bars whoever did the act from the move")
    config.addinivalue_line("markers", "browser: needs a Chromium")
    config.addinivalue_line("markers", "drill: slow, run by `make drill`")
    config.addinivalue_line(
        "markers", "faces: walks through the pages in a real browser, run by `make faces` and by CI"
    )
    config.addinivalue_line("markers", "walls: every question of the route matrix, run by `make walls` and by CI")
    config.addinivalue_line("markers", "kills: processes killed in the middle, run by `make kills` and by CI")
    config.addinivalue_line("markers", "bare_pages: its pages may be drawn without menu and top bar (tests/speed.py)")


# `make test` asks one question of so many; `make walls` and CI ask all.
SHARE = 16


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config, items):
    """Drills, walks, walls and kills only when asked for."""
    if not config.getoption("-m"):
        aside = ("drill", "faces", "walls", "kills")
        items[:] = [item for item in items if not any(map(item.get_closest_marker, aside))]


def is_local(address) -> bool:
    """Whether a socket address stays on this machine: a Unix socket or a loopback address."""
    if not isinstance(address, tuple):
        return True
    host = address[0]
    if host in ("localhost", ""):
        return True
    try:
        return ipaddress.ip_address(host.partition("%")[0]).is_loopback
    except ValueError:
        return False


@pytest.fixture(scope="session", autouse=True)
def _no_network():
    """Tests reach the local servers and nothing else."""
    patched = pytest.MonkeyPatch()
    for name in ("connect", "connect_ex", "sendto"):
        real = getattr(socket.socket, name)

        def guarded(self, *arguments, _real=real):
            if not is_local(arguments[-1]):
                raise PermissionError(f"a test reached for the network: {arguments[-1]!r}")
            return _real(self, *arguments)

        patched.setattr(socket.socket, name, guarded)
    yield
    patched.undo()


@pytest.fixture(scope="session", autouse=True)
def _labelled_records():
    """What tests record, people can read: each key of a payload has a label."""
    from tests.labelled import every_record_is_labelled

    with every_record_is_labelled():
        yield


@pytest.fixture(scope="session")
def django_db_setup(request, django_db_blocker):
    """Each worker's own copy of the migrated template with the small world in it, reached as sun_app like production."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
    with (
        django_db_blocker.unblock(),
        databases.copy_of(databases.world_template(), f"sun_test_{os.getpid()}_{worker}"),
    ):
        yield


@contextmanager
def _own_database(django_db_blocker, name: str, source=databases.template):
    with (
        django_db_blocker.unblock(),
        databases.copy_of(source(), f"sun_own_{os.getpid()}_{name}") as database,
    ):
        yield database


@pytest.fixture
def own_database(django_db_setup, django_db_blocker):
    """A database of this test's own, without a surrounding transaction: commits are real, several connections see
    them. Not together with `db` or `world`."""
    with _own_database(django_db_blocker, "function") as database:
        yield database


@pytest.fixture(scope="module")
def module_database(django_db_setup, django_db_blocker):
    """As `own_database`, one for all tests of the module."""
    with _own_database(django_db_blocker, "module") as database:
        yield database


@pytest.fixture
def demo_database(django_db_setup, django_db_blocker):
    """As `own_database`, with the whole demonstration in it."""
    with _own_database(django_db_blocker, "demo", databases.demo_template) as database:
        yield database


@pytest.fixture(scope="session", autouse=True)
def _for_tests():
    """Cheap passwords, static files where they lie, no limit of calls (tests call faster than any client and
    tests/api/test_frame.py sets its own), no line in the log for each request."""
    logging.getLogger("sunlight.request").setLevel(logging.WARNING)
    with override_settings(
        PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"],
        WHITENOISE_AUTOREFRESH=True,
        API_RATE_LIMITS={},
    ):
        yield


@pytest.fixture
def world(db):
    """The small world of tests/world.py; what a test adds to it goes with the test's transaction."""
    from tests import world as worlds

    return worlds.found()


@pytest.fixture
def center(world):
    """The platform's own organisation, whose people run it; `world.actor("center", …)` is one of them."""
    from sunlight import scope
    from sunlight.scope.roles import OrganisationKind
    from sunlight.tenancy.services.organisations import organisation_register

    with scope.opened(world.system):
        world.organisations["center"] = organisation_register(
            actor=world.system,
            at=scope.now(),
            platform=world.platform,
            kind=OrganisationKind.PLATFORM,
            name="测试平台管理中心",
            credit_code="11440300455755084Y",
            region_code="CN-GD-SZ",
            profile={"legal_representative": "主任"},
        )
    return world.organisations["center"]


@pytest.fixture
def sampled(request):
    """`chosen(*question)`: whether to ask it in this run: the suite asks one of `of`, others in every run, `make walls`
    all. `chosen.enough(tried, least)`: whether as many were asked as there must be where all are. Which are chosen
    follows from the seed that a failed run prints."""
    every = os.environ.get("SUNLIGHT_ALL_ROUTES") == "1"
    seed = request.config.getoption("randomly_seed", 0)
    sys.stdout.write(f"--randomly-seed={seed} asks the same\n")  # shown of a test that failed

    def asked(*question, of: int = SHARE) -> bool:
        return every or crc32(" ".join(map(str, (seed, *question))).encode()) % of == 0

    # A sample's number varies; an eighth of its share is as good as certain.
    asked.enough = lambda tried, least: tried > least if every else tried * SHARE > least / 8
    return asked


@pytest.fixture(scope="module")
def shared_rows(request, django_db_setup, django_db_blocker):
    """`with held() as world:` makes rows once for all tests of a file, within a transaction around them; each test's
    own is within that one. Call it from fixtures of the module's scope, and give a test a copy of what they made: the
    rows come back after each test, Python's objects do not. Not in a file that has its own database."""
    from tests import world as worlds

    here = (item for item in request.session.items if item.path == request.path)
    assert not any({"own_database", "module_database"} & set(item.fixturenames) for item in here), "another database"
    around = transaction.atomic()
    with django_db_blocker.unblock():
        around.__enter__()

    @contextmanager
    def making():
        with django_db_blocker.unblock():
            yield worlds.found()

    yield making
    with django_db_blocker.unblock():
        transaction.set_rollback(True)
        around.__exit__(None, None, None)


@pytest.fixture(scope="module")
def site(django_db_setup, django_db_blocker):
    """The address of a demonstration of this file's own: seeded, with a real web process; `site.turn()` does what beat
    and worker would."""
    from tests.site import demonstration

    with django_db_blocker.unblock(), demonstration() as found:
        yield found

import ipaddress
import logging
import os
import socket
from contextlib import contextmanager
from itertools import chain, zip_longest

import pytest
from django.test import override_settings

from tests import databases


def pytest_configure(config):
    config.addinivalue_line("markers", "clause(id, ...): the clauses of the law this test proves")
    config.addinivalue_line("markers", "browser: needs a Chromium")
    config.addinivalue_line("markers", "drill: slow, run by `make drill`")
    config.addinivalue_line(
        "markers", "faces: walks through the pages in a real browser, run by `make faces` and by CI"
    )
    config.addinivalue_line("markers", "walls: every question of the route matrix, run by `make walls` and by CI")
    config.pluginmanager.register(DearFirst())


# What is dear to make: the seeded demonstration, and a database of a whole file's own.
DEMONSTRATION, OWN = {"site", "demo_database"}, {"module_database"}


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config, items):
    """Drills, walks and walls only when asked for."""
    if not config.getoption("-m"):
        items[:] = [item for item in items if not any(map(item.get_closest_marker, ("drill", "faces", "walls")))]


class DearFirst:
    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items):
        """After the shuffle: what takes longest begins first, so that no worker waits for the other at the end. Each file
        goes to one worker whole: one begins with the demonstration, the other with what needs no database yet."""
        shown, other = {}, {}
        for item in items:
            needs = set(item.fixturenames)
            if needs & DEMONSTRATION:
                shown[item.path] = True
            elif needs & OWN:
                other[item.path] = False
            elif item.path.parent.name == "architecture":
                other[item.path] = True
        lanes = zip_longest(shown, sorted(other, key=other.get, reverse=True))
        rank = {path: place for place, path in enumerate(chain.from_iterable(lanes))}
        items.sort(key=lambda item: rank.get(item.path, len(rank)))


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


@pytest.fixture(scope="module")
def site(django_db_setup, django_db_blocker):
    """The address of a demonstration of this file's own: seeded, with a real web process; `site.turn()` does what beat
    and worker would."""
    from tests.site import demonstration

    with django_db_blocker.unblock(), demonstration() as found:
        yield found

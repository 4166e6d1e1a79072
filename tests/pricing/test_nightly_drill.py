"""The night at some thousand groups: the same bytes whatever happens to the process, and the same again elsewhere."""

import hashlib
import os
import signal
import subprocess
import sys
from datetime import timedelta

import pytest

from pricing.services import nightly
from pricing.services.nightly import nightly_run
from sunlight import scope
from sunlight.tenancy.queries.actors import open_platform_actors
from tests import databases

pytestmark = pytest.mark.drill

CHUNK, GROUPS, DEALS = 100, 3_000, 60_000
# A process of its own, as a worker's: it takes chunks until it is done, or killed.
WORKER = f"""
import sys
sys.path[:0] = [{str(databases.ROOT)!r}, {str(databases.ROOT / "bench")!r}]
import django
django.setup()
import _seed
from pricing.services import nightly
from sunlight.tenancy.queries.actors import open_platform_actors
nightly.NIGHTLY_CHUNK = {CHUNK}
actor = next(a for a in open_platform_actors() if a.platform_code == "gd-sz")
nightly.nightly_run(
    actor=actor, at=_seed.KNOWN, region=_seed.REGION, business_day=_seed.DAY, known_until=_seed.KNOWN
)
"""
PUBLISHED = {
    "pricing_priceinformation": "price_group_id",
    "journal_decision": "subject_id, rule",
    "journal_event": "subject_id, name",
}


@pytest.fixture(scope="module")
def seed():
    """bench/_seed.py, which knows how a city's facts look."""
    sys.path.insert(0, str(databases.ROOT / "bench"))
    import _seed

    yield _seed
    sys.path.remove(str(databases.ROOT / "bench"))


@pytest.fixture(scope="module")
def facts(seed, django_db_setup, django_db_blocker):
    """The name of a database with the facts of a small city; dropped at the end."""
    with django_db_blocker.unblock():
        from _kit import Size

        name = seed.facts(Size("drill", GROUPS, DEALS, 0))
        yield name
        with databases.owner() as owner:
            databases.drop(owner, name)


@pytest.fixture
def city(facts, django_db_blocker):
    """`city()` is a context with a fresh copy of the facts."""
    with django_db_blocker.unblock():
        yield lambda: databases.copy_of(facts, f"sun_drill_{os.getpid()}")


def system():
    return next(a for a in open_platform_actors() if a.platform_code == "gd-sz")


def night(seed, **more):
    return nightly_run(
        actor=system(), at=seed.KNOWN, region=seed.REGION, business_day=seed.DAY, known_until=seed.KNOWN, **more
    )


def digests(database: str) -> dict[str, tuple[int, str]]:
    """Rows and SHA-256 of every published table, all columns but the number a row got and, in the
    journal, the moment of writing."""
    found = {}
    with databases.owner(database) as owner, owner.cursor() as cursor:
        for table, order in PUBLISHED.items():
            cursor.execute(f"alter table {table} no force row level security")
            cursor.execute(f"select (to_jsonb(t) - 'id' - 'recorded_at')::text from {table} t order by {order}")
            rows = [row for (row,) in cursor.fetchall()]
            cursor.execute(f"alter table {table} force row level security")
            found[table] = len(rows), hashlib.sha256("\n".join(rows).encode()).hexdigest()
    return found


def chunks_done(database: str) -> int:
    with databases.owner(database) as owner, owner.cursor() as cursor:
        cursor.execute("alter table pricing_nightlychunk no force row level security")
        cursor.execute("select count(*) from pricing_nightlychunk where done_at is not null")
        return cursor.fetchone()[0]


@pytest.fixture(scope="module")
def expected(facts, seed, django_db_blocker):
    """What an undisturbed night publishes, in chunks of its usual size."""
    with django_db_blocker.unblock(), databases.copy_of(facts, f"sun_drill_{os.getpid()}") as database:
        run = night(seed)
        assert run.rows_written == run.price_groups == GROUPS
        return digests(database), run.digest


def test_the_same_day_and_knowledge_give_the_same_bytes(seed, city, expected):
    """In another database, and asked for again: not a byte differs; asked for as known later, nothing is new."""
    with city() as database:
        assert night(seed).digest == expected[1]
        assert digests(database) == expected[0]
        again = night(seed, full=True)
        assert (again.digest, again.rows_written) == (expected[1], 0)
        later = nightly_run(
            actor=system(),
            at=seed.KNOWN,
            region=seed.REGION,
            business_day=seed.DAY,
            known_until=seed.KNOWN + timedelta(hours=3),
            full=True,
        )
        assert (later.digest, later.rows_written) == (expected[1], 0)
        assert digests(database) == expected[0]


@pytest.mark.parametrize("after", [1, 7])
def test_a_killed_night_goes_on_to_the_same_bytes(seed, city, expected, monkeypatch, after):
    """kill -9 of the worker between its chunks and inside them, twice; a third process ends the run."""
    with city() as database:
        for stop_at in (after, 2 * after + 2):
            worker = subprocess.Popen(
                [sys.executable, "-c", WORKER], env=databases.environment_for(database), cwd=databases.ROOT
            )
            while chunks_done(database) < stop_at:
                assert worker.poll() is None, "the worker ended before it was killed"
            os.kill(worker.pid, signal.SIGKILL)
            assert worker.wait(30) == -signal.SIGKILL
        half = chunks_done(database)
        assert after < half < GROUPS // CHUNK
        monkeypatch.setattr(nightly, "NIGHTLY_CHUNK", CHUNK)
        run = night(seed)
        assert run.finished_at and run.rows_written == run.price_groups == GROUPS
        assert digests(database) == expected[0]
        with scope.opened(system()):
            assert nightly.NightlyRun.objects.count() == 1

"""The page of nightly runs: who sees it, what it tells, how far a broken run is."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from pricing.services import nightly
from pricing.services.nightly import nightly_run_begin, nightly_run_continue
from pricing.services.publication import over_all_platforms
from sunlight import scope
from sunlight.scope import Role
from tests.api_client import logged_in
from tests.pricing.test_services_nightly import AT, DAY, KNOWN, REGION, assorted, next_day, run

URL = "/pricing/nightly/"


def text(response):
    return response.content.decode()


@pytest.mark.parametrize("role", [Role.OPERATOR_SUPPORT, Role.OPERATOR_CONFIRMER])
def test_the_operator_sees_how_far_a_run_is(world, at, role, monkeypatch):
    monkeypatch.setattr(nightly, "NIGHTLY_CHUNK", 2)
    client = logged_in(world.actor("operator", role))
    assert "没有夜间任务记录" in text(client.get(URL))
    assorted(world)
    with scope.opened(world.system):
        wide = over_all_platforms(world.system)
        begun = nightly_run_begin(actor=wide, at=AT, region=REGION, business_day=DAY, known_until=KNOWN, full=False)
        nightly_run_continue(actor=wide, at=AT, run_id=begun.id)
    page = text(client.get(URL))
    assert "全量（首次）" in page
    assert "1 / 3 批" in page
    assert "进行中，中断后自动续跑" in page
    done = run(world)
    assert done.id == begun.id
    page = text(client.get(URL, {"state": "done"}))
    assert "3 / 3 批" in page
    assert done.digest[:12] in page
    assert done.digest[:12] not in text(client.get(URL, {"state": "running"}))


@pytest.mark.parametrize(
    ("key", "role"),
    [
        ("operator", Role.OPERATOR_REVIEWER),
        ("hospital", Role.HOSPITAL_BUYER),
        ("maker", Role.SUPPLIER_LISTER),
        ("regulator", Role.REGULATOR_OFFICER),
    ],
)
def test_others_do_not_see_it(world, at, key, role):
    assert logged_in(world.actor(key, role)).get(URL).status_code == 403


def test_ten_runs_take_as_many_queries_as_one(world, at):
    assorted(world)
    run(world)
    client = logged_in(world.actor("operator", Role.OPERATOR_SUPPORT))
    client.get(URL)

    def counted():
        with CaptureQueriesContext(connection) as made:
            assert client.get(URL).status_code == 200
        return len(made)

    one = counted()
    for days in range(1, 10):
        next_day(world, days)
    assert counted() == one

"""政策试算 over the API: a run made, its result read; refusals as on the page."""

from datetime import date

from sunlight import scope
from sunlight.scope import Role
from supervision.models import WhatIfRun
from supervision.queries.what_if.runs import job_of
from tests.background import run_to_end
from tests.factories.settlement import owed
from tests.machines import token_of
from tests.supervision.what_if import officer, paid_within


def client(world):
    from django.test import Client

    secret = token_of(
        world.system, world.organisations["regulator"], world.platform, Role.REGULATOR_OFFICER, name="what-if"
    )
    return Client(headers={"Authorization": f"Bearer {secret}"})


def test_a_run_is_made_and_read(world):
    owed(world, price="12.5000", quantity="100")
    made, api = paid_within(world, 20), client(world)
    (listed,) = api.get("/api/v1/policy-drafts/").json()["results"]
    assert (listed["id"], listed["code"], listed["edits"][0]["value"]) == (made.id, "SZ28", 20)
    body = {"policy_draft": made.id, "since": "2025-06-01", "until": scope.today().isoformat()}
    begun = api.post("/api/v1/what-ifs/", body, content_type="application/json")
    assert begun.status_code == 201 and begun.json()["finished_at"] is None and begun.json()["totals"] == []
    with scope.opened(officer(world)):
        run = WhatIfRun.objects.get(id=begun.json()["id"])
        job = job_of(officer(world), run)
        assert job.id == begun.json()["job"]
        run_to_end(actor=officer(world), at=scope.now(), job_id=job.id)
    found = api.get(f"/api/v1/what-ifs/{run.id}/").json()
    (total,) = found["totals"]
    assert (total["kind"], total["count"], total["fen"], total["days"]) == ("earlier", 1, 125_000, -10)
    assert [row["key"] for row in found["by"]["clause"]] == ["SZ28-1"]
    assert found["by"]["buyer"][0]["name"] == "测试市第一人民医院"
    assert found["unjudged"] == [] and [row["id"] for row in api.get("/api/v1/what-ifs/").json()["results"]] == [run.id]


def test_a_period_that_cannot_be_is_refused_as_on_the_page(world):
    made, api = paid_within(world, 20), client(world)
    body = {"policy_draft": made.id, "since": "2026-02-01", "until": "2026-01-01"}
    answer = api.post("/api/v1/what-ifs/", body, content_type="application/json")
    assert answer.status_code == 422
    told = answer.json()
    assert "开始日期不能晚于结束日期" in str(told) and "period_backwards" in str(told)
    assert api.post(
        "/api/v1/what-ifs/", body | {"policy_draft": 999_999_999}, content_type="application/json"
    ).status_code in (
        404,
        422,
    )
    with scope.opened(officer(world)):
        assert not WhatIfRun.objects.filter(since=date(2026, 2, 1)).exists()

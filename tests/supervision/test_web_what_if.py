"""The pages of 政策试算: a draft edited, tried and taken away by an officer."""

from datetime import date

from sunlight import scope
from sunlight.scope import Role
from supervision.models import PolicyDraft, WhatIfRun
from supervision.queries.what_if.runs import job_of
from tests.api_client import logged_in
from tests.background import run_to_end
from tests.factories.settlement import owed
from tests.supervision.what_if import draft, officer, paid_within, tried

CAVEATS = ("不推算连锁反应", "按每笔成交当日已知的数据重新求出", "只对抽取的部分计价组重算")


def test_an_officer_drafts_tries_and_reads(world):
    payable = owed(world)
    browser = logged_in(officer(world))
    assert "还没有政策草案" in browser.get("/supervision/policy-drafts/").content.decode()
    made = browser.post(
        "/supervision/policy-drafts/make/", {"code": "SZ28", "title": "二十天付款", "status": "in_force"}
    )
    with scope.opened(officer(world)):
        found = PolicyDraft.objects.get()
    here = f"/supervision/policy-drafts/{found.id}/"
    assert made.headers["Location"] == here
    form = browser.get(f"{here}?edit=value&key=settlement.payment_days&clause=SZ20-6.2b&in=CN-GD-SZ").content.decode()
    assert 'name="value" value="30"' in form and "货款支付期限" in form
    wrong = browser.post(f"{here}edit/", {"edit": "value", "key": "settlement.payment_days", "value": "x", "since": ""})
    assert wrong.status_code == 422 and "的整数，请更正" in wrong.content.decode()
    edit = {"edit": "value", "key": "settlement.payment_days", "value": "20", "since": "2025-06-01"}
    assert browser.post(f"{here}edit/", edit).headers["Location"] == here
    page = browser.get(here).content.decode()
    assert "30 自然日" in page and "20 自然日" in page and "自 2025-06-01" in page
    file = browser.get(f"{here}file/")
    assert file.headers["Content-Disposition"].startswith("attachment") and b"settlement.payment_days" in file.content
    asked = {"draft": found.id, "since": "2025-06-01", "until": scope.today().isoformat(), "region": "CN-GD-SZ"}
    begun = browser.post("/supervision/what-if/start/", asked)
    with scope.opened(officer(world)):
        run = WhatIfRun.objects.get()
        job = job_of(officer(world), run)
    assert begun.headers["Location"] == f"/supervision/what-if/{run.id}/"
    waiting = browser.get(f"/supervision/what-if/{run.id}/").content.decode()
    assert f"/jobs/{job.id}/" in waiting and all(each in waiting for each in CAVEATS)
    with scope.opened(officer(world)):
        run_to_end(actor=officer(world), at=scope.now(), job_id=job.id)
    shown = browser.get(f"/supervision/what-if/{run.id}/").content.decode()
    assert "应付日提前" in shown and "测试市第一人民医院" in shown and 'data-chart="what-if-month"' in shown
    assert all(each in shown for each in CAVEATS)
    rows = browser.get(f"/supervision/what-if/{run.id}/changes/").content.decode()
    assert payable.due_on.isoformat() in rows and "SZ28-1" in rows
    sheet = browser.get(f"/supervision/what-if/{run.id}/changes/?format=xlsx")
    assert sheet.status_code == 200
    for dimension in ("clause", "buyer", "seller", "product", "category", "month", "subject"):
        assert browser.get(f"/supervision/what-if/{run.id}/sums/{dimension}/").status_code == 200
    assert browser.get(f"/supervision/what-if/{run.id}/sums/nothing/").status_code == 404


def test_two_drafts_have_a_column_each(world):
    owed(world)
    run = tried(world, paid_within(world, 20), paid_within(world, 45, "SZ31"), since=date(2025, 6, 1))
    page = logged_in(officer(world)).get(f"/supervision/what-if/{run.id}/").content.decode()
    assert "SZ28 试行通知" in page and "SZ31 试行通知" in page and "应付日提前" in page and "应付日推后" in page


def test_an_auditor_reads_and_changes_nothing(world):
    made = draft(world)
    browser = logged_in(world.actor("regulator", Role.REGULATOR_AUDITOR))
    page = browser.get(f"/supervision/policy-drafts/{made.id}/").content.decode()
    assert "加入草案" not in page and "放弃草案" not in page
    assert browser.post(f"/supervision/policy-drafts/{made.id}/discard/").status_code == 403
    with scope.opened(officer(world)):
        assert PolicyDraft.objects.filter(id=made.id).exists()
    assert logged_in(world.actor("operator", Role.OPERATOR_SUPPORT)).get("/supervision/what-if/").status_code == 403

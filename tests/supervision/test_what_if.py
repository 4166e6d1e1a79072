"""政策试算: what a draft would have made of what happened; nothing of what happened changes."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.apps import apps
from django.db import DatabaseError, connection, transaction

from sunlight import acts, scope
from sunlight.jobs.models import Job
from sunlight.jobs.services.jobs import job_claim, job_continue, job_resume, job_stop
from sunlight.journal.models import Decision
from sunlight.journal.refusals import Forbidden, Invalid, NotThere, Refused
from sunlight.kernel import rulebook
from sunlight.rules import RULES
from sunlight.scope import Role
from supervision.models import PolicyDraft, WhatIfChange, WhatIfRun, WhatIfSum
from supervision.queries.what_if import drafts as drafting
from supervision.queries.what_if import runs as queries
from supervision.rules.what_if.amending import amended, of_text
from supervision.rules.what_if.edits import changes
from supervision.services.what_if import drafts as services
from supervision.services.what_if import runs as running
from supervision.services.what_if.runs import what_if_start
from tests.background import run_to_end
from tests.factories.catalog import listed
from tests.factories.pricing import deal, priced
from tests.factories.settlement import owed
from tests.procurement.bargaining import make, shanghai
from tests.supervision.what_if import (
    begun,
    changed,
    draft,
    edited,
    officer,
    paid_within,
    sums,
    tried,
    without_the_line,
)

SINCE = date(2019, 1, 1)


def product(world, at, price="120", line="100"):
    listing = listed(world, price, listed_on=SINCE)
    priced(world, listing, {"320000": line}, at=at)
    return listing


def refused(world, listing, price, at):
    with pytest.raises(Refused):
        make(world, listing, price, at)


@pytest.fixture
def bargained(world):
    """On 2026-03-02, line 100 and listed price 120: an offer at 90 made, one at 110 and one at 130 refused."""
    at = shanghai("2026-03-02 10:00")
    low, between, high = (product(world, at) for _ in range(3))
    made = make(world, low, "90", at)
    refused(world, between, "110", at)
    refused(world, high, "130", at)
    return {"made": made, "between": between.price_group_id, "high": high.price_group_id, "at": at}


def test_a_bound_that_ends_frees_exactly_what_it_alone_refused(world, bargained):
    run = tried(world, without_the_line(world))
    assert changed(world, run) == {(0, "freed", "price_group", bargained["between"])}
    assert sums(world, run)[0, "freed", ""][0] == 1
    assert {key for _, _, key in sums(world, run, "clause")} == {"SZ24-3.3c"}
    assert run.totals["judged"] == 1 and run.totals["refusals"] == 2 and run.totals["unjudged"] == [{}]
    with scope.opened(officer(world)):
        kept = WhatIfChange.objects.get(run=run)
    assert "高于价格预警线 100.00 元" in kept.before and kept.after.startswith("受理")
    assert kept.buyer_id == world.organisations["hospital"].id and kept.seller_id == world.organisations["maker"].id


def test_a_lower_bound_refuses_exactly_what_lies_above_it(world, bargained):
    """The province's listed price no longer alone: an offer above 85 % of nothing else is refused by the draft's clause."""
    first = draft(world)
    own = edited(
        world,
        first,
        "value",
        key="bargain.bounds",
        value='{"prices": ["reference", "listed"], "code": "above_listed"}',
        since=date(2026, 1, 1),
        summary="不高于挂网价",
    )
    run = tried(world, own)
    # Already refused by other bounds, or below: nothing changes sides.
    assert changed(world, run) == set()


def test_two_drafts_stand_beside_each_other(world, bargained):
    line, listing = without_the_line(world), draft(world, "SZ29")
    both = edited(world, listing, "end", key="bargain.bounds", clause="SZ24-3.3c", region="CN-GD-SZ", last="2025-06-30")
    with scope.opened(officer(world)), pytest.raises(Invalid):
        # The province's own bound is not the city's to end.
        services.policy_draft_end(
            actor=officer(world),
            at=scope.now(),
            draft_id=both.id,
            key="bargain.bounds",
            clause="GD25-2.2a",
            region="CN-GD",
            last="2025-12-31",
        )
    later = edited(
        world,
        draft(world, "SZ30"),
        "end",
        key="bargain.bounds",
        clause="SZ24-3.3c",
        region="CN-GD-SZ",
        last="2026-03-02",
    )
    run = tried(world, line, later)
    # The second lets the line bind on the day itself and end after it.
    assert changed(world, run) == {(0, "freed", "price_group", bargained["between"])}
    assert [each.split()[0] for each in run.titles] == ["SZ27", "SZ30"]


def test_a_draft_act_that_only_warns_frees_with_a_warning(world, bargained):
    idle = edited(world, draft(world), "act", act="SZ24", status="draft", effective="2025-01-01")
    run = tried(world, idle, drafts="warn")
    assert changed(world, run) == {(0, "freed", "price_group", bargained["between"])}
    with scope.opened(officer(world)):
        assert "高于价格预警线 100.00 元，仅提示" in WhatIfChange.objects.get(run=run).after


def test_an_act_that_begins_a_month_later_frees_the_month(world):
    eve, day = shanghai("2025-01-31 10:00"), shanghai("2025-02-01 10:00")
    listing = product(world, eve, price="500")
    refused(world, listing, "110", eve)
    refused(world, listing, "110", day)
    moved = edited(world, draft(world), "act", act="SZ24", effective="2025-02-01")
    run = tried(world, moved)
    with scope.opened(officer(world)):
        assert [(row.kind, row.day) for row in WhatIfChange.objects.filter(run=run)] == [("freed", date(2025, 1, 31))]
        base, other = scope.policy(), drafting.policy_with(run.amendments[0])
    said = {change.clause: change.after for change in changes(base, other) if change.key == "bargain.bounds"}
    assert said["SZ20-5.2.1c"].valid_to == date(2025, 1, 31) and said["SZ24-3.3c"].valid_from == date(2025, 2, 1)


def test_payments_fall_due_earlier_by_the_days_and_the_sum(world):
    payable = owed(world, price="12.5000", quantity="100")
    run = tried(world, paid_within(world, 20), paid_within(world, 45, "SZ31"), since=date(2025, 6, 1))
    assert changed(world, run) == {(0, "earlier", "payable", payable.id), (1, "later", "payable", payable.id)}
    found = sums(world, run)
    assert found[0, "earlier", ""] == found[1, "later", ""] == (1, 125_000, 0)
    with scope.opened(officer(world)):
        rows = {row.side: row for row in WhatIfChange.objects.filter(run=run)}
    assert (rows[0].days, rows[1].days) == (-10, 15)
    assert rows[0].before == payable.due_on.isoformat()
    assert rows[0].after == (payable.due_on - timedelta(days=10)).isoformat() and rows[0].clauses == ["SZ28-1"]


def live() -> dict[str, tuple]:
    """Every table but those of runs, jobs and the journal's news of them: how many rows, and a hash of what they say."""
    own = {PolicyDraft, WhatIfRun, WhatIfSum, WhatIfChange, Job}
    news = ("journal_event", "journal_delivery", "django_")
    found = {}
    with connection.cursor() as cursor:
        for model in apps.get_models():
            table = model._meta.db_table
            if model in own or not model._meta.managed or table.startswith(news):
                continue
            try:
                with transaction.atomic():
                    cursor.execute(
                        f"select count(*), md5(string_agg(md5(t::text), ',' order by t::text)) from {table} t"
                    )
                    found[table] = cursor.fetchone()
            except DatabaseError:
                continue  # what the platform may not read it cannot write either
    return found


def test_nothing_that_happened_changes(world, bargained):
    owed(world)
    one, other = without_the_line(world), paid_within(world, 20)
    with scope.opened(world.system):
        before = live()
    run = tried(world, one, other)
    assert len(changed(world, run)) == 2
    with scope.opened(world.system):
        assert live() == before
    assert len(before) > 60 and before["journal_decision"][0] and before["procurement_offer"][0]


def test_what_a_run_says_of_a_record_the_live_rule_says(world, bargained):
    owed(world)
    run = tried(world, without_the_line(world), paid_within(world, 20))
    with scope.opened(officer(world)):
        policies = [drafting.policy_with(each) for each in run.amendments]
        for row in WhatIfChange.objects.filter(run=run, is_refusal=False):
            kept = Decision.objects.get(id=row.record_id)
            fields = {field.name for field in RULES[kept.rule].facts_record.fields}
            request = {"rule": kept.rule, "region": kept.region_code, "date": kept.law_date.isoformat()}
            request |= {"drafts": kept.drafts, "facts": {k: v for k, v in kept.facts.items() if k in fields}}
            answer = rulebook.decide(request, policies[row.side], RULES)
            assert answer.outcome["due_on"].isoformat() == row.after


def test_a_line_of_one_province_less_is_had_as_of_the_deal(world):
    at = shanghai("2026-03-02 10:00")
    listing = listed(world, "120", listed_on=SINCE)
    priced(world, listing, {"320000": "100", "110000": "115"}, at=at)
    refused(world, listing, "110", at)
    others = [p for p in current_provinces() if p != "320000"]
    fewer = edited(
        world, draft(world), "value", key="alert_line.provinces", value=",".join(others), since=date(2026, 1, 1)
    )
    run = tried(world, fewer)
    assert changed(world, run) == {(0, "freed", "price_group", listing.price_group_id)}


def current_provinces() -> list[str]:
    value = scope.policy().find("alert_line.provinces", region="CN-GD-SZ", on=date(2026, 3, 2), drafts="binding")
    return list(value.value)


def test_a_line_of_a_longer_window_counts_what_the_city_paid(world):
    """A deal of three years ago makes the line where nothing else does; the sum of a window is had as of the deal."""
    at = shanghai("2026-03-02 10:00")
    listing = listed(world, "200", listed_on=SINCE)
    past = shanghai("2023-06-01 10:00")
    deal(world, listing, price="80", on=date(2023, 6, 1), recorded_at=past, changed_at=past)
    priced(world, listing, {"320000": "100"}, at=at)
    made = make(world, listing, "90", at)
    longer = edited(world, draft(world), "value", key="alert_line.window_years", value="3", since=date(2026, 1, 1))
    run = tried(world, longer)
    assert changed(world, run) == {(0, "refused", "offer", made.id)}
    assert sums(world, run)[0, "refused", ""] == (1, 900_000, 0)


def test_a_record_whose_facts_do_not_give_its_answer_is_not_judged(world, bargained):
    with scope.opened(world.system):
        kept = Decision.objects.get(rule="bargain.decide", subject_type="offer", subject_id=bargained["made"].id)
    facts = dict(kept.facts)
    with scope.opened(world.system):
        for changes_ in ({"alert_line": "50.0000"}, {"offer": None}, {"offer": "abc"}):
            Decision(**{**_attributes(kept), "facts": facts | changes_}).save(force_insert=True)
    run = tried(world, without_the_line(world))
    assert run.totals["unjudged"] == [{"different": 1, "facts": 2}]
    assert (0, "freed", "price_group", bargained["between"]) in changed(world, run)


def _attributes(row) -> dict:
    """As the system itself writes it: the wall stamps whoever acts."""
    kept = {f.attname: getattr(row, f.attname) for f in row._meta.concrete_fields if f.attname != "id"}
    return kept | {"actor_kind": "system", "actor_id": 0, "actor_organisation_id": None, "actor_for_person_id": None}


def test_a_run_stops_resumes_and_counts_as_if_it_had_not(world, bargained, monkeypatch):
    monkeypatch.setattr(running, "CHUNK", 1)
    actor, one = officer(world), without_the_line(world)
    whole = tried(world, one)
    run = begun(world, one)
    with scope.opened(actor):
        job = queries.job_of(actor, run)
        job = job_claim(actor=actor, at=scope.now(), job_id=job.id)
        job = job_continue(actor=actor, at=scope.now(), job_id=job.id)
        job_stop(actor=actor, at=scope.now(), job_id=job.id)
        job = job_continue(actor=actor, at=scope.now(), job_id=job.id)
        assert job.state == "STOPPED" and WhatIfRun.objects.get(id=run.id).finished_at is None
        job_resume(actor=actor, at=scope.now(), job_id=job.id)
        job = run_to_end(actor=actor, at=scope.now(), job_id=job.id)
        assert job.state == "DONE" and job.chunks >= 4
        again = WhatIfRun.objects.get(id=run.id)
    assert again.totals["refusals"] == whole.totals["refusals"] and sums(world, again) == sums(world, whole)


def test_another_authority_sees_neither_draft_nor_run(world, bargained):
    run = tried(world, without_the_line(world))
    # Another authority of the same city; the organisation stands in for it, its people see as an authority's do.
    other = world.organisations["operator"]
    stranger = replace(officer(world), organisation_id=other.id, authority="health")
    with scope.opened(stranger):
        assert not any(model.objects.exists() for model in (PolicyDraft, WhatIfRun, WhatIfSum, WhatIfChange))
        with pytest.raises(NotThere):
            queries.access_run(stranger, run.id)
    for key, role in (("operator", Role.OPERATOR_SUPPORT), ("hospital", Role.HOSPITAL_ADMIN)):
        with scope.opened(world.actor(key, role)):
            if key == "operator":
                assert not WhatIfRun.objects.exists() and not PolicyDraft.objects.exists()


def test_only_officers_and_chiefs_draft_and_try(world):
    auditor = world.actor("regulator", Role.REGULATOR_AUDITOR)
    with scope.opened(auditor), pytest.raises(Forbidden):
        services.policy_draft_make(actor=auditor, at=scope.now(), code="SZ27", title="试行")
    one = without_the_line(world)
    with scope.opened(auditor), pytest.raises(Forbidden):
        what_if_start(actor=auditor, at=scope.now(), draft=one.id, since=date(2026, 1, 1), until=date(2026, 2, 1))


@pytest.mark.parametrize(
    ("edit", "code"),
    [
        ({"key": "settlement.payment_days", "value": "二十", "since": "2026-09-01"}, "invalid"),
        ({"key": "settlement.payment_days", "value": "20", "since": "2020-07-01"}, "begins_too_early"),
        ({"key": "settlement.payment_days", "value": "20", "since": "2026-09-01", "region": "CN-JS"}, "region_unfit"),
        ({"key": "no.such", "value": "20", "since": "2026-09-01"}, "parameter_unknown"),
        ({"key": "cap.filed.ratio", "value": "5%", "since": "2026-09-01"}, "invalid"),
        (
            {"key": "bargain.bounds", "value": "{}", "since": "2026-09-01", "replaces": "SZ20-6.2b"},
            "replaces_nothing",
        ),
    ],
)
def test_an_edit_that_cannot_stand_is_refused_and_leaves_the_draft(world, edit, code):
    made = draft(world)
    with pytest.raises(Invalid) as caught:
        edited(world, made, "value", **edit)
    assert caught.value.code == code
    with scope.opened(officer(world)):
        assert PolicyDraft.objects.get(id=made.id).edits == []


def test_the_file_that_leaves_says_what_the_draft_says(world):
    made = paid_within(world, 20, since=date(2026, 9, 1))
    made = edited(world, made, "value", key="cap.filed.ratio", value="0.03", since="2026-09-01")
    made = edited(world, made, "end", key="bargain.bounds", clause="SZ24-3.4c", region="CN-GD-SZ", last="2026-12-31")
    made = edited(world, made, "act", act="SZ24", ends="2027-12-31")
    with scope.opened(officer(world)):
        file = drafting.draft_file(made, "测试市医疗保障局")
        ours = drafting.policy_with(drafting.amendment(made, "测试市医疗保障局"))
        words = [drafting.in_words_of(edit) for edit in made.edits]
    theirs = amended(acts.documents(), of_text(file)).policy()
    assert changes(ours, theirs) == []
    for day in ("2026-08-31", "2026-09-01", "2027-01-01", "2028-01-01"):
        for policy in (ours, theirs):
            law = policy.law(region="CN-GD-SZ", on=date.fromisoformat(day))
            assert law.at("settlement.payment_days").value == (30 if day == "2026-08-31" else 20)
    assert "# 货款支付期限（自验收起）（深圳市） 30 自然日 → 20 自然日 自 2026-09-01" in file
    assert words[0]["before"] == "30 自然日" and words[0]["after"] == "20 自然日"
    assert words[3]["after"] == "失效 2027-12-31"

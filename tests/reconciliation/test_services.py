"""A difference stops the platform's payments until two people of the audit have dealt with it."""

from dataclasses import replace
from datetime import time, timedelta

import pytest
from django.db import connection

from settlement.services.execution import payments_execute
from settlement.services.instructions import instruction_make, instructions_release
from sunlight import scope
from sunlight.journal.models import Event, RowFact
from sunlight.journal.refusals import Conflict, Forbidden, NotThere
from sunlight.journal.services import record
from sunlight.messages.models import Message
from sunlight.reconciliation.events import DISCREPANCIES_FOUND
from sunlight.reconciliation.models import Discrepancy, Reconciliation
from sunlight.reconciliation.navigation import discrepancy_todos
from sunlight.reconciliation.queries import discrepancies as queries
from sunlight.reconciliation.services.discrepancies import (
    discrepancy_look,
    discrepancy_release,
    discrepancy_send_back,
)
from sunlight.reconciliation.services.runs import reconciliation_begin, reconciliation_go_on
from sunlight.reconciliation.subscribers import discrepancies_found
from sunlight.reconciliation.tasks import reconcile_all
from sunlight.scope import Role
from tests.api_client import logged_in
from tests.factories.settlement import funded, owed, prepared
from tests.settlement.test_services_payments import approve, states

pytestmark = pytest.mark.usefixtures("center")


def auditor(world, person=""):
    return world.actor("center", Role.PLATFORM_AUDIT_ADMIN, person=person)


@pytest.fixture
def found(world, center):
    """One open difference, as the walk would have kept it, and a prepared run."""
    funded(world, 400_000)
    run = prepared(world, [owed(world)])
    return stopped(world), run


def stopped(world, number="20260302000000000001", **facts):
    with scope.opened(world.system):
        walk = Reconciliation.objects.create(
            platform=world.platform,
            business_day=scope.today(),
            is_nightly=False,
            started_at=scope.now(),
            finished_at=scope.now(),
        )
        values = {
            "kind": "DIFFERS",
            "relation": "settlement_payment",
            "row_id": 7,
            "row_name": "20260301000000000007",
            "columns": [{"column": "payee_account_number", "said": "6227", "found": "6222"}],
            "sha256": "0" * 64,
            "state": "OPEN",
        }
        return Discrepancy.objects.create(
            number=number,
            platform=world.platform,
            first_seen=walk,
            last_seen=walk,
            found_at=scope.now(),
            **values | facts,
        )


def act(service, actor, row, **facts):
    with scope.opened(actor):
        return service(actor=actor, at=scope.now(), discrepancy_id=row.id, **facts)


def test_no_run_is_approved_while_a_difference_is_open(world, found):
    row, run = found
    with pytest.raises(Conflict) as refused:
        approve(world, run)
    assert refused.value.message == (
        "平台夜间对账发现付款 20260301000000000007 数据与封存的版本不一致（事项 20260302000000000001），本平台已暂停付款。"
        "请等平台审计管理员核查并由另一人解除后再办理，可向平台运营机构询问进展。"
    )
    assert refused.value.code == "payments_stopped"
    assert states(world) == (["PREPARED"], ["PENDING"], ["IN_RUN"])
    act(discrepancy_look, auditor(world), row, note="已核对银行回单")
    with pytest.raises(Conflict):
        approve(world, run)
    act(discrepancy_release, auditor(world, "second"), row, reason="数据已由备份恢复")
    approve(world, run)
    assert states(world) == (["DONE"], ["PAID"], ["PAID"])


def test_an_approved_run_stops_and_goes_on_after_the_release(world, found, monkeypatch):
    row, run = found
    act(discrepancy_look, auditor(world), row, note="查")
    act(discrepancy_release, auditor(world, "second"), row, reason="已恢复")
    monkeypatch.setattr("settlement.services.runs.INLINE_PAYMENTS", 0)
    approve(world, run)
    second = stopped(world, "20260302000000000002", sha256="1" * 64)
    made = payments_execute(actor=world.system, at=scope.now(), run_id=run.id)
    assert (made.made, made.left) == (0, 1) and "20260302000000000002" in made.stopped
    assert states(world)[1] == ["PENDING"]
    act(discrepancy_look, auditor(world), second, note="查")
    act(discrepancy_release, auditor(world, "second"), second, reason="已恢复")
    assert payments_execute(actor=world.system, at=scope.now(), run_id=run.id).made == 1


@pytest.mark.duty("discrepancy", "release", "look")
def test_who_looked_into_it_does_not_release_it(world, found):
    row, _run = found
    act(discrepancy_look, auditor(world), row, note="已核对")
    with pytest.raises(Forbidden) as refused:
        act(discrepancy_release, auditor(world), row, reason="已恢复")
    assert refused.value.code == "four_eyes"
    with scope.opened(world.system):
        assert Discrepancy.objects.get(pk=row.pk).state == "LOOKED"


def test_an_authoritys_audit_releases_it_and_its_officers_do_not(world, found):
    row, _run = found
    act(discrepancy_look, auditor(world), row, note="已核对")
    officer = world.actor("regulator", Role.REGULATOR_OFFICER)
    with pytest.raises(Conflict):
        act(discrepancy_release, officer, row, reason="已恢复")
    released = act(discrepancy_release, world.actor("regulator", Role.REGULATOR_AUDITOR), row, reason="已恢复")
    assert (released.state, released.version) == ("RELEASED", 3)
    with scope.opened(world.system):
        names = Event.objects.filter(subject_type="discrepancy").order_by("id").values_list("name", flat=True)
        assert list(names) == ["discrepancy_looked_into", "discrepancy_released"]


def test_sent_back_it_is_looked_into_again(world, found):
    row, _run = found
    act(discrepancy_look, auditor(world), row, note="已核对")
    sent = act(discrepancy_send_back, auditor(world, "second"), row, reason="没有说明是谁改的")
    assert sent.state == "OPEN"
    assert act(discrepancy_look, auditor(world), row, note="数据库管理员改的").look_note == "数据库管理员改的"


def test_only_who_watches_reads_it_and_accounts_are_for_whom_they_are_meant(world, found):
    row, _run = found
    cashier = world.actor("hospital", Role.HOSPITAL_FINANCE)
    with scope.opened(cashier), pytest.raises(NotThere):
        queries.access_discrepancy(cashier, row.id)
    shown = queries.columns_for(world.actor("regulator", Role.REGULATOR_OFFICER), row)
    assert shown == [{"column": "payee_account_number", "label": "收款账号", "said": "6227", "found": "6222"}]
    market = replace(world.actor("regulator", Role.REGULATOR_OFFICER), authority="market")
    assert queries.columns_for(market, row)[0]["said"] == "***"


def test_a_second_walk_at_the_same_time_is_refused(world):
    actor = auditor(world)
    with scope.opened(actor):
        reconciliation_begin(actor=actor, at=scope.now())
        with pytest.raises(Conflict) as refused:
            reconciliation_begin(actor=actor, at=scope.now())
    assert refused.value.code == "reconciliation_under_way"
    officer = world.actor("regulator", Role.REGULATOR_OFFICER)
    with scope.opened(officer), pytest.raises(Forbidden):
        reconciliation_begin(actor=officer, at=scope.now())


def test_a_service_seals_what_it_wrote_of_reconciled_rows(world):
    funded(world, 400_000)
    run = prepared(world, [owed(world)])
    with scope.opened(world.system), connection.cursor() as cursor:
        event = Event.objects.filter(name="rows_kept").order_by("-id").first()
        assert event.payload["service"] == "run_prepare"
        versions = RowFact.objects.filter(id__range=(event.payload["first"], event.payload["last"]))
        assert sorted(versions.values_list("relation", flat=True)) == [
            "settlement_payable",
            "settlement_payment",
            "settlement_paymentrun",
        ]
        assert versions.get(relation="settlement_paymentrun").facts["number"] == run.number
        cursor.execute("select current_setting('timezone')")
        assert cursor.fetchone() == ("UTC",)


def test_the_walk_goes_on_where_it_was_interrupted_and_the_day_has_one(world, monkeypatch):
    monkeypatch.setattr("sunlight.reconciliation.queries.comparing.CHUNK", 1)
    with scope.opened(world.system):
        reconciliation_begin(actor=world.system, at=scope.now(), is_nightly=True)
    first = reconciliation_go_on(actor=world.system, at=scope.now(), most=3)
    assert first.finished_at is None
    last = reconciliation_go_on(actor=world.system, at=scope.now())
    assert last.finished_at is not None and last.pk == first.pk
    assert reconciliation_go_on(actor=world.system, at=scope.now()) is None
    with scope.opened(world.system), pytest.raises(Conflict):
        reconciliation_begin(actor=world.system, at=scope.now() + timedelta(seconds=1), is_nightly=True)


def test_news_of_it_reaches_the_audit_and_the_authorities(world, found):
    with scope.opened(world.system):
        event = record(
            DISCREPANCIES_FOUND,
            subject=1,
            actor=world.system,
            at=scope.now(),
            payload={"count": 1, "numbers": ["20260302000000000001"]},
        )
        for _ in range(2):
            discrepancies_found(event=event, actor=world.system, at=scope.now())
        sent = Message.objects.filter(kind="discrepancies_found").order_by("organisation_id")
        assert sorted(each.organisation_id for each in sent) == sorted([world.regulator.id, world.center.id])
        assert sent[0].must_acknowledge


def test_nothing_goes_to_the_bank_while_a_difference_is_open(world):
    funded(world, 400_000)
    run = prepared(world, [owed(world)])
    approve(world, run)
    settlers = [world.actor("operator", Role.OPERATOR_SETTLER, person=person) for person in ("", "second")]
    with scope.opened(settlers[0]):
        batch = instruction_make(actor=settlers[0], at=scope.now(), run_id=run.id)
    stopped(world)
    with scope.opened(settlers[1]), pytest.raises(Conflict) as refused:
        instructions_release(actor=settlers[1], at=scope.now(), hashes={batch.id: batch.sha256})
    assert refused.value.code == "payments_stopped"


def test_the_task_begins_the_day_once(world, monkeypatch):
    monkeypatch.setattr("sunlight.reconciliation.tasks.NIGHT", time(0, 0))
    assert (reconcile_all(), reconcile_all()) == (0, 0)
    with scope.opened(world.system):
        assert Reconciliation.objects.filter(is_nightly=True, finished_at__isnull=False).count() == 1


def test_an_auditor_looks_and_another_releases_on_the_page(world, found):
    row, _run = found
    first, second = (logged_in(world.actor("center", Role.PLATFORM_AUDIT_ADMIN, person=p)) for p in ("", "second"))
    page = first.get(f"/reconciliation/{row.id}/")
    assert "6227" in page.content.decode() and "6222" in page.content.decode()
    assert "20260302000000000001" in first.get("/reconciliation/").content.decode()
    assert first.get("/reconciliation/runs/").status_code == 200
    assert first.post(f"/reconciliation/{row.id}/look/", {"note": ""}).status_code == 422
    assert first.post(f"/reconciliation/{row.id}/look/", {"note": "已核对"}).status_code == 302
    assert "须由另一人解除" in first.get(f"/reconciliation/{row.id}/").content.decode()
    assert first.post(f"/reconciliation/{row.id}/release/", {"reason": "已恢复"}).status_code == 403
    assert second.post(f"/reconciliation/{row.id}/send-back/", {"reason": "不清楚"}).status_code == 302
    assert first.post(f"/reconciliation/{row.id}/look/", {"note": "再次核对"}).status_code == 302
    assert second.post(f"/reconciliation/{row.id}/release/", {"reason": "已恢复"}).status_code == 302
    assert "已解除" in first.get(f"/reconciliation/{row.id}/").content.decode()
    assert first.post("/reconciliation/runs/begin/").status_code == 302
    assert first.post("/reconciliation/runs/begin/").status_code == 409


def test_the_workbench_asks_the_audit_to_look_and_another_to_release(world, found):
    row, _run = found
    first, second = auditor(world), auditor(world, "second")

    def todos(actor):
        with scope.opened(actor):
            return {todo.label: todo.count for todo in discrepancy_todos(actor, scope.today())}

    assert todos(first)["对账差异已暂停付款，须核查"] == 1
    act(discrepancy_look, first, row, note="已核对")
    assert [todos(each)["已核查的对账差异，须另一人解除"] for each in (first, second)] == [0, 1]
    assert todos(world.actor("hospital", Role.HOSPITAL_FINANCE)) == {}

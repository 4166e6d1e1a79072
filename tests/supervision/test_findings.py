"""What went wrong is looked into by those whose part it is; doing something about it, or noting what was found, ends it."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from procurement.ordering.models import Order
from procurement.receiving.models import Acceptance
from settlement.models.payment import Payable
from sunlight import scope
from sunlight.journal.models import Event
from sunlight.journal.refusals import Conflict, Forbidden, Invalid, NotThere
from sunlight.scope import Role
from sunlight.web.navigation import todos_of
from supervision.models import Finding
from supervision.queries import matters as queries
from supervision.services.findings import finding_decide, finding_note
from tests.api_client import logged_in
from tests.factories import orders
from tests.factories.settlement import owed

WORDS = "已约谈科室负责人，本周内付清。"
PAY, SHIP, BACK = "逾期未付的货款，须核查", "逾期未送达的订单，须核查", "被冲销的验收，须核查"


@pytest.fixture
def auditor(world):
    return world.actor("hospital", Role.HOSPITAL_AUDITOR)


@pytest.fixture
def officer(world):
    return world.actor("regulator", Role.REGULATOR_OFFICER)


@pytest.fixture
def chief(world):
    return world.actor("regulator", Role.REGULATOR_CHIEF)


@pytest.fixture
def late(world) -> Payable:
    """A payable three days past its day."""
    row = owed(world)
    with scope.opened(world.system):
        Payable.objects.filter(id=row.id).update(due_on=scope.today() - timedelta(days=3))
        return Payable.objects.select_related("invoice").get(id=row.id)


def note(actor, row, matter="payments_late", **facts) -> Finding:
    facts = {"conclusion": "EXPLAINED", "note": WORDS} | facts
    with scope.opened(actor):
        return finding_note(actor=actor, at=scope.now(), matter=matter, matter_id=row.id, **facts)


def decide(actor, finding, **facts) -> Finding:
    with scope.opened(actor):
        return finding_decide(actor=actor, at=scope.now(), finding_id=finding.id, **facts)


def todos(actor, on: date | None = None) -> dict[str, tuple]:
    with scope.opened(actor):
        return {t.label: (t.count, t.due_on) for t in todos_of(actor, on or scope.today())}


@pytest.mark.clause("SZ20-6.2b", on="rule")
def test_a_late_payment_is_a_matter_until_it_is_paid(world, late, auditor, officer):
    missed = scope.today() - timedelta(days=3)
    assert todos(auditor)[PAY] == todos(officer)[PAY] == (1, missed)
    with scope.opened(world.system):
        Payable.objects.filter(id=late.id).update(state="PAID", paid_at=scope.now(), open_fen=0)
    assert PAY not in todos(auditor) and PAY not in todos(officer)


def test_what_is_found_out_ends_it_for_the_own_organisation_alone(late, auditor, officer):
    made = note(auditor, late)
    assert (made.state, made.number, made.is_latest) == ("NOTED", late.invoice.number, True)
    assert PAY not in todos(auditor) and todos(officer)[PAY][0] == 1
    with scope.opened(officer):
        assert not queries.findings_visible_to(officer).exists()
        with pytest.raises(NotThere):
            queries.access_finding(officer, made.id)


def test_what_was_urged_comes_back_on_its_day(late, auditor):
    day = scope.today() + timedelta(days=5)
    note(auditor, late, conclusion="URGED", follow_up_on=day)
    assert PAY not in todos(auditor, day - timedelta(days=1))
    assert todos(auditor, day)[PAY][0] == 1
    again = note(auditor, late)
    with scope.opened(auditor):
        assert list(queries.findings_visible_to(auditor).filter(is_latest=True)) == [again]
    assert PAY not in todos(auditor, day)


@pytest.mark.clause("SZ20-4.1", on="rule")
def test_each_authority_looks_into_its_part_alone(late, officer):
    for authority, labels in (
        ("insurance", {PAY}),
        ("discipline", {PAY}),
        ("health", {PAY}),
        ("market", set()),
    ):
        assert {PAY, SHIP} & set(todos(replace(officer, authority=authority))) == labels
    with pytest.raises(NotThere):
        note(replace(officer, authority="market"), late)


@pytest.mark.clause("SZ20-4.1", on="trade")
def test_only_an_authority_acts_on_what_was_found(world, late):
    operator = world.actor("operator", Role.OPERATOR_SUPPORT)
    with pytest.raises(Forbidden) as refused:
        note(operator, late, conclusion="ACTION")
    assert (refused.value.code, refused.value.clauses) == ("not_your_part", ["SZ20-4.1"])
    with scope.opened(world.system):
        assert not Finding.objects.exists()
    assert note(operator, late).conclusion == "EXPLAINED"


@pytest.mark.clause("GD25-5.10b", on="rule")
def test_a_late_delivery_is_a_matter_until_it_is_there(world, auditor):
    order = orders.accepted_order(world)
    with scope.opened(world.system):
        Order.objects.filter(id=order.id).update(delivery_due_at=scope.now() - timedelta(days=2))
    operator, shipper = world.actor("operator", Role.OPERATOR_SUPPORT), world.actor("maker", Role.SUPPLIER_SHIPPER)
    assert todos(auditor)[SHIP] == todos(operator)[SHIP] == (1, scope.today() - timedelta(days=2))
    assert SHIP not in todos(shipper)
    with scope.opened(world.system):
        Order.objects.filter(id=order.id).update(state="DELIVERED")
    assert SHIP not in todos(auditor)


def test_a_reversed_acceptance_is_the_hospitals_own_business(world, auditor, officer):
    done = orders.acceptance(world)
    with scope.opened(world.system):
        Acceptance.objects.filter(id=done.id).update(
            state="REVERSED", reversed_at=scope.now(), reversal_reason="批号登记有误"
        )
    assert todos(auditor)[BACK] == (1, None) and BACK not in todos(officer)
    with pytest.raises(NotThere):
        note(officer, done, "acceptances_reversed")
    note(auditor, done, "acceptances_reversed")
    assert BACK not in todos(auditor)


@pytest.mark.duty("finding", "agree", "propose")
@pytest.mark.duty("finding", "send_back", "propose")
def test_what_an_officer_proposes_another_decides(late, officer, chief):
    made = note(officer, late, conclusion="ACTION")
    assert made.state == "PROPOSED" and PAY not in todos(officer)
    assert todos(chief)["待决定的处置建议"][0] == 1
    with pytest.raises(Conflict, match="岗位不能"):
        decide(officer, made, agrees=True)
    both = replace(officer, roles=officer.roles | {Role.REGULATOR_CHIEF})
    assert "待决定的处置建议" not in todos(both)
    with pytest.raises(Forbidden, match="您自己提出"):
        decide(both, made, agrees=True)
    with pytest.raises(Forbidden, match="您自己提出"):
        decide(both, made, agrees=False, note="缺少付款计划")
    with pytest.raises(Invalid, match="退回原因"):
        decide(chief, made, agrees=False, note="")
    assert decide(chief, made, agrees=False, note="缺少付款计划").state == "RETURNED"
    # Sent back, it is the officer's again; the old proposal is decided no more.
    assert todos(officer)[PAY][0] == 1 and "待决定的处置建议" not in todos(chief)
    again = note(officer, late, conclusion="ACTION")
    with pytest.raises(Conflict, match="更新的核查记录"):
        decide(chief, made, agrees=True)
    assert decide(chief, again, agrees=True).state == "AGREED"
    assert PAY not in todos(officer) and "待决定的处置建议" not in todos(chief)


def test_what_cannot_be_is_refused_and_nothing_kept(world, late, auditor, chief):
    today = scope.today()
    for facts, kind, words in (
        ({"conclusion": "NOTHING"}, Invalid, "请选择核查结论"),
        ({"note": " 好 "}, Invalid, "请填写核查情况"),
        ({"conclusion": "URGED"}, Invalid, "请填写复查日期"),
        ({"conclusion": "URGED", "follow_up_on": today}, Invalid, "请填写复查日期"),
        ({"conclusion": "URGED", "follow_up_on": today + timedelta(days=93)}, Invalid, "请填写复查日期"),
        ({"follow_up_on": today + timedelta(days=1)}, Invalid, "请清空"),
        ({"conclusion": "ACTION"}, Forbidden, "处置由监管部门决定"),
    ):
        with pytest.raises(kind, match=words):
            note(auditor, late, **facts)
    with pytest.raises(Forbidden, match="核查由"):
        note(chief, late)
    with pytest.raises(NotThere):
        note(world.actor("other_hospital", Role.HOSPITAL_AUDITOR), late)
    with scope.opened(world.system):
        assert not Finding.objects.exists()


def test_the_journal_keeps_that_it_was_found_out_and_not_the_words(world, late, auditor):
    made = note(auditor, late)
    with scope.opened(world.system):
        event = Event.objects.get(name="finding_noted", subject_id=made.id)
    assert event.payload["number"] == late.invoice.number and WORDS not in str(event.payload)
    assert event.parties == [auditor.organisation_id]


def test_an_auditor_at_the_pages(world, late, auditor):
    browser, row = logged_in(auditor), f"/supervision/matters/payments_late/{late.id}/"
    assert browser.get("/supervision/matters/").headers["Location"] == "/supervision/matters/payments_late/"
    listed = browser.get("/supervision/matters/payments_late/").content.decode()
    assert late.invoice.number in listed and row in listed and "逾期未付的货款（1）" in listed
    page = browser.get(row).content.decode()
    assert "原因已查明" in page and "报负责人决定" not in page
    wrong = browser.post(row, {"conclusion": "URGED", "note": WORDS, "follow_up_on": "31.12."})
    assert wrong.status_code == 422 and WORDS in wrong.content.decode()
    assert browser.post(row, {"conclusion": "EXPLAINED", "note": WORDS}).status_code == 302
    assert "没有待核查的事项" in browser.get("/supervision/matters/payments_late/").content.decode()
    kept = browser.get("/supervision/findings/?matter=payments_late").content.decode()
    assert late.invoice.number in kept and WORDS in kept
    assert late.invoice.number not in browser.get("/supervision/findings/?matter=deliveries_late").content.decode()


def test_a_chief_at_the_pages(late, officer, chief):
    made = note(officer, late, conclusion="ACTION")
    address = f"/supervision/findings/{made.id}/"
    assert "同意处置" not in logged_in(officer).get(address).content.decode()
    browser = logged_in(chief)
    assert "保存核查记录" not in browser.get(f"/supervision/matters/payments_late/{late.id}/").content.decode()
    assert browser.post(address, {"agrees": "0"}).status_code == 422
    assert browser.post(address, {"agrees": "1"}).status_code == 302
    assert "同意处置" in browser.get(address).content.decode()

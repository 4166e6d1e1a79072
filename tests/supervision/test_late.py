"""Late is one thing: lists, workbench, overview, matters, messages, reports and the API say the same number."""

import re
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from procurement.ordering.models import Order
from procurement.receiving.models import Acceptance
from procurement.receiving.services.reminders import acceptances_overdue_record, orders_overdue_record
from settlement.services.reminders import payables_remind
from sunlight import scope
from sunlight.journal.models import Event
from sunlight.journal.refusals import NotThere
from sunlight.messages.models import Message
from sunlight.scope import Role
from sunlight.scope.clock import business_date
from sunlight.web.navigation import todos_of
from supervision.queries import late as queries
from supervision.queries import matters, overview
from supervision.services.figures import figures_rebuild
from tests.api_client import ApiClient, logged_in
from tests.factories import catalog, orders
from tests.factories.settlement import funded, owed, prepared
from tests.flows.test_news import travels
from tests.settlement.test_services_holds import hold
from tests.settlement.test_services_parts import part
from tests.settlement.test_services_payments import approve

NOW = scope.now()


def ago(days: int) -> datetime:
    return NOW - timedelta(days=days)


@pytest.fixture
def lates(world) -> dict[str, int]:
    """Two orders late, one sent late, one on time and one closed; three deliveries never accepted in time, one accepted late; three
    payables late (one in part paid, one in a run, one held), one paid late, one not due."""
    agreed = orders.agreement(world, at=ago(60))
    orders.authorised(world, at=ago(60))

    def confirmed(days: int) -> Order:
        return orders.accepted_order(world, orders.placed(world, agreed, at=ago(days)), at=ago(days))

    confirmed(30), confirmed(20)
    sent_late = confirmed(40)
    orders.delivered(world, sent_late, at=ago(30))
    for days in (30, 20):
        orders.delivered(world, confirmed(days), at=ago(days - 1))
    taken = orders.acceptance(world, orders.delivered(world, confirmed(29), at=ago(28)), at=ago(2))
    with scope.opened(world.system):
        Acceptance.objects.filter(id=taken.id).update(arrived_on=business_date(ago(28)))
    confirmed(1)
    listing = catalog.listed(world)
    since = scope.today() - timedelta(days=70)
    parts, run, held, paid = (owed(world, listing=listing, accepted_on=since) for _ in range(4))
    owed(world, listing=listing)
    funded(world, 900_000)
    approve(world, part(world, parts, "500.00"))
    prepared(world, [run])
    hold(world, held)
    approve(world, prepared(world, [paid]))
    return {"deliveries_late": 2, "acceptances_late": 3, "payments_late": 3}


LISTS = {"deliveries_late": "/orders/", "acceptances_late": "/deliveries/", "payments_late": "/settlement/payables/"}
API = {"deliveries_late": "orders", "acceptances_late": "deliveries", "payments_late": "payables"}
# Who sees a noun in lists, by party.
READERS = {
    "deliveries_late": [("hospital", Role.HOSPITAL_BUYER), ("maker", Role.SUPPLIER_SELLER)],
    "acceptances_late": [("hospital", Role.HOSPITAL_RECEIVER), ("distributor", Role.SUPPLIER_SHIPPER)],
    "payments_late": [("hospital", Role.HOSPITAL_FINANCE), ("distributor", Role.SUPPLIER_FINANCE)],
}
WATCHING = [("operator", Role.OPERATOR_SUPPORT), ("regulator", Role.REGULATOR_OFFICER)]
LABELS = {"deliveries_late": "逾期未送达的订单", "acceptances_late": "逾期未验收的配送单", "payments_late": "逾期未付"}


def page(actor, path: str, **query) -> str:
    answer = logged_in(actor).get(path, query)
    assert answer.status_code == 200, (path, answer.status_code)
    return answer.content.decode()


@pytest.mark.clause("GD25-5.10b", "SZ20-6.2b", "ASSUMPTION-A25", on="page")
def test_every_face_says_the_same_number(world, lates):
    with scope.opened(world.system):
        figures_rebuild(actor=world.system, at=NOW)
        remind = {"actor": world.system, "at": NOW}
        orders_overdue_record(**remind), acceptances_overdue_record(**remind), payables_remind(**remind)
    travels(world)
    for key, count in lates.items():
        said = {}
        for who, role in READERS[key] + WATCHING:
            actor = world.actor(who, role)
            said[f"workbench {who}"] = on_workbench(actor, LABELS[key])
            said[f"list {who}"] = listed(actor, LISTS[key])
            api = ApiClient(world, who, role, person=True)
            said[f"api {who}"] = len(answered(api, API[key], late="true"))
            said[f"api marks {who}"] = sum(row["is_late"] for row in answered(api, API[key]))
        for who, role in [("hospital", Role.HOSPITAL_AUDITOR), *WATCHING]:
            actor = world.actor(who, role)
            said[f"matter {who}"] = matter_count(actor, key)
            said[f"to-do {who}"] = todo_count(actor, key)
        for who, role in WATCHING:
            text = page(world.actor(who, role), "/supervision/overview/")
            said[f"overview {who}"] = int(re.search(rf'data-late="{key}"><a [^>]*>(\d+)<', text)[1])
            said[f"late page {who}"] = listed(world.actor(who, role), f"/supervision/overview/late/{key}/")
        said["messages"] = told(world, key)
        assert said == dict.fromkeys(said, count), key


def on_workbench(actor, label: str) -> int:
    text = page(actor, "/")
    found = re.search(rf">{label}</div>\s*<div[^>]*>\s*(\d+)", text) or re.search(
        rf"(\d+)\s*</[^>]*>\s*<[^>]*>{label}<", text
    )
    assert found, (actor.roles, label, text)
    return int(found[1])


def listed(actor, path: str) -> int:
    rows = re.search(r"<table[^>]* data-rows>.*?<tbody>(.*?)</tbody>", page(actor, path, late="1", state=""), re.DOTALL)
    return rows[1].count("<tr>") if rows else 0


def answered(client: ApiClient, noun: str, **query) -> list[dict]:
    status, body = client.get(f"/api/v1/{noun}/", **query)
    assert status == 200, body
    return body["results"]


def matter_count(actor, key: str) -> int:
    with scope.opened(actor):
        return matters.open_figures(actor, matters.MATTERS[key], scope.today())[0]


def todo_count(actor, key: str) -> int:
    with scope.opened(actor):
        todos = {todo.url: todo.count for todo in todos_of(actor, scope.today())}
    return todos[f"/supervision/matters/{key}/"]


EVENTS = {
    "deliveries_late": ("orders_found_overdue", "order_overdue"),
    "acceptances_late": ("acceptances_found_overdue", "acceptance_overdue"),
    "payments_late": ("payments_found_overdue", "payment_overdue"),
}


def told(world, key: str) -> int:
    """What those who watch were told, and what the parties were, one by one."""
    summary, each = EVENTS[key]
    with scope.opened(world.system):
        count = Event.objects.get(name=summary).payload["count"]
        assert Event.objects.filter(name=each).count() == count
        titles = Message.objects.filter(kind="anomaly_reported").values_list("title", flat=True)
        assert any(f"新增 {count} 笔" in title for title in titles)
    return count


def view(actor):
    return overview.view_of(actor, {}, scope.today())


def test_figures_count_what_was_late_and_is_done_too(world, lates):
    """Of a period, by the day missed: what became of it does not undo that it was late."""
    with scope.opened(world.system):
        figures_rebuild(actor=world.system, at=NOW)
    officer = world.actor("regulator", Role.REGULATOR_OFFICER)
    with scope.opened(officer):
        found = {row["figure"].key: row["count"] for row in overview.totals(view(officer))}
    assert {key: found[key] for key in ("late_deliveries", "late_acceptances", "late_payments")} == {
        "late_deliveries": 3,
        "late_acceptances": 4,
        "late_payments": 4,
    }


def test_each_party_stands_with_what_it_is_late_by(world, lates):
    officer = world.actor("regulator", Role.REGULATOR_OFFICER)
    with scope.opened(officer):
        groups = dict(queries.late_by_party(view(officer), "payments_late"))
        now = {each.key: (each.count, each.fen) for each in queries.late_now(view(officer))}
        rows = queries.graded(view(officer), *queries.late_rows(view(officer), "deliveries_late"))
        degrees = [(row.degree, row.days_late) for row in rows]
    # 75 000 of the one paid in part, 125 000 of the two others.
    assert {heading: [(r["name"], r["count"], r["fen"]) for r in rows] for heading, rows in groups.items()} == {
        "按医疗机构": [("测试市第一人民医院", 3, 325_000)],
        "按生产企业": [("测试医疗器械有限公司", 3, 325_000)],
        "按配送企业": [("测试医药配送有限公司", 3, 325_000)],
    }
    assert now["payments_late"] == (3, 325_000)
    assert now["deliveries_late"] == (2, 2 * 100 * 90_00)
    assert degrees == [("严重", 27), ("严重", 17)]


@pytest.mark.clause("SZ20-4.1", on="page")
def test_each_authority_sees_the_late_of_its_part_alone(world, lates):
    officer = world.actor("regulator", Role.REGULATOR_OFFICER)
    for authority, keys in (
        ("insurance", {"deliveries_late", "acceptances_late", "payments_late"}),
        ("health", {"acceptances_late", "payments_late"}),
        ("market", {"deliveries_late"}),
    ):
        actor = replace(officer, authority=authority)
        with scope.opened(actor):
            assert {each.key for each in queries.late_now(view(actor))} == keys
    with scope.opened(market := replace(officer, authority="market")), pytest.raises(NotThere):
        queries.late_rows(view(market), "payments_late")


def test_the_page_says_what_to_do_and_names_day_degree_and_step(world, lates):
    text = page(world.actor("regulator", Role.REGULATOR_OFFICER), "/supervision/overview/late/payments_late/")
    for words in ("请医院立即付款", "严重拖欠", "移送", "SZ20-6.2b", "按配送企业", "测试医药配送有限公司"):
        assert words in text, words
    assert logged_in(world.actor("hospital", Role.HOSPITAL_BUYER)).get("/supervision/overview/late/").status_code == 403

"""What services leave behind: one event with an act, a refusal alone without one."""

from datetime import UTC, datetime

import pytest
from django.db import connection, transaction

from sunlight import scope
from sunlight.journal import subscriptions
from sunlight.journal.models import Delivery, Event, Refusal
from sunlight.journal.refusals import Conflict, Forbidden, Invalid, NotThere, Refused
from sunlight.journal.services import record, record_refusal, service
from sunlight.kernel.machine import IllegalMove
from sunlight.kernel.reading import Unreadable
from sunlight.scope import Client, Role
from sunlight.scope.duties import WrongPost
from sunlight.tenancy.models import Contact
from tests.happening import CONTACT_ADDED, THING_HAPPENED
from tests.stated import stated

AT = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)


@service
def contact_add(*, actor, at, organisation, platform, name, fails=None):
    """A service of these tests: writes a row and an event, then fails as told."""
    row = Contact.objects.create(organisation=organisation, platform=platform, name=name, declared_on=at.date())
    record(CONTACT_ADDED, subject=row.id, actor=actor, at=at, payload={"name": name}, version=3)
    if fails:
        raise fails
    return row


@service
def contacts_add(*, actor, at, names, **more):
    """A service that calls another, as higher apps call lower ones."""
    return [contact_add(actor=actor, at=at, name=name, **more) for name in names]


@pytest.fixture
def actor(world):
    return world.actor("maker", Role.SUPPLIER_SELLER)


@pytest.fixture
def whose(world):
    return {"organisation": world.maker, "platform": world.platform}


def everything(world):
    with scope.opened(world.system):
        return (
            list(Contact.objects.order_by("id").values_list("name", flat=True)),
            list(Event.objects.filter(name="contact_added").values_list("payload", flat=True)),
            list(Refusal.objects.order_by("id").values_list("service", "code", "message")),
        )


def test_an_event_keeps_who_what_where_and_when(world, actor, whose):
    with scope.opened(actor):
        row = contact_add(actor=actor, at=AT, name="李四", **whose)
        event = Event.objects.get(name="contact_added")
    assert (event.subject_type, event.subject_id, event.subject_version) == ("contact", row.id, 3)
    assert event.payload == {"name": "李四"}
    assert event.platform_id == world.platform.id
    assert event.parties == [world.maker.id]
    assert (event.actor, event.actor_name) == (actor.acting, actor.user_name)
    assert (event.actor_organisation_id, event.actor_roles) == (world.maker.id, ["SUPPLIER_SELLER"])
    assert (event.client_address, event.client_agent) == ("127.0.0.1", "pytest")
    assert event.occurred_at == AT
    assert event.recorded_at > AT


def test_of_a_refused_act_only_the_refusal_remains(world, actor, whose):
    fails = Refused(
        "price_too_high",
        "价格高于预警线，请降价后再提交。",
        basis=stated("SZ24-3.3c"),
        field="price",
        facts={"price": "9"},
    )
    with pytest.raises(Refused), scope.opened(actor):
        contact_add(actor=actor, at=AT, name="李四", fails=fails, **whose)
    told = "价格高于预警线，请降价后再提交。（依据 SZ24-3.3c，征求意见稿（演示加载））"
    assert everything(world) == ([], [], [("contact_add", "price_too_high", told)])
    with scope.opened(actor):
        kept = Refusal.objects.get()
    assert kept.facts == {"price": "9", "field": "price"}
    assert [(reason["clause"], reason["effect"]) for reason in kept.reasons] == [
        ("SZ24-3.3c", "refuse"),
        ("SZ24-3.10", "info"),
    ]
    assert (kept.actor, kept.occurred_at, kept.parties) == (actor.acting, AT, [world.maker.id])


def test_a_refusal_caught_by_the_face_is_kept_too(world, actor, whose):
    """A page catches the refusal and shows it: the scope ends well, the act is undone, the refusal stands."""
    with scope.opened(actor):
        contact_add(actor=actor, at=AT, name="留下", **whose)
        with pytest.raises(Forbidden):
            contact_add(actor=actor, at=AT, name="撤回", fails=Forbidden("no", "不可以。"), **whose)
    assert everything(world) == (["留下"], [{"name": "留下"}], [("contact_add", "no", "不可以。")])


def test_the_outermost_service_keeps_one_refusal_for_all(world, actor, whose):
    with pytest.raises(Forbidden), scope.opened(actor):
        contacts_add(actor=actor, at=AT, names=["甲", "乙"], fails=Forbidden("no", "不可以。"), **whose)
    assert everything(world) == ([], [], [("contacts_add", "no", "不可以。")])


@pytest.mark.parametrize(
    ("fails", "is_kept"),
    [
        (Refused("too_dear", "高于挂网价。", basis=stated("GD25-2.2a")), True),
        (Conflict("too_late", "已过期。", basis=stated("ASSUMPTION-A9")), True),
        (Refused("by_rule", "不可以。", decision={"rule": "x"}), True),
        (Forbidden("not_your_duty", "不是您的岗位。"), True),
        (NotThere("订单"), True),
        (WrongPost("order", "DRAFT", "accept", "BUYER", "您的岗位不能确认。"), True),
        (IllegalMove("order", "DRAFT", "accept", "SELLER", "当前状态不能确认。"), False),
        (Conflict("changed_meanwhile", "已有变化。"), False),
        (Refused("confirm_needed", "是否确认？"), False),
        (Invalid("bad", "有误。", field="price"), False),
        (Unreadable("reason_missing", "请填写原因。", "reason"), False),
        (Unreadable("code_not_full", "须为全码。", "code", basis=[stated("SZ24-3.7")]), True),
    ],
)
def test_what_rests_on_a_clause_or_a_right_is_kept_and_nothing_else(world, actor, whose, fails, is_kept):
    with pytest.raises(Refused), scope.opened(actor):
        contact_add(actor=actor, at=AT, name="甲", fails=fails, **whose)
    contacts, events, refusals = everything(world)
    assert (contacts, events, len(refusals)) == ([], [], int(is_kept))


def test_an_illegal_move_and_a_broken_constraint_become_conflicts(world, actor, whose):
    move = IllegalMove("order", "DRAFT", "accept", "BUYER", "当前状态不能执行此操作。")
    with pytest.raises(Conflict, match="当前状态"), scope.opened(actor):
        contact_add(actor=actor, at=AT, name="甲", fails=move, **whose)

    @service
    def event_twice(*, actor, at):
        event = record(THING_HAPPENED, subject=1, actor=actor, at=at, payload={})
        for _ in range(2):
            Delivery.objects.create(event=event, subscriber="s")

    with pytest.raises(Conflict, match="an_event_reaches_a_subscriber_once"), scope.opened(actor):
        event_twice(actor=actor, at=AT)
    assert everything(world) == ([], [], [])


def test_an_unforeseen_error_leaves_nothing(world, actor, whose):
    with pytest.raises(ZeroDivisionError), scope.opened(actor):
        contact_add(actor=actor, at=AT, name="甲", fails=ZeroDivisionError(), **whose)
    assert everything(world) == ([], [], [])


def test_a_refusal_of_nobody_has_no_place(world):
    from sunlight.scope.actor import ANONYMOUS

    record_refusal(service_name="x", actor=ANONYMOUS, at=AT, refusal=Refused("x", "不。"))
    assert everything(world)[2] == []


def test_a_refusal_code_longer_than_its_column_is_kept_short(world, actor):
    record_refusal(service_name="s" * 90, actor=actor, at=AT, refusal=Refused("c" * 90, "不。"))
    assert everything(world)[2] == [("s" * 80, "c" * 60, "不。")]


def test_the_refusal_is_a_transaction_of_its_own(own_database):
    """Committed although the request's transaction was rolled back, and seen by another connection."""
    from tests import databases
    from tests import world as worlds

    world = worlds.build()
    with pytest.raises(Forbidden), scope.opened(world.system):
        contact_add(
            actor=world.system,
            at=AT,
            name="甲",
            fails=Forbidden("no", "不。"),
            organisation=world.maker,
            platform=world.platform,
        )
    assert not connection.in_atomic_block
    with databases.owner() as owner, owner.cursor() as cursor:
        cursor.execute("alter table journal_refusal no force row level security")
        cursor.execute("alter table tenancy_contact no force row level security")
        cursor.execute("select code from journal_refusal")
        assert cursor.fetchall() == [("no",)]
        cursor.execute("select count(*) from tenancy_contact")
        assert cursor.fetchone() == (0,)


def test_an_event_waits_for_each_subscriber_of_its_name(world, actor, whose, monkeypatch):
    monkeypatch.setattr(subscriptions, "_subscribers", {})
    for name in ("one", "two"):
        subscriptions.subscribe(CONTACT_ADDED, name=f"tests.{name}")(lambda event, actor, at: None)
    subscriptions.subscribe(THING_HAPPENED, name="tests.three")(lambda event, actor, at: None)
    with scope.opened(actor), transaction.atomic():
        contact_add(actor=actor, at=AT, name="甲", **whose)
        waiting = Delivery.objects.filter(event__name="contact_added", delivered_at=None)
        assert sorted(d.subscriber for d in waiting) == ["tests.one", "tests.two"]


def test_many_events_cost_as_many_statements_as_one(world, actor, django_assert_num_queries):
    from sunlight.journal.services import record_all

    with scope.opened(world.system):
        for count in (1, 10):
            happened = [{"subject": n, "payload": {}} for n in range(count)]
            with django_assert_num_queries(1):
                record_all(THING_HAPPENED, happened, actor=world.system, at=AT)


@pytest.mark.parametrize("origin", [Client(address="a" * 100, agent="b" * 400, request_id="c" * 100)])
def test_a_long_client_is_cut_to_its_columns(world, actor, origin):
    from dataclasses import replace

    with scope.opened(actor):
        event = record(THING_HAPPENED, subject=1, actor=replace(actor, client=origin), at=AT, payload={})
    assert (len(event.client_address), len(event.client_agent), len(event.request_id)) == (64, 300, 64)

"""A firm that does not answer an order is late by number (GD25-5.10a): the limit runs from the order, ends with the answer,
passes once, and is told to both sides."""

from datetime import date

import pytest

from procurement.ordering.services import orders as answering
from sunlight import scope
from sunlight.deadlines import queries, services
from sunlight.deadlines.models import Deadline
from sunlight.journal.models import Event
from sunlight.journal.refusals import Conflict, Forbidden
from sunlight.kernel import workdays
from sunlight.scope import Role
from tests.deadlines.limits import events, limits, messages, swept, told
from tests.factories import orders
from tests.regional import at, elsewhere

SELLER, BUYER = Role.SUPPLIER_SELLER, Role.HOSPITAL_BUYER


def answer(world, order, on, service=answering.order_accept, key="maker", role=SELLER, **facts):
    actor = world.actor(key, role)
    with scope.opened(actor):
        return service(actor=actor, at=on, order_id=order.id, **facts)


@pytest.mark.clause("GD25-5.10a", on="trade")
def test_an_order_is_owed_an_answer_in_two_working_days(world):
    # 2026-03-05 is a Thursday: Friday and Monday count.
    order = orders.placed(world, at=at("2026-03-05"))
    (limit,) = limits(world)
    assert (limit.kind, limit.subject_type, limit.subject_id, limit.number) == (
        "order_answer",
        "order",
        order.id,
        order.number,
    )
    assert (limit.owes_id, limit.awaits_id) == (world.maker.id, world.hospital.id)
    assert (limit.started_on, limit.due_on, limit.days) == (date(2026, 3, 5), date(2026, 3, 9), 2)
    assert (limit.parameter, limit.clause, limit.demanded_by) == (
        "deadline.order_answer",
        "ASSUMPTION-A89",
        "GD25-5.10a",
    )
    answer(world, order, at("2026-03-09"))
    (limit,) = limits(world)
    assert (limit.state, limit.done_on, limit.passed_on) == ("DONE", date(2026, 3, 9), None)
    assert swept(world, at("2026-03-10")) == 0 and events(world) == []


@pytest.mark.parametrize("on, demanded_by", [("2025-11-28", ""), ("2025-12-01", "GD25-5.10a"), ("2030-12-02", "")])
def test_the_text_orders_it_from_its_first_day_to_its_last(world, on, demanded_by):
    orders.placed(world, at=at(on))
    (limit,) = limits(world)
    assert (limit.demanded_by, limit.clause) == (demanded_by, "ASSUMPTION-A89")


def test_elsewhere_the_platforms_own_limit_cites_no_clause_of_guangdong(db):
    nanjing = elsewhere("js", "CN-JS-NJ")
    orders.placed(nanjing, at=at("2026-03-05"))
    (limit,) = limits(nanjing)
    assert (limit.demanded_by, limit.clause, limit.due_on) == ("", "ASSUMPTION-A89", date(2026, 3, 9))


def test_an_urgent_order_is_owed_an_answer_the_next_day(world):
    orders.placed(world, at=at("2026-03-06"), is_urgent=True)
    (limit,) = limits(world)
    assert (limit.parameter, limit.due_on) == ("deadline.urgent_order_answer", date(2026, 3, 7))


@pytest.mark.clause("GD25-5.10a", on="trade")
def test_a_silent_firm_is_late_once_and_both_sides_are_told(world):
    order = orders.placed(world, at=at("2026-03-05"))
    assert swept(world, at("2026-03-09", 23)) == 0
    assert swept(world, at("2026-03-10", 0)) == 1
    assert swept(world, at("2026-03-10", 1)) == 0
    (limit,) = limits(world)
    assert (limit.state, limit.passed_on, limit.done_on) == ("PASSED", date(2026, 3, 10), None)
    (event,) = events(world)
    assert event.payload["order"] == order.id and event.parties == sorted([world.maker.id, world.hospital.id])
    told(world, event)
    firm, hospital = messages(world)
    assert (firm.organisation_id, firm.kind, firm.roles, firm.must_acknowledge) == (
        world.maker.id,
        "order_answer_passed",
        [SELLER],
        True,
    )
    assert (hospital.organisation_id, hospital.kind, hospital.roles) == (
        world.hospital.id,
        "order_answer_passed_told",
        [BUYER],
    )
    product = limit.about
    for message, other in ((firm, world.hospital.name), (hospital, world.maker.name)):
        assert message.title == f"订单 {order.number} 已超过时限：答复订单"
        assert product in message.body and other in message.body
        assert "依据 GD25-5.10a；平台推定 A89：2 个工作日" in message.body
        assert (message.subject_type, message.subject_id) == ("order", order.id)
    # Late it stays, though answered now.
    answer(world, order, at("2026-03-11"), answering.order_decline, reason="停产")
    (limit,) = limits(world)
    assert (limit.state, limit.passed_on, limit.done_on) == ("DONE", date(2026, 3, 10), date(2026, 3, 11))


def test_an_answer_after_the_day_is_late_before_anybody_found_it(world):
    order = orders.placed(world, at=at("2026-03-05"))
    answer(world, order, at("2026-03-10"))
    (limit,) = limits(world)
    assert (limit.state, limit.passed_on, limit.done_on) == ("DONE", date(2026, 3, 10), date(2026, 3, 10))
    (event,) = events(world)
    told(world, event)
    assert messages(world) == []


def test_an_order_taken_back_is_owed_no_answer(world):
    order = orders.placed(world, at=at("2026-03-05"))
    answer(world, order, at("2026-03-06"), answering.order_cancel, "hospital", BUYER, reason="重复")
    (limit,) = limits(world)
    assert (limit.state, limit.cancelled_on, limit.passed_on) == ("CANCELLED", date(2026, 3, 6), None)
    assert swept(world, at("2026-03-20")) == 0


def test_a_refused_answer_leaves_the_limit(world):
    order = orders.placed(world, at=at("2026-03-05"))
    with pytest.raises(Conflict):
        answer(world, order, at("2026-03-06"), key="hospital", role=BUYER)
    (limit,) = limits(world)
    assert (limit.state, limit.version) == ("OPEN", 1)


def test_only_the_system_says_what_passed(world):
    orders.placed(world, at=at("2026-03-05"))
    for key, role in (("maker", SELLER), ("hospital", BUYER), ("operator", Role.OPERATOR_SUPPORT)):
        actor = world.actor(key, role)
        for service in (services.deadlines_pass, services.deadlines_recount):
            with scope.opened(actor), pytest.raises(Forbidden) as caught:
                service(actor=actor, at=at("2026-03-20"))
            assert caught.value.code == "not_the_system"
    assert [limit.state for limit in limits(world)] == ["OPEN"]


def test_a_step_is_owed_once(world):
    order = orders.placed(world, at=at("2026-03-05"))
    (limit,) = limits(world)
    buyer = world.actor("hospital", BUYER)
    with scope.opened(buyer):
        services.deadlines_open(actor=buyer, at=at("2026-03-06"), steps=[again(order)])
    assert limits(world) == [limit]


def again(order) -> services.Step:
    from procurement.ordering.steps import ORDER_ANSWER

    return services.Step(
        kind=ORDER_ANSWER,
        subject_id=order.id,
        number=order.number,
        about="导管",
        region=order.buyer.region,
        buyer_id=order.buyer_id,
        seller_id=order.seller_id,
        owes_id=order.seller_id,
        awaits_id=order.buyer_id,
        started_on=date(2026, 3, 6),
    )


def published(year: int, *holidays: date) -> workdays.Calendar:
    known = workdays.official()
    return workdays.Calendar("test", known.years | {year}, known.holidays | set(holidays), known.workdays)


def test_a_provisional_day_is_counted_again_once_the_calendar_is_published(world, monkeypatch):
    year = max(workdays.official().years) + 1
    first = date(year, 3, 1)
    order = orders.placed(world, at=at(first.isoformat()))
    (limit,) = limits(world)
    assert limit.is_provisional
    with scope.opened(world.system):
        assert services.deadlines_recount(actor=world.system, at=at(first.isoformat())) == 0
    calendar = published(year, limit.due_on)
    monkeypatch.setattr("sunlight.kernel.rules.official", lambda: calendar)
    monkeypatch.setattr("sunlight.deadlines.queries.official", lambda: calendar)
    with scope.opened(world.system):
        assert services.deadlines_recount(actor=world.system, at=at(first.isoformat())) == 1
        assert services.deadlines_recount(actor=world.system, at=at(first.isoformat())) == 0
        (moved,) = Event.objects.filter(name="deadline_moved")
    (now,) = limits(world)
    assert (now.due_on > limit.due_on, now.is_provisional, now.state) == (True, False, "OPEN")
    assert moved.payload["order"] == order.id and moved.payload["due_on"] == now.due_on.isoformat()


def test_a_provisional_day_that_seems_over_moves_before_it_passes(world, monkeypatch):
    year = max(workdays.official().years) + 1
    first = date(year, 3, 1)
    orders.placed(world, at=at(first.isoformat()))
    (limit,) = limits(world)
    calendar = published(year, limit.due_on)
    monkeypatch.setattr("sunlight.kernel.rules.official", lambda: calendar)
    next_day = date.fromordinal(limit.due_on.toordinal() + 1)
    assert swept(world, at(next_day.isoformat())) == 1
    (now,) = limits(world)
    assert (now.state, now.due_on >= next_day) == ("OPEN", True) and events(world) == []


def test_each_sees_the_limits_of_its_own_trades(world):
    orders.placed(world, at=at("2026-03-05"))
    for key, role, seen in (
        ("hospital", BUYER, 1),
        ("maker", SELLER, 1),
        ("other_hospital", BUYER, 0),
        ("other_maker", SELLER, 0),
        ("operator", Role.OPERATOR_SUPPORT, 1),
        ("regulator", Role.REGULATOR_OFFICER, 1),
    ):
        actor = world.actor(key, role)
        with scope.opened(actor):
            assert queries.deadlines_visible_to(actor).count() == seen, key
            assert Deadline.objects.count() == seen, key


def test_no_side_writes_what_it_owes(world):
    from django.db import ProgrammingError, transaction

    orders.placed(world, at=at("2026-03-05"))
    for key, role in (("hospital", BUYER), ("maker", SELLER)):
        actor = world.actor(key, role)
        with scope.opened(actor), pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
            Deadline.objects.update(due_on=date(2027, 1, 1))
    assert limits(world)[0].due_on == date(2026, 3, 9)

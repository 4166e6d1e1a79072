"""Deliveries given up: only the system administrator sees and retries them, and a retry delivers once."""

import pytest
from django.urls import reverse

from sunlight import scope
from sunlight.journal import relay, subscriptions
from sunlight.journal.models import Delivery, Event, Refusal
from sunlight.journal.refusals import Forbidden, NotThere
from sunlight.journal.services import record
from sunlight.operations import queries
from sunlight.scope import Role
from tests.browsing import client_of
from tests.happening import SOMETHING_HAPPENED

LIST = reverse("operations:dead_letters")


@pytest.fixture
def calls(monkeypatch):
    """A subscriber that fails until `calls.fixed`."""

    class Calls(list):
        fixed = False

    calls = Calls()

    def hear(*, event, actor, at):
        if not calls.fixed:
            raise ValueError("仓库接口无应答")
        calls.append(event.id)

    subscriber = subscriptions.Subscriber("tests.hear", frozenset({"something_happened"}), hear)
    monkeypatch.setitem(subscriptions._subscribers, "tests.hear", subscriber)
    return calls


@pytest.fixture
def dead(world, calls):
    """A delivery that failed ten times."""
    with scope.opened(world.system):
        record(SOMETHING_HAPPENED, subject=7, actor=world.system, at=scope.now(), payload={})
    for _ in range(relay.MOST_ATTEMPTS):
        assert relay.deliver_pending(actor=world.system, at=scope.now()) == 1
    with scope.opened(world.system):
        return Delivery.objects.get(subscriber="tests.hear")


def test_the_page_says_what_failed_and_a_retry_delivers_once(world, admin, dead, calls):
    client = client_of(admin)
    page = client.get(LIST)
    assert page.status_code == 200
    for text in ("订单的测试事件", "tests.hear", "ValueError: 仓库接口无应答", "order 7"):
        assert text in page.content.decode()
    assert "事件未能送达" in client.get("/").content.decode()
    calls.fixed = True
    assert relay.deliver_pending(actor=world.system, at=scope.now()) == 0
    assert client.post(reverse("operations:retry", args=[dead.id])).status_code == 302
    relay.deliver_pending(actor=world.system, at=scope.now())
    assert calls == [dead.event_id]
    assert "没有未送达的事件" in client.get(LIST).content.decode()
    with scope.opened(admin):
        event = Event.objects.get(name="delivery_retried")
    assert (event.actor, event.payload["attempts"]) == (admin.acting, 10)
    assert client.post(reverse("operations:retry", args=[dead.id])).status_code == 404


@pytest.mark.parametrize(
    ("key", "role"),
    [
        ("center", Role.PLATFORM_SECURITY_ADMIN),
        ("center", Role.PLATFORM_AUDIT_ADMIN),
        ("operator", Role.OPERATOR_SUPPORT),
        ("regulator", Role.REGULATOR_CHIEF),
        ("hospital", Role.HOSPITAL_ADMIN),
        ("maker", Role.SUPPLIER_ADMIN),
    ],
)
def test_nobody_else_sees_or_retries(world, center, dead, key, role):
    other = world.actor(key, role)
    client = client_of(other)
    assert client.get(LIST).status_code == 403
    assert client.post(reverse("operations:retry", args=[dead.id])).status_code == 403
    with pytest.raises(Forbidden), scope.opened(other):
        relay.delivery_retry(actor=other, at=scope.now(), delivery_id=dead.id)
    with scope.opened(world.system):
        assert Delivery.objects.get(pk=dead.pk).attempts == 10
        assert Refusal.objects.filter(service="delivery_retry", code="not_your_duty").count() == 1


def test_nobody_at_all_is_sent_to_log_in(client, dead):
    assert client.get(LIST).headers["Location"] == f"/login/?next={LIST}"


def test_a_delivery_still_being_tried_is_not_retried(world, admin, calls):
    with scope.opened(world.system):
        record(SOMETHING_HAPPENED, subject=7, actor=world.system, at=scope.now(), payload={})
        waiting = Delivery.objects.get(subscriber="tests.hear")
    with pytest.raises(NotThere), scope.opened(admin):
        relay.delivery_retry(actor=admin, at=scope.now(), delivery_id=waiting.id)


def test_the_backlog_counts_over_platforms(world, dead):
    found = queries.backlog(scope.now())
    assert (found.dead, found.waiting) == (1, 0)
    assert found.unsealed > 0 and found.unsealed_age >= 0


@pytest.mark.parametrize("rows", [1, 10])
def test_the_list_asks_the_same_number_of_questions(world, admin, calls, rows, django_assert_num_queries):
    with scope.opened(world.system):
        for number in range(rows):
            record(SOMETHING_HAPPENED, subject=number, actor=world.system, at=scope.now(), payload={})
        Delivery.objects.update(attempts=10)
    with scope.opened(admin), django_assert_num_queries(1):
        assert len([(d.event.name, d.attempts) for d in relay.given_up_visible_to(admin)]) == rows

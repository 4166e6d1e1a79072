"""The outbox: each event reaches each subscriber once, however often the relay runs; failures wait and are tried again."""

import functools
import random
import threading
from datetime import UTC, datetime

import pytest
from django.db import connection

from sunlight import scope
from sunlight.journal import relay, subscriptions
from sunlight.journal.models import Delivery, Event
from sunlight.journal.services import record
from sunlight.tenancy.models import Contact
from tests import world as worlds
from tests.happening import THING_HAPPENED

AT = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)


@pytest.fixture
def subscribers(monkeypatch):
    monkeypatch.setattr(subscriptions, "_subscribers", {})
    return functools.partial(subscriptions.subscribe, THING_HAPPENED, name="tests.hear")


def happen(world, count: int):
    with scope.opened(world.system):
        return [
            record(THING_HAPPENED, subject=n, actor=world.system, at=AT, payload={"n": n}, version=n + 1)
            for n in range(count)
        ]


def waiting(world) -> list[Delivery]:
    with scope.opened(world.system):
        return list(Delivery.objects.filter(delivered_at=None).order_by("id"))


def relays(world, times: int = 1, **more) -> list[int]:
    return [relay.deliver_pending(actor=world.system, at=AT, **more) for _ in range(times)]


def test_each_event_is_delivered_once_in_order(world, subscribers):
    heard = []
    subscribers()(lambda event, actor, at: heard.append((event.payload["n"], actor, at)))
    happen(world, 5)
    assert relays(world, 3) == [5, 0, 0]
    assert heard == [(n, world.system, AT) for n in range(5)]
    assert waiting(world) == []


def test_a_call_delivers_no_more_than_its_limit(world, subscribers):
    subscribers()(lambda event, actor, at: None)
    happen(world, 5)
    assert relays(world, 4, limit=2) == [2, 2, 1, 0]


def test_a_failure_is_kept_and_tried_again_and_holds_up_nobody(world, subscribers):
    """The failing effect is undone, the others go on; the next call tries it once more."""
    broken, heard = {2}, []

    @subscribers()
    def effect(event, actor, at):
        Contact.objects.create(
            organisation=world.maker, platform=world.platform, name=str(event.payload["n"]), declared_on=at.date()
        )
        if event.payload["n"] in broken:
            raise ValueError("暂时失败")
        heard.append(event.payload["n"])

    happen(world, 4)
    relays(world)
    assert heard == [0, 1, 3]
    [left] = waiting(world)
    assert (left.attempts, left.last_error) == (1, "ValueError: 暂时失败")
    relays(world)
    assert waiting(world)[0].attempts == 2
    broken.clear()
    assert relays(world, 2) == [1, 0]
    assert heard == [0, 1, 3, 2]
    with scope.opened(world.system):
        assert sorted(Contact.objects.values_list("name", flat=True)) == ["0", "1", "2", "3"]


def test_a_hopeless_delivery_stops_after_ten_attempts_and_stays_on_record(world, subscribers):
    calls = []

    @subscribers()
    def effect(event, actor, at):
        calls.append(event.id)
        raise ValueError("永远失败")

    happen(world, 1)
    assert relays(world, 12) == [1] * relay.MOST_ATTEMPTS + [0, 0]
    assert len(calls) == relay.MOST_ATTEMPTS
    [left] = waiting(world)
    assert left.attempts == relay.MOST_ATTEMPTS
    assert left.delivered_at is None


def test_an_error_of_the_database_in_an_effect_is_a_failure_like_any(world, subscribers):
    @subscribers()
    def effect(event, actor, at):
        with connection.cursor() as cursor:
            cursor.execute("select 1/0")

    happen(world, 2)
    assert relays(world) == [2]
    assert ["DivisionByZero" in d.last_error or "DataError" in d.last_error for d in waiting(world)] == [True, True]


def test_an_effect_whose_subscriber_is_unknown_waits(world, subscribers):
    """Say, written by a newer release: not lost, and not called delivered."""
    subscribers()(lambda event, actor, at: None)
    happen(world, 1)
    subscriptions._subscribers.clear()
    relays(world)
    [left] = waiting(world)
    assert "no subscriber" in left.last_error


def test_another_platforms_events_are_left_alone(world, subscribers):
    from sunlight.tenancy.queries.actors import open_platform_actors

    heard = []
    subscribers()(lambda event, actor, at: heard.append(event.platform_id))
    happen(world, 1)
    [gd] = [actor for actor in open_platform_actors() if actor.platform_code == "gd"]
    assert relay.deliver_pending(actor=gd, at=AT) == 0
    assert heard == []


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_subscriber_that_upserts_ends_the_same_however_often_and_in_whatever_order(world, subscribers, seed):
    """At-least-once: each event one to five times, shuffled. A subscriber takes the whole fact if it is newer."""
    chance = random.Random(seed)
    kept: dict[int, tuple[int, int]] = {}

    @subscribers()
    def effect(event, actor, at):
        version, _ = kept.get(event.subject_id, (0, None))
        if event.subject_version > version:
            kept[event.subject_id] = (event.subject_version, event.payload["value"])

    with scope.opened(world.system):
        for version in range(1, 6):
            for subject in range(3):
                record(
                    THING_HAPPENED,
                    subject=subject,
                    actor=world.system,
                    at=AT,
                    payload={"value": subject * 100 + version},
                    version=version,
                )
        copies = [event for event in Event.objects.filter(name="thing_happened") for _ in range(chance.randint(1, 5))]
        chance.shuffle(copies)
        for event in copies:
            effect(event=event, actor=world.system, at=AT)
    assert kept == {subject: (5, subject * 100 + 5) for subject in range(3)}


def test_two_relays_at_once_share_the_work(own_database, subscribers):
    """Real connections: each effect happens once although both relays run at the same moment."""
    world = worlds.build()
    gate, heard = threading.Barrier(2, timeout=20), []

    @subscribers()
    def effect(event, actor, at):
        heard.append(event.payload["n"])
        if len(heard) <= 2:
            gate.wait()  # both relays are inside an effect at this moment

    happen(world, 20)
    counts = []

    def run():
        try:
            counts.append(relay.deliver_pending(actor=world.system, at=AT))
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(heard) == list(range(20))
    assert sum(counts) == 20
    assert waiting(world) == []


def test_what_a_dead_relay_had_begun_is_begun_again(own_database, subscribers):
    """Its connection ends in the middle of the effect: nothing of it stands, the event still waits."""
    world = worlds.build()
    happened = []

    @subscribers()
    def effect(event, actor, at):
        happened.append(event.id)
        Contact.objects.create(organisation=world.maker, platform=world.platform, name="x", declared_on=at.date())
        if len(happened) == 1:
            raise SystemExit  # not an Exception: the process is gone

    happen(world, 1)
    with pytest.raises(SystemExit):
        relays(world)
    assert len(waiting(world)) == 1
    assert relays(world) == [1]
    with scope.opened(world.system):
        assert Contact.objects.filter(name="x").count() == 1

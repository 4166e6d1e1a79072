"""The seal chain: gap-free under parallel commits, and an independent verifier that finds what a superuser did."""

import threading
from datetime import UTC, datetime, timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from sunlight import scope
from sunlight.journal import sealer, verifier
from sunlight.journal.models import Event, Seal
from sunlight.journal.services import record
from sunlight.scope import principal
from sunlight.tenancy.queries.actors import open_platform_actors
from tests import databases
from tests import world as worlds
from tests.happening import THING_HAPPENED, THING_MADE

AT = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)


def happen(actor, count: int = 1):
    with scope.opened(actor):
        for n in range(count):
            record(
                THING_HAPPENED,
                subject=n,
                actor=actor,
                at=AT,
                payload={"n": n, "price": "12.5000", "文": "字", "deep": {"list": [1, None, True, 0.1]}},
            )


def seal(actor, **more) -> int:
    with scope.opened(actor):
        return sealer.seal(platform_id=actor.platform_id, at=scope.now(), **more).count


def verify(actor, **more) -> verifier.Report:
    with scope.opened(actor):
        return verifier.verify(platform_id=actor.platform_id, at=more.pop("at", None) or scope.now(), **more)


def sequences(actor) -> list[int]:
    with scope.opened(actor):
        return list(
            Seal.objects.filter(platform_id=actor.platform_id).order_by("id").values_list("sequence", flat=True)
        )


def test_sealing_numbers_without_gaps_and_only_once(world):
    before = seal(world.system)
    happen(world.system, 5)
    assert seal(world.system, limit=3) == 3
    assert seal(world.system) == 2
    assert seal(world.system) == 0
    assert sequences(world.system) == list(range(1, before + 6))


def test_each_platform_has_a_chain_of_its_own(world):
    [gd] = [actor for actor in open_platform_actors() if actor.platform_code == "gd"]
    happen(gd, 2)
    happen(world.system, 3)
    seal(gd)
    seal(world.system)
    assert sequences(gd) == [1, 2]
    assert verify(gd).sealed == 2
    assert verify(gd).faults == verify(world.system).faults == []


def test_the_verifier_agrees_with_the_sealer(world):
    happen(world.system, 3)
    sealed = seal(world.system)
    report = verify(world.system)
    assert report.faults == []
    assert report.sealed == sealed
    with scope.opened(world.system):
        assert report.head == sealer.head(platform_id=world.platform.id)


def test_after_a_standstill_of_hours_every_batch_is_sealed(world):
    """The window for late commits is counted from the event last sealed, not from the moment of sealing."""
    [gd] = [actor for actor in open_platform_actors() if actor.platform_code == "gd"]
    begun = scope.now() - timedelta(hours=5)
    with scope.opened(gd):
        Event.objects.bulk_create(
            Event(
                platform_id=gd.platform_id,
                name="x",
                subject_type="x",
                subject_id=n,
                payload={},
                occurred_at=begun,
                recorded_at=begun + timedelta(minutes=20 * n),
                **principal.values(gd, "actor"),
            )
            for n in range(6)
        )
    assert [seal(gd, limit=2) for _ in range(4)] == [2, 2, 2, 0]
    assert verify(gd).faults == []


def test_an_event_left_unsealed_is_reported(world):
    seal(world.system)
    happen(world.system, 1)
    assert verify(world.system).faults == []
    faults = verify(world.system, at=scope.now() + timedelta(hours=2)).faults
    assert len(faults) == 1
    assert "超过一小时未封存" in faults[0]


@pytest.fixture(scope="module")
def chain(module_database):
    """(actor, head) of a committed chain of a dozen events and more."""
    world = worlds.build()
    happen(world.system, 12)
    seal(world.system)
    report = verify(world.system)
    assert report.faults == []
    assert report.sealed >= 12
    return world.system, report.head


# What somebody with the owner's rights might do: (statement, what the verifier says)
TAMPERING = {
    "update": ("update journal_event set payload = payload || '{{\"n\": 99}}' where id = {third}", "内容与封存时不同"),
    "update who": ("update journal_event set actor_name = '别人' where id = {third}", "内容与封存时不同"),
    "update when": (
        "update journal_event set occurred_at = occurred_at - interval '1 second' where id = {third}",
        "内容与封存时不同",
    ),
    "move to another platform": ("update journal_event set platform_id = 99 where id = {third}", "已不在库中"),
    "delete": ("delete from journal_event where id = {third}", "已不在库中"),
    "delete with its seal": (
        "delete from journal_seal where event_id = {third}; delete from journal_event where id = {third}",
        "序号中断",
    ),
    "delete and renumber": (
        "delete from journal_seal where event_id = {third}; delete from journal_event where id = {third};"
        "update journal_seal set sequence = sequence + 100000 where sequence > 3;"
        "update journal_seal set sequence = sequence - 100001 where sequence > 3",
        "链哈希不符",
    ),
    "swap two": (
        "update journal_seal set sequence = -1 where sequence = 3; update journal_seal set sequence = 3 where sequence = 4;"
        "update journal_seal set sequence = 4 where sequence = -1",
        "链哈希不符",
    ),
    "swap their events": (
        "update journal_seal set event_id = -sequence where sequence in (3, 4);"
        "update journal_seal set event_id = {fourth} where sequence = 3;"
        "update journal_seal set event_id = {third} where sequence = 4",
        "内容与封存时不同",
    ),
    "update with a new hash": (
        "update journal_event set actor_name = '别人' where id = {third};"
        "update journal_seal set row_hash = repeat('a', 64) where event_id = {third}",
        "链哈希不符",
    ),
    "insert": (
        'insert into journal_event select (jsonb_populate_record(e, \'{{"id": 999999, "recorded_at":'
        ' "2026-01-01T00:00:00Z"}}\')).* from journal_event e where id = {third}',
        "未封存",
    ),
    "a column more": ("alter table journal_event add column hidden text default 'x'", "内容与封存时不同"),
    "cut off the end": (
        "delete from journal_delivery; delete from journal_seal where sequence > 5;"
        "delete from journal_event where id > {fifth}",
        "没有此前记录的封存点",
    ),
    "truncate": ("truncate journal_seal, journal_delivery, journal_event", "没有此前记录的封存点"),
    "restore an older state": ("delete from journal_seal where sequence > 11", "没有此前记录的封存点"),
}


@pytest.mark.parametrize("what", TAMPERING)
def test_the_verifier_finds_what_was_done_with_the_triggers_off(chain, what):
    actor, head = chain
    statement, said = TAMPERING[what]
    with scope.opened(actor):
        ids = dict(Seal.objects.filter(platform_id=actor.platform_id).values_list("sequence", "event_id"))
    connection.close()
    home = databases.settings.DATABASES["owner"]["NAME"]
    with databases.copy_of(home, f"{home}_tampered"):
        with databases.owner() as owner, owner.cursor() as cursor:
            for table in ("journal_event", "journal_seal", "journal_delivery"):
                cursor.execute(f"alter table {table} disable trigger user, no force row level security")
            cursor.execute(
                "select conrelid::regclass::text, conname from pg_constraint where contype = 'f'"
                " and confrelid = 'journal_event'::regclass"
            )
            for table, name in cursor.fetchall():
                cursor.execute(f"alter table {table} drop constraint {name}")
            cursor.execute(statement.format(third=ids[3], fourth=ids[4], fifth=ids[5]))
            for table in ("journal_event", "journal_seal", "journal_delivery"):
                cursor.execute(f"alter table {table} force row level security")
        faults = verify(actor, expected_head=head).faults
        with pytest.raises(CommandError) as stopped:
            call_command("verify_journal", platform=actor.platform_code, expect_head=f"{head[0]}:{head[1]}")
    assert any(said in fault for fault in faults), faults
    assert stopped.value.returncode == 1
    assert verify(actor, expected_head=head).faults == []


def test_the_command_prints_the_head_and_takes_it_back(chain, capsys):
    actor, head = chain
    call_command("verify_journal")
    printed = capsys.readouterr().out
    assert f"gd-sz：已封存 {head[0]} 条，封存点 {head[0]}:{head[1]}" in printed
    assert {line.split("：")[0] for line in printed.splitlines()} == {"gd", "gd-sz", "hb", "js"}
    call_command("verify_journal", platform="gd-sz", expect_head=f"{head[0]}:{head[1]}")
    assert capsys.readouterr().out.count("封存点") == 1


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"expect_head": f"1:{'a' * 64}"}, "--platform"),
        ({"platform": "nowhere"}, "没有代码为“nowhere”的平台"),
        ({"platform": "gd-sz", "expect_head": "x"}, "格式有误"),
        ({"platform": "gd-sz", "expect_head": f"-1:{'a' * 64}"}, "格式有误"),
        ({"platform": "gd-sz", "expect_head": f"1:{'a' * 64}"}, "不符"),
    ],
)
def test_the_command_refuses_what_it_cannot_verify(chain, options, said):
    with pytest.raises(CommandError, match=said):
        call_command("verify_journal", **options)


def test_sealing_stays_gap_free_while_others_commit_late(own_database):
    """Events get their ids before they commit: one written first and committed last is sealed last, without a gap."""
    world = worlds.build()
    seal(world.system)
    begun, go_on = threading.Event(), threading.Event()

    def late():
        try:
            with scope.opened(world.system):
                record(THING_MADE, subject=1, actor=world.system, at=AT, payload={})
                begun.set()
                assert go_on.wait(20)
        finally:
            connection.close()

    thread = threading.Thread(target=late)
    thread.start()
    assert begun.wait(20)
    happen(world.system, 3)
    assert seal(world.system) == 3
    go_on.set()
    thread.join(20)
    assert seal(world.system) == 1
    with scope.opened(world.system):
        order = list(Seal.objects.order_by("sequence").values_list("event__name", flat=True))
    assert order[-4:] == ["thing_happened"] * 3 + ["thing_made"]
    assert sequences(world.system) == list(range(1, len(order) + 1))
    assert verify(world.system).faults == []


def test_many_sealers_and_writers_at_once_leave_one_chain(own_database):
    world = worlds.build()
    written = 5 * 8
    stop = threading.Event()
    errors = []

    def writer():
        try:
            for _ in range(8):
                happen(world.system, 1)
        except BaseException as error:
            errors.append(error)
        finally:
            connection.close()

    def sealing():
        try:
            while not stop.is_set():
                seal(world.system, limit=7)
        except BaseException as error:
            errors.append(error)
        finally:
            connection.close()

    sealers = [threading.Thread(target=sealing) for _ in range(3)]
    writers = [threading.Thread(target=writer) for _ in range(5)]
    for thread in (*sealers, *writers):
        thread.start()
    for thread in writers:
        thread.join(30)
    stop.set()
    for thread in sealers:
        thread.join(30)
    while seal(world.system):
        pass
    assert errors == []
    with scope.opened(world.system):
        total = Event.objects.filter(platform_id=world.platform.id).count()
    assert total >= written
    assert sequences(world.system) == list(range(1, total + 1))
    assert verify(world.system).faults == []

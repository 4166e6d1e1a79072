"""Checkpoints outside the database: made by themselves, and the sealer goes on from no place below one."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from sunlight import scope
from sunlight.journal import checkpoints, signing
from sunlight.journal.models import Checkpoint, CheckpointDelivery, Event, Seal
from sunlight.journal.queries import events_read_by
from tests import world as worlds
from tests.journal.outside import configured, decision_kept, events_named, run, work
from tests.superuser import superuser, triggers_off


@pytest.fixture(scope="module")
def actor(module_database):
    return worlds.build().system


@pytest.fixture(scope="module")
def key_file(tmp_path_factory):
    return tmp_path_factory.mktemp("key") / "checkpoint.pem"


@pytest.fixture
def outside(actor, tmp_path, key_file):
    """Whatever other tests of the module left is sealed and signed."""
    with configured(tmp_path, actor, key_file) as made:
        work(actor)
        made.tend(at_once=True)
        yield made


def kept(actor) -> list[Checkpoint]:
    with scope.opened(actor):
        return list(Checkpoint.objects.filter(platform_id=actor.platform_id).order_by("id"))


def alarms(actor) -> list[str]:
    return [event.payload["code"] for event in events_named(actor, "journal_alarm")]


def seals(actor):
    with scope.opened(actor):
        return list(Seal.objects.filter(platform_id=actor.platform_id).order_by("sequence"))


def test_the_head_is_signed_recorded_and_in_the_file(outside, actor):
    last = kept(actor)[-1]
    head = seals(actor)[-1]
    assert (last.sequence, last.chain_hash, last.key_id) == (head.sequence, head.chain_hash, outside.key.id)
    entry = outside.lines()[-1]
    assert entry == checkpoints.entry_of(last) and entry["type"] == "checkpoint"
    assert signing.is_signed(outside.key.public, entry["signature"], checkpoints.statement(entry))
    assert not signing.is_signed(
        outside.key.public, entry["signature"], checkpoints.statement({**entry, "sequence": 1})
    )
    assert events_named(actor, "checkpoint_made")[-1].payload == entry
    with scope.opened(actor):
        delivery = CheckpointDelivery.objects.get(checkpoint=last)
    assert (delivery.channel, delivery.target) == ("file", str(outside.file))


def test_it_is_made_every_few_minutes_when_there_is_news_and_once_a_day_without(outside, actor):
    with superuser():
        made = kept(actor)[-1]
        minutes = lambda n: made.made_at + timedelta(minutes=n)  # noqa: E731
        # Its own event is no news.
        outside.tend(at=minutes(6))
        assert len(outside.lines()) == len(kept(actor)) and kept(actor)[-1] == made
        work(actor, 1)
        outside.tend(at=minutes(4))
        assert kept(actor)[-1] == made
        outside.tend(at=minutes(7))
        again = kept(actor)[-1]
        assert again.sequence > made.sequence and outside.lines()[-1] == checkpoints.entry_of(again)
        outside.tend(at=again.made_at + timedelta(hours=23))
        assert kept(actor)[-1] == again
        outside.tend(at=again.made_at + timedelta(hours=24))
        assert kept(actor)[-1] != again


def test_decisions_and_refusals_are_sealed_too(outside, actor):
    before = seals(actor)
    with scope.opened(actor):
        decision_kept(actor, 99)
    assert outside.tend() >= 1
    new = seals(actor)[len(before) :]
    assert any(seal.decision_id for seal in new)
    assert any(seal.refusal_id for seal in before)
    assert [seal.sequence for seal in before + new] == list(range(1, len(before + new) + 1))


# What a database administrator does so that the platform would seal his story anew.
BEGUN_ANEW = {
    "deleted seals": "delete from journal_seal",
    "deleted seals and checkpoints": "delete from journal_checkpointdelivery; delete from journal_checkpoint;"
    " delete from journal_seal; delete from journal_eventreader",
    "cut tail": "delete from journal_seal where sequence > 5; delete from journal_event where name = 'checkpoint_made';"
    " delete from journal_checkpointdelivery; delete from journal_checkpoint",
    "another link at the place": "update journal_seal set chain_hash = repeat('a', 64)"
    " where sequence = (select max(sequence) from journal_checkpoint)",
}


@pytest.mark.parametrize("what", BEGUN_ANEW)
def test_the_sealer_does_not_begin_anew_below_a_checkpoint(outside, actor, what):
    last = checkpoints.entry_of(kept(actor)[-1])
    with superuser():
        with triggers_off() as cursor:
            cursor.execute(
                "update journal_event set actor_name = '别人' where id = (select min(id) from journal_event)"
            )
            cursor.execute(BEGUN_ANEW[what])
        left = len(seals(actor))
        assert outside.tend(at=scope.now()) == 0
        assert len(seals(actor)) == left
        assert alarms(actor)[-1] == "chain"
        # Once a day, not once a second.
        outside.tend(at=scope.now() + timedelta(hours=1))
        assert alarms(actor).count("chain") == 1
        alarm = outside.lines()[-1]
        assert (alarm["type"], alarm["code"]) == ("alarm", "chain") and str(last["sequence"]) in alarm["detail"]
        with scope.opened(actor):
            assert any("检查点" in fault for fault in checkpoints.faults(actor))


def test_what_changed_between_sealing_and_signing_is_not_signed(outside, actor):
    work(actor, 1)
    with superuser():
        outside.tend(at=kept(actor)[-1].made_at + timedelta(seconds=1))
        with triggers_off() as cursor:
            cursor.execute(
                "update journal_refusal set message = '什么也没有' where id = (select max(id) from journal_refusal)"
            )
        before = len(kept(actor))
        outside.tend(at_once=True)
        assert len(kept(actor)) == before and alarms(actor)[-1] == "content"


def test_an_event_from_the_future_stops_nothing_and_is_told(outside, actor):
    with superuser():
        with scope.opened(actor):
            dated = Event.objects.filter(name="thing_happened").latest("id")
            dated.pk, dated.recorded_at = None, scope.now() + timedelta(days=400)
            dated.save(force_insert=True)
        # It is the last event sealed when the next ones come.
        outside.tend()
        work(actor, 2)
        assert outside.tend() >= 6
        with scope.opened(actor):
            sealed = Seal.objects.filter(event__isnull=False).values("event")
            assert (
                not Event.objects.filter(platform_id=actor.platform_id)
                .exclude(id__in=sealed)
                .exclude(name="journal_alarm")
            )
        assert alarms(actor).count("clock") == 1


def test_a_row_dated_back_is_told(outside, actor):
    with superuser():
        with scope.opened(actor):
            dated = Event.objects.filter(name="thing_happened").latest("id")
            dated.pk, dated.recorded_at = None, dated.recorded_at - timedelta(days=3)
            dated.save(force_insert=True)
        outside.tend()
        assert alarms(actor)[-1] == "clock"


def test_a_sandbox_may_keep_its_own_time(outside, actor, settings):
    """Its clock runs ahead of the database's by design."""
    now = scope.now()
    settings.SANDBOX_CLOCKS = {actor.platform_code: (now, now + timedelta(days=30), 1)}
    with superuser():
        work(actor, 1)
        outside.tend(at=scope.now(actor.platform_code))
        assert "clock" not in alarms(actor)


@pytest.mark.parametrize("sequence", ["sequence", "sequence + 1000", "1"])
def test_a_checkpoint_that_our_key_did_not_sign_stays_out_of_the_file(outside, actor, sequence):
    """And keeps ours from nothing: they go on being made."""
    lines = len(outside.lines())
    with superuser():
        with triggers_off() as cursor:
            cursor.execute(
                "insert into journal_checkpoint (platform_id, platform_code, sequence, chain_hash, made_at, key_id,"
                f" public_key, signature) select platform_id, platform_code, {sequence}, chain_hash,"
                " made_at + interval '1 minute', key_id, public_key, signature from journal_checkpoint"
                " where platform_id = %s order by id desc limit 1",
                [actor.platform_id],
            )
        work(actor, 1)
        outside.tend()
        assert alarms(actor) == ["foreign"]
        assert [line["type"] for line in outside.lines()[lines:]] == ["alarm"]
        work(actor, 1)
        outside.tend(at_once=True)
        assert [line["type"] for line in outside.lines()[lines:]] == ["alarm", "checkpoint"]
        assert alarms(actor) == ["foreign"]


def test_a_new_key_goes_on_where_the_old_one_ended(outside, actor, settings):
    new = signing.make(outside.folder / "new.pem")
    settings.CHECKPOINT_KEY_FILE = str(outside.folder / "new.pem")
    with superuser():
        outside.tend()
        work(actor, 1)
        outside.tend(at=scope.now() + timedelta(minutes=6))
        assert alarms(actor) == []
        assert outside.lines()[-1]["key_id"] == new.id
        export = outside.export()
    for keys, code in (((outside.key.public, new.public), 0), ((outside.key.public,), 1)):
        assert run(export, outside.file, *(word for key in keys for word in ("--key", key)))[0] == code


def test_without_its_key_the_platform_seals_on_and_rings(outside, actor, settings):
    settings.CHECKPOINT_KEY_FILE = str(outside.folder / "gone.pem")
    with superuser():
        work(actor, 1)
        before = len(kept(actor))
        assert outside.tend(at_once=True) >= 1
        assert len(kept(actor)) == before and alarms(actor)[-1] == "key"


def test_without_what_it_remembers_nothing_is_sealed(outside, actor, settings):
    folder = outside.folder / "none"
    folder.write_text("a file where the folder should be")
    settings.CHECKPOINT_DIR = str(folder)
    with superuser():
        work(actor, 1)
        assert outside.tend() == 0
        assert alarms(actor)[-1] == "key"


def test_a_torn_line_and_a_lost_file_are_made_good(outside, actor):
    with superuser():
        with outside.file.open("a") as file:
            file.write('{"type": "checkpoint", "platf')
        work(actor, 1)
        outside.tend(at_once=True)
        whole = outside.file.read_text().splitlines()
        assert whole[-1].startswith("{") and len(whole) == len(kept(actor)) + 1
        # What a process has read it does not forget, even where the file is gone.
        outside.file.unlink()
        with triggers_off() as cursor:
            cursor.execute("delete from journal_seal")
        assert outside.tend() == 0 and alarms(actor)[-1] == "chain"


def test_after_a_restore_whoever_has_the_key_lets_it_go_on(outside, actor, settings):
    with superuser():
        with triggers_off() as cursor:
            cursor.execute("delete from journal_seal where sequence > 5 and platform_id = %s", [actor.platform_id])
            cursor.execute("delete from journal_checkpointdelivery; delete from journal_checkpoint")
        assert outside.tend() == 0
        with pytest.raises(CommandError, match="--reason"):
            call_command("journal_go_on", platform=actor.platform_code, reason=" ")
        call_command("journal_go_on", platform=actor.platform_code, reason="磁盘损坏，由昨日备份恢复")
        # The last event of the table may have been a checkpoint's: what is left is sealed on.
        assert outside.tend(at=scope.now() + timedelta(minutes=1), at_once=True) > 0
        with scope.opened(actor):
            assert checkpoints.lost_checkpoint(actor) == ""
        code, said = outside.verify()
        restart = next(line for line in outside.lines() if line["type"] == "break")
        assert code == 1 and "磁盘损坏，由昨日备份恢复" in said
        code, said = outside.verify(None, "--known-break", restart["made_at"])
        assert code == 0, said
    settings.CHECKPOINT_KEY_FILE = ""
    with pytest.raises(CommandError, match="SUNLIGHT_CHECKPOINT_KEY"):
        call_command("journal_go_on", platform=actor.platform_code, reason="没有密钥")


def test_a_key_is_made_once_and_read_by_its_owner_alone(tmp_path, capsys):
    path = tmp_path / "checkpoint.pem"
    call_command("checkpoint_key", str(path), make=True)
    printed = capsys.readouterr().out
    key = signing.load(path)
    assert key.public in printed and key.id in printed
    assert path.stat().st_mode & 0o077 == 0
    with pytest.raises(CommandError, match="已存在"):
        call_command("checkpoint_key", str(path), make=True)
    call_command("checkpoint_key", str(path))
    assert key.public in capsys.readouterr().out
    with pytest.raises(CommandError, match="无法读取"):
        call_command("checkpoint_key", str(tmp_path / "none.pem"))


def test_whoever_is_a_party_reads_the_event_by_its_place(outside, actor):
    """For feeds: rows of one's own, in the platform's sequence; nobody else sees them."""
    mine = replace(worlds_party(actor), platform_id=actor.platform_id)
    work(actor, 2)
    outside.tend()
    with scope.opened(mine):
        rows = events_read_by(platform_id=actor.platform_id, organisation_id=mine.organisation_id, after=0, limit=500)
        with connection.cursor() as cursor:
            cursor.execute("select distinct organisation_id from journal_eventreader")
            assert cursor.fetchall() == [(mine.organisation_id,)]
    with scope.opened(actor):
        own = Event.objects.filter(platform_id=actor.platform_id, parties__contains=[mine.organisation_id])
        assert sorted(row.event_id for row in rows) == sorted(own.values_list("id", flat=True))
    assert [row.sequence for row in rows] == sorted({row.sequence for row in rows}) and len(rows) >= 2
    with scope.opened(mine):
        later = events_read_by(
            platform_id=actor.platform_id, organisation_id=mine.organisation_id, after=rows[-2].sequence, limit=5
        )
    assert later == rows[-1:]


def worlds_party(actor):
    from sunlight.scope.roles import OrganisationKind

    with scope.opened(actor):
        party = min(Event.objects.filter(name="thing_happened").values_list("parties", flat=True))[0]
    return replace(actor, kind=OrganisationKind.HOSPITAL, organisation_id=party, roles=frozenset(), on_behalf_of="")

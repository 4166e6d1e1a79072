"""The independent verifier, against checkpoints that were delivered before somebody with every right rewrote the journal."""

import base64
import json
import shutil
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.core.management import CommandError, call_command
from django.db import connection

from sunlight import scope
from sunlight.journal import checkpoints, sealer, signing
from sunlight.journal.models import Event
from tests import world as worlds
from tests.journal.outside import configured, reseal, run, work
from tests.superuser import superuser, triggers_off
from tools import verify_journal

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def journal(module_database, tmp_path_factory):
    """The platform's system and its key, after two checkpoints."""
    actor, folder = worlds.build().system, tmp_path_factory.mktemp("outside")
    with configured(folder, actor, folder / "key.pem") as made:
        for _ in range(2):
            work(actor)
            made.tend(at_once=True)
    return actor, folder / "key.pem"


@pytest.fixture
def outside(journal, tmp_path):
    with configured(tmp_path, *journal) as made:
        shutil.copy(made.file, tmp_path / "delivered.jsonl")
        yield made


@pytest.fixture
def delivered(outside):
    """What others have of it before anything is done to it."""
    return outside.folder / "delivered.jsonl"


CHANGED = {
    "changed event": ("update journal_event set actor_name = '别人' where id = {event}", "内容与封存时不同"),
    "flipped decision": ("update journal_decision set allowed = false where id = {decision}", "内容与封存时不同"),
    "changed refusal": ("update journal_refusal set message = '' where id = {refusal}", "内容与封存时不同"),
    "a hair in a number": (
        "update journal_decision set facts = jsonb_set(facts, '{{line}}', '0.00') where id = {decision}",
        "内容与封存时不同",
    ),
    "swapped payloads": (
        "update journal_event e set payload = o.payload from journal_event o where e.id in ({event}, {other})"
        " and o.id in ({event}, {other}) and o.id <> e.id",
        "内容与封存时不同",
    ),
    "deleted refusals": ("delete from journal_refusal where id < {refusal} + 3", "记录已不在库中"),
    "deleted refusals and their seals": (
        "delete from journal_seal where refusal_id is not null; delete from journal_refusal",
        "序号中断",
    ),
    "deleted seals": ("delete from journal_seal where sequence > 3", "被截去"),
    "deleted seals, all of them": ("delete from journal_seal", "被截去"),
    "cut tail": (
        "delete from journal_seal where sequence > (select min(sequence) from journal_checkpoint);"
        "delete from journal_event e where not exists (select 1 from journal_seal s where s.event_id = e.id);"
        "delete from journal_decision d where not exists (select 1 from journal_seal s where s.decision_id = d.id);"
        "delete from journal_refusal r where not exists (select 1 from journal_seal s where s.refusal_id = r.id);"
        "delete from journal_checkpoint",
        "被截去",
    ),
    "reordered seals": (
        "update journal_seal set sequence = -1 where sequence = 3; update journal_seal set sequence = 3 where sequence = 4;"
        "update journal_seal set sequence = 4 where sequence = -1",
        "链哈希不符",
    ),
    "a seal dated otherwise": (
        "update journal_seal set sealed_at = sealed_at - interval '1 day' where sequence = 3",
        "链哈希不符",
    ),
    "put in past the sealer": (
        'insert into journal_event select (jsonb_populate_record(e, \'{{"id": 999999, "recorded_at":'
        ' "2026-01-01T00:00:00Z"}}\')).* from journal_event e where id = {event}',
        "未封存",
    ),
    "a column more": ("alter table journal_refusal add column hidden text default 'x'", "内容与封存时不同"),
}
# The same, and then every hash and link made anew by somebody who knows how: only what was delivered shows it.
FORGED = {
    "changed event": "update journal_event set payload = payload || '{{\"line\": 99}}' where id = {event}",
    "flipped decision": "update journal_decision set allowed = false where id = {decision}",
    "swapped payloads": CHANGED["swapped payloads"][0],
    "deleted refusals": "delete from journal_seal where refusal_id is not null; delete from journal_refusal",
    "one deleted event": "delete from journal_seal where event_id = {event}; delete from journal_event where id = {event}",
    "reordered": CHANGED["reordered seals"][0],
}


def ids() -> dict[str, int]:
    with connection.cursor() as cursor:
        cursor.execute(
            "select min(e.id), min(e.id) + 1, (select min(id) from journal_decision), (select min(id) from journal_refusal)"
            " from journal_event e"
        )
        return dict(zip(("event", "other", "decision", "refusal"), cursor.fetchone(), strict=True))


def test_what_nobody_touched_holds_and_what_is_newer_is_named(outside, delivered):
    with superuser():
        work(outside.actor, 2)
        outside.tend(at=scope.now() + timedelta(seconds=1))
        code, said = outside.verify(delivered)
    last = json.loads(delivered.read_text().splitlines()[-1])
    assert code == 0, said
    assert f"已由检查点 {last['sequence']}" in said
    assert f"尚未证明：序号 {last['sequence'] + 1} 至" in said


@pytest.mark.parametrize("what", CHANGED)
def test_a_change_is_found(outside, delivered, what):
    statement, words = CHANGED[what]
    with superuser():
        with triggers_off() as cursor:
            cursor.execute(statement.format(**ids()))
        code, said = outside.verify(delivered)
    assert code == 1 and words in said, said


@pytest.mark.parametrize("what", FORGED)
def test_a_forgery_with_a_chain_of_its_own_is_found(outside, delivered, what):
    with superuser():
        with triggers_off() as cursor:
            cursor.execute(FORGED[what].format(**ids()))
            reseal(outside.actor)
        code, said = outside.verify(delivered)
        # Without what was delivered nobody could tell.
        empty = outside.folder / "nothing.jsonl"
        empty.write_text("")
        blind = outside.verify(empty)
    assert code == 1 and ("被改动后重做" in said or "被截去" in said), said
    assert blind[0] == 2 and "发现" not in blind[1]


def test_a_forgery_sealed_by_our_own_sealer_is_found(outside, delivered):
    """As the platform itself once did, four seconds after the seals were gone."""
    with superuser():
        with triggers_off() as cursor:
            cursor.execute(
                "update journal_event set actor_name = '别人' where id = (select min(id) from journal_event)"
            )
            cursor.execute("delete from journal_checkpointdelivery; delete from journal_checkpoint")
            cursor.execute("delete from journal_eventreader; delete from journal_seal; delete from journal_sealingmark")
        with scope.opened(outside.actor):
            sealer.seal(platform_id=outside.actor.platform_id, at=scope.now())
        assert outside.verify(delivered)[0] == 1


@pytest.mark.parametrize(
    ("shift", "words"), [(timedelta(days=400), "时钟跳变或伪造"), (timedelta(days=-3), "事后补入")]
)
def test_an_event_of_another_time_is_found(outside, delivered, shift, words):
    with superuser():
        with scope.opened(outside.actor):
            event = Event.objects.filter(name="thing_happened").latest("id")
            event.pk, event.recorded_at = None, scope.now() + shift
            event.save(force_insert=True)
        outside.tend(at=scope.now() + timedelta(minutes=20))
        code, said = outside.verify(delivered)
    assert code == 1 and words in said, said


def test_an_older_state_restored_is_found(outside, delivered):
    """The database as it was before the last checkpoint, whole and consistent in itself."""
    with superuser():
        earlier = outside.export("earlier.jsonl")
        work(outside.actor, 1)
        outside.tend(at=scope.now() + timedelta(minutes=20))
        shutil.copy(outside.file, outside.folder / "later.jsonl")
    code, said = run(earlier, outside.folder / "later.jsonl", "--key", outside.key.public)
    assert code == 1 and "被截去" in said


def test_checkpoints_of_another_key_count_for_nothing(outside, delivered):
    strange = signing.make(outside.folder / "strange.pem")
    entry = json.loads(delivered.read_text().splitlines()[-1])
    entry |= {"key_id": strange.id, "public_key": strange.public, "sequence": 1}
    entry["signature"] = strange.sign(checkpoints.statement(entry))
    forged = outside.folder / "forged.jsonl"
    forged.write_text(json.dumps(entry))
    export = outside.export()
    code, said = run(export, delivered, forged, "--key", outside.key.public)
    assert code == 1 and "不是平台密钥所签" in said
    bent = {**json.loads(delivered.read_text().splitlines()[-1]), "chain_hash": "a" * 64}
    forged.write_text(json.dumps(bent))
    assert run(export, forged)[0] == 1


def test_checkpoints_come_in_any_wrapping(outside, delivered):
    """As the portal's feed, as a webhook's body, in a mail."""
    made = [json.loads(line) for line in delivered.read_text().splitlines()]
    export = outside.export()
    for name, text in {
        "feed.json": json.dumps({"platform": "gd-sz", "checkpoints": made, "public_keys": []}, indent=1),
        "webhook.json": json.dumps({"type": "checkpoint_made", "data": {"facts": made[-1]}}),
        "mail.txt": f"市医疗保障局：\n\n封存点如下。\n\n{json.dumps(made[-1])}\n\n不再需要时请关闭。\n",
    }.items():
        path = outside.folder / name
        path.write_text(text)
        assert run(export, path, "--key", outside.key.public)[0] == 0, name


def test_what_cannot_be_read_is_said(outside, delivered):
    export = outside.export()
    cut = outside.folder / "cut.jsonl"
    cut.write_text("".join(export.read_text().splitlines(keepends=True)[:-1]))
    assert run(cut, delivered) == (2, "无法核验：导出文件不完整，请重新导出。\n")
    cut.write_text("{")
    assert run(cut, delivered)[0] == 2
    assert run(outside.folder / "none", delivered)[0] == 2
    assert run(export, delivered, "--key", "x")[0] == 2
    code, said = run(export, delivered)
    assert code == 0 and "没有给出 --key" in said


def test_it_runs_alone_and_the_command_writes_what_it_reads(outside, delivered, tmp_path):
    """In a Python that sees neither our code nor any library."""
    alone = tmp_path / "verify_journal.py"
    shutil.copy(ROOT / "tools" / "verify_journal.py", alone)
    export = tmp_path / "export.jsonl"
    call_command("journal_export", out=str(export))
    with pytest.raises(CommandError, match="已存在"):
        call_command("journal_export", out=str(export))
    with pytest.raises(CommandError, match="没有代码"):
        call_command("journal_export", platform="nowhere")
    asked = [sys.executable, "-I", "-S", str(alone), str(export), str(delivered), "--key", outside.key.public]
    done = subprocess.run(asked, capture_output=True, text=True, cwd=tmp_path, timeout=60, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "没有发现改动" in done.stdout


def test_its_ed25519_agrees_with_the_library(outside):
    for number in range(12):
        private = Ed25519PrivateKey.from_private_bytes(bytes([number]) * 32)
        public, message = private.public_key().public_bytes_raw(), bytes([number]) * number
        signature = private.sign(message)
        assert verify_journal.is_signed(public, message, signature)
        assert not verify_journal.is_signed(public, message + b"x", signature)
        for place in (0, 31, 32, 63):
            bent = bytearray(signature)
            bent[place] ^= 1
            assert not verify_journal.is_signed(public, message, bytes(bent))
    for public in (b"\xff" * 32, bytes(31), base64.b64decode(outside.key.public)[::-1]):
        assert not verify_journal.is_signed(public, b"", bytes(64))

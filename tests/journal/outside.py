"""A journal with everything in it, and what others keep of it: for tests of the sealer, the checkpoints and the verifier."""

import io
import json
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from django.db import connection
from django.test import override_settings

from sunlight import scope
from sunlight.journal import checkpoint_file, checkpoints, export, sealer, signing
from sunlight.journal.models import Checkpoint, Decision, Event
from sunlight.journal.refusals import Refused
from sunlight.journal.services import record, record_refusal
from sunlight.scope import Actor, principal
from tests.happening import THING_HAPPENED
from tools import verify_journal

AT = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Outside:
    """The folder outside the database, the platform's public key and its system."""

    folder: Path
    key: signing.Key
    actor: Actor

    @property
    def file(self) -> Path:
        return self.folder / checkpoint_file.NAME

    def lines(self) -> list[dict]:
        return [json.loads(line) for line in self.file.read_text().splitlines()] if self.file.exists() else []

    def tend(self, at: datetime | None = None, **more) -> int:
        return checkpoints.tend(actor=self.actor, at=at or scope.now(), **more)

    def export(self, name: str = "export.jsonl") -> Path:
        path = self.folder / name
        with scope.opened(self.actor):
            path.write_text("".join(export.lines(actor=self.actor, at=scope.now())))
        return path

    def verify(self, kept: Path | None = None, *more: str) -> tuple[int, str]:
        """What the independent verifier says of the journal as it is now, and its exit code."""
        return run(self.export(), kept or self.file, "--key", self.key.public, *more)


def run(*arguments) -> tuple[int, str]:
    out = io.StringIO()
    with redirect_stdout(out):
        code = verify_journal.main([str(each) for each in arguments])
    return code, out.getvalue()


@contextmanager
def configured(folder: Path, actor: Actor, key_file: Path):
    """A key and a folder as a deployment has them; the folder knows of the checkpoints made so far."""
    key = signing.load(key_file) if key_file.exists() else signing.make(key_file)
    with override_settings(CHECKPOINT_KEY_FILE=str(key_file), CHECKPOINT_DIR=str(folder)):
        with scope.opened(actor):
            made = Checkpoint.objects.filter(platform_id=actor.platform_id).order_by("id")
            checkpoint_file.append([checkpoints.entry_of(each) for each in made])
        yield Outside(folder, key, actor)


def work(actor: Actor, count: int = 4) -> None:
    """So many events, decisions and refusals."""
    with scope.opened(actor):
        for n in range(count):
            payload = {"n": n, "price": "12.5000", "文": "字", "deep": {"list": [1, None, True, 0.1]}}
            record(THING_HAPPENED, subject=n, actor=actor, at=AT, payload=payload, parties=[n + 1])
            decision_kept(actor, n)
    for n in range(count):
        record_refusal(service_name="thing_make", actor=actor, at=AT, refusal=Refused("no", f"第 {n} 次不行。"))


def decision_kept(actor: Actor, number: int) -> None:
    Decision.objects.create(
        platform_id=actor.platform_id,
        subject_type="thing",
        subject_id=number,
        rule="cap.check",
        region_code="gd",
        law_date=AT.date(),
        drafts="binding",
        facts={"line": number},
        regulated=True,
        allowed=True,
        outcome={"cap": "1.0"},
        reasons=[],
        parameters=[],
        occurred_at=AT,
        recorded_at=scope.now(),
        **principal.values(actor, "actor"),
        actor_organisation_id=actor.organisation_id,
    )


def reseal(actor: Actor, since: int = 1) -> None:
    """What a forger does who knows our code: hash every row and every link anew, with the moments that were there. As the
    superuser, triggers off."""
    chain = sealer.GENESIS
    with connection.cursor() as cursor:
        cursor.execute(
            "select s.id, case when s.event_id is not null then 'event' when s.decision_id is not null then 'decision'"
            " else 'refusal' end, coalesce(s.event_id, s.decision_id, s.refusal_id), s.sealed_at,"
            " encode(sha256(convert_to(coalesce(to_jsonb(e)::text, to_jsonb(d)::text, to_jsonb(r)::text), 'UTF8')), 'hex')"
            " from journal_seal s left join journal_event e on e.id = s.event_id"
            " left join journal_decision d on d.id = s.decision_id left join journal_refusal r on r.id = s.refusal_id"
            " where s.platform_id = %s order by s.sequence",
            [actor.platform_id],
        )
        links = []
        for sequence, (seal_id, kind, row_id, sealed_at, row_hash) in enumerate(cursor.fetchall(), start=1):
            chain = sealer.link(chain, sequence, kind, row_id, row_hash, sealed_at)
            links.append((sequence, row_hash, chain, seal_id))
        cursor.execute("update journal_seal set sequence = -sequence where platform_id = %s", [actor.platform_id])
        cursor.executemany("update journal_seal set sequence = %s, row_hash = %s, chain_hash = %s where id = %s", links)


def events_named(actor: Actor, name: str) -> list[Event]:
    with scope.opened(actor):
        return list(Event.objects.filter(platform_id=actor.platform_id, name=name).order_by("id"))

"""Checkpoints: heads of a platform's chain, signed and handed out, so that even the owner of the database cannot rewrite what
lies before them.

`tend` is what a worker does every second: it compares the chain with the highest checkpoint it remembers outside the
database, seals what is new, and every few minutes signs the head, after reading once more what it signs. A chain that does not
hold an earlier checkpoint is not sealed on: that would be to bless a forgery. An alarm rings instead.
"""

import logging
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection
from django.db.models import Exists, OuterRef, Q

from sunlight import scope
from sunlight.journal import checkpoint_file, sealer, signing, verifier
from sunlight.journal.events import CHECKPOINT_MADE, JOURNAL_ALARM
from sunlight.journal.models import Checkpoint, CheckpointDelivery, Event, Seal
from sunlight.journal.sealer import moment_text
from sunlight.journal.services import record
from sunlight.scope import Actor

logger = logging.getLogger(__name__)

# A chain on which nothing happened is signed at least so often, so that silence is news.
AT_LEAST_EVERY = timedelta(hours=24)
# The same alarm is not repeated before.
ALARM_AGAIN_AFTER = timedelta(hours=24)
# The checkpoint that was remembered is not on the chain; rows are not what was sealed; a clock jumped; a checkpoint that
# nobody with the key made; the key or the file cannot be used.
CHAIN, CONTENT, CLOCK, FOREIGN, KEY = "chain", "content", "clock", "foreign", "key"


def statement(entry: dict) -> list[str]:
    """The lines that the signature of a checkpoint's entry is over."""
    facts = (entry["platform"], entry["sequence"], entry["chain_hash"], entry["made_at"], entry["key_id"])
    return [signing.CHECKPOINT, *map(str, facts)]


def entry_of(checkpoint: Checkpoint) -> dict:
    """A checkpoint as it is handed out: in the file, in the feed, by mail, to webhooks."""
    return {
        "type": "checkpoint",
        "platform": checkpoint.platform_code,
        "sequence": checkpoint.sequence,
        "chain_hash": checkpoint.chain_hash,
        "made_at": moment_text(checkpoint.made_at),
        "key_id": checkpoint.key_id,
        "public_key": checkpoint.public_key,
        "signature": checkpoint.signature,
    }


def newest(platform_id: int, key: signing.Key | None = None) -> Checkpoint | None:
    """The newest checkpoint in the database; of those that `key` signed where it is given, whatever somebody put in since."""
    rows = Checkpoint.objects.filter(platform_id=platform_id).order_by("-id")
    if key is None:
        return rows.first()
    return next(
        (each for each in rows.filter(public_key=key.public).iterator(chunk_size=50) if _is_ours(each, key)), None
    )


def _is_ours(checkpoint: Checkpoint, key: signing.Key) -> bool:
    is_ours = checkpoint.public_key == key.public
    return is_ours and signing.is_signed(key.public, checkpoint.signature, statement(entry_of(checkpoint)))


def tend(
    *, actor: Actor, at: datetime, told: Callable[[Actor], Iterable[int]] | None = None, at_once: bool = False
) -> int:
    """Look, seal, and where it is due make a checkpoint and put it into the file; returns how many rows were sealed. `told`
    answers which organisations get checkpoints and alarms as events; `at_once` makes a checkpoint before its time. By the
    platform's system, outside any scope: the file is written when the database has committed."""
    key, rings = None, []
    try:
        key = signing.signing_key()
    except signing.NoKey as error:
        rings.append((KEY, str(error)))
    sealed = sealer.Sealed()
    try:
        with scope.opened(actor):
            lost = lost_checkpoint(actor, key)
            sealed = sealed if lost else _sealed(actor, at)
            faults = _checkpoint(actor, at, key, told, at_once) if key and sealed.is_all else []
        rings += [(CHAIN, lost)] * bool(lost) + [(CONTENT, "；".join(faults[:5]))] * bool(faults)
        rings += [(CLOCK, "；".join(sealed.clock[:5]))] * bool(sealed.clock)
        foreign = _into_the_file(actor, at, key) if key and not lost else ""
        rings += [(FOREIGN, foreign)] * bool(foreign)
    except OSError as error:
        # Without what is remembered outside nothing is sealed; what was sealed is only not in the file yet.
        rings.append((KEY, str(error)))
    for code, detail in rings:
        _alarm(actor, at, told, code, detail)
    return sealed.count


def _sealed(actor: Actor, at: datetime) -> sealer.Sealed:
    is_real_time = actor.platform_code not in getattr(settings, "SANDBOX_CLOCKS", {})
    return sealer.seal(platform_id=actor.platform_id, at=at, is_real_time=is_real_time)


def lost_checkpoint(actor: Actor, key: signing.Key | None = None) -> str:
    """The checkpoint that the platform's chain should hold and does not, in words; "" where all is well. Looks at the highest
    one in the file and at the newest in the database (that `key` signed). Raises OSError."""
    memory = checkpoint_file.remembered()
    wanted = [memory.highest[actor.platform_code]] if actor.platform_code in memory.highest else []
    restart, last = memory.breaks.get(actor.platform_code), newest(actor.platform_id, key)
    if last and not (restart and moment_text(last.made_at) <= restart["made_at"]):
        wanted.append(entry_of(last))
    for entry in wanted:
        place = Seal.objects.filter(platform_id=actor.platform_id, sequence=entry["sequence"])
        stands = place.values_list("chain_hash", flat=True).first() if entry["sequence"] else sealer.GENESIS
        if stands != entry["chain_hash"]:
            return f"{entry['sequence']}:{entry['chain_hash']}（{entry['made_at']}）"
    return ""


# What was said when a checkpoint was made, against the row: both are there, and say the same.
_KEPT = """
select coalesce(c.id, e.subject_id) from
       (select * from journal_checkpoint where platform_id = %(platform)s) c
  full join (select subject_id, payload from journal_event
              where platform_id = %(platform)s and name = %(name)s and subject_type = 'checkpoint') e
    on e.subject_id = c.id
  left join journal_seal s on s.platform_id = %(platform)s and s.sequence = c.sequence
 where c.id is null or e.subject_id is null or s.chain_hash is distinct from c.chain_hash
    or e.payload->>'chain_hash' <> c.chain_hash or (e.payload->>'sequence')::bigint <> c.sequence
    or e.payload->>'signature' <> c.signature
 order by 1 limit 20
"""


def faults(actor: Actor) -> list[str]:
    """What is wrong with the platform's checkpoints: those kept in the database that the chain does not hold, that were not
    made so or are gone, whose signature is none; and the highest one outside. In the actor's own scope."""
    with connection.cursor() as cursor:
        cursor.execute(_KEPT, {"platform": actor.platform_id, "name": CHECKPOINT_MADE.name})
        found = [f"检查点 {number} 与封存链或签发时的记录不符" for (number,) in cursor.fetchall()]
    for each in Checkpoint.objects.filter(platform_id=actor.platform_id).order_by("id").iterator():
        entry = entry_of(each)
        if each.platform_code != actor.platform_code or not signing.is_signed(
            each.public_key, each.signature, statement(entry)
        ):
            found.append(f"检查点 {each.id} 的签名不符")
    lost = lost_checkpoint(actor)
    return found[:20] + ([f"链上没有库外记录的检查点 {lost}"] if lost else [])


def _checkpoint(actor: Actor, at: datetime, key: signing.Key, told: Callable | None, at_once: bool) -> list[str]:
    """Sign the head where it is time and there is news, after reading once more what was sealed since the last one; returns
    the faults that kept from signing."""
    last = newest(actor.platform_id, key)
    begun = (last.sequence, last.chain_hash) if last else (0, sealer.GENESIS)
    if last and not at_once:
        # Also where its moment lies ahead, by a clock that has come back since.
        waits = abs(at - last.made_at)
        # What only says that a checkpoint was made is no news.
        silent = Q(event__name=CHECKPOINT_MADE.name)
        new = Seal.objects.filter(platform_id=actor.platform_id, sequence__gt=last.sequence).exclude(silent)
        if waits < timedelta(minutes=settings.CHECKPOINT_MINUTES) or (waits < AT_LEAST_EVERY and not new.exists()):
            return []
    report = verifier.read_on(platform_id=actor.platform_id, after=begun)
    if report.faults or not report.head[0]:
        return report.faults
    entry = {
        "platform": actor.platform_code,
        "sequence": report.head[0],
        "chain_hash": report.head[1],
        "made_at": moment_text(at),
        "key_id": key.id,
    }
    made = Checkpoint.objects.create(
        platform_id=actor.platform_id,
        platform_code=actor.platform_code,
        sequence=report.head[0],
        chain_hash=report.head[1],
        made_at=at,
        key_id=key.id,
        public_key=key.public,
        signature=key.sign(statement(entry)),
    )
    record(
        CHECKPOINT_MADE,
        subject=made.id,
        actor=actor,
        at=at,
        payload=entry_of(made),
        parties=told(actor) if told else (),
    )
    return []


def _into_the_file(actor: Actor, at: datetime, key: signing.Key) -> str:
    """Add to the file what it does not know yet; after a crash, and on a new machine, that is more than the last. Returns a
    checkpoint among them that our key did not sign, "" where there is none. Raises OSError."""
    if checkpoint_file.path() is None:
        return ""
    known = checkpoint_file.remembered().highest.get(actor.platform_code)
    with scope.opened(actor):
        # By the chain, not by the clock; one that the chain lost, and somebody accepted that, is not said again.
        place = Seal.objects.filter(
            platform_id=actor.platform_id, sequence=OuterRef("sequence"), chain_hash=OuterRef("chain_hash")
        )
        rows = Checkpoint.objects.filter(Exists(place), platform_id=actor.platform_id).order_by("id")
        if known:
            again = Q(sequence=known["sequence"], made_at__gt=datetime.fromisoformat(known["made_at"]))
            rows = rows.filter(Q(sequence__gt=known["sequence"]) | again)
        new = list(rows)
        ours = [each for each in new if _is_ours(each, key)]
        checkpoint_file.append([entry_of(each) for each in ours])
        delivered(ours, at, "file", str(checkpoint_file.path()))
        last = newest(actor.platform_id)
    # One of an earlier key stands in the file already.
    new += [last] if last and last not in new and entry_of(last) != known else []
    new = [each for each in new if each not in ours and not _is_ours(each, key)]
    return next((f"{each.sequence}:{each.chain_hash}" for each in new), "")


def delivered(checkpoints: Iterable[Checkpoint], at: datetime, channel: str, target: str) -> None:
    """Keep that checkpoints left the database, so that people see where they are."""
    CheckpointDelivery.objects.bulk_create(
        CheckpointDelivery(
            platform_id=each.platform_id,
            checkpoint=each,
            channel=channel,
            target=target[:200],
            delivered_at=at,
        )
        for each in checkpoints
    )


def _alarm(actor: Actor, at: datetime, told: Callable | None, code: str, detail: str) -> None:
    """Say it wherever somebody may hear it: in the log, in the file, and as an event, once a day for each kind."""
    with scope.opened(actor):
        rung = Event.objects.filter(
            platform_id=actor.platform_id,
            name=JOURNAL_ALARM.name,
            payload__code=code,
            occurred_at__gt=at - ALARM_AGAIN_AFTER,
            occurred_at__lte=at,
        )
        if rung.exists():
            return
        record(
            JOURNAL_ALARM,
            subject=actor.platform_id,
            actor=actor,
            at=at,
            payload={"code": code, "detail": detail[:1000]},
            parties=told(actor) if told else (),
        )
    logger.error("journal of %s: %s: %s", actor.platform_code, code, detail)
    try:
        checkpoint_file.append(
            [
                {
                    "type": "alarm",
                    "platform": actor.platform_code,
                    "code": code,
                    "detail": detail[:1000],
                    "made_at": moment_text(at),
                }
            ]
        )
    except OSError as error:
        logger.error("the checkpoints' file: %s", error)


def go_on_from_here(*, actor: Actor, at: datetime, reason: str) -> dict:
    """Accept that the chain of the platform goes on from where it is now, though a later checkpoint was made: after a restore
    that lost the end. By whoever holds the key; it stays in the file for good, and the independent verifier names it. Returns
    what was written. Raises NoKey, OSError."""
    key = signing.signing_key()
    if key is None:
        raise signing.NoKey("SUNLIGHT_CHECKPOINT_KEY")
    with scope.opened(actor):
        sequence, chain = sealer.head(platform_id=actor.platform_id)
    entry = {
        "type": "break",
        "platform": actor.platform_code,
        "sequence": sequence,
        "chain_hash": chain,
        "made_at": moment_text(at),
        "key_id": key.id,
        "public_key": key.public,
        "reason": " ".join(reason.split()),
    }
    facts = (entry["platform"], sequence, chain, entry["made_at"], key.id, entry["reason"])
    entry["signature"] = key.sign([signing.BREAK, *map(str, facts)])
    checkpoint_file.append([entry])
    return entry

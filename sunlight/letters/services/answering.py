"""The addressee's side: opening a letter, acknowledging it, answering with files, asking for more time; and what the sender
says to that."""

from collections.abc import Iterable
from datetime import datetime

from sunlight import scope
from sunlight.files.filetypes import ATTACHMENTS
from sunlight.files.services.files import file_store
from sunlight.journal.refusals import Conflict, Forbidden, Invalid
from sunlight.journal.services import service
from sunlight.kernel import reading
from sunlight.letters import events, queries
from sunlight.letters.models import Letter, LetterAnswer, LetterAnswerFile, LetterExtension, LetterOpening
from sunlight.letters.services.common import (
    ANSWERED,
    MORE_TIME_ASKED,
    MORE_TIME_DECIDED,
    changed,
    letter_record,
    subject_of,
    tell,
)
from sunlight.letters.services.writing import own_letter
from sunlight.letters.workflows import EXTENSION, LETTER, OUT, LetterState
from sunlight.scope import Actor
from sunlight.scope.clock import business_date
from sunlight.scope.duties import moved
from sunlight.scope.principal import SYSTEM

LONGEST_ANSWER, MOST_FILES = 5_000, 10


@service
def letter_open(*, actor: Actor, at: datetime, letter_id: int) -> Letter:
    """Keep that this person of the addressee opened the letter: the receipt; the first time counts. Raises NotThere,
    Forbidden for everybody else."""
    letter = queries.lock_letter(actor, letter_id)
    if not queries.is_its_addressee(actor, letter) or actor.principal in (None, SYSTEM):
        raise Forbidden("not_the_addressee", "只有收件单位的人员查阅公函才记为收到。")
    _opened(letter, actor, at)
    return letter


def _opened(letter: Letter, actor: Actor, at: datetime) -> None:
    who = {"user_name": actor.user_name, "opened_at": at, **scope.by(actor, "opened")}
    known = {"opened_by_kind": who["opened_by_kind"], "opened_by_id": who["opened_by_id"]}
    if not LetterOpening.objects.filter(letter=letter, **known).exists():
        LetterOpening.objects.create(letter=letter, **who)
        letter_record(events.LETTER_OPENED, letter, actor, at)


def _to_answer(actor: Actor, letter_id: int) -> Letter:
    """A letter that the actor answers for, locked. Raises NotThere, Forbidden."""
    letter = queries.lock_letter(actor, letter_id)
    if not queries.is_its_addressee(actor, letter):
        raise Forbidden("not_the_addressee", "公函由收件单位签收和答复。")
    if not queries.may_answer(actor, letter):
        names = "、".join(role.label for role in sorted(queries.answering(letter)) if role.kind is actor.kind)
        raise Forbidden("not_your_letter", f"这份公函须由本单位下列岗位签收和答复：{names}。请联系本单位管理员。")
    return letter


@service
def letter_acknowledge(*, actor: Actor, at: datetime, letter_id: int) -> Letter:
    """Take receipt of a letter for the addressee; the first time counts. Raises NotThere, Forbidden, Conflict."""
    letter = _to_answer(actor, letter_id)
    if letter.acknowledged_at is not None:
        when = f"{letter.acknowledged_at:%Y-%m-%d}"
        raise Conflict("acknowledged_already", f"这份公函已由{letter.acknowledged_by_name or '本单位'}于 {when} 签收。")
    _acknowledge(letter, actor, at)
    return letter


def _acknowledge(letter: Letter, actor: Actor, at: datetime) -> None:
    move = "acknowledge_late" if letter.state == LetterState.ESCALATED else "acknowledge"
    letter.state = moved(LETTER, letter.state, move, actor)
    letter.acknowledged_at, letter.acknowledged_by_name = at, actor.user_name
    who = scope.stamp(letter, "acknowledged", actor)
    changed(letter, "state", "acknowledged_at", "acknowledged_by_name", *who)
    _opened(letter, actor, at)
    letter_record(events.LETTER_ACKNOWLEDGED, letter, actor, at)


@service
def letter_answer(
    *,
    actor: Actor,
    at: datetime,
    letter_id: int,
    text: str,
    files: Iterable[tuple[str, bytes]] = (),
) -> LetterAnswer:
    """Answer a letter, with files (name, content); a further answer adds to the first. An answer acknowledges the letter
    too. The same words twice are one answer that was sent twice. Raises NotThere, Forbidden, Conflict, Invalid."""
    letter = _to_answer(actor, letter_id)
    state = moved(LETTER, letter.state, "answer", actor)
    said = reading.text(text, "text", "答复内容", most=LONGEST_ANSWER)
    sent = list(files)
    if len(sent) > MOST_FILES:
        raise Invalid("too_many_files", f"一次答复最多附 {MOST_FILES} 个文件，请分次提交。", field="files")
    if LetterAnswer.objects.filter(letter=letter, text=said).exists():
        raise Conflict("answered_already", "同样内容的答复已经提交，无需重复提交。如有补充，请写明补充内容。")
    if letter.acknowledged_at is None and letter.state in (LetterState.DELIVERED, LetterState.ESCALATED):
        _acknowledge(letter, actor, at)
    answer = LetterAnswer.objects.create(
        letter=letter, text=said, answered_at=at, user_name=actor.user_name, **scope.by(actor, "answered")
    )
    kept = [file_store(actor=actor, at=at, name=name, content=data, accept=ATTACHMENTS) for name, data in sent]
    LetterAnswerFile.objects.bulk_create(LetterAnswerFile(answer=answer, file=file) for file in kept)
    letter.state, letter.answered_at = state, letter.answered_at or at
    changed(letter, "state", "answered_at")
    names = [f"{file.name}（SHA-256 {file.sha256}）" for file in kept]
    event = letter_record(events.LETTER_ANSWERED, letter, actor, at, text=said, answer_files=names)
    title = f"{letter.addressee.name}答复了{letter.number}"
    tell(ANSWERED, letter, letter.sender_id, actor, at, event=event, title=title)
    return answer


@service
def letter_extension_ask(*, actor: Actor, at: datetime, letter_id: int, until: str, reason: str) -> LetterExtension:
    """The addressee asks for more time, before its last day is over, with the reason and the day it asks for. Raises
    NotThere, Forbidden, Conflict after the last day or while another request waits, Invalid."""
    letter = _to_answer(actor, letter_id)
    if letter.due_on is None or letter.state not in (OUT - {LetterState.ANSWERED}):
        raise Conflict("nothing_to_extend", "这份公函没有待答复的期限，不需要延期。")
    if business_date(at) > letter.due_on:
        raise Conflict(
            "extension_late",
            f"期限已于 {letter.due_on} 24 时届满，不能再申请延期。请尽快答复，并在答复中说明逾期原因。",
            subject=subject_of(letter),
        )
    read = reading.Collected()
    day = read(reading.day, until, "until", "申请延期至")
    why = read(reading.reason, reason, label="延期理由")
    read.check()
    if day <= letter.due_on:
        raise Invalid("extension_not_longer", f"申请的日期须晚于原期限 {letter.due_on}。", field="until")
    if LetterExtension.objects.filter(letter=letter, state=EXTENSION.initial).exists():
        raise Conflict("extension_waits", "已有一份延期申请待发文单位决定，请等候决定。")
    if letter.state == LetterState.DELIVERED:
        _acknowledge(letter, actor, at)
    asked = LetterExtension.objects.create(
        letter=letter,
        due_before=letter.due_on,
        until=day,
        reason=why,
        asked_at=at,
        asked_by_name=actor.user_name,
        **scope.by(actor, "asked"),
    )
    event = letter_record(
        events.LETTER_EXTENSION_ASKED, letter, actor, at, asked_until=day, due_before=letter.due_on, reason=why
    )
    title = f"{letter.addressee.name}申请将{letter.number}的期限延至 {day}"
    tell(MORE_TIME_ASKED, letter, letter.sender_id, actor, at, event=event, title=title, body=why)
    return asked


@service
def letter_extension_decide(
    *, actor: Actor, at: datetime, letter_id: int, granted: bool, note: str = ""
) -> LetterExtension:
    """The sender grants the extension that waits, or not, with the reason. One that was asked for in time may be granted
    after the last day; the letter then is no longer silent. Raises NotThere, Forbidden, Conflict where the day asked for is
    over, Invalid."""
    letter = own_letter(actor, letter_id)
    asked = queries.lock_extension(actor, letter)
    asked.state = moved(EXTENSION, asked.state, "grant" if granted else "decline", actor)
    asked.note = reading.text(note, "note", "决定说明", most=500, required=not granted)
    asked.decided_at = at
    if granted:
        if asked.until < business_date(at):
            raise Conflict("extension_is_over", f"申请延期至的 {asked.until} 已过，不能再同意。")
        letter.state = moved(LETTER, letter.state, "extend", actor)
        letter.due_on = asked.until
        changed(letter, "state", "due_on")
    asked.save(update_fields=["state", "note", "decided_at", *scope.stamp(asked, "decided", actor)])
    kind = events.LETTER_EXTENSION_GRANTED if granted else events.LETTER_EXTENSION_DECLINED
    facts = {"asked_until": asked.until, "due_before": asked.due_before, "note": asked.note}
    event = letter_record(kind, letter, actor, at, **facts)
    title = f"{letter.number}的延期申请{'已同意' if granted else '未获同意'}，期限为 {letter.due_on}"
    told = {"title": title, "body": asked.note, "roles": letter.delivered_roles}
    tell(MORE_TIME_DECIDED, letter, letter.addressee_id, actor, at, event=event, **told)
    return asked

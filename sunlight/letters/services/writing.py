"""Writing a letter: draft, changes, submission, return, discarding."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sunlight import scope
from sunlight.journal.refusals import Forbidden, Invalid
from sunlight.journal.services import service
from sunlight.kernel import reading
from sunlight.letters import events, queries
from sunlight.letters.builtin import unfilled
from sunlight.letters.models import Letter, LetterSubject
from sunlight.letters.services.common import SENT_BACK, TO_SIGN, changed, letter_record, subject_of, tell
from sunlight.letters.subjects import ABOUT
from sunlight.letters.workflows import LETTER, WRITING, LetterKind
from sunlight.scope import Actor
from sunlight.scope.duties import moved
from sunlight.scope.roles import OrganisationKind

LONGEST_TITLE, LONGEST_TEXT, LONGEST_TERM = 200, 10_000, 250


def only_writers(actor: Actor) -> None:
    """Raises Forbidden for who writes no letters."""
    if not actor.has(*WRITING):
        raise Forbidden("not_your_duty", "只有监管部门的监管人员和负责人可以起草公函。")


def content(
    title: object, text: object, term_days: object, must_acknowledge: bool, must_answer: bool
) -> dict[str, Any]:
    """Title, text and what is asked for within which term, as typed. Raises Unreadable with all faults."""
    read = reading.Collected()
    typed = {
        "title": read(reading.text, title, "title", "标题", most=LONGEST_TITLE),
        "text": read(reading.text, text, "text", "正文", most=LONGEST_TEXT),
        "must_acknowledge": bool(must_acknowledge),
        "must_answer": bool(must_answer),
        "term_days": None,
    }
    if must_acknowledge or must_answer:
        bounds = {"least": 1, "most": LONGEST_TERM}
        typed["term_days"] = read(reading.whole, term_days, "term_days", "期限（工作日）", **bounds)
    read.check()
    return typed


@service
def letter_write(
    *,
    actor: Actor,
    at: datetime,
    kind: str,
    addressee_id: int,
    title: str,
    text: str,
    term_days: int | str | None = None,
    must_acknowledge: bool = True,
    must_answer: bool = True,
    about: str = "",
    subject_ids: Sequence[int] = (),
) -> Letter:
    """An authority's draft to an organisation of its platform, about the rows `subject_ids` of the kind `about` (see
    `subjects`) where it is about any. The term is in working days from delivery; none where nothing is asked for. Raises
    Forbidden, NotThere, Invalid."""
    only_writers(actor)
    if kind not in LetterKind.values():
        raise Invalid("kind_unknown", "请选择公函种类。", field="kind")
    addressee = queries.access_addressee(actor, reading.row_id(addressee_id, "addressee", "收件单位"))
    made = Letter.objects.create(
        platform_id=actor.platform_id,
        sender_id=actor.organisation_id,
        addressee=addressee,
        kind=kind,
        about=about,
        roles=_for_whom(about, OrganisationKind(addressee.kind)),
        written_at=at,
        **content(title, text, term_days, must_acknowledge, must_answer),
        **scope.by(actor, "written"),
    )
    LetterSubject.objects.bulk_create(
        LetterSubject(letter=made, subject_type=about, subject_id=each) for each in sorted(set(subject_ids))
    )
    named = {f"{about}s": sorted(set(subject_ids))} if about else {}
    letter_record(events.LETTER_WRITTEN, made, actor, at, text=made.text, **named)
    return made


def _for_whom(about: str, kind: OrganisationKind) -> list[str]:
    """The people of the addressee a letter is for: the desk of what it is about, else who receives letters there."""
    desk = {role for role in (ABOUT[about].desk if about else ()) if role.kind is kind}
    return sorted(str(role) for role in desk or queries.RECEIVING[kind])


def own_letter(actor: Actor, letter_id: int) -> Letter:
    """One letter of the actor's authority, locked. Raises NotThere, Forbidden for the addressee."""
    letter = queries.lock_letter(actor, letter_id)
    if not queries.is_its_sender(actor, letter):
        raise Forbidden("not_the_sender", "这份公函由发文单位办理，收件单位只能签收、答复和申请延期。")
    return letter


@service
def letter_edit(
    *,
    actor: Actor,
    at: datetime,
    letter_id: int,
    title: str,
    text: str,
    term_days: int | str | None = None,
    must_acknowledge: bool = True,
    must_answer: bool = True,
) -> Letter:
    """Change a draft. Raises NotThere, Conflict once it is submitted, Invalid."""
    letter = own_letter(actor, letter_id)
    letter.state = moved(LETTER, letter.state, "edit", actor)
    typed = content(title, text, term_days, must_acknowledge, must_answer)
    for name, value in typed.items():
        setattr(letter, name, value)
    changed(letter, *typed, *scope.stamp(letter, "edited", actor))
    letter_record(events.LETTER_EDITED, letter, actor, at, text=letter.text)
    return letter


@service
def letter_submit(*, actor: Actor, at: datetime, letter_id: int) -> Letter:
    """Hand a draft in for approval. Raises NotThere, Conflict, Invalid while a place of its template is not filled."""
    letter = own_letter(actor, letter_id)
    state = moved(LETTER, letter.state, "submit", actor)
    if left := unfilled(letter.title) + unfilled(letter.text):
        places = "、".join(f"{{{each}}}" for each in dict.fromkeys(left))
        raise Invalid("places_left", f"公函中还有没有填写的位置：{places}。请填写或删去后再送签。", field="text")
    letter.state, letter.submitted_at, letter.submitted_by_name = state, at, actor.user_name
    letter.returned_note = ""
    who = scope.stamp(letter, "submitted", actor)
    changed(letter, "state", "submitted_at", "submitted_by_name", "returned_note", *who)
    event = letter_record(events.LETTER_SUBMITTED, letter, actor, at)
    title = f"{LetterKind(letter.kind).label}待签发：{letter.title}"
    tell(TO_SIGN, letter, letter.sender_id, actor, at, event=event, title=title)
    return letter


@service
def letter_send_back(*, actor: Actor, at: datetime, letter_id: int, reason: str) -> Letter:
    """Give a submitted draft back to be changed, with the reason. Raises NotThere, Conflict, Invalid."""
    letter = own_letter(actor, letter_id)
    letter.state = moved(LETTER, letter.state, "send_back", actor)
    letter.returned_note = reading.reason(reason, label="退回原因")
    changed(letter, "state", "returned_note")
    event = letter_record(events.LETTER_SENT_BACK, letter, actor, at, reason=letter.returned_note)
    title = f"公函退回修改：{letter.title}"
    tell(SENT_BACK, letter, letter.sender_id, actor, at, event=event, title=title, body=letter.returned_note)
    return letter


@service
def letter_discard(*, actor: Actor, at: datetime, letter_id: int, reason: str) -> Letter:
    """Give up a letter that was never sent: it takes no number. Raises NotThere, Conflict, Invalid."""
    letter = own_letter(actor, letter_id)
    letter.state = moved(LETTER, letter.state, "discard", actor, subject=subject_of(letter))
    letter.withdraw_reason, letter.withdrawn_at = reading.reason(reason, label="作废原因"), at
    changed(letter, "state", "withdraw_reason", "withdrawn_at", *scope.stamp(letter, "withdrawn", actor))
    letter_record(events.LETTER_WITHDRAWN, letter, actor, at, reason=letter.withdraw_reason)
    return letter

"""What every step of a letter needs: its record, the messages about it."""

from collections.abc import Iterable
from datetime import datetime

from sunlight.journal.declared import EventType
from sunlight.journal.services import record
from sunlight.letters.models import Letter
from sunlight.letters.workflows import ANSWERING, SIGNING, WRITING, LetterKind
from sunlight.messages.kinds import Kind, message_kind
from sunlight.messages.services.messages import message_send
from sunlight.scope import Actor, Role

_PAGE = "letters:letter"
TO_SIGN = message_kind("letter_to_sign", "公函待签发", *SIGNING, url_name=_PAGE)
SENT_BACK = message_kind("letter_sent_back", "公函退回修改", *WRITING, url_name=_PAGE)
ARRIVED = message_kind("letter_arrived", "收到公函", *ANSWERING, url_name=_PAGE)
NOBODY_THERE = message_kind("letter_nobody_there", "公函无人接收", *WRITING, url_name=_PAGE)
ANSWERED = message_kind("letter_answered", "公函已答复", *WRITING, url_name=_PAGE)
SILENT = message_kind("letter_silent", "公函逾期未回应", *SIGNING, url_name=_PAGE)
MORE_TIME_ASKED = message_kind("letter_more_time_asked", "公函申请延期", *WRITING, url_name=_PAGE)
MORE_TIME_DECIDED = message_kind("letter_more_time_decided", "公函延期申请的决定", *ANSWERING, url_name=_PAGE)
TAKEN_BACK = message_kind("letter_taken_back", "公函已撤回", *ANSWERING, url_name=_PAGE)


def subject_of(letter: Letter) -> tuple[str, int]:
    return ("letter", letter.id)


def changed(letter: Letter, *fields: str) -> None:
    """Write the named columns of a letter that was moved, and its next version."""
    letter.version += 1
    letter.save(update_fields=[*fields, "version"])


def letter_record(event: EventType, letter: Letter, actor: Actor, at: datetime, **more):
    """Record a step. The addressee reads what happened since the letter was sent, never the drafting."""
    return record(
        event,
        subject=letter.id,
        actor=actor,
        at=at,
        parties=[letter.sender_id, letter.addressee_id if letter.sent_at else None],
        version=letter.version,
        platform_id=letter.platform_id,
        payload={
            "number": letter.number,
            "letter_kind": str(letter.kind),
            "title": letter.title,
            "sender": letter.sender_id,
            "addressee": letter.addressee_id,
            "letter_about": letter.about,
            "state": str(letter.state),
            "letter_due_on": letter.due_on,
            **more,
        },
    )


def tell(
    kind: Kind,
    letter: Letter,
    organisation_id: int,
    actor: Actor,
    at: datetime,
    *,
    event,
    title: str,
    body: str = "",
    roles: Iterable[Role | str] | None = None,
) -> None:
    """A message to people of one organisation, once for an event."""
    message_send(
        actor=actor,
        at=at,
        kind=kind,
        to=[organisation_id],
        title=title,
        body=body,
        subject=subject_of(letter),
        event=event,
        roles=roles,
    )


def named(letter: Letter) -> str:
    """A letter as messages name it: its number, or its kind while it has none."""
    return letter.number or LetterKind(letter.kind).label

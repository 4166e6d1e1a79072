"""A letter goes out: approved by a second person, numbered, delivered with proof; closed, withdrawn, told to the leader."""

from datetime import datetime

from django.db.models import Max, Q

from sunlight import scope
from sunlight.journal.refusals import Conflict
from sunlight.journal.services import decide, service
from sunlight.kernel import reading
from sunlight.kernel.rules import deadline_working_days
from sunlight.letters import events, queries
from sunlight.letters.builtin import SIGNS
from sunlight.letters.models import Letter
from sunlight.letters.services.common import (
    ARRIVED,
    NOBODY_THERE,
    SILENT,
    TAKEN_BACK,
    changed,
    letter_record,
    named,
    subject_of,
    tell,
)
from sunlight.letters.services.writing import own_letter
from sunlight.letters.workflows import LETTER, LetterKind, LetterState
from sunlight.scope import Actor
from sunlight.scope.clock import business_date
from sunlight.scope.duties import moved
from sunlight.scope.roles import ADMINS
from sunlight.tenancy.queries.people import people_of


@service
def letter_send(*, actor: Actor, at: datetime, letter_id: int) -> Letter:
    """Approve a letter and send it, in person and by another person than who wrote or submitted it: it takes its number and
    the hash of its text, and is delivered. Raises NotThere, Forbidden, Conflict where what it says no longer stands."""
    letter = own_letter(actor, letter_id)
    state = moved(
        LETTER,
        letter.state,
        "send",
        actor,
        earlier={"submit": letter.submitted_by, "write": (letter.written_by, letter.edited_by)},
        subject=subject_of(letter),
    )
    about = queries.about_of(letter)
    if about and (fault := about.still_stands(actor, at, queries.subject_ids(letter))):
        raise Conflict("letter_is_out_of_date", f"{fault}请退回修改或作废后重新起草。", subject=subject_of(letter))
    letter.state, letter.sent_at, letter.sent_by_name = state, at, actor.user_name
    who = scope.stamp(letter, "sent", actor)
    _number(letter)
    letter.text_sha256 = queries.text_hash(letter)
    changed(letter, "state", "sent_at", "sent_by_name", *who, "year", "serial", "number", "seal", "text_sha256")
    letter_record(
        events.LETTER_SENT,
        letter,
        actor,
        at,
        text=letter.text,
        letter_sha256=letter.text_sha256,
        version=letter.version,
    )
    _deliver(letter, actor, at)
    return letter


def _number(letter: Letter) -> None:
    """The next number of the sender's series of this kind and year. Without gaps: whoever sends at the same moment waits,
    and a number is given in the transaction that sends."""
    kind, year = LetterKind(letter.kind), business_date(letter.sent_at).year
    scope.alone("letters.number", letter.sender_id, kind, year)
    series = Letter.objects.filter(sender_id=letter.sender_id, kind=kind, year=year)
    letter.year, letter.serial = year, (series.aggregate(last=Max("serial"))["last"] or 0) + 1
    head = queries.head_in_use(letter.sender_id, letter.platform_id)
    short = head.short_name if head else letter.sender.name
    letter.seal = head.seal if head else None
    letter.number = f"{short}{SIGNS[kind]}〔{year}〕{letter.serial}号"


def _deliver(letter: Letter, actor: Actor, at: datetime) -> bool:
    """Put the letter into the message centre of whom it is for, or of the administrators where nobody is; the term runs
    from there (A17, A96). Where nobody at all is there, its sender is told, once."""
    there = _people_there(letter)
    if not there:
        _nobody_there(letter, actor, at)
        return False
    letter.state = moved(LETTER, letter.state, "deliver", actor.as_system())
    letter.delivered_at, letter.delivered_roles = at, there
    if letter.term_days:
        today = business_date(at)
        law = scope.law(actor, today, region=letter.addressee.region.code)
        term = deadline_working_days(law, start=today, days=letter.term_days)
        letter.due_on = term.outcome["deadline"]
        decide(term, subject=subject_of(letter), actor=actor, at=at, parties=[letter.addressee_id])
    changed(letter, "state", "delivered_at", "delivered_roles", "due_on")
    event = letter_record(events.LETTER_DELIVERED, letter, actor, at, delivered_roles=there)
    asked = f"请于 {letter.due_on} 24 时前{_asked(letter)}。" if letter.due_on else ""
    title = f"{letter.sender.name}来函 {letter.number}：{letter.title}"
    tell(ARRIVED, letter, letter.addressee_id, actor, at, event=event, title=title, body=asked, roles=there)
    return True


def _asked(letter: Letter) -> str:
    return "答复" if letter.must_answer else "签收"


def _people_there(letter: Letter) -> list[str]:
    """The roles that get it, held by somebody today."""
    people = people_of(platform_id=letter.platform_id, organisation_id=letter.addressee_id)
    held = frozenset().union(*(person.roles for person in people))
    desk = sorted(held & set(letter.roles))
    return desk or sorted(held & {str(role) for role in ADMINS})


def _nobody_there(letter: Letter, actor: Actor, at: datetime) -> None:
    if letter.nobody_there_at is not None:
        return
    letter.nobody_there_at = at
    changed(letter, "nobody_there_at")
    event = letter_record(events.LETTER_NOT_DELIVERED, letter, actor, at)
    title = f"{letter.number}没有送达：{letter.addressee.name}在平台上没有可以接收的人员"
    body = (
        "收件单位的经办岗位和管理员都没有在用账号。平台每日重试送达，期限自送达之日起算；请以其他方式联系，或撤回公函。"
    )
    tell(NOBODY_THERE, letter, letter.sender_id, actor, at, event=event, title=title, body=body)


@service
def letter_close(*, actor: Actor, at: datetime, letter_id: int, note: str) -> Letter:
    """The sender ends a letter, with what came of it. Raises NotThere, Forbidden, Conflict, Invalid."""
    letter = own_letter(actor, letter_id)
    letter.state = moved(LETTER, letter.state, "close", actor)
    letter.close_note, letter.closed_at = reading.text(note, "note", "办结说明", most=500), at
    changed(letter, "state", "close_note", "closed_at", *scope.stamp(letter, "closed", actor))
    letter_record(events.LETTER_CLOSED, letter, actor, at, note=letter.close_note)
    return letter


@service
def letter_withdraw(*, actor: Actor, at: datetime, letter_id: int, reason: str) -> Letter:
    """The head takes a sent letter back, with the reason, which the addressee is told; number and text stay. Raises
    NotThere, Forbidden, Conflict, Invalid."""
    letter = own_letter(actor, letter_id)
    letter.state = moved(LETTER, letter.state, "withdraw", actor)
    letter.withdraw_reason, letter.withdrawn_at = reading.reason(reason, label="撤回原因"), at
    changed(letter, "state", "withdraw_reason", "withdrawn_at", *scope.stamp(letter, "withdrawn", actor))
    event = letter_record(events.LETTER_WITHDRAWN, letter, actor, at, reason=letter.withdraw_reason)
    if letter.delivered_at:
        title = f"{letter.number}已撤回"
        facts = {"title": title, "body": letter.withdraw_reason, "roles": letter.delivered_roles}
        tell(TAKEN_BACK, letter, letter.addressee_id, actor, at, event=event, **facts)
    return letter


@service
def letters_sweep(*, actor: Actor, at: datetime, limit: int = 200) -> int:
    """By the system: deliver what found nobody there, and tell the authority's leader, once, of letters silent past their
    last day (24:00 Asia/Shanghai, A17). Returns how many letters moved."""
    today = business_date(at)
    rows = Letter.objects.select_related("sender", "addressee__region").select_for_update(of=("self",))
    rows = rows.filter(platform_id=actor.platform_id)
    waiting = rows.filter(state=LetterState.SENT).order_by("id")[:limit]
    delivered = sum(_deliver(letter, actor, at) for letter in waiting)
    asks = Q(must_answer=True) | Q(must_acknowledge=True, acknowledged_at=None)
    silent = rows.filter(asks, state__in=[LetterState.DELIVERED, LetterState.ACKNOWLEDGED], due_on__lt=today)
    late = list(silent.order_by("due_on", "id")[:limit])
    for letter in late:
        _escalate(letter, actor, at)
    return delivered + len(late)


def _escalate(letter: Letter, actor: Actor, at: datetime) -> None:
    letter.state, letter.escalated_at = moved(LETTER, letter.state, "escalate", actor), at
    changed(letter, "state", "escalated_at")
    event = letter_record(events.LETTER_ESCALATED, letter, actor, at)
    opened = "已有人查阅" if letter.openings.exists() else "尚无人查阅"
    title = f"{letter.addressee.name}逾期未{_asked(letter)}：{named(letter)}"
    body = f"期限至 {letter.due_on} 24 时，{opened}。请决定再次督促、约谈或采取其他措施。"
    tell(SILENT, letter, letter.sender_id, actor, at, event=event, title=title, body=body)

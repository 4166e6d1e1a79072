"""Reading official letters: whose they are to see, which wait, which were never answered."""

import hashlib
from collections.abc import Collection
from datetime import date, datetime, time, timedelta

from django.db.models import BooleanField, Case, Count, F, Q, QuerySet, Value, When
from django.db.models.functions import TruncDate

from sunlight import scope
from sunlight.files.models import StoredFile
from sunlight.files.uses import file_use
from sunlight.journal.refusals import NotThere
from sunlight.letters.builtin import BUILTIN, Written
from sunlight.letters.models import (
    Letter,
    LetterAnswer,
    LetterAnswerFile,
    LetterExtension,
    LetterHead,
    LetterSubject,
    LetterTemplate,
)
from sunlight.letters.subjects import ABOUT, About
from sunlight.letters.workflows import (
    ANSWERING,
    WRITING,
    ExtensionState,
    LetterKind,
    LetterState,
    ProposalState,
)
from sunlight.scope import Actor, Role, authorities
from sunlight.scope.clock import SHANGHAI, business_date
from sunlight.scope.roles import ADMINS, OrganisationKind
from sunlight.tenancy.models import Organisation, Registration

# States in which a letter waits for its addressee.
WAITING = (LetterState.DELIVERED, LetterState.ACKNOWLEDGED, LetterState.ESCALATED)
# Whom a letter is for where its subject names no desk.
RECEIVING = {
    OrganisationKind.HOSPITAL: frozenset({Role.HOSPITAL_ADMIN}),
    OrganisationKind.SUPPLIER: frozenset({Role.SUPPLIER_ADMIN}),
    OrganisationKind.OPERATOR: frozenset({Role.OPERATOR_SUPPORT}),
    OrganisationKind.REGULATOR: frozenset({Role.REGULATOR_OFFICER, Role.REGULATOR_CHIEF}),
}


def letters_visible_to(actor: Actor) -> QuerySet[Letter]:
    """Letters the actor's organisation wrote, those that were sent to it, and, for an authority, those that others sent
    about what is its part (SZ20-4.1); newest first."""
    mine = Q(addressee_id=actor.organisation_id, sent_at__isnull=False)
    if actor.is_party:
        rows = Letter.objects.filter(mine, platform_id=actor.platform_id)
    elif actor.has(Role.SYSTEM):
        rows = Letter.objects.filter(platform_id__in=actor.platform_ids)
    else:
        seen = mine | Q(sender_id=actor.organisation_id) | _of_ones_part(actor)
        rows = Letter.objects.filter(seen, platform_id__in=actor.platform_ids)
    return rows.select_related("sender", "addressee").order_by("-id")


def _of_ones_part(actor: Actor) -> Q:
    part = authorities.part_of(actor)
    if part is None:
        return Q(pk__in=[])
    sent = Q(sent_at__isnull=False)
    return sent if part.has(authorities.ALL) else sent & Q(about__in=part.nouns)


def with_lateness(rows: QuerySet[Letter], today: date) -> QuerySet[Letter]:
    """Letters with `is_late`: past their last day and still waiting for the addressee."""
    late = Case(
        When(due_on__lt=today, state__in=WAITING, then=Value(True)), default=Value(False), output_field=BooleanField()
    )
    return rows.annotate(is_late=late)


def letters_listed(actor: Actor, today: date) -> QuerySet[Letter]:
    """The list of both sides: overdue first, then by the day something is due, newest first."""
    rows = with_lateness(letters_visible_to(actor), today)
    waits = Case(When(state__in=WAITING, then=F("due_on")), default=None)
    return rows.order_by("-is_late", waits.asc(nulls_last=True), "-id")


def access_letter(actor: Actor, letter_id: int) -> Letter:
    """One letter with its sender and addressee. Raises NotThere."""
    letter = letters_visible_to(actor).filter(id=letter_id).first()
    if letter is None:
        raise NotThere("这份公函")
    return letter


def lock_letter(actor: Actor, letter_id: int) -> Letter:
    """One letter to be changed by its sender or addressee; others only read it. Raises NotThere."""
    own = Q(sender_id=actor.organisation_id) | Q(addressee_id=actor.organisation_id)
    rows = letters_visible_to(actor).filter(own).select_for_update(of=("self",))
    letter = rows.filter(id=letter_id).first()
    if letter is None:
        raise NotThere("这份公函")
    return letter


def is_its_sender(actor: Actor, letter: Letter) -> bool:
    return actor.organisation_id == letter.sender_id


def is_its_addressee(actor: Actor, letter: Letter) -> bool:
    return actor.organisation_id == letter.addressee_id and letter.sent_at is not None


def may_answer(actor: Actor, letter: Letter) -> bool:
    """Whether the actor answers for the addressee: whom the letter is for, and the administrators."""
    return is_its_addressee(actor, letter) and actor.has(*answering(letter))


def answering(letter: Letter) -> frozenset[Role]:
    """The roles that may acknowledge and answer a letter."""
    return ANSWERING & (frozenset(map(Role, letter.roles)) | ADMINS)


def text_hash(letter: Letter) -> str:
    """SHA-256 of what is printed: number, title, addressee, text, sender, day."""
    day = business_date(letter.sent_at).isoformat()
    said = (letter.number, letter.title, letter.addressee.name, letter.text, letter.sender.name, day)
    return hashlib.sha256("\n".join(said).encode()).hexdigest()


def subject_ids(letter: Letter) -> list[int]:
    """The rows a letter is about."""
    return list(letter.subjects.order_by("subject_id").values_list("subject_id", flat=True))


def about_of(letter: Letter) -> About | None:
    return ABOUT.get(letter.about)


def answers_of(letter: Letter) -> QuerySet[LetterAnswer]:
    """The answers in order of time, with their files' names."""
    return LetterAnswer.objects.filter(letter=letter).prefetch_related("files__file").order_by("id")


def extensions_of(letter: Letter) -> QuerySet[LetterExtension]:
    return LetterExtension.objects.filter(letter=letter).order_by("id")


def lock_extension(actor: Actor, letter: Letter) -> LetterExtension:
    """The extension that waits. Raises NotThere."""
    row = LetterExtension.objects.select_for_update().filter(letter=letter, state=ExtensionState.ASKED).first()
    if row is None:
        raise NotThere("待决定的延期申请")
    return row


@file_use("letter", *WRITING, Role.REGULATOR_LEADER, Role.REGULATOR_AUDITOR)
def answer_files(actor: Actor, letter_id: int) -> set[int]:
    """The files that came with the answers to a letter. Raises NotThere."""
    letter = access_letter(actor, letter_id)
    return set(LetterAnswerFile.objects.filter(answer__letter=letter).values_list("file_id", flat=True))


def seal_of(actor: Actor, letter_id: int) -> StoredFile:
    """The picture of the seal on a letter, for whoever may read the letter. Raises NotThere."""
    letter = access_letter(actor, letter_id)
    if letter.seal_id is None:
        raise NotThere("印章图样")
    with scope.elevated(actor):
        return StoredFile.objects.get(id=letter.seal_id)


def letters_about(actor: Actor, subject_type: str, subject_id: int) -> QuerySet[Letter]:
    """The letters about a row that the actor may see, newest first."""
    return letters_visible_to(actor).filter(subjects__subject_type=subject_type, subjects__subject_id=subject_id)


def unanswered(
    actor: Actor, subject_type: str, ids: Collection[int], on: date, *, kind: str = LetterKind.PROMPT
) -> dict[int, int]:
    """How many letters of a kind (written prompts) about each row were unanswered at the end of the day `on` (A60, A96);
    rows that have none are left out. One statement, the same for whoever asks.

    Unanswered is a letter that asks for an answer, was delivered, whose last day, extension included, is before `on`, and
    to which nobody answered until `on`. A late answer ends that from its own day. What was withdrawn never counts; what its
    sender closed counts only where it was past its last day by then."""
    evening = datetime.combine(on + timedelta(days=1), time(), SHANGHAI)
    with scope.elevated(actor):
        rows = (
            LetterSubject.objects.filter(
                subject_type=subject_type,
                subject_id__in=list(ids),
                letter__kind=kind,
                letter__must_answer=True,
                letter__due_on__lt=on,
                letter__withdrawn_at=None,
            )
            .annotate(closed_on=TruncDate("letter__closed_at", tzinfo=SHANGHAI))
            .filter(Q(letter__answered_at=None) | Q(letter__answered_at__gte=evening))
            .filter(Q(closed_on=None) | Q(closed_on__gt=F("letter__due_on")))
            .order_by()
            .values("subject_id")
            .annotate(count=Count("letter_id"))
        )
        return {row["subject_id"]: row["count"] for row in rows}


def letters_to_sign(actor: Actor) -> QuerySet[Letter]:
    """Letters of the actor's authority that wait for approval."""
    return Letter.objects.filter(
        platform_id__in=actor.platform_ids, sender_id=actor.organisation_id, state=LetterState.SUBMITTED
    )


def letters_received(actor: Actor) -> QuerySet[Letter]:
    """Letters to the actor's organisation that wait for this person to acknowledge or answer."""
    asks = Q(state__in=[LetterState.DELIVERED, LetterState.ESCALATED], must_acknowledge=True, acknowledged_at=None)
    unanswered_yet = Q(state__in=WAITING, must_answer=True)
    rows = Letter.objects.filter(asks | unanswered_yet, addressee_id=actor.organisation_id)
    rows = rows.filter(platform_id__in={actor.platform_id, *actor.platform_ids})
    return rows if actor.has(*ADMINS) else rows.filter(roles__overlap=[str(role) for role in actor.roles & ANSWERING])


def letters_silent(actor: Actor) -> QuerySet[Letter]:
    """Letters of the actor's authority that nobody answered by their day."""
    return Letter.objects.filter(
        platform_id__in=actor.platform_ids, sender_id=actor.organisation_id, state=LetterState.ESCALATED
    )


def extensions_to_decide(actor: Actor) -> QuerySet[LetterExtension]:
    """Extensions asked of the actor's authority."""
    return LetterExtension.objects.filter(
        letter__platform_id__in=actor.platform_ids,
        letter__sender_id=actor.organisation_id,
        state=ExtensionState.ASKED,
    )


def templates_visible_to(actor: Actor) -> QuerySet[LetterTemplate]:
    """The templates of the actor's authority, newest first."""
    return LetterTemplate.objects.filter(
        platform_id__in=actor.platform_ids, organisation_id=actor.organisation_id
    ).order_by("-id")


def heads_visible_to(actor: Actor) -> QuerySet[LetterHead]:
    """The letterheads of the actor's authority, newest first."""
    return LetterHead.objects.filter(
        platform_id__in=actor.platform_ids, organisation_id=actor.organisation_id
    ).order_by("-id")


def lock_template(actor: Actor, template_id: int) -> LetterTemplate:
    """One template of the actor's authority. Raises NotThere."""
    row = templates_visible_to(actor).select_for_update().filter(id=template_id).first()
    if row is None:
        raise NotThere("这份公函模板")
    return row


def lock_head(actor: Actor, head_id: int) -> LetterHead:
    """One letterhead of the actor's authority. Raises NotThere."""
    row = heads_visible_to(actor).select_for_update().filter(id=head_id).first()
    if row is None:
        raise NotThere("这份公函版头")
    return row


def head_in_use(sender_id: int, platform_id: int) -> LetterHead | None:
    """The letterhead an authority writes under; None where it made none: then its full name stands in the number."""
    return LetterHead.objects.filter(
        organisation_id=sender_id, platform_id=platform_id, state=ProposalState.IN_USE
    ).first()


def wording(actor: Actor, kind: str, today: date) -> Written:
    """How the actor's authority writes a kind of letter: its own template, else the one built in with its usual term.
    Raises NotThere for no kind."""
    if kind not in LetterKind.values():
        raise NotThere("这种公函")
    own = templates_visible_to(actor).filter(kind=kind, state=ProposalState.IN_USE).first()
    if own is not None:
        return Written(LetterKind(kind), own.title, own.text, own.must_acknowledge, own.must_answer, own.term_days)
    built_in = BUILTIN[LetterKind(kind)]
    usual = scope.law(actor, today).at("letter.term_days").value.get(kind)
    return Written(built_in.kind, built_in.title, built_in.text, built_in.must_acknowledge, built_in.must_answer, usual)


def addressees(actor: Actor) -> QuerySet[Organisation]:
    """To whom the actor's authority may write: whoever is registered on its platform, but itself."""
    registered = Registration.objects.filter(platform_id=actor.platform_id, approved_at__isnull=False)
    rows = Organisation.objects.filter(id__in=registered.values("organisation_id"), kind__in=list(RECEIVING))
    return rows.exclude(id=actor.organisation_id).order_by("kind", "name")


def access_addressee(actor: Actor, addressee_id: int) -> Organisation:
    """One addressee. Raises NotThere."""
    row = addressees(actor).select_related("region").filter(id=addressee_id).first()
    if row is None:
        raise NotThere("这个收件单位")
    return row


def extensions_waiting() -> QuerySet[LetterExtension]:
    """Extensions that nobody decided on yet, as far as the wall shows them."""
    return LetterExtension.objects.filter(state=ExtensionState.ASKED)

"""Official letters (公函): what was written and sent, to whom, how it was delivered, opened, answered and ended; the
templates and the letterhead an authority writes with."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from sunlight.files.models import StoredFile
from sunlight.letters.workflows import (
    NUMBERED,
    ExtensionState,
    LetterKind,
    LetterState,
    ProposalState,
)
from sunlight.scope.fields import acted_by

UNSIGNED = [LetterState.DRAFT, LetterState.SUBMITTED]
# Sorted: a set's order would change the migration.
SIGNED = sorted(NUMBERED)
ARRIVED = sorted(NUMBERED - {LetterState.SENT})


class LetterTemplate(models.Model):
    """How an authority writes a kind of letter. Its text has named places, `{收件单位}`, that are filled when a letter is
    written. Each change is a new row; the one in use is replaced."""

    platform = models.ForeignKey("tenancy.Platform", models.PROTECT, related_name="+")
    organisation = models.ForeignKey("tenancy.Organisation", models.PROTECT, related_name="+")
    kind = models.CharField(max_length=16, choices=LetterKind.choices())
    title = models.CharField(max_length=200)
    text = models.TextField()
    # Working days; none where nothing is asked for.
    term_days = models.PositiveSmallIntegerField(null=True)
    must_acknowledge = models.BooleanField(default=True)
    must_answer = models.BooleanField(default=True)
    state = models.CharField(max_length=10, choices=ProposalState.choices(), default=ProposalState.PROPOSED)
    proposed_at = models.DateTimeField()
    proposed_by = acted_by()
    proposed_by_name = models.CharField(max_length=120, blank=True)
    decided_at = models.DateTimeField(null=True)
    decided_by = acted_by()
    decided_by_name = models.CharField(max_length=120, blank=True)
    note = models.CharField(max_length=500, blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=ProposalState.values()), name="letter_template_state_is_known"
            ),
            models.CheckConstraint(condition=Q(kind__in=LetterKind.values()), name="letter_template_kind_is_known"),
            models.CheckConstraint(
                condition=Q(must_acknowledge=False, must_answer=False, term_days=None)
                | (Q(term_days__gt=0) & (Q(must_acknowledge=True) | Q(must_answer=True))),
                name="a_template_that_asks_for_something_has_a_term",
            ),
            models.UniqueConstraint(
                fields=["organisation", "platform", "kind"],
                condition=Q(state=ProposalState.IN_USE),
                name="one_template_of_a_kind_is_in_use",
            ),
            models.UniqueConstraint(
                fields=["organisation", "platform", "kind"],
                condition=Q(state=ProposalState.PROPOSED),
                name="one_template_of_a_kind_waits",
            ),
            models.CheckConstraint(
                condition=Q(state=ProposalState.PROPOSED, decided_at=None)
                | (~Q(state=ProposalState.PROPOSED) & Q(decided_at__isnull=False)),
                name="a_decided_template_has_its_moment",
            ),
        ]


class LetterHead(models.Model):
    """Under which short name an authority numbers its letters (深医保), and the picture of its seal where it has one."""

    platform = models.ForeignKey("tenancy.Platform", models.PROTECT, related_name="+")
    organisation = models.ForeignKey("tenancy.Organisation", models.PROTECT, related_name="+")
    short_name = models.CharField(max_length=20)
    seal = models.ForeignKey(StoredFile, models.PROTECT, related_name="+", null=True)
    state = models.CharField(max_length=10, choices=ProposalState.choices(), default=ProposalState.PROPOSED)
    proposed_at = models.DateTimeField()
    proposed_by = acted_by()
    proposed_by_name = models.CharField(max_length=120, blank=True)
    decided_at = models.DateTimeField(null=True)
    decided_by = acted_by()
    decided_by_name = models.CharField(max_length=120, blank=True)
    note = models.CharField(max_length=500, blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(state__in=ProposalState.values()), name="letter_head_state_is_known"),
            models.UniqueConstraint(
                fields=["organisation", "platform"],
                condition=Q(state=ProposalState.IN_USE),
                name="one_letterhead_is_in_use",
            ),
            models.UniqueConstraint(
                fields=["organisation", "platform"],
                condition=Q(state=ProposalState.PROPOSED),
                name="one_letterhead_waits",
            ),
            models.CheckConstraint(
                condition=Q(state=ProposalState.PROPOSED, decided_at=None)
                | (~Q(state=ProposalState.PROPOSED) & Q(decided_at__isnull=False)),
                name="a_decided_letterhead_has_its_moment",
            ),
        ]


class Letter(models.Model):
    """A letter of an authority (`sender`) to one organisation. Once sent, its number, title and text never change.

    `about` is the kind of thing it is about (`LetterSubject` names the rows), empty where it is about none. `roles` are the
    people of the addressee it is for; `delivered_roles` those who got it: where nobody held one of `roles`, the
    administrators. `due_on` is the last day for what it asks."""

    platform = models.ForeignKey("tenancy.Platform", models.PROTECT, related_name="+")
    sender = models.ForeignKey("tenancy.Organisation", models.PROTECT, related_name="+")
    addressee = models.ForeignKey("tenancy.Organisation", models.PROTECT, related_name="+")
    kind = models.CharField(max_length=16, choices=LetterKind.choices())
    about = models.CharField(max_length=60, blank=True)
    title = models.CharField(max_length=200)
    text = models.TextField()
    term_days = models.PositiveSmallIntegerField(null=True)
    must_acknowledge = models.BooleanField(default=True)
    must_answer = models.BooleanField(default=True)
    roles = ArrayField(models.CharField(max_length=40), default=list)
    state = models.CharField(max_length=12, choices=LetterState.choices(), default=LetterState.DRAFT)
    written_at = models.DateTimeField()
    written_by = acted_by()
    edited_by = acted_by()
    submitted_at = models.DateTimeField(null=True)
    submitted_by = acted_by()
    submitted_by_name = models.CharField(max_length=120, blank=True)
    returned_note = models.CharField(max_length=500, blank=True)
    # The number: year and running number of its kind, and as it is written.
    year = models.PositiveSmallIntegerField(null=True)
    serial = models.PositiveIntegerField(null=True)
    number = models.CharField(max_length=60, blank=True)
    seal = models.ForeignKey(StoredFile, models.PROTECT, related_name="+", null=True)
    text_sha256 = models.CharField(max_length=64, blank=True)
    sent_at = models.DateTimeField(null=True)
    sent_by = acted_by()
    sent_by_name = models.CharField(max_length=120, blank=True)
    # When the sender was told that nobody is there to receive it.
    nobody_there_at = models.DateTimeField(null=True)
    delivered_at = models.DateTimeField(null=True)
    delivered_roles = ArrayField(models.CharField(max_length=40), default=list)
    due_on = models.DateField(null=True)
    acknowledged_at = models.DateTimeField(null=True)
    acknowledged_by = acted_by()
    acknowledged_by_name = models.CharField(max_length=120, blank=True)
    # The first answer.
    answered_at = models.DateTimeField(null=True)
    escalated_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    closed_by = acted_by()
    close_note = models.CharField(max_length=500, blank=True)
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_by = acted_by()
    withdraw_reason = models.CharField(max_length=500, blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(state__in=LetterState.values()), name="letter_state_is_known"),
            models.CheckConstraint(condition=Q(kind__in=LetterKind.values()), name="letter_kind_is_known"),
            models.CheckConstraint(condition=~Q(sender=F("addressee")), name="nobody_writes_to_itself"),
            models.CheckConstraint(
                condition=Q(must_acknowledge=False, must_answer=False, term_days=None)
                | (Q(term_days__gt=0) & (Q(must_acknowledge=True) | Q(must_answer=True))),
                name="a_letter_that_asks_for_something_has_a_term",
            ),
            models.CheckConstraint(
                condition=Q(sent_at=None, serial=None, year=None, number="", text_sha256="")
                | (
                    Q(sent_at__isnull=False, serial__gt=0, year__isnull=False)
                    & ~Q(number="")
                    & ~Q(text_sha256="")
                    & ~Q(state__in=UNSIGNED)
                ),
                name="a_letter_has_its_number_once_it_is_sent",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=SIGNED) | Q(sent_at__isnull=False), name="a_letter_that_is_out_was_sent"
            ),
            models.CheckConstraint(
                condition=~Q(state__in=ARRIVED) | Q(delivered_at__isnull=False),
                name="a_letter_that_arrived_has_its_moment",
            ),
            models.CheckConstraint(
                condition=Q(delivered_at=None, due_on=None)
                | Q(delivered_at__isnull=False, term_days=None, due_on=None)
                | Q(delivered_at__isnull=False, term_days__isnull=False, due_on__isnull=False),
                name="the_term_runs_from_delivery",
            ),
            models.CheckConstraint(
                condition=~Q(state=LetterState.ANSWERED) | Q(answered_at__isnull=False),
                name="an_answered_letter_has_its_answer",
            ),
            models.CheckConstraint(
                condition=~Q(state=LetterState.WITHDRAWN) | (Q(withdrawn_at__isnull=False) & ~Q(withdraw_reason="")),
                name="a_letter_is_withdrawn_for_a_reason",
            ),
            models.CheckConstraint(
                condition=Q(sent_at=None)
                | Q(sent_for_person_id__isnull=False, submitted_for_person_id__isnull=False)
                & ~Q(sent_for_person_id=F("submitted_for_person_id")),
                name="a_letter_is_sent_by_two_people",
            ),
            models.UniqueConstraint(
                fields=["sender", "kind", "year", "serial"],
                condition=Q(serial__isnull=False),
                name="a_letters_number_is_given_once",
            ),
        ]
        indexes = [
            models.Index(fields=["platform", "sender", "-id"], name="letters_of_a_sender"),
            models.Index(fields=["addressee", "platform", "-id"], name="letters_to_an_addressee"),
            models.Index(
                fields=["platform", "due_on"],
                condition=Q(state__in=[LetterState.DELIVERED, LetterState.ACKNOWLEDGED]),
                name="letters_to_be_answered",
            ),
            models.Index(
                fields=["platform", "id"], condition=Q(state=LetterState.SENT), name="letters_not_delivered_yet"
            ),
        ]


class LetterSubject(models.Model):
    """A row that a letter is about."""

    letter = models.ForeignKey(Letter, models.PROTECT, related_name="subjects")
    subject_type = models.CharField(max_length=60)
    subject_id = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["letter", "subject_type", "subject_id"], name="a_letter_names_a_row_once"),
        ]
        indexes = [models.Index(fields=["subject_type", "subject_id"], name="letters_about_a_row")]


class LetterOpening(models.Model):
    """That somebody of the addressee opened a letter: the receipt. The first time counts."""

    letter = models.ForeignKey(Letter, models.PROTECT, related_name="openings")
    opened_by = acted_by(null=False)
    user_name = models.CharField(max_length=120, blank=True)
    opened_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["letter", "opened_by_kind", "opened_by_id"], name="a_person_opens_a_letter_once"
            ),
        ]


class LetterAnswer(models.Model):
    """What the addressee answered; a letter may have several."""

    letter = models.ForeignKey(Letter, models.PROTECT, related_name="answers")
    text = models.TextField()
    answered_at = models.DateTimeField()
    answered_by = acted_by(null=False)
    user_name = models.CharField(max_length=120, blank=True)


class LetterAnswerFile(models.Model):
    """A file of an answer."""

    answer = models.ForeignKey(LetterAnswer, models.PROTECT, related_name="files")
    file = models.ForeignKey(StoredFile, models.PROTECT, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["answer", "file"], name="an_answer_has_a_file_once")]


class LetterExtension(models.Model):
    """That the addressee asked for more time, and what the sender said."""

    letter = models.ForeignKey(Letter, models.PROTECT, related_name="extensions")
    due_before = models.DateField()
    until = models.DateField()
    reason = models.CharField(max_length=500)
    state = models.CharField(max_length=10, choices=ExtensionState.choices(), default=ExtensionState.ASKED)
    asked_at = models.DateTimeField()
    asked_by = acted_by()
    asked_by_name = models.CharField(max_length=120, blank=True)
    decided_at = models.DateTimeField(null=True)
    decided_by = acted_by()
    note = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=ExtensionState.values()), name="letter_extension_state_is_known"
            ),
            models.CheckConstraint(condition=Q(until__gt=F("due_before")), name="an_extension_is_longer"),
            models.CheckConstraint(
                condition=Q(state=ExtensionState.ASKED, decided_at=None)
                | (~Q(state=ExtensionState.ASKED) & Q(decided_at__isnull=False)),
                name="a_decided_extension_has_its_moment",
            ),
            models.UniqueConstraint(
                fields=["letter"], condition=Q(state=ExtensionState.ASKED), name="one_extension_waits_a_letter"
            ),
        ]

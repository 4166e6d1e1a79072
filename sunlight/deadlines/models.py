"""Time limits of trades."""

from django.db import models
from django.db.models import F, Q

from sunlight.deadlines.words import basis_words
from sunlight.deadlines.workflows import OWED, DeadlineState
from sunlight.tenancy.trade import DistributedTradeRow


class Deadline(DistributedTradeRow):
    """One step that one side of a trade owes the other until 24:00 of a day (A17), with the parameter that set the day. `owes`
    and `awaits` are among the row's parties. Once passed it stays so, done late or not."""

    kind = models.CharField(max_length=40)
    subject_type = models.CharField(max_length=60)
    subject_id = models.BigIntegerField()
    # What people know the subject by, and what it is about.
    number = models.CharField(max_length=40)
    about = models.CharField(max_length=300)
    owes = models.ForeignKey("tenancy.Organisation", models.PROTECT, related_name="+")
    awaits = models.ForeignKey("tenancy.Organisation", models.PROTECT, related_name="+")
    started_on = models.DateField()
    days = models.PositiveSmallIntegerField()
    in_working_days = models.BooleanField()
    due_on = models.DateField()
    is_provisional = models.BooleanField(default=False)
    parameter = models.CharField(max_length=80)
    # Of the value that says how many days, and of the text that orders a limit here, where one does.
    clause = models.CharField(max_length=30)
    demanded_by = models.CharField(max_length=30, blank=True)
    state = models.CharField(max_length=12, choices=DeadlineState.choices(), default=DeadlineState.OPEN)
    # The day it was found to have passed, once; the event goes out with it.
    passed_on = models.DateField(null=True)
    done_on = models.DateField(null=True)
    cancelled_on = models.DateField(null=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(state__in=DeadlineState.values()), name="deadline_state_is_known"),
            models.CheckConstraint(
                condition=Q(due_on__gte=F("started_on"), days__gt=0), name="a_deadline_ends_after_it_begins"
            ),
            models.CheckConstraint(condition=~Q(owes=F("awaits")), name="nobody_owes_a_step_to_itself"),
            models.CheckConstraint(
                condition=~Q(state=DeadlineState.PASSED) | Q(passed_on__gt=F("due_on"), passed_on__isnull=False),
                name="a_passed_deadline_has_its_day",
            ),
            models.CheckConstraint(
                condition=Q(state__in=OWED, done_on=None, cancelled_on=None)
                | Q(state=DeadlineState.DONE, done_on__isnull=False, cancelled_on=None)
                | Q(state=DeadlineState.CANCELLED, done_on=None, cancelled_on__isnull=False),
                name="an_ended_deadline_has_its_day",
            ),
            models.UniqueConstraint(
                fields=["subject_type", "subject_id", "kind"],
                condition=Q(state__in=OWED),
                name="a_step_is_owed_once_at_a_time",
            ),
        ]
        indexes = [
            *DistributedTradeRow.Meta.indexes,
            models.Index(fields=["owes"]),
            models.Index(fields=["awaits"]),
            models.Index(fields=["subject_type", "subject_id"]),
            models.Index(
                fields=["platform", "due_on"], condition=Q(state=DeadlineState.OPEN), name="deadline_that_runs"
            ),
        ]

    @property
    def basis(self) -> str:
        """Which text orders the limit and who set its days, in words."""
        return basis_words(vars(self))

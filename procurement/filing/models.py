"""What a hospital's yearly shares are measured by."""

from django.db import models
from django.db.models import F, Q

from procurement.filing.workflows import YearBaseState
from sunlight.scope.fields import acted_by


class YearBase(models.Model):
    """The yearly procurement budget that a hospital's supervising authority approved, with the document as evidence (A15).
    One counts for a hospital and a year, on whichever platform it was stated."""

    number = models.CharField(max_length=20, unique=True)
    platform = models.ForeignKey("tenancy.Platform", models.PROTECT, related_name="+")
    region = models.ForeignKey("tenancy.Region", models.PROTECT, related_name="+")
    hospital = models.ForeignKey("tenancy.Organisation", models.PROTECT, related_name="+")
    year = models.PositiveSmallIntegerField()
    amount_fen = models.BigIntegerField()
    document = models.CharField(max_length=100)
    file = models.ForeignKey("files.StoredFile", models.PROTECT, related_name="+")
    state = models.CharField(max_length=10, choices=YearBaseState.choices(), default=YearBaseState.STATED)
    stated_at = models.DateTimeField()
    stated_by = acted_by()
    stated_by_name = models.CharField(max_length=60, blank=True)
    decided_at = models.DateTimeField(null=True)
    decided_by = acted_by()
    decided_by_name = models.CharField(max_length=60, blank=True)
    note = models.CharField(max_length=500, blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(state__in=YearBaseState.values()), name="year_base_state_is_known"),
            models.CheckConstraint(condition=Q(amount_fen__gt=0), name="a_year_base_is_an_amount"),
            models.CheckConstraint(
                condition=Q(state=YearBaseState.STATED, decided_at=None)
                | (~Q(state=YearBaseState.STATED) & Q(decided_at__isnull=False)),
                name="a_year_base_is_decided_when_it_leaves_stated",
            ),
            models.CheckConstraint(
                condition=~Q(state=YearBaseState.CONFIRMED)
                | Q(decided_for_person_id__isnull=False, stated_for_person_id__isnull=False)
                & ~Q(decided_for_person_id=F("stated_for_person_id")),
                name="a_year_base_is_confirmed_by_another_person",
            ),
            models.UniqueConstraint(
                fields=["platform", "hospital", "year"],
                condition=Q(state=YearBaseState.STATED),
                name="one_stated_year_base_waits",
            ),
            models.UniqueConstraint(
                fields=["hospital", "year"],
                condition=Q(state=YearBaseState.CONFIRMED),
                name="one_year_base_counts_for_a_hospital_and_year",
            ),
        ]
        indexes = [
            models.Index(fields=["platform", "hospital", "-id"]),
            models.Index(fields=["platform", "region", "-id"]),
        ]

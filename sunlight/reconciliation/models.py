"""The runs of the reconciliation and what they found."""

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q

from sunlight.reconciliation.workflows import DiscrepancyKind, DiscrepancyState
from sunlight.scope.fields import acted_by


class Reconciliation(models.Model):
    """One walk over all reconciled rows of a platform, chunk by chunk: `position` says where the next one begins."""

    platform = models.ForeignKey("tenancy.Platform", models.PROTECT, related_name="+")
    business_day = models.DateField()
    # The day's own run, or one that somebody asked for.
    is_nightly = models.BooleanField()
    position = models.JSONField(default=dict)
    rows = models.PositiveBigIntegerField(default=0)
    versions = models.PositiveBigIntegerField(default=0)
    differences = models.PositiveIntegerField(default=0)
    started_at = models.DateTimeField()
    started_by = acted_by()
    started_by_name = models.CharField(max_length=120, blank=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["platform", "business_day"], condition=Q(is_nightly=True), name="a_night_is_reconciled_once"
            ),
            models.UniqueConstraint(
                fields=["platform"], condition=Q(finished_at=None), name="one_reconciliation_at_a_time"
            ),
        ]
        indexes = [models.Index(fields=["platform", "-id"])]


class Discrepancy(models.Model):
    """A row that is not as events say. While one is not released, the platform makes no payments.

    `columns` holds, of each column that differs, what events say and what was found."""

    number = models.CharField(max_length=20, unique=True)
    platform = models.ForeignKey("tenancy.Platform", models.PROTECT, related_name="+")
    kind = models.CharField(max_length=12, choices=DiscrepancyKind.choices())
    relation = models.CharField(max_length=63)
    row_id = models.BigIntegerField()
    # What people know the row by.
    row_name = models.CharField(max_length=80)
    columns = models.JSONField(encoder=DjangoJSONEncoder, default=list)
    # Of kind, row and columns: the same difference found again is the same matter.
    sha256 = models.CharField(max_length=64)
    first_seen = models.ForeignKey(Reconciliation, models.PROTECT, related_name="+")
    last_seen = models.ForeignKey(Reconciliation, models.PROTECT, related_name="+")
    found_at = models.DateTimeField()
    state = models.CharField(max_length=12, choices=DiscrepancyState.choices())
    looked_at = models.DateTimeField(null=True)
    looked_by = acted_by()
    looked_by_name = models.CharField(max_length=120, blank=True)
    look_note = models.CharField(max_length=1000, blank=True)
    released_at = models.DateTimeField(null=True)
    released_by = acted_by()
    released_by_name = models.CharField(max_length=120, blank=True)
    release_reason = models.CharField(max_length=1000, blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=DiscrepancyKind.values()), name="discrepancy_kind_is_known"),
            models.CheckConstraint(condition=Q(state__in=DiscrepancyState.values()), name="discrepancy_state_is_known"),
            models.CheckConstraint(
                condition=Q(state=DiscrepancyState.OPEN)
                | (Q(looked_at__isnull=False, looked_by_id__isnull=False) & ~Q(look_note="")),
                name="a_discrepancy_looked_into_says_what_was_found_out",
            ),
            models.CheckConstraint(
                condition=(~Q(state=DiscrepancyState.RELEASED) & Q(released_at=None))
                | (
                    Q(state=DiscrepancyState.RELEASED, released_at__isnull=False, released_by_id__isnull=False)
                    & ~Q(release_reason="")
                ),
                name="a_released_discrepancy_has_moment_and_reason",
            ),
            models.UniqueConstraint(
                fields=["platform", "sha256"],
                condition=~Q(state=DiscrepancyState.RELEASED),
                name="a_difference_is_one_matter",
            ),
        ]
        indexes = [
            models.Index(fields=["platform", "state", "-id"]),
            models.Index(fields=["platform", "sha256"]),
        ]

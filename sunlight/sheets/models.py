"""Runs that import a sheet row by row, and the rows they refused."""

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q

from sunlight.files.models import StoredFile
from sunlight.scope.fields import acted_by
from sunlight.sheets.workflows import ImportState


class ImportRun(models.Model):
    """One file imported row by row: how many rows were accepted, which were refused and why. `whole`: nothing is
    imported unless every row is good; otherwise the good rows are held back."""

    platform = models.ForeignKey("tenancy.Platform", models.PROTECT, related_name="+")
    organisation = models.ForeignKey("tenancy.Organisation", models.PROTECT, related_name="+", null=True)
    kind = models.CharField(max_length=40)
    file = models.ForeignKey(StoredFile, models.PROTECT, related_name="+")
    state = models.CharField(max_length=12, choices=ImportState.choices())
    rows_total = models.PositiveIntegerField(default=0)
    rows_taken = models.PositiveIntegerField(default=0)
    rows_unchanged = models.PositiveIntegerField(default=0)
    rows_refused = models.PositiveIntegerField(default=0)
    rows_held = models.PositiveIntegerField(default=0)
    whole = models.BooleanField(default=False)
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    started_by = acted_by()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(state__in=ImportState.values()), name="import_run_state_is_known"),
            models.CheckConstraint(
                condition=Q(state=ImportState.RUNNING, finished_at=None)
                | Q(state__in=[ImportState.DONE, ImportState.ABANDONED], finished_at__isnull=False),
                name="an_import_run_ends_when_done",
            ),
        ]
        indexes = [models.Index(fields=["platform", "kind", "-id"])]


class RefusedRow(models.Model):
    """A row that was not taken: its number in the sheet, the column, the reason and the way out, and the row itself."""

    run = models.ForeignKey(ImportRun, models.CASCADE, related_name="+")
    row_number = models.PositiveIntegerField()
    column = models.CharField(max_length=80, blank=True)
    code = models.CharField(max_length=60)
    message = models.TextField()
    clause = models.CharField(max_length=30, blank=True)
    cells = models.JSONField(encoder=DjangoJSONEncoder)

    class Meta:
        indexes = [models.Index(fields=["run", "row_number"])]

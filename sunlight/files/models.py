"""What every app needs once: kept files, runs that take in a sheet row by row, answers to repeated requests."""

from django.contrib.postgres.fields import ArrayField
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q


class Visibility(models.TextChoices):
    """Who may open a file beside the platform: its owner, the organisations named with it, or everybody."""

    OWN = "OWN", "仅本单位"
    PARTIES = "PARTIES", "交易各方"
    PUBLIC = "PUBLIC", "公开"


class StoredFile(models.Model):
    """A file as it came in, with its hash; its content lies in the database so that the wall guards it too.
    Without an organisation it is the platform's own."""

    platform = models.ForeignKey("tenancy.Platform", models.PROTECT, related_name="+")
    organisation = models.ForeignKey("tenancy.Organisation", models.PROTECT, related_name="+", null=True)
    name = models.CharField(max_length=200)
    content_type = models.CharField(max_length=100)
    size = models.PositiveBigIntegerField()
    sha256 = models.CharField(max_length=64)
    content = models.BinaryField()
    visibility = models.CharField(max_length=8, choices=Visibility.choices, default=Visibility.OWN)
    parties = ArrayField(models.BigIntegerField(), default=list)
    # The scanner that found nothing; empty where none is configured.
    scanned_by = models.CharField(max_length=20, blank=True, default="")
    stored_at = models.DateTimeField()
    stored_by_id = models.BigIntegerField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(visibility__in=Visibility.values), name="a_files_visibility_is_known"),
            models.CheckConstraint(
                condition=Q(visibility="PARTIES") | Q(parties=[]), name="only_a_file_for_parties_names_them"
            ),
        ]
        indexes = [models.Index(fields=["platform", "organisation", "sha256"])]


class FilePart(models.Model):
    """A piece of a file too large to be held whole: its StoredFile has no content of its own. `form` is "original" for
    what was sent, "lines" for a workbook's first sheet written out as CSV."""

    file = models.ForeignKey(StoredFile, models.CASCADE, related_name="+")
    form = models.CharField(max_length=10)
    number = models.PositiveIntegerField()
    content = models.BinaryField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["file", "form", "number"], name="a_file_has_each_part_once"),
        ]


class ImportRun(models.Model):
    """One file taken in row by row: how many rows were taken, which were refused and why. `whole`: nothing was to be
    taken unless every row was good; then the good ones are held back."""

    platform = models.ForeignKey("tenancy.Platform", models.PROTECT, related_name="+")
    organisation = models.ForeignKey("tenancy.Organisation", models.PROTECT, related_name="+", null=True)
    kind = models.CharField(max_length=40)
    file = models.ForeignKey(StoredFile, models.PROTECT, related_name="+")
    state = models.CharField(
        max_length=12, choices=[("RUNNING", "进行中"), ("DONE", "已完成"), ("ABANDONED", "已放弃")]
    )
    rows_total = models.PositiveIntegerField(default=0)
    rows_taken = models.PositiveIntegerField(default=0)
    rows_unchanged = models.PositiveIntegerField(default=0)
    rows_refused = models.PositiveIntegerField(default=0)
    rows_held = models.PositiveIntegerField(default=0)
    whole = models.BooleanField(default=False)
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    started_by_id = models.BigIntegerField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["RUNNING", "DONE", "ABANDONED"]), name="import_run_state_is_known"
            ),
            models.CheckConstraint(
                condition=Q(state="RUNNING", finished_at=None)
                | Q(state__in=["DONE", "ABANDONED"], finished_at__isnull=False),
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


class IdempotentAnswer(models.Model):
    """The first answer to a POST with an Idempotency-Key; the same key and body gets it again, another body is refused."""

    platform = models.ForeignKey("tenancy.Platform", models.PROTECT, related_name="+")
    organisation = models.ForeignKey("tenancy.Organisation", models.PROTECT, related_name="+")
    route = models.CharField(max_length=200)
    key = models.CharField(max_length=200)
    body_sha256 = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField()
    answer = models.JSONField(null=True)
    answered_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["platform", "organisation", "route", "key"], name="a_key_is_answered_once"),
        ]

"""Kept files: who may open them, their content, and the parts of those too large to hold in one piece."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from sunlight.scope.fields import acted_by


class Visibility(models.TextChoices):
    """Who may open a file besides the platform: its owner, the organisations named with it, or everybody."""

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
    stored_by = acted_by()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(visibility__in=Visibility.values), name="a_files_visibility_is_known"),
            models.CheckConstraint(
                condition=Q(visibility="PARTIES") | Q(parties=[]), name="only_a_file_for_parties_names_them"
            ),
        ]
        indexes = [models.Index(fields=["platform", "organisation", "sha256"])]


class FilePart(models.Model):
    """A part of a file too large to store in one row: its StoredFile has no content itself. `form` is "original" for
    what was sent, "lines" for a workbook's first sheet written out as CSV."""

    file = models.ForeignKey(StoredFile, models.CASCADE, related_name="+")
    form = models.CharField(max_length=10)
    number = models.PositiveIntegerField()
    content = models.BinaryField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["file", "form", "number"], name="a_file_has_each_part_once"),
        ]

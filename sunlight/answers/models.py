"""Answers to repeated requests."""

from django.db import models


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

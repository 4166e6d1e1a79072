"""What is published for objection before it takes effect (公示), and the objections."""

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import F, Q

from sunlight.files.models import StoredFile
from sunlight.publicity.workflows import ObjectionState, PublicationState
from sunlight.scope.fields import acted_by


class Publication(models.Model):
    """A matter before the public for a term in working days. Everybody may read it. `party` is whom it concerns."""

    number = models.CharField(max_length=20, unique=True)
    platform = models.ForeignKey("tenancy.Platform", models.PROTECT, related_name="+")
    kind = models.CharField(max_length=40)
    subject_type = models.CharField(max_length=60)
    subject_id = models.BigIntegerField()
    party = models.ForeignKey("tenancy.Organisation", models.PROTECT, related_name="+", null=True)
    title = models.CharField(max_length=200)
    body = models.TextField(blank=True)
    # [[label, value], …] as shown to the public.
    facts = models.JSONField(encoder=DjangoJSONEncoder, default=list)
    # The clause that demands it, or the one its term comes from where none does.
    clause = models.CharField(max_length=30)
    term_days = models.PositiveSmallIntegerField()
    starts_on = models.DateField()
    ends_on = models.DateField()
    is_provisional = models.BooleanField(default=False)
    state = models.CharField(max_length=12, choices=PublicationState.choices(), default=PublicationState.OPEN)
    outcome_note = models.CharField(max_length=500, blank=True)
    published_at = models.DateTimeField()
    published_by = acted_by()
    ended_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(state__in=PublicationState.values()), name="publication_state_is_known"),
            models.CheckConstraint(
                condition=Q(state__in=[PublicationState.OPEN, PublicationState.JUDGING], ended_at=None)
                | (~Q(state__in=[PublicationState.OPEN, PublicationState.JUDGING]) & Q(ended_at__isnull=False)),
                name="a_publication_has_ended_or_not",
            ),
            models.CheckConstraint(condition=Q(ends_on__gt=F("starts_on")), name="a_publication_has_a_term"),
            models.UniqueConstraint(
                fields=["kind", "subject_type", "subject_id"],
                condition=Q(state__in=[PublicationState.OPEN, PublicationState.JUDGING]),
                name="a_matter_is_published_once_at_a_time",
            ),
        ]
        indexes = [
            models.Index(fields=["platform", "-id"]),
            models.Index(
                fields=["platform", "ends_on"], condition=Q(state=PublicationState.OPEN), name="publication_that_runs"
            ),
            models.Index(fields=["subject_type", "subject_id"]),
        ]


class Objection(models.Model):
    """Somebody's objection to a publication, with or without an account. Only the operator sees who it was; they follow
    it by its number and a secret of which the hash alone is kept."""

    number = models.CharField(max_length=20, unique=True)
    platform = models.ForeignKey("tenancy.Platform", models.PROTECT, related_name="+")
    publication = models.ForeignKey(Publication, models.PROTECT, related_name="objections")
    secret_sha256 = models.CharField(max_length=64)
    name = models.CharField(max_length=100)
    contact = models.CharField(max_length=120)
    text = models.TextField()
    evidence = models.ForeignKey(StoredFile, models.PROTECT, related_name="+", null=True)
    client_address = models.CharField(max_length=64, blank=True)
    state = models.CharField(max_length=12, choices=ObjectionState.choices(), default=ObjectionState.RECEIVED)
    received_at = models.DateTimeField()
    # Read by the public.
    answer = models.CharField(max_length=1000, blank=True)
    answered_at = models.DateTimeField(null=True)
    answered_by = acted_by()
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(state__in=ObjectionState.values()), name="objection_state_is_known"),
            models.CheckConstraint(
                condition=Q(state=ObjectionState.RECEIVED, answered_at=None)
                | (~Q(state=ObjectionState.RECEIVED) & Q(answered_at__isnull=False) & ~Q(answer="")),
                name="an_answered_objection_has_its_answer",
            ),
        ]
        indexes = [
            models.Index(fields=["platform", "state", "id"]),
            models.Index(fields=["client_address", "received_at"]),
        ]

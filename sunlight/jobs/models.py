"""Background work: the row is the truth, the broker only a doorbell."""

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q

from sunlight.jobs.workflows import JobState
from sunlight.scope.fields import acted_by


class Job(models.Model):
    """Work done in chunks by whoever comes by: what, for whom, how far. `position` is what the next chunk needs to know;
    it, the counts and the chunk's effects are written in one transaction."""

    platform = models.ForeignKey("tenancy.Platform", models.PROTECT, related_name="+")
    organisation = models.ForeignKey("tenancy.Organisation", models.PROTECT, related_name="+", null=True)
    kind = models.CharField(max_length=60)
    title = models.CharField(max_length=200)
    parameters = models.JSONField(encoder=DjangoJSONEncoder, default=dict)
    state = models.CharField(max_length=12, choices=JobState.choices(), default=JobState.QUEUED)
    position = models.JSONField(encoder=DjangoJSONEncoder, default=dict)
    phase = models.CharField(max_length=60, blank=True)
    done = models.PositiveBigIntegerField(default=0)
    # Unknown until the work itself knows.
    total = models.PositiveBigIntegerField(null=True)
    chunks = models.PositiveIntegerField(default=0)
    # Times it was taken up since the last finished chunk: work that kills its worker is not tried for ever.
    attempts = models.PositiveIntegerField(default=0)
    note = models.TextField(blank=True)
    # Its result, if the kind has a page for it.
    result_id = models.BigIntegerField(null=True)
    queued_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    # When a chunk last ended, or the state last changed.
    moved_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    started_by = acted_by()
    started_by_name = models.CharField(max_length=100, blank=True)
    client = models.JSONField(default=dict)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(state__in=JobState.values()), name="job_state_is_known"),
            models.CheckConstraint(
                condition=Q(state__in=[JobState.DONE, JobState.ABANDONED], ended_at__isnull=False)
                | (~Q(state__in=[JobState.DONE, JobState.ABANDONED]) & Q(ended_at=None)),
                name="a_job_ends_when_done_or_abandoned",
            ),
        ]
        indexes = [
            models.Index(fields=["platform", "-id"]),
            models.Index(fields=["organisation", "-id"]),
            models.Index(
                fields=["platform", "moved_at"],
                condition=Q(state__in=[JobState.QUEUED, JobState.RUNNING, JobState.STOPPING]),
                name="jobs_waiting",
            ),
        ]


class JobPart(models.Model):
    """A piece of what a job has made so far, or of the file that came of it; `form` distinguishes them. It goes with
    the job's end, a result some days later."""

    job = models.ForeignKey(Job, models.CASCADE, related_name="+")
    form = models.CharField(max_length=10)
    number = models.PositiveIntegerField()
    content = models.BinaryField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["job", "form", "number"], name="a_job_has_each_part_once"),
        ]

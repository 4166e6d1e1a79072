"""What the regulator's overview reads instead of the trade itself; what those who watch found out; readings of the journal;
drafts of the law tried on what happened."""

from django.db import models
from django.db.models import F, Q

from sunlight.scope.fields import acted_by
from supervision.workflows import Conclusion, FindingState


class DailyFigure(models.Model):
    """One figure of one hospital with one supplier on one business day: how many rows and how much money. Recomputed
    from its rows, never by difference; a key without rows has no figure."""

    platform = models.ForeignKey("tenancy.Platform", models.PROTECT, related_name="+")
    # The hospital's.
    region = models.ForeignKey("tenancy.Region", models.PROTECT, related_name="+")
    buyer = models.ForeignKey("tenancy.Organisation", models.PROTECT, related_name="+")
    seller = models.ForeignKey("tenancy.Organisation", models.PROTECT, related_name="+")
    day = models.DateField()
    figure = models.CharField(max_length=24)
    count = models.PositiveIntegerField()
    total_fen = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["platform", "region", "buyer", "seller", "day", "figure"], name="a_figure_once_a_day"
            ),
            models.CheckConstraint(condition=Q(count__gt=0), name="a_figure_counts_something"),
        ]
        indexes = [
            models.Index(fields=["platform", "day"]),
            models.Index(fields=["buyer", "day"]),
            models.Index(fields=["seller", "day"]),
        ]


class Finding(models.Model):
    """What an organisation that watches (a hospital's auditor, the operator, an authority) found out about one matter, and
    what its head decided. It is the organisation's own: nobody else reads it. A later one takes the place of the last."""

    platform = models.ForeignKey("tenancy.Platform", models.PROTECT, related_name="+")
    organisation = models.ForeignKey("tenancy.Organisation", models.PROTECT, related_name="+")
    # A key of `queries.matters.MATTERS`, and the row it is about with the number people know it by.
    matter = models.CharField(max_length=40)
    matter_id = models.BigIntegerField()
    number = models.CharField(max_length=40)
    about = models.CharField(max_length=300)
    conclusion = models.CharField(max_length=12, choices=Conclusion.choices())
    note = models.CharField(max_length=1000)
    follow_up_on = models.DateField(null=True)
    is_latest = models.BooleanField(default=True)
    state = models.CharField(max_length=12, choices=FindingState.choices(), default=FindingState.NOTED)
    noted_at = models.DateTimeField()
    noted_by = acted_by()
    noted_by_name = models.CharField(max_length=120, blank=True)
    decided_at = models.DateTimeField(null=True)
    decided_by = acted_by()
    decided_by_name = models.CharField(max_length=120, blank=True)
    decision_note = models.CharField(max_length=1000, blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(state__in=FindingState.values()), name="finding_state_is_known"),
            models.CheckConstraint(
                condition=Q(conclusion__in=Conclusion.values()), name="a_finding_has_a_known_conclusion"
            ),
            models.CheckConstraint(
                condition=Q(conclusion=Conclusion.URGED, follow_up_on__isnull=False)
                | (~Q(conclusion=Conclusion.URGED) & Q(follow_up_on=None)),
                name="what_was_urged_has_its_day",
            ),
            models.CheckConstraint(
                condition=Q(state__in=[FindingState.AGREED, FindingState.RETURNED], decided_at__isnull=False)
                | (~Q(state__in=[FindingState.AGREED, FindingState.RETURNED]) & Q(decided_at=None)),
                name="a_decided_finding_has_its_moment",
            ),
            models.UniqueConstraint(
                fields=["organisation", "platform", "matter", "matter_id"],
                condition=Q(is_latest=True),
                name="a_matter_has_one_latest_finding",
            ),
        ]
        indexes = [models.Index(fields=["organisation", "platform", "-id"])]


class JournalCheck(models.Model):
    """That an organisation had the platform's journal read again from its first seal to its last, and what came of it.
    `head_sequence` and `head_hash` are what its next reading must find again."""

    platform = models.ForeignKey("tenancy.Platform", models.PROTECT, related_name="+")
    organisation = models.ForeignKey("tenancy.Organisation", models.PROTECT, related_name="+")
    sealed = models.PositiveBigIntegerField()
    head_sequence = models.PositiveBigIntegerField()
    head_hash = models.CharField(max_length=64)
    faults = models.JSONField(default=list)
    fault_count = models.PositiveIntegerField()
    checked_at = models.DateTimeField()
    checked_by = acted_by()
    checked_by_name = models.CharField(max_length=120, blank=True)

    class Meta:
        indexes = [models.Index(fields=["organisation", "platform", "-id"])]


class ActDocument(models.Model):
    """The official document of an act in the law library, as the platform put it there; a wrong one is taken back, never
    deleted."""

    platform = models.ForeignKey("tenancy.Platform", models.PROTECT, related_name="+")
    act = models.CharField(max_length=20)
    file = models.ForeignKey("files.StoredFile", models.PROTECT, related_name="+")
    source = models.CharField(max_length=200)
    added_at = models.DateTimeField()
    added_by = acted_by()
    taken_back_at = models.DateTimeField(null=True)
    taken_back_by = acted_by()
    taken_back_reason = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["platform", "act", "file"], name="a_file_is_an_acts_document_once"),
            models.CheckConstraint(
                condition=Q(taken_back_at=None) | ~Q(taken_back_reason=""), name="a_document_is_taken_back_for_a_reason"
            ),
        ]
        indexes = [models.Index(fields=["platform", "act", "-id"])]


class PolicyDraft(models.Model):
    """A draft of the law that an authority tries on what happened: the act it would become, and its edits in order. Its own
    until it leaves as a file. `base_sha256` says on which documents it was last seen to stand."""

    platform = models.ForeignKey("tenancy.Platform", models.PROTECT, related_name="+")
    organisation = models.ForeignKey("tenancy.Organisation", models.PROTECT, related_name="+")
    code = models.CharField(max_length=12)
    title = models.CharField(max_length=200)
    region_code = models.CharField(max_length=20)
    # What it is while it is tried: law, or a draft that the platform's switch makes bind or warn.
    status = models.CharField(max_length=10)
    edits = models.JSONField(default=list)
    base_sha256 = models.CharField(max_length=64)
    made_at = models.DateTimeField()
    made_by = acted_by()
    made_by_name = models.CharField(max_length=120, blank=True)
    changed_at = models.DateTimeField()
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "platform", "code"], name="an_authority_has_one_draft_of_a_code"
            ),
            models.CheckConstraint(condition=Q(status__in=["draft", "in_force"]), name="a_tried_draft_has_a_status"),
        ]
        indexes = [models.Index(fields=["organisation", "platform", "-id"])]


class WhatIfRun(models.Model):
    """One or two drafts tried on the records of a period in a region, as they stood when it began (`amendments`, frozen).
    `totals` is what came of it; rows are written by its job alone and judge nothing live."""

    platform = models.ForeignKey("tenancy.Platform", models.PROTECT, related_name="+")
    organisation = models.ForeignKey("tenancy.Organisation", models.PROTECT, related_name="+")
    region = models.ForeignKey("tenancy.Region", models.PROTECT, related_name="+")
    since = models.DateField()
    until = models.DateField()
    titles = models.JSONField()
    amendments = models.JSONField()
    # What drafts do under each side; empty where they do what they did at the time.
    drafts = models.CharField(max_length=8, blank=True)
    base_sha256 = models.CharField(max_length=64)
    totals = models.JSONField(default=dict)
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    started_by = acted_by()
    started_by_name = models.CharField(max_length=120, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(since__lte=F("until")), name="a_what_if_period_runs_forwards"),
            models.CheckConstraint(condition=Q(drafts__in=["", "binding", "warn"]), name="a_what_if_knows_its_drafts"),
        ]
        indexes = [models.Index(fields=["organisation", "platform", "-id"])]


class WhatIfSum(models.Model):
    """How many records a side changes in one way, and what they come to, by clause, hospital, firm, product, category,
    month or kind of record; `key` says which one. A record of several clauses counts under each of them."""

    platform = models.ForeignKey("tenancy.Platform", models.PROTECT, related_name="+")
    organisation = models.ForeignKey("tenancy.Organisation", models.PROTECT, related_name="+")
    run = models.ForeignKey(WhatIfRun, models.CASCADE, db_index=False, related_name="+")
    side = models.PositiveSmallIntegerField()
    dimension = models.CharField(max_length=10)
    key = models.CharField(max_length=40)
    kind = models.CharField(max_length=10)
    count = models.PositiveBigIntegerField()
    fen = models.BigIntegerField()
    saved_fen = models.BigIntegerField()
    days = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["run", "dimension", "side", "kind", "key"], name="a_what_if_sums_each_key_once"
            ),
        ]


class WhatIfChange(models.Model):
    """A record that a side changes: what was said, and what would be said. Of each kind the first so many are kept; the sums
    count all."""

    platform = models.ForeignKey("tenancy.Platform", models.PROTECT, related_name="+")
    organisation = models.ForeignKey("tenancy.Organisation", models.PROTECT, related_name="+")
    run = models.ForeignKey(WhatIfRun, models.CASCADE, db_index=False, related_name="+")
    side = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=10)
    day = models.DateField()
    subject_type = models.CharField(max_length=60)
    subject_id = models.BigIntegerField(null=True)
    # Of the decision, or of the refusal, in the journal.
    record_id = models.BigIntegerField()
    is_refusal = models.BooleanField()
    buyer = models.ForeignKey("tenancy.Organisation", models.PROTECT, db_index=False, null=True, related_name="+")
    seller = models.ForeignKey("tenancy.Organisation", models.PROTECT, db_index=False, null=True, related_name="+")
    price_group = models.ForeignKey("catalog.PriceGroup", models.PROTECT, db_index=False, null=True, related_name="+")
    clauses = models.JSONField()
    before = models.TextField()
    after = models.TextField()
    fen = models.BigIntegerField()
    saved_fen = models.BigIntegerField()
    days = models.IntegerField()

    class Meta:
        indexes = [models.Index(fields=["run", "side", "kind", "id"])]

"""What happened, why, and what was refused: append-only tables, and one chain of seals a platform over all three."""

from django.contrib.postgres.fields import ArrayField
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models

from sunlight.scope.fields import acted_by


class Record(models.Model):
    """Who, where and when, on everything the journal keeps. `parties` lists the organisations that may read the row."""

    # Plain ids: the journal stands below tenancy and knows no organisation or platform but by number. Always there: what
    # belongs to no platform would be sealed in no chain.
    platform_id = models.BigIntegerField()
    parties = ArrayField(models.BigIntegerField(), default=list)
    actor = acted_by()
    actor_name = models.CharField(max_length=120, blank=True)
    actor_organisation_id = models.BigIntegerField(null=True)
    actor_organisation_name = models.CharField(max_length=200, blank=True)
    actor_roles = ArrayField(models.CharField(max_length=40), default=list)
    on_behalf_of = models.CharField(max_length=120, blank=True)
    client_address = models.CharField(max_length=64, blank=True)
    client_agent = models.CharField(max_length=300, blank=True)
    request_id = models.CharField(max_length=64, blank=True)
    occurred_at = models.DateTimeField()
    recorded_at = models.DateTimeField()

    class Meta:
        abstract = True


class Event(Record):
    """A complete fact with the row version it describes, written in the transaction of its effect."""

    name = models.CharField(max_length=80)
    subject_type = models.CharField(max_length=60)
    subject_id = models.BigIntegerField()
    subject_version = models.PositiveIntegerField(default=1)
    payload = models.JSONField(encoder=DjangoJSONEncoder)

    class Meta:
        indexes = [
            models.Index(fields=["subject_type", "subject_id", "id"]),
            models.Index(fields=["platform_id", "name", "id"]),
            # What is not sealed yet is searched from the settled id on, once a second.
            models.Index(fields=["platform_id", "id"]),
        ]


class Decision(Record):
    """The answer of a rule that a trade rested on: facts, reasons with clauses, dated parameters. Rule, region, date, the
    platform's switch for drafts and the rule's own facts are the request that gives the same answer again."""

    subject_type = models.CharField(max_length=60)
    subject_id = models.BigIntegerField()
    rule = models.CharField(max_length=60)
    region_code = models.CharField(max_length=20)
    law_date = models.DateField()
    drafts = models.CharField(max_length=8)
    facts = models.JSONField(encoder=DjangoJSONEncoder)
    regulated = models.BooleanField()
    allowed = models.BooleanField(null=True)
    outcome = models.JSONField(encoder=DjangoJSONEncoder, null=True)
    reasons = models.JSONField(encoder=DjangoJSONEncoder)
    parameters = models.JSONField(encoder=DjangoJSONEncoder)

    class Meta:
        indexes = [
            models.Index(fields=["subject_type", "subject_id", "id"]),
            models.Index(fields=["platform_id", "id"]),
        ]


class Refusal(Record):
    """An act that was refused: what was asked, on which facts, and for which reasons. Nothing else remains of it."""

    service = models.CharField(max_length=80)
    code = models.CharField(max_length=60)
    message = models.TextField()
    subject_type = models.CharField(max_length=60, blank=True)
    subject_id = models.BigIntegerField(null=True)
    facts = models.JSONField(encoder=DjangoJSONEncoder)
    reasons = models.JSONField(encoder=DjangoJSONEncoder)
    decision = models.JSONField(encoder=DjangoJSONEncoder, null=True)

    class Meta:
        indexes = [
            models.Index(fields=["platform_id", "-id"]),
            models.Index(fields=["platform_id", "actor_organisation_id", "-id"]),
            models.Index(fields=["subject_type", "subject_id", "id"]),
        ]


class Delivery(models.Model):
    """One effect of one event on one subscriber: the unique pair makes it happen once."""

    event = models.ForeignKey(Event, models.PROTECT, related_name="+")
    subscriber = models.CharField(max_length=80)
    delivered_at = models.DateTimeField(null=True)
    attempts = models.PositiveIntegerField(default=0)
    last_error = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["event", "subscriber"], name="an_event_reaches_a_subscriber_once"),
        ]
        indexes = [models.Index(fields=["id"], condition=models.Q(delivered_at=None), name="undelivered")]


class Seal(models.Model):
    """What one platform's journal keeps, events, decisions and refusals alike, in one gap-free sequence, each link hashing
    the one before."""

    platform_id = models.BigIntegerField()
    sequence = models.BigIntegerField()
    # One of the three.
    event = models.ForeignKey(Event, models.PROTECT, null=True, db_index=False, related_name="+")
    decision = models.ForeignKey(Decision, models.PROTECT, null=True, db_index=False, related_name="+")
    refusal = models.ForeignKey(Refusal, models.PROTECT, null=True, db_index=False, related_name="+")
    row_hash = models.CharField(max_length=64)
    chain_hash = models.CharField(max_length=64)
    sealed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["platform_id", "sequence"], name="a_platform_seals_without_gaps_or_doubles"
            ),
            models.CheckConstraint(
                condition=models.Q(event__isnull=False, decision=None, refusal=None)
                | models.Q(event=None, decision__isnull=False, refusal=None)
                | models.Q(event=None, decision=None, refusal__isnull=False),
                name="a_seal_is_on_one_row",
            ),
            *(
                models.UniqueConstraint(
                    fields=[kind], condition=models.Q(**{f"{kind}__isnull": False}), name=f"{an}_{kind}_is_sealed_once"
                )
                for an, kind in (("an", "event"), ("a", "decision"), ("a", "refusal"))
            ),
        ]


class SealingMark(models.Model):
    """How far a platform's rows of one kind are settled: every id up to `settled_id` is sealed, or its transaction ended
    without it. `next_id` is settled once all transactions below `next_xid` have ended (`sealer`). Where this is lost or
    wrong sealing only looks further back, or the verifier tells what was left out."""

    platform_id = models.BigIntegerField()
    kind = models.CharField(max_length=8)
    settled_id = models.BigIntegerField(default=0)
    next_id = models.BigIntegerField(null=True)
    next_xid = models.BigIntegerField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["platform_id", "kind"], name="a_platform_has_one_mark_a_kind")]


class EventReader(models.Model):
    """That an organisation reads an event as its party, by the event's place in the platform's sequence: what a feed walks.
    Whoever watches a platform reads all of it, by the seals themselves."""

    platform_id = models.BigIntegerField()
    organisation_id = models.BigIntegerField()
    sequence = models.BigIntegerField()
    event = models.ForeignKey(Event, models.PROTECT, db_index=False, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organisation_id", "platform_id", "sequence"], name="a_reader_has_an_event_once"
            )
        ]


class Checkpoint(models.Model):
    """A head of a platform's chain, signed by a key that the database does not hold, to be kept outside by others: nothing
    up to `sequence` can be changed any more without their seeing it."""

    platform_id = models.BigIntegerField()
    platform_code = models.CharField(max_length=20)
    sequence = models.BigIntegerField()
    chain_hash = models.CharField(max_length=64)
    made_at = models.DateTimeField()
    key_id = models.CharField(max_length=16)
    public_key = models.CharField(max_length=44)
    signature = models.CharField(max_length=88)

    class Meta:
        indexes = [models.Index(fields=["platform_id", "-id"])]


class CheckpointDelivery(models.Model):
    """That a checkpoint left the database: where to, and when."""

    platform_id = models.BigIntegerField()
    checkpoint = models.ForeignKey(Checkpoint, models.PROTECT, related_name="+")
    channel = models.CharField(max_length=8)
    target = models.CharField(max_length=200)
    delivered_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(channel__in=["file", "message", "mail"]), name="a_checkpoint_leaves_by_a_known_way"
            ),
        ]


class RowFact(models.Model):
    """One version of a row that is reconciled, complete, written by the row's own trigger. The event `rows_kept` of the
    same transaction holds the SHA-256 of all versions it speaks of."""

    platform_id = models.BigIntegerField(null=True)
    transaction = models.BigIntegerField()
    relation = models.CharField(max_length=63)
    row_id = models.BigIntegerField()
    facts = models.JSONField(encoder=DjangoJSONEncoder)
    # How the row stood when it was changed, where this was not what was kept last: it had been changed past the triggers.
    strayed = models.JSONField(encoder=DjangoJSONEncoder, null=True)

    class Meta:
        indexes = [
            models.Index(fields=["relation", "row_id", "-id"], name="row_fact_by_row"),
            models.Index(fields=["transaction", "id"], name="row_fact_by_transaction"),
            models.Index(fields=["platform_id", "id"], name="row_fact_by_platform"),
        ]

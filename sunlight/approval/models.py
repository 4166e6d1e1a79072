"""Approval: an organisation's chains, who stands in for whom, requests under way and each step taken."""

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import F, Q

from sunlight.approval.workflows import ApprovalState
from sunlight.scope.fields import acted_by

MATTERS = [("order", "采购订单")]


class ApprovalChain(models.Model):
    """A chain as it holds from a day on; the highest version that has begun holds for new requests. Never changed: a change
    is the next version, and requests keep theirs. `steps` are `chains.Step` in order; none: nothing is asked."""

    platform = models.ForeignKey("tenancy.Platform", models.PROTECT, related_name="+")
    organisation = models.ForeignKey("tenancy.Organisation", models.PROTECT, related_name="+")
    matter = models.CharField(max_length=20, choices=MATTERS)
    version = models.PositiveIntegerField()
    steps = models.JSONField(default=list)
    from_date = models.DateField()
    made_at = models.DateTimeField()
    made_by = acted_by()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "platform", "matter", "version"], name="a_chains_version_once"
            ),
        ]


class ApprovalDelegation(models.Model):
    """A person of an organisation standing in for another in approvals, first and last day included."""

    platform = models.ForeignKey("tenancy.Platform", models.PROTECT, related_name="+")
    organisation = models.ForeignKey("tenancy.Organisation", models.PROTECT, related_name="+")
    principal_id = models.BigIntegerField()
    principal_name = models.CharField(max_length=60)
    delegate_id = models.BigIntegerField()
    delegate_name = models.CharField(max_length=60)
    from_date = models.DateField()
    to_date = models.DateField()
    made_at = models.DateTimeField()
    made_by = acted_by()
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(to_date__gte=F("from_date")), name="a_delegation_ends_after_it_begins"),
            models.CheckConstraint(condition=~Q(principal_id=F("delegate_id")), name="nobody_stands_in_for_themselves"),
        ]
        indexes = [models.Index(fields=["organisation", "platform", "to_date"])]


class ApprovalRequest(models.Model):
    """Something that waits. `counted_fen` is the sum its steps were chosen by: what is asked for and what belongs to it,
    as orders of the same supplier a few days before. `payload` is what the app will do once it is approved; `chain` and `steps` are what was in
    force when it was asked; `step` how many have been taken."""

    platform = models.ForeignKey("tenancy.Platform", models.PROTECT, related_name="+")
    organisation = models.ForeignKey("tenancy.Organisation", models.PROTECT, related_name="+")
    matter = models.CharField(max_length=20, choices=MATTERS)
    number = models.CharField(max_length=20, unique=True)
    title = models.CharField(max_length=200)
    amount_fen = models.BigIntegerField()
    counted_fen = models.BigIntegerField()
    chain = models.ForeignKey(ApprovalChain, models.PROTECT, related_name="+")
    steps = models.JSONField(default=list)
    step = models.PositiveSmallIntegerField(default=0)
    payload = models.JSONField(default=dict, encoder=DjangoJSONEncoder)
    result = models.JSONField(default=dict, encoder=DjangoJSONEncoder)
    state = models.CharField(max_length=10, choices=ApprovalState.choices(), default=ApprovalState.PENDING)
    version = models.PositiveIntegerField(default=1)
    asked_at = models.DateTimeField()
    asked_by = acted_by()
    asked_by_name = models.CharField(max_length=60, blank=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(state__in=ApprovalState.values()), name="approval_state_is_known"),
            models.CheckConstraint(
                condition=Q(state=ApprovalState.PENDING, ended_at=None)
                | (~Q(state=ApprovalState.PENDING) & Q(ended_at__isnull=False)),
                name="an_approval_that_waits_has_not_ended",
            ),
            models.CheckConstraint(
                condition=Q(counted_fen__gte=F("amount_fen")), name="an_approval_counts_at_least_its_amount"
            ),
        ]
        indexes = [models.Index(fields=["organisation", "platform", "state", "-id"])]


class ApprovalAct(models.Model):
    """One step taken: by whom, for whom, yes or no. Append-only."""

    request = models.ForeignKey(ApprovalRequest, models.PROTECT, related_name="acts")
    step = models.PositiveSmallIntegerField()
    label = models.CharField(max_length=40)
    is_yes = models.BooleanField()
    acted_at = models.DateTimeField()
    acted_by = acted_by(null=False)
    acted_by_name = models.CharField(max_length=60, blank=True)
    for_user_id = models.BigIntegerField(null=True)
    note = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["request", "step"], name="a_step_is_taken_once"),
            models.UniqueConstraint(
                fields=["request", "acted_by_kind", "acted_by_id"], name="nobody_takes_two_steps_of_one_request"
            ),
        ]

"""What the bank is told to pay out: batches of payments, each with the hash of what it says."""

from django.db import models
from django.db.models import F, Q

from settlement.workflows.states import InstructionForm, InstructionState
from sunlight.scope.fields import acted_by


class InstructionBatch(models.Model):
    """Payments of one hospital's run, made and not yet confirmed by the bank, as one order to it. `sha256` is over the
    batch's canonical content, so that both settlers and the hospital see that nothing in it was changed."""

    number = models.CharField(max_length=20, unique=True)
    platform = models.ForeignKey("tenancy.Platform", models.PROTECT, related_name="+")
    region = models.ForeignKey("tenancy.Region", models.PROTECT, related_name="+")
    buyer = models.ForeignKey("tenancy.Organisation", models.PROTECT, related_name="+")
    run = models.ForeignKey("settlement.PaymentRun", models.PROTECT, related_name="batches")
    payer_name = models.CharField(max_length=200)
    payer_bank_name = models.CharField(max_length=120)
    payer_bank_code = models.CharField(max_length=12, blank=True)
    payer_account_number = models.CharField(max_length=40)
    total_fen = models.BigIntegerField()
    payment_count = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    state = models.CharField(max_length=12, choices=InstructionState.choices())
    export_count = models.PositiveIntegerField(default=0)
    made_at = models.DateTimeField()
    made_by = acted_by()
    released_at = models.DateTimeField(null=True)
    released_by = acted_by()
    acknowledged_at = models.DateTimeField(null=True)
    acknowledged_by = acted_by()
    bank_reference = models.CharField(max_length=60, blank=True)
    ended_at = models.DateTimeField(null=True)
    ended_by = acted_by()
    end_reason = models.CharField(max_length=300, blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(state__in=InstructionState.values()), name="instruction_state_is_known"),
            models.CheckConstraint(
                condition=Q(total_fen__gt=0, payment_count__gt=0), name="an_instruction_pays_something"
            ),
            models.CheckConstraint(
                condition=Q(released_by_id=None)
                | ~(
                    Q(released_by_kind=F("made_by_kind"), released_by_id=F("made_by_id"))
                    | Q(released_for_person_id=F("made_for_person_id"))
                ),
                name="nobody_releases_an_own_instruction",
            ),
            models.CheckConstraint(
                condition=Q(released_at__isnull=False)
                | (Q(state__in=[InstructionState.MADE, InstructionState.CANCELLED]) & Q(export_count=0)),
                name="only_a_released_instruction_goes_out",
            ),
        ]
        indexes = [
            models.Index(fields=["platform", "state", "-id"]),
            models.Index(fields=["platform", "buyer", "-id"]),
        ]


class InstructionLine(models.Model):
    """A payment as the batch orders it. It is in one live batch at a time; a batch that was cancelled or returned lets it
    go."""

    batch = models.ForeignKey(InstructionBatch, models.PROTECT, related_name="lines")
    platform = models.ForeignKey("tenancy.Platform", models.PROTECT, related_name="+")
    region = models.ForeignKey("tenancy.Region", models.PROTECT, related_name="+")
    buyer = models.ForeignKey("tenancy.Organisation", models.PROTECT, related_name="+")
    line_no = models.PositiveIntegerField()
    payment = models.ForeignKey("settlement.Payment", models.PROTECT, related_name="+")
    payment_number = models.CharField(max_length=20)
    payee_account_name = models.CharField(max_length=200)
    payee_bank_name = models.CharField(max_length=120)
    payee_bank_code = models.CharField(max_length=12, blank=True)
    payee_account_number = models.CharField(max_length=40)
    amount_fen = models.BigIntegerField()
    purpose = models.CharField(max_length=140, blank=True)
    is_live = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["batch", "line_no"], name="an_instruction_line_number_once"),
            models.UniqueConstraint(
                fields=["payment"], condition=Q(is_live=True), name="a_payment_is_in_one_live_instruction"
            ),
        ]
        indexes = [models.Index(fields=["platform", "buyer", "-id"])]


class InstructionExport(models.Model):
    """One file of a batch that went out: by whom, in which form, and from the second on why again. Append-only."""

    batch = models.ForeignKey(InstructionBatch, models.PROTECT, related_name="exports")
    platform = models.ForeignKey("tenancy.Platform", models.PROTECT, related_name="+")
    count = models.PositiveIntegerField()
    form = models.CharField(max_length=10, choices=InstructionForm.choices())
    sha256 = models.CharField(max_length=64)
    reason = models.CharField(max_length=300, blank=True)
    exported_at = models.DateTimeField()
    exported_by = acted_by()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(form__in=InstructionForm.values()), name="instruction_form_is_known"),
            models.CheckConstraint(
                condition=Q(count=1) | (Q(count__gt=1) & ~Q(reason="")), name="a_second_export_has_a_reason"
            ),
            models.UniqueConstraint(fields=["batch", "count"], name="an_instruction_export_is_counted"),
        ]

"""Bank statements of the supervised account, as the bank sends them."""

from django.db import models
from django.db.models import Q

from settlement.workflows import StatementLineState
from sunlight.scope.fields import acted_by


class BankStatement(models.Model):
    """One statement file of one account: complete, balanced and imported once."""

    platform = models.ForeignKey("tenancy.Platform", models.PROTECT, related_name="+")
    import_run = models.OneToOneField("sheets.ImportRun", models.PROTECT, related_name="+")
    account_number = models.CharField(max_length=40)
    statement_number = models.CharField(max_length=40)
    from_date = models.DateField()
    to_date = models.DateField()
    opening_fen = models.BigIntegerField()
    closing_fen = models.BigIntegerField()
    line_count = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    taken_at = models.DateTimeField()
    taken_by = acted_by()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["platform", "account_number", "statement_number"], name="a_bank_statement_is_taken_once"
            ),
            models.UniqueConstraint(fields=["platform", "sha256"], name="a_bank_statement_file_is_taken_once"),
        ]


class StatementLine(models.Model):
    """One booking of the bank: credited to a hospital's deposit, confirming a payment, or not identified yet.

    `IDENTIFIED` as it came, `ASSIGNED` by a person of the operator with a reason, `UNIDENTIFIED` still to be assigned:
    a credit then lies on the UNIDENTIFIED account, a debit has no entry yet."""

    statement = models.ForeignKey(BankStatement, models.PROTECT, related_name="lines")
    platform = models.ForeignKey("tenancy.Platform", models.PROTECT, related_name="+")
    bank_serial = models.CharField(max_length=60)
    booked_on = models.DateField()
    direction = models.CharField(max_length=6)
    amount_fen = models.BigIntegerField()
    balance_fen = models.BigIntegerField()
    counterparty_name = models.CharField(max_length=200, blank=True)
    counterparty_account = models.CharField(max_length=40, blank=True)
    reference = models.CharField(max_length=200, blank=True)
    organisation = models.ForeignKey("tenancy.Organisation", models.PROTECT, related_name="+", null=True)
    payment = models.ForeignKey("settlement.Payment", models.PROTECT, related_name="+", null=True)
    entry = models.OneToOneField("settlement.Entry", models.PROTECT, related_name="+", null=True)
    state = models.CharField(max_length=14, choices=StatementLineState.choices())
    finding = models.CharField(max_length=200, blank=True)
    assigned_at = models.DateTimeField(null=True)
    assigned_by = acted_by()
    assign_reason = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=StatementLineState.values()), name="statement_line_state_is_known"
            ),
            models.CheckConstraint(
                condition=Q(state=StatementLineState.UNIDENTIFIED, organisation=None, payment=None)
                | (
                    ~Q(state=StatementLineState.UNIDENTIFIED)
                    & Q(entry__isnull=False)
                    & (Q(organisation__isnull=False) | Q(payment__isnull=False))
                ),
                name="an_identified_booking_says_whose",
            ),
            models.CheckConstraint(
                condition=Q(state=StatementLineState.ASSIGNED, assigned_at__isnull=False) & ~Q(assign_reason="")
                | (~Q(state=StatementLineState.ASSIGNED) & Q(assigned_at=None)),
                name="an_assignment_has_moment_and_reason",
            ),
            models.CheckConstraint(condition=Q(amount_fen__gt=0), name="a_booking_has_an_amount"),
            models.CheckConstraint(condition=Q(direction__in=["CREDIT", "DEBIT"]), name="a_booking_has_a_direction"),
            models.UniqueConstraint(fields=["platform", "bank_serial"], name="a_booking_is_taken_once"),
        ]
        indexes = [models.Index(fields=["platform", "state", "-id"])]

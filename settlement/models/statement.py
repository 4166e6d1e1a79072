"""Bank statements of the supervised account, as the bank sends them."""

from django.db import models
from django.db.models import Q


class BankStatement(models.Model):
    """One statement file of one account: whole, balanced and taken once."""

    platform = models.ForeignKey("tenancy.Platform", models.PROTECT, related_name="+")
    import_run = models.OneToOneField("blocks.ImportRun", models.PROTECT, related_name="+")
    account_number = models.CharField(max_length=40)
    statement_number = models.CharField(max_length=40)
    from_date = models.DateField()
    to_date = models.DateField()
    opening_fen = models.BigIntegerField()
    closing_fen = models.BigIntegerField()
    line_count = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    taken_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["platform", "account_number", "statement_number"], name="a_bank_statement_is_taken_once"
            ),
            models.UniqueConstraint(fields=["platform", "sha256"], name="a_bank_statement_file_is_taken_once"),
        ]


class StatementLine(models.Model):
    """One booking of the bank: credited to a hospital's deposit, confirming a payment, or not identified yet."""

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

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(amount_fen__gt=0), name="a_booking_has_an_amount"),
            models.CheckConstraint(condition=Q(direction__in=["CREDIT", "DEBIT"]), name="a_booking_has_a_direction"),
            models.UniqueConstraint(fields=["platform", "bank_serial"], name="a_booking_is_taken_once"),
        ]

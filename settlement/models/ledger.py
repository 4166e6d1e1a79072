"""Double entry for the supervised account: what the bank holds, what it holds for each hospital, what is on its way to
each supplier. Entries and legs are append-only; a correction is a reversing entry."""

from django.db import models
from django.db.models import F, Q

from settlement.workflows.states import AccountKind


class Account(models.Model):
    """`BANK` the money in the supervised bank account (one per platform, debit side); `DEPOSIT` what of it belongs to a
    hospital; `CLEARING` what a supplier has been paid and the bank has yet to confirm; `UNIDENTIFIED` money whose owner
    is not known yet (all credit side)."""

    platform = models.ForeignKey("tenancy.Platform", models.PROTECT, related_name="+")
    organisation = models.ForeignKey("tenancy.Organisation", models.PROTECT, related_name="+", null=True)
    kind = models.CharField(max_length=14, choices=AccountKind.choices())

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=AccountKind.values()), name="account_kind_is_known"),
            models.CheckConstraint(
                condition=Q(kind__in=[AccountKind.BANK, AccountKind.UNIDENTIFIED], organisation=None)
                | Q(kind__in=[AccountKind.DEPOSIT, AccountKind.CLEARING], organisation__isnull=False),
                name="an_account_of_a_party_names_it",
            ),
            models.UniqueConstraint(
                fields=["platform", "kind", "organisation"], name="one_account_of_a_kind", nulls_distinct=False
            ),
        ]


class Balance(models.Model):
    """The running totals of an account, made with it and locked before it moves, in id order. `kind` repeats the
    account's, so that the database itself refuses to pay out what is not there."""

    account = models.OneToOneField(Account, models.PROTECT, related_name="+")
    kind = models.CharField(max_length=14, choices=AccountKind.choices())
    platform = models.ForeignKey("tenancy.Platform", models.PROTECT, related_name="+")
    organisation = models.ForeignKey("tenancy.Organisation", models.PROTECT, related_name="+", null=True)
    debit_fen = models.BigIntegerField(default=0)
    credit_fen = models.BigIntegerField(default=0)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(debit_fen__gte=0, credit_fen__gte=0), name="totals_only_grow_from_zero"),
            models.CheckConstraint(
                condition=Q(kind=AccountKind.BANK, debit_fen__gte=F("credit_fen"))
                | (~Q(kind=AccountKind.BANK) & Q(credit_fen__gte=F("debit_fen"))),
                name="an_account_never_falls_below_zero",
            ),
        ]


class Entry(models.Model):
    """One movement of money: its legs' debits equal its credits. (source, purpose) makes it happen once."""

    number = models.CharField(max_length=20, unique=True)
    platform = models.ForeignKey("tenancy.Platform", models.PROTECT, related_name="+")
    source = models.CharField(max_length=80)
    purpose = models.CharField(max_length=40)
    occurred_on = models.DateField()
    recorded_at = models.DateTimeField()
    memo = models.CharField(max_length=300, blank=True)
    reverses = models.OneToOneField("self", models.PROTECT, related_name="+", null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["source", "purpose"], name="a_movement_happens_once")]
        indexes = [models.Index(fields=["platform", "-id"])]


class Leg(models.Model):
    entry = models.ForeignKey(Entry, models.PROTECT, related_name="legs")
    account = models.ForeignKey(Account, models.PROTECT, related_name="+")
    platform = models.ForeignKey("tenancy.Platform", models.PROTECT, related_name="+")
    organisation = models.ForeignKey("tenancy.Organisation", models.PROTECT, related_name="+", null=True)
    side = models.CharField(max_length=6)
    amount_fen = models.BigIntegerField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(amount_fen__gt=0), name="a_leg_moves_something"),
            models.CheckConstraint(condition=Q(side__in=["DEBIT", "CREDIT"]), name="a_leg_has_a_side"),
        ]
        indexes = [models.Index(fields=["account", "-id"])]

"""The account an organisation registered on a platform."""

from django.db import models
from django.db.models import F, Q

from sunlight.tenancy.workflows import BankAccountState


class BankAccount(models.Model):
    """An account of an organisation, in force from and until days of its own. `bank_code` is the bank's CNAPS number."""

    organisation = models.ForeignKey("tenancy.Organisation", models.PROTECT, related_name="+")
    platform = models.ForeignKey("tenancy.Platform", models.PROTECT, related_name="+")
    bank_name = models.CharField(max_length=120)
    account_name = models.CharField(max_length=200)
    bank_code = models.CharField(max_length=12, blank=True)
    account_number = models.CharField(max_length=40)
    is_default = models.BooleanField(default=True)
    state = models.CharField(max_length=10, choices=BankAccountState.choices(), default=BankAccountState.IN_FORCE.value)
    in_force_from = models.DateField(null=True)
    in_force_until = models.DateField(null=True)
    declared_on = models.DateField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=BankAccountState.values()), name="bank_account_state_is_known"
            ),
            models.CheckConstraint(
                condition=Q(in_force_from=None) | Q(in_force_until=None) | Q(in_force_until__gte=F("in_force_from")),
                name="a_bank_account_ends_after_it_begins",
            ),
            models.UniqueConstraint(
                fields=["platform", "organisation"], condition=Q(is_default=True), name="one_default_bank_account"
            ),
        ]

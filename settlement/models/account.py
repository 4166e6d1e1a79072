"""Changes of the bank account that a supplier is paid to."""

from django.db import models
from django.db.models import F, Q

from settlement.workflows.states import AccountChangeState
from sunlight.scope.fields import acted_by

OPEN = [AccountChangeState.ASKED, AccountChangeState.CONFIRMED, AccountChangeState.APPROVED]


class AccountChange(models.Model):
    """A new account of a supplier's: asked for by one of its people, confirmed by a second, approved by the operator, used
    from `starts_on`. `former_number` is the account that was registered when it was asked for; `proof` the bank's paper."""

    platform = models.ForeignKey("tenancy.Platform", models.PROTECT, related_name="+")
    payee = models.ForeignKey("tenancy.Organisation", models.PROTECT, related_name="+")
    bank_name = models.CharField(max_length=120)
    account_name = models.CharField(max_length=200)
    account_number = models.CharField(max_length=40)
    former_number = models.CharField(max_length=40, blank=True)
    reason = models.CharField(max_length=300)
    proof = models.ForeignKey("files.StoredFile", models.PROTECT, related_name="+")
    state = models.CharField(max_length=12, choices=AccountChangeState.choices())
    asked_at = models.DateTimeField()
    asked_by = acted_by()
    confirmed_at = models.DateTimeField(null=True)
    confirmed_by = acted_by()
    approved_at = models.DateTimeField(null=True)
    approved_by = acted_by()
    starts_on = models.DateField(null=True)
    # Refused, withdrawn or in force.
    ended_at = models.DateTimeField(null=True)
    ended_by = acted_by()
    end_reason = models.CharField(max_length=300, blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=AccountChangeState.values()), name="account_change_state_is_known"
            ),
            models.UniqueConstraint(
                fields=["platform", "payee"], condition=Q(state__in=OPEN), name="one_open_account_change"
            ),
            models.CheckConstraint(
                condition=Q(confirmed_by_id=None)
                | ~(
                    Q(confirmed_by_kind=F("asked_by_kind"), confirmed_by_id=F("asked_by_id"))
                    | Q(confirmed_for_person_id=F("asked_for_person_id"))
                ),
                name="nobody_confirms_an_own_account_change",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=[AccountChangeState.APPROVED, AccountChangeState.IN_FORCE])
                | Q(confirmed_at__isnull=False, approved_at__isnull=False, starts_on__isnull=False),
                name="an_account_waits_for_everybody",
            ),
        ]
        indexes = [models.Index(fields=["platform", "payee", "-id"])]

"""What a hospital has paid for what a red invoice took back later, and how it is set against other payables."""

from django.db import models
from django.db.models import F, Q

from settlement.workflows.states import NettingState
from sunlight.tenancy.trade import DistributedTradeRow


class Overpayment(DistributedTradeRow):
    """What an issuer owes back to a hospital, since its red invoice reddened what was paid or in a run already. It is no
    money of the supervised account, so the ledger knows nothing of it. `open_fen` is what no netting has taken and the
    issuer has not paid back."""

    red = models.OneToOneField("settlement.Invoice", models.PROTECT, related_name="+")
    payee = models.ForeignKey("tenancy.Organisation", models.PROTECT, related_name="+")
    amount_fen = models.BigIntegerField()
    open_fen = models.BigIntegerField()
    refunded_fen = models.BigIntegerField(default=0)
    created_at = models.DateTimeField()
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(amount_fen__gt=0), name="an_overpayment_has_an_amount"),
            models.CheckConstraint(
                condition=Q(open_fen__gte=0, refunded_fen__gte=0, open_fen__lte=F("amount_fen") - F("refunded_fen")),
                name="an_overpayment_is_not_used_twice",
            ),
        ]
        indexes = DistributedTradeRow.Meta.indexes


class Netting(DistributedTradeRow):
    """An amount of an overpayment set against a payable of the same issuer and hospital, as a line of a run: prepared by one
    person, counted once another has approved."""

    run = models.ForeignKey("settlement.PaymentRun", models.PROTECT, related_name="nettings")
    overpayment = models.ForeignKey(Overpayment, models.PROTECT, related_name="nettings")
    payable = models.ForeignKey("settlement.Payable", models.PROTECT, related_name="+")
    amount_fen = models.BigIntegerField()
    state = models.CharField(max_length=10, choices=NettingState.choices())
    netted_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(state__in=NettingState.values()), name="netting_state_is_known"),
            models.CheckConstraint(condition=Q(amount_fen__gt=0), name="a_netting_has_an_amount"),
            models.CheckConstraint(
                condition=Q(state=NettingState.NETTED, netted_at__isnull=False)
                | (~Q(state=NettingState.NETTED) & Q(netted_at=None)),
                name="a_netting_has_its_moment",
            ),
            models.UniqueConstraint(fields=["run", "overpayment", "payable"], name="a_run_nets_a_pair_once"),
        ]
        indexes = [*DistributedTradeRow.Meta.indexes, models.Index(fields=["payable"])]

"""Invoices, the match with order and acceptance, what is due by law, and the runs that pay it."""

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import F, Q

from settlement.workflows import InvoiceState, PayableState, PaymentState, RunState
from sunlight.scope.fields import acted_by
from sunlight.tenancy.trade import DistributedTradeRow


class Invoice(DistributedTradeRow):
    """An invoice of whoever shipped (the distributor, or the manufacturer where it delivered itself)."""

    issuer = models.ForeignKey("tenancy.Organisation", models.PROTECT, related_name="+")
    code = models.CharField(max_length=20, blank=True)
    number = models.CharField(max_length=20)
    issued_on = models.DateField()
    tax_rate = models.DecimalField(max_digits=5, decimal_places=4)
    net_fen = models.BigIntegerField()
    tax_fen = models.BigIntegerField()
    amount_fen = models.BigIntegerField()
    state = models.CharField(max_length=12, choices=InvoiceState.choices())
    # One entry a difference: {"line", "field", "expected", "stated", "message"}.
    differences = models.JSONField(encoder=DjangoJSONEncoder, default=list)
    submitted_at = models.DateTimeField()
    submitted_by = acted_by()
    voided_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(state__in=InvoiceState.values()), name="invoice_state_is_known"),
            models.CheckConstraint(
                condition=Q(amount_fen=F("net_fen") + F("tax_fen")), name="net_and_tax_make_the_amount"
            ),
            models.CheckConstraint(condition=Q(amount_fen__gt=0), name="an_invoice_has_an_amount"),
            models.UniqueConstraint(
                fields=["platform", "issuer", "code", "number"],
                condition=~Q(state=InvoiceState.VOIDED),
                name="an_invoice_number_once",
            ),
        ]
        indexes = DistributedTradeRow.Meta.indexes


class InvoiceLine(models.Model):
    invoice = models.ForeignKey(Invoice, models.PROTECT, related_name="lines")
    line_no = models.PositiveIntegerField()
    acceptance_line = models.ForeignKey("procurement.AcceptanceLine", models.PROTECT, related_name="+")
    quantity = models.DecimalField(max_digits=14, decimal_places=3)
    price = models.DecimalField(max_digits=14, decimal_places=4)
    amount_fen = models.BigIntegerField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(quantity__gt=0, price__gt=0, amount_fen__gt=0), name="an_invoice_line_is_positive"
            ),
            models.UniqueConstraint(fields=["invoice", "line_no"], name="an_invoice_line_number_once"),
        ]


class Payable(DistributedTradeRow):
    """What a hospital owes for a matched invoice, and the last day the law allows for paying it."""

    invoice = models.OneToOneField(Invoice, models.PROTECT, related_name="+")
    payee = models.ForeignKey("tenancy.Organisation", models.PROTECT, related_name="+")
    amount_fen = models.BigIntegerField()
    accepted_on = models.DateField()
    arrived_on = models.DateField()
    due_on = models.DateField(null=True)
    due_clause = models.CharField(max_length=30, blank=True)
    state = models.CharField(max_length=12, choices=PayableState.choices())
    created_at = models.DateTimeField()
    paid_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(state__in=PayableState.values()), name="payable_state_is_known"),
            models.CheckConstraint(condition=Q(amount_fen__gt=0), name="a_payable_has_an_amount"),
            models.CheckConstraint(
                condition=Q(state=PayableState.PAID, paid_at__isnull=False)
                | (~Q(state=PayableState.PAID) & Q(paid_at=None)),
                name="a_paid_payable_has_its_moment",
            ),
        ]
        indexes = [
            *DistributedTradeRow.Meta.indexes,
            models.Index(fields=["buyer", "state", "due_on"]),
        ]


class PaymentRun(models.Model):
    """A list of payables that one person of the hospital's finance prepared and another approves."""

    number = models.CharField(max_length=20, unique=True)
    platform = models.ForeignKey("tenancy.Platform", models.PROTECT, related_name="+")
    region = models.ForeignKey("tenancy.Region", models.PROTECT, related_name="+")
    buyer = models.ForeignKey("tenancy.Organisation", models.PROTECT, related_name="+")
    state = models.CharField(max_length=12, choices=RunState.choices())
    total_fen = models.BigIntegerField()
    payment_count = models.PositiveIntegerField()
    prepared_at = models.DateTimeField()
    prepared_by = acted_by()
    decided_at = models.DateTimeField(null=True)
    decided_by = acted_by()
    decision_note = models.CharField(max_length=300, blank=True)
    finished_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(state__in=RunState.values()), name="payment_run_state_is_known"),
            models.CheckConstraint(
                condition=Q(decided_by_id=None)
                | Q(state=RunState.REJECTED)
                | ~(
                    Q(decided_by_kind=F("prepared_by_kind"), decided_by_id=F("prepared_by_id"))
                    | Q(decided_for_person_id=F("prepared_for_person_id"))
                ),
                name="nobody_approves_an_own_payment_run",
            ),
            models.CheckConstraint(
                condition=Q(total_fen__gt=0, payment_count__gt=0), name="a_payment_run_pays_something"
            ),
        ]
        indexes = [models.Index(fields=["buyer", "-id"])]


class Payment(DistributedTradeRow):
    """One payable paid to one payee out of the hospital's deposit; the ledger entry's source is its number."""

    number = models.CharField(max_length=20, unique=True)
    run = models.ForeignKey(PaymentRun, models.PROTECT, related_name="payments")
    payable = models.ForeignKey(Payable, models.PROTECT, related_name="+")
    payee = models.ForeignKey("tenancy.Organisation", models.PROTECT, related_name="+")
    payee_account_name = models.CharField(max_length=200)
    payee_bank_name = models.CharField(max_length=120)
    payee_account_number = models.CharField(max_length=40)
    amount_fen = models.BigIntegerField()
    state = models.CharField(max_length=12, choices=PaymentState.choices())
    entry = models.OneToOneField("settlement.Entry", models.PROTECT, related_name="+", null=True)
    paid_at = models.DateTimeField(null=True)
    settled_on = models.DateField(null=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(state__in=PaymentState.values()), name="payment_state_is_known"),
            models.CheckConstraint(condition=Q(amount_fen__gt=0), name="a_payment_has_an_amount"),
            models.CheckConstraint(
                condition=Q(
                    state__in=[PaymentState.PAID, PaymentState.SETTLED], paid_at__isnull=False, entry__isnull=False
                )
                | (Q(state__in=[PaymentState.PENDING, PaymentState.CANCELLED]) & Q(paid_at=None)),
                name="a_paid_payment_has_moment_and_entry",
            ),
            models.UniqueConstraint(
                fields=["payable"], condition=~Q(state=PaymentState.CANCELLED), name="a_payable_is_paid_once"
            ),
        ]
        indexes = [
            *DistributedTradeRow.Meta.indexes,
            models.Index(fields=["run", "state"]),
        ]

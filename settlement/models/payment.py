"""Invoices, the match with order and acceptance, what is due by law, and the runs that pay it."""

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import F, Q

from settlement.workflows.states import (
    Holding,
    InvoiceKind,
    InvoiceState,
    PayableState,
    PayerKind,
    PaymentState,
    RedReason,
    ReturnState,
    RunState,
    VerificationState,
)
from sunlight.scope.fields import acted_by
from sunlight.tenancy.trade import DistributedTradeRow


class Invoice(DistributedTradeRow):
    """An invoice of whoever shipped (the distributor, or the manufacturer where it delivered itself). Its number is
    given by the tax office, so no two stand on any platforms, whoever handed them in.

    A red one takes back some of a blue one's amount (`reddens`) and has no lines; its amounts are kept positive.
    `reddened_fen` is what the red ones of a blue invoice have taken back together.

    `original` is the file it came as; `original_read` whether its figures were compared with what was typed (XML, OFD) or
    it is only kept and shown (PDF). `verifier` names the adapter that asked the tax office."""

    kind = models.CharField(max_length=4, choices=InvoiceKind.choices(), default=InvoiceKind.BLUE)
    reddens = models.ForeignKey("self", models.PROTECT, related_name="reds", null=True)
    red_reason = models.CharField(max_length=10, choices=RedReason.choices(), blank=True)
    reddened_fen = models.BigIntegerField(default=0)
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
    original = models.ForeignKey("files.StoredFile", models.PROTECT, related_name="+", null=True)
    original_read = models.BooleanField(default=False)
    verification = models.CharField(
        max_length=8, choices=VerificationState.choices(), default=VerificationState.ENTERED
    )
    verifier = models.CharField(max_length=40, blank=True)
    verified_at = models.DateTimeField(null=True)
    verification_asked_at = models.DateTimeField(null=True)
    verification_note = models.CharField(max_length=300, blank=True)
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
            models.CheckConstraint(condition=Q(kind__in=InvoiceKind.values()), name="invoice_kind_is_known"),
            models.CheckConstraint(
                condition=Q(kind=InvoiceKind.BLUE, reddens=None, red_reason="")
                | Q(kind=InvoiceKind.RED, reddens__isnull=False, red_reason__in=RedReason.values(), reddened_fen=0),
                name="a_red_invoice_names_the_blue_one_and_why",
            ),
            models.CheckConstraint(
                condition=Q(reddened_fen__gte=0, reddened_fen__lte=F("amount_fen")),
                name="red_invoices_stay_within_the_blue_one",
            ),
            models.CheckConstraint(
                condition=Q(verification__in=VerificationState.values()), name="invoice_verification_state_is_known"
            ),
            models.CheckConstraint(
                condition=Q(verification=VerificationState.ENTERED, verified_at=None, verifier="")
                | (~Q(verification=VerificationState.ENTERED) & Q(verified_at__isnull=False) & ~Q(verifier="")),
                name="a_checked_invoice_names_its_verifier",
            ),
            models.CheckConstraint(
                condition=Q(original_read=False) | Q(original__isnull=False), name="only_an_original_is_read"
            ),
            models.UniqueConstraint(
                fields=["code", "number"], condition=~Q(state=InvoiceState.VOIDED), name="an_invoice_number_once"
            ),
        ]
        indexes = [
            *DistributedTradeRow.Meta.indexes,
            models.Index(fields=["platform", "id"], condition=Q(verification="ENTERED"), name="an_invoice_to_verify"),
        ]


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
    """What a hospital owes for a matched invoice, and the last day the law allows for paying it. `open_fen` is what no
    payment is made or prepared for: the amount less what red invoices took back while it was open (`reddened_fen`), its
    payments and nettings that stand, and what came back of them.

    A hospital may hold it (`holding`) for a reason, until a day or until it lets go; the due day stays."""

    invoice = models.OneToOneField(Invoice, models.PROTECT, related_name="+")
    payee = models.ForeignKey("tenancy.Organisation", models.PROTECT, related_name="+")
    amount_fen = models.BigIntegerField()
    open_fen = models.BigIntegerField()
    accepted_on = models.DateField()
    arrived_on = models.DateField()
    due_on = models.DateField(null=True)
    due_clause = models.CharField(max_length=30, blank=True)
    state = models.CharField(max_length=12, choices=PayableState.choices())
    created_at = models.DateTimeField()
    paid_at = models.DateTimeField(null=True)
    reddened_fen = models.BigIntegerField(default=0)
    holding = models.CharField(max_length=4, choices=Holding.choices(), default=Holding.FREE.value)
    hold_reason = models.CharField(max_length=300, blank=True)
    # The last day of it; without one until it is let go.
    hold_until = models.DateField(null=True)
    held_at = models.DateTimeField(null=True)
    held_by = acted_by()
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(state__in=PayableState.values()), name="payable_state_is_known"),
            models.CheckConstraint(condition=Q(holding__in=Holding.values()), name="holding_is_known"),
            models.CheckConstraint(condition=Q(amount_fen__gt=0), name="a_payable_has_an_amount"),
            models.CheckConstraint(
                condition=Q(open_fen__gte=0, reddened_fen__gte=0, open_fen__lte=F("amount_fen") - F("reddened_fen")),
                name="a_payable_is_not_paid_twice",
            ),
            models.CheckConstraint(
                condition=Q(holding=Holding.FREE, hold_reason="", hold_until=None, held_at=None, held_by_id=None)
                | (
                    Q(holding=Holding.HELD, held_at__isnull=False, state__in=[PayableState.OPEN, PayableState.IN_RUN])
                    & ~Q(hold_reason="")
                ),
                name="a_held_payable_is_unpaid_and_says_why",
            ),
            models.CheckConstraint(
                condition=Q(state=PayableState.OPEN, open_fen__gt=0) | (~Q(state=PayableState.OPEN) & Q(open_fen=0)),
                name="an_open_payable_has_an_open_amount",
            ),
            models.CheckConstraint(
                condition=Q(state=PayableState.PAID, paid_at__isnull=False)
                | (~Q(state=PayableState.PAID) & Q(paid_at=None)),
                name="a_paid_payable_has_its_moment",
            ),
        ]
        indexes = [
            *DistributedTradeRow.Meta.indexes,
            models.Index(fields=["buyer", "state", "due_on"]),
            models.Index(fields=["platform", "hold_until"], condition=Q(holding="HELD"), name="a_payable_held_until"),
        ]


class PaymentRun(models.Model):
    """A list of payables that one person of the hospital's finance prepared and another approves: what is paid of them, and
    what of an issuer's overpayments is set against them (`netted_fen`)."""

    number = models.CharField(max_length=20, unique=True)
    platform = models.ForeignKey("tenancy.Platform", models.PROTECT, related_name="+")
    region = models.ForeignKey("tenancy.Region", models.PROTECT, related_name="+")
    buyer = models.ForeignKey("tenancy.Organisation", models.PROTECT, related_name="+")
    state = models.CharField(max_length=12, choices=RunState.choices())
    total_fen = models.BigIntegerField()
    payment_count = models.PositiveIntegerField()
    netted_fen = models.BigIntegerField(default=0)
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
                condition=Q(total_fen__gt=0, payment_count__gt=0, netted_fen__gte=0)
                | Q(total_fen=0, payment_count=0, netted_fen__gt=0),
                name="a_payment_run_pays_something",
            ),
        ]
        indexes = [models.Index(fields=["buyer", "-id"])]


class Payment(DistributedTradeRow):
    """An amount of one payable paid to one payee; the ledger entry's source is its number. Today the payer is the hospital,
    out of its deposit. `returned_fen` came back from the bank: all of it where the payment is RETURNED."""

    number = models.CharField(max_length=20, unique=True)
    run = models.ForeignKey(PaymentRun, models.PROTECT, related_name="payments")
    payable = models.ForeignKey(Payable, models.PROTECT, related_name="+")
    payer_kind = models.CharField(max_length=12, choices=PayerKind.choices(), default=PayerKind.HOSPITAL.value)
    payer_account_number = models.CharField(max_length=40, blank=True)
    payee = models.ForeignKey("tenancy.Organisation", models.PROTECT, related_name="+")
    payee_account_name = models.CharField(max_length=200)
    payee_bank_name = models.CharField(max_length=120)
    payee_bank_code = models.CharField(max_length=12, blank=True)
    payee_account_number = models.CharField(max_length=40)
    amount_fen = models.BigIntegerField()
    purpose = models.CharField(max_length=140, blank=True)
    state = models.CharField(max_length=12, choices=PaymentState.choices())
    entry = models.OneToOneField("settlement.Entry", models.PROTECT, related_name="+", null=True)
    paid_at = models.DateTimeField(null=True)
    settled_on = models.DateField(null=True)
    returned_fen = models.BigIntegerField(default=0)
    returned_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(state__in=PaymentState.values()), name="payment_state_is_known"),
            models.CheckConstraint(condition=Q(payer_kind__in=PayerKind.values()), name="payer_kind_is_known"),
            models.CheckConstraint(condition=Q(amount_fen__gt=0), name="a_payment_has_an_amount"),
            models.CheckConstraint(
                condition=Q(
                    state__in=[PaymentState.PAID, PaymentState.SETTLED, PaymentState.RETURNED],
                    paid_at__isnull=False,
                    entry__isnull=False,
                )
                | (Q(state__in=[PaymentState.PENDING, PaymentState.CANCELLED]) & Q(paid_at=None)),
                name="a_paid_payment_has_moment_and_entry",
            ),
            models.CheckConstraint(
                condition=Q(state=PaymentState.RETURNED, returned_fen=F("amount_fen"), returned_at__isnull=False)
                | (
                    Q(state__in=[PaymentState.PAID, PaymentState.SETTLED])
                    & Q(returned_fen__gte=0, returned_fen__lt=F("amount_fen"))
                )
                | Q(state__in=[PaymentState.PENDING, PaymentState.CANCELLED], returned_fen=0, returned_at=None),
                name="a_returned_payment_came_back_whole",
            ),
            models.UniqueConstraint(fields=["run", "payable"], name="a_run_pays_a_payable_once"),
        ]
        indexes = [
            *DistributedTradeRow.Meta.indexes,
            models.Index(fields=["run", "state"]),
            models.Index(fields=["payable"]),
        ]


class PaymentReturn(DistributedTradeRow):
    """Money of a payment that the bank sent back (退汇): by a booking of a statement (`line`), or said by a settler and
    confirmed by another where the bank refused it before anything was booked."""

    payment = models.ForeignKey(Payment, models.PROTECT, related_name="returns")
    line = models.OneToOneField("settlement.StatementLine", models.PROTECT, related_name="+", null=True)
    amount_fen = models.BigIntegerField()
    code = models.CharField(max_length=8, blank=True)
    reason = models.CharField(max_length=500)
    state = models.CharField(max_length=12, choices=ReturnState.choices())
    entry = models.OneToOneField("settlement.Entry", models.PROTECT, related_name="+", null=True)
    proposed_at = models.DateTimeField()
    proposed_by = acted_by()
    decided_at = models.DateTimeField(null=True)
    decided_by = acted_by()
    decision_note = models.CharField(max_length=300, blank=True)
    # The booking's own number: the statement is the operator's alone.
    bank_serial = models.CharField(max_length=60, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(state__in=ReturnState.values()), name="payment_return_state_is_known"),
            models.CheckConstraint(condition=Q(amount_fen__gt=0), name="a_return_has_an_amount"),
            models.CheckConstraint(
                condition=Q(state=ReturnState.CONFIRMED, entry__isnull=False, decided_at__isnull=False)
                | (~Q(state=ReturnState.CONFIRMED) & Q(entry=None)),
                name="a_confirmed_return_has_its_entry",
            ),
            models.UniqueConstraint(
                fields=["payment"], condition=Q(state=ReturnState.PROPOSED), name="one_return_of_a_payment_waits"
            ),
        ]
        indexes = DistributedTradeRow.Meta.indexes

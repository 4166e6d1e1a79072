"""Bank statements of the supervised account, as the bank sends them, and what the bank says beside them."""

from django.db import models
from django.db.models import F, Q

from settlement.workflows.states import Meaning, StatementForm, StatementLineState, StatementState
from sunlight.scope.fields import acted_by


class BankStatement(models.Model):
    """One statement file of one account, complete and balanced. Nothing of it is booked until a second settler has
    confirmed it; `acknowledged_fen` is what they typed where it is above a ceiling."""

    platform = models.ForeignKey("tenancy.Platform", models.PROTECT, related_name="+")
    import_run = models.OneToOneField("sheets.ImportRun", models.PROTECT, related_name="+")
    form = models.CharField(max_length=10, choices=StatementForm.choices(), default=StatementForm.CSV.value)
    account_number = models.CharField(max_length=40)
    statement_number = models.CharField(max_length=40)
    from_date = models.DateField()
    to_date = models.DateField()
    opening_fen = models.BigIntegerField()
    closing_fen = models.BigIntegerField()
    in_fen = models.BigIntegerField(default=0)
    out_fen = models.BigIntegerField(default=0)
    line_count = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    state = models.CharField(max_length=10, choices=StatementState.choices())
    taken_at = models.DateTimeField()
    taken_by = acted_by()
    decided_at = models.DateTimeField(null=True)
    decided_by = acted_by()
    decision_note = models.CharField(max_length=300, blank=True)
    acknowledged_fen = models.BigIntegerField(null=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=StatementState.values()), name="bank_statement_state_is_known"
            ),
            models.CheckConstraint(condition=Q(form__in=StatementForm.values()), name="bank_statement_form_is_known"),
            models.CheckConstraint(
                condition=Q(closing_fen=F("opening_fen") + F("in_fen") - F("out_fen")),
                name="a_bank_statement_balances",
            ),
            models.CheckConstraint(
                condition=Q(decided_by_id=None)
                | Q(state=StatementState.REJECTED)
                | ~(
                    Q(decided_by_kind=F("taken_by_kind"), decided_by_id=F("taken_by_id"))
                    | Q(decided_for_person_id=F("taken_for_person_id"))
                ),
                name="nobody_confirms_an_own_bank_statement",
            ),
            models.UniqueConstraint(
                fields=["platform", "account_number", "statement_number"],
                condition=~Q(state=StatementState.REJECTED),
                name="a_bank_statement_is_taken_once",
            ),
            models.UniqueConstraint(
                fields=["platform", "sha256"],
                condition=~Q(state=StatementState.REJECTED),
                name="a_bank_statement_file_is_taken_once",
            ),
        ]
        indexes = [models.Index(fields=["platform", "state", "-id"])]


class StatementLine(models.Model):
    """One booking of the bank, of a statement that waits (`READ`) or was confirmed: credited to a hospital's deposit,
    confirming a payment or bringing one back (`meaning`), or not identified yet.

    `IDENTIFIED` as it came, `PROPOSED` by a reference or a settler, `ASSIGNED` by another with a reason, `UNIDENTIFIED`
    still to be proposed. Until it is assigned a credit lies on the UNIDENTIFIED account, a debit has no entry yet."""

    statement = models.ForeignKey(BankStatement, models.PROTECT, related_name="lines")
    platform = models.ForeignKey("tenancy.Platform", models.PROTECT, related_name="+")
    bank_serial = models.CharField(max_length=60)
    booked_on = models.DateField()
    direction = models.CharField(max_length=6)
    amount_fen = models.BigIntegerField()
    balance_fen = models.BigIntegerField()
    counterparty_name = models.CharField(max_length=200, blank=True)
    counterparty_account = models.CharField(max_length=40, blank=True)
    reference = models.CharField(max_length=500, blank=True)
    # What our own payment order said and the bank gives back with it, and why it sends money back.
    end_to_end = models.CharField(max_length=35, blank=True)
    return_code = models.CharField(max_length=8, blank=True)
    return_reason = models.CharField(max_length=200, blank=True)
    meaning = models.CharField(max_length=12, choices=Meaning.choices(), blank=True)
    organisation = models.ForeignKey("tenancy.Organisation", models.PROTECT, related_name="+", null=True)
    payment = models.ForeignKey("settlement.Payment", models.PROTECT, related_name="+", null=True)
    overpayment = models.ForeignKey("settlement.Overpayment", models.PROTECT, related_name="refunds", null=True)
    entry = models.OneToOneField("settlement.Entry", models.PROTECT, related_name="+", null=True)
    state = models.CharField(max_length=14, choices=StatementLineState.choices())
    finding = models.CharField(max_length=400, blank=True)
    proposed_at = models.DateTimeField(null=True)
    proposed_by = acted_by()
    assigned_at = models.DateTimeField(null=True)
    assigned_by = acted_by()
    assign_reason = models.CharField(max_length=300, blank=True)
    acknowledged_fen = models.BigIntegerField(null=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=StatementLineState.values()), name="statement_line_state_is_known"
            ),
            models.CheckConstraint(
                condition=Q(
                    state__in=[StatementLineState.READ, StatementLineState.DROPPED, StatementLineState.UNIDENTIFIED],
                    organisation=None,
                    payment=None,
                    meaning="",
                )
                | (
                    Q(
                        state__in=[
                            StatementLineState.PROPOSED,
                            StatementLineState.IDENTIFIED,
                            StatementLineState.ASSIGNED,
                        ],
                        meaning__in=Meaning.values(),
                    )
                    & (Q(organisation__isnull=False) | Q(payment__isnull=False))
                ),
                name="an_identified_booking_says_whose",
            ),
            models.CheckConstraint(
                condition=Q(meaning=Meaning.REFUND, overpayment__isnull=False, organisation__isnull=False)
                | (~Q(meaning=Meaning.REFUND) & Q(overpayment=None)),
                name="a_refund_names_what_it_pays_back",
            ),
            models.CheckConstraint(
                condition=Q(state__in=[StatementLineState.READ, StatementLineState.DROPPED], entry=None)
                | Q(state__in=[StatementLineState.UNIDENTIFIED, StatementLineState.PROPOSED])
                | Q(state__in=[StatementLineState.IDENTIFIED, StatementLineState.ASSIGNED], entry__isnull=False),
                name="a_booking_has_its_entry_once_it_is_known",
            ),
            models.CheckConstraint(
                condition=Q(
                    state__in=[StatementLineState.PROPOSED, StatementLineState.ASSIGNED], proposed_at__isnull=False
                )
                | (~Q(state__in=[StatementLineState.PROPOSED, StatementLineState.ASSIGNED]) & Q(proposed_at=None)),
                name="a_proposal_has_its_moment",
            ),
            models.CheckConstraint(
                condition=Q(state=StatementLineState.ASSIGNED, assigned_at__isnull=False) & ~Q(assign_reason="")
                | (~Q(state=StatementLineState.ASSIGNED) & Q(assigned_at=None)),
                name="an_assignment_has_moment_and_reason",
            ),
            models.CheckConstraint(
                condition=Q(assigned_by_id=None)
                | ~(
                    Q(assigned_by_kind=F("proposed_by_kind"), assigned_by_id=F("proposed_by_id"))
                    | Q(assigned_for_person_id=F("proposed_for_person_id"))
                ),
                name="nobody_assigns_an_own_proposal",
            ),
            models.CheckConstraint(condition=Q(amount_fen__gt=0), name="a_booking_has_an_amount"),
            models.CheckConstraint(condition=Q(direction__in=["CREDIT", "DEBIT"]), name="a_booking_has_a_direction"),
            models.UniqueConstraint(
                fields=["platform", "bank_serial"],
                condition=~Q(state=StatementLineState.DROPPED),
                name="a_booking_is_taken_once",
            ),
        ]
        indexes = [models.Index(fields=["platform", "state", "-id"])]


class BankNotice(models.Model):
    """One booking as a notification of the bank (camt.054) tells of it before or beside the statement. It books nothing: it
    says more of the statement's booking of the same serial, above all why money came back."""

    platform = models.ForeignKey("tenancy.Platform", models.PROTECT, related_name="+")
    file = models.ForeignKey("files.StoredFile", models.PROTECT, related_name="+")
    message_id = models.CharField(max_length=35)
    account_number = models.CharField(max_length=40)
    bank_serial = models.CharField(max_length=60)
    booked_on = models.DateField()
    direction = models.CharField(max_length=6)
    amount_fen = models.BigIntegerField()
    counterparty_name = models.CharField(max_length=200, blank=True)
    counterparty_account = models.CharField(max_length=40, blank=True)
    reference = models.CharField(max_length=500, blank=True)
    end_to_end = models.CharField(max_length=35, blank=True)
    return_code = models.CharField(max_length=8, blank=True)
    return_reason = models.CharField(max_length=200, blank=True)
    taken_at = models.DateTimeField()
    taken_by = acted_by()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(amount_fen__gt=0), name="a_bank_notice_has_an_amount"),
            models.CheckConstraint(
                condition=Q(direction__in=["CREDIT", "DEBIT"]), name="a_bank_notice_has_a_direction"
            ),
            models.UniqueConstraint(fields=["platform", "bank_serial"], name="a_bank_notice_is_taken_once"),
        ]
        indexes = [models.Index(fields=["platform", "-id"])]

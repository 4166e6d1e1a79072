"""What the API answers about settlement: one serializer a noun. Amounts are yuan as text, `"1234.56"`."""

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers as s

from settlement.queries.ledger import available_fen
from settlement.queries.payments import nettings_of
from sunlight.api.answers import Party, price, quantity
from sunlight.kernel.money import fen_text


@extend_schema_field(OpenApiTypes.STR)
class Yuan(s.Field):
    """Integer fen as yuan with two decimals."""

    def __init__(self, **kwargs):
        super().__init__(read_only=True, **kwargs)

    def to_representation(self, value):
        return fen_text(value)


class InvoiceDifference(s.Serializer):
    """What does not agree with order and acceptance; `line` is null for the entire invoice."""

    line = s.IntegerField(allow_null=True)
    field = s.CharField()
    expected = s.CharField()
    stated = s.CharField()
    message = s.CharField()


class InvoiceLineAnswer(s.Serializer):
    line_no = s.IntegerField()
    acceptance_line = s.IntegerField(source="acceptance_line_id")
    acceptance = s.CharField(source="acceptance_line.acceptance.number")
    quantity = quantity()
    price = price()
    amount = Yuan(source="amount_fen")


class InvoiceAnswer(s.Serializer):
    """`amount` of a RED invoice is what it takes back of the blue one named by `reddens`; `reddened` what the red ones of a
    blue invoice took back together. `original` is the id of the file the invoice came as; `original_read` says whether its figures were compared with
    what was typed. `verification` is ENTERED until the tax office's check answered."""

    id = s.IntegerField()
    kind = s.CharField()
    code = s.CharField()
    number = s.CharField()
    issued_on = s.DateField()
    state = s.CharField()
    state_label = s.CharField(source="get_state_display")
    buyer = Party()
    seller = Party()
    issuer = Party()
    tax_rate = s.DecimalField(5, 4)
    net = Yuan(source="net_fen")
    tax = Yuan(source="tax_fen")
    amount = Yuan(source="amount_fen")
    reddens = s.CharField(source="reddens.number", allow_null=True, default=None)
    red_reason = s.CharField()
    reddened = Yuan(source="reddened_fen")
    differences = InvoiceDifference(many=True)
    original = s.IntegerField(source="original_id", allow_null=True)
    original_read = s.BooleanField()
    verification = s.CharField()
    verification_label = s.CharField(source="get_verification_display")
    verification_note = s.CharField()
    verified_at = s.DateTimeField(allow_null=True)
    submitted_at = s.DateTimeField()
    voided_at = s.DateTimeField(allow_null=True)
    version = s.IntegerField()
    lines = InvoiceLineAnswer(many=True)


class InvoiceableLine(s.Serializer):
    """An accepted line whose shipper has yet to invoice some of it."""

    acceptance_line = s.IntegerField(source="id")
    acceptance = s.CharField(source="acceptance_number")
    order = s.CharField(source="order_number")
    order_line = s.CharField(source="order_line_number")
    buyer = s.CharField(source="buyer_name")
    product = s.CharField()
    unit = s.CharField()
    accepted_on = s.DateField()
    price = price()
    accepted_quantity = quantity()
    open_quantity = quantity()


class InvoiceableLines(s.Serializer):
    results = InvoiceableLine(many=True)


class NettingAnswer(s.Serializer):
    """What a run sets against a payable of an overpayment."""

    red_invoice = s.CharField(source="overpayment.red.number")
    overpayment = s.IntegerField(source="overpayment_id")
    payable = s.IntegerField(source="payable_id")
    invoice = s.CharField(source="payable.invoice.number")
    amount = Yuan(source="amount_fen")
    state = s.CharField()
    state_label = s.CharField(source="get_state_display")


class RunAnswer(s.Serializer):
    """`made` counts the payments made; the run is DONE when that is all of them."""

    id = s.IntegerField()
    number = s.CharField()
    state = s.CharField()
    state_label = s.CharField(source="get_state_display")
    buyer = Party()
    total = Yuan(source="total_fen")
    payments = s.IntegerField(source="payment_count")
    netted = Yuan(source="netted_fen")
    made = s.SerializerMethodField()
    version = s.IntegerField()
    prepared_at = s.DateTimeField()
    decided_at = s.DateTimeField(allow_null=True)
    decision_note = s.CharField()
    finished_at = s.DateTimeField(allow_null=True)

    def get_made(self, run) -> int:
        return getattr(run, "made_count", 0)


class RunDetailAnswer(RunAnswer):
    """A run with what it nets; its payments are listed by `payments/?run=`."""

    nettings = s.SerializerMethodField()

    @extend_schema_field(NettingAnswer(many=True))
    def get_nettings(self, run):
        return NettingAnswer(nettings_of(run), many=True).data


class PaymentAnswer(s.Serializer):
    id = s.IntegerField()
    number = s.CharField()
    state = s.CharField()
    state_label = s.CharField(source="get_state_display")
    run = s.IntegerField(source="run_id")
    invoice = s.CharField(source="payable.invoice.number")
    buyer = Party()
    payee = Party()
    payee_account_name = s.CharField()
    payee_bank_name = s.CharField()
    payee_account_number = s.CharField(source="account_shown")
    amount = Yuan(source="amount_fen")
    payer_kind = s.CharField()
    purpose = s.CharField()
    entry = s.CharField(source="entry.number", allow_null=True, default=None)
    paid_at = s.DateTimeField(allow_null=True)
    settled_on = s.DateField(allow_null=True)
    returned = Yuan(source="returned_fen")
    returned_at = s.DateTimeField(allow_null=True)


class AccountAnswer(s.Serializer):
    """An account of the ledger; BANK and UNIDENTIFIED are the platform's own."""

    kind = s.CharField()
    label = s.CharField(source="get_kind_display")
    organisation = Party(allow_null=True)
    debits = Yuan(source="debit_fen")
    credits = Yuan(source="credit_fen")
    available = s.SerializerMethodField()

    def get_available(self, balance) -> str:
        return fen_text(available_fen(balance))


class BankStatementAnswer(s.Serializer):
    id = s.IntegerField()
    import_run = s.IntegerField(source="import_run_id")
    account_number = s.CharField()
    statement_number = s.CharField()
    from_date = s.DateField()
    to_date = s.DateField()
    opening = Yuan(source="opening_fen")
    closing = Yuan(source="closing_fen")
    lines = s.IntegerField(source="line_count")
    unidentified = s.SerializerMethodField()
    form = s.CharField()
    amount_in = Yuan(source="in_fen")
    amount_out = Yuan(source="out_fen")
    state = s.CharField()
    state_label = s.CharField(source="get_state_display")
    taken_at = s.DateTimeField()
    decided_at = s.DateTimeField(allow_null=True)
    decision_note = s.CharField()
    acknowledged = Yuan(source="acknowledged_fen", allow_null=True)
    version = s.IntegerField()

    def get_unidentified(self, statement) -> int:
        return getattr(statement, "unidentified_count", 0)


class BankLineAnswer(s.Serializer):
    id = s.IntegerField()
    statement = s.CharField(source="statement.statement_number")
    bank_serial = s.CharField()
    booked_on = s.DateField()
    direction = s.CharField()
    amount = Yuan(source="amount_fen")
    counterparty_name = s.CharField()
    counterparty_account = s.CharField()
    reference = s.CharField()
    state = s.CharField()
    state_label = s.CharField(source="get_state_display")
    meaning = s.CharField()
    return_code = s.CharField()
    return_reason = s.CharField()
    finding = s.CharField()
    organisation = Party(allow_null=True)
    payment = s.CharField(source="payment.number", allow_null=True, default=None)
    red_invoice = s.CharField(source="overpayment.red.number", allow_null=True, default=None)
    assign_reason = s.CharField()


class PlannedLineAnswer(s.Serializer):
    """A booking with what becomes of it when the statement is confirmed, or what became of it."""

    id = s.IntegerField(source="line.id")
    bank_serial = s.CharField(source="line.bank_serial")
    booked_on = s.DateField(source="line.booked_on")
    direction = s.CharField(source="line.direction")
    amount = Yuan(source="line.amount_fen")
    counterparty_name = s.CharField(source="line.counterparty_name")
    counterparty_account = s.CharField(source="line.counterparty_account")
    reference = s.CharField(source="line.reference")
    outcome = s.CharField(source="what")
    whose = s.CharField()
    finding = s.CharField()


class BankStatementPlanAnswer(s.Serializer):
    """`digest` is sent back to confirm; `acknowledge` is the amount to type where it is above a ceiling, else 0.00. The
    first 500 bookings are shown."""

    statement = BankStatementAnswer()
    digest = s.CharField()
    acknowledge = Yuan(source="asked_fen")
    lines = PlannedLineAnswer(many=True)


class BankNoticesAnswer(s.Serializer):
    """How many bookings the notification told of."""

    taken = s.IntegerField()


class PaymentReturnAnswer(s.Serializer):
    id = s.IntegerField()
    payment = s.CharField(source="payment.number")
    payment_id = s.IntegerField()
    amount = Yuan(source="amount_fen")
    code = s.CharField()
    reason = s.CharField()
    state = s.CharField()
    state_label = s.CharField(source="get_state_display")
    bank_serial = s.CharField()
    proposed_at = s.DateTimeField()
    decided_at = s.DateTimeField(allow_null=True)
    decision_note = s.CharField()


class InstructionAnswer(s.Serializer):
    """`sha256` is over the batch's canonical content (docs/formats.md); a file goes out only once it is RELEASED."""

    id = s.IntegerField()
    number = s.CharField()
    run = s.IntegerField(source="run_id")
    buyer = Party()
    state = s.CharField()
    state_label = s.CharField(source="get_state_display")
    total = Yuan(source="total_fen")
    payments = s.IntegerField(source="payment_count")
    sha256 = s.CharField()
    exports = s.IntegerField(source="export_count")
    made_at = s.DateTimeField()
    released_at = s.DateTimeField(allow_null=True)
    acknowledged_at = s.DateTimeField(allow_null=True)
    bank_reference = s.CharField()
    ended_at = s.DateTimeField(allow_null=True)
    end_reason = s.CharField()
    version = s.IntegerField()


class InstructionLineAnswer(s.Serializer):
    line_no = s.IntegerField()
    payment = s.CharField(source="payment_number")
    payee_account_name = s.CharField()
    payee_bank_name = s.CharField()
    payee_bank_code = s.CharField()
    payee_account_number = s.CharField(source="account_shown")
    amount = Yuan(source="amount_fen")
    purpose = s.CharField()


class InstructionDetailAnswer(InstructionAnswer):
    payer_name = s.CharField()
    payer_bank_name = s.CharField()
    payer_bank_code = s.CharField()
    payer_account_number = s.CharField()
    lines = InstructionLineAnswer(many=True, source="lines_shown")


class StatementMovement(s.Serializer):
    entry = s.CharField()
    occurred_on = s.DateField()
    memo = s.CharField()
    counterparty = s.CharField()
    payment = s.CharField()
    invoice = s.CharField()
    amount_in = Yuan(source="in_fen")
    amount_out = Yuan(source="out_fen")
    balance = Yuan(source="balance_fen")


class StatementSummary(s.Serializer):
    label = s.CharField()
    count = s.IntegerField()
    amount = Yuan(source="fen")


class StatementAnswer(s.Serializer):
    """Opening + in − out = closing. Ask again with the same `known_until` for the same statement."""

    organisation = s.CharField()
    account = s.CharField()
    month = s.CharField()
    from_date = s.DateField()
    to_date = s.DateField()
    known_until = s.DateTimeField()
    opening = Yuan(source="opening_fen")
    amount_in = Yuan(source="in_fen")
    amount_out = Yuan(source="out_fen")
    closing = Yuan(source="closing_fen")
    movements = StatementMovement(many=True)
    summary = StatementSummary(many=True)


class AccountChangeAnswer(s.Serializer):
    id = s.IntegerField()
    payee = Party()
    bank_name = s.CharField()
    account_name = s.CharField()
    account_number = s.CharField()
    former_number = s.CharField()
    reason = s.CharField()
    proof = s.IntegerField(source="proof_id")
    state = s.CharField()
    state_label = s.CharField(source="get_state_display")
    asked_at = s.DateTimeField()
    confirmed_at = s.DateTimeField(allow_null=True)
    approved_at = s.DateTimeField(allow_null=True)
    starts_on = s.DateField(allow_null=True)
    end_reason = s.CharField()
    version = s.IntegerField()

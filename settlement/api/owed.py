"""What the API answers about what is owed, and owed back; the rest is in `render`."""

from rest_framework import serializers as s

from settlement.api.render import Yuan
from sunlight.api.answers import Party


class PayableAnswer(s.Serializer):
    """`due_on` is null where neither law nor contract names a day; `due_clause` says where the day comes from. `amount` =
    `open` + `waiting` (in runs) + `paid` + `netted` (against an overpayment) + `reddened`. `holding` HELD: in no run until
    it is let go, or until the day `hold_until` has passed; the due day stays. `is_late`: past its day and not paid up;
    `days_late` also of what was paid late."""

    id = s.IntegerField()
    state = s.CharField()
    state_label = s.CharField(source="get_state_display")
    invoice = s.CharField(source="invoice.number")
    buyer = Party()
    payee = Party()
    amount = Yuan(source="amount_fen")
    open = Yuan(source="open_fen")
    waiting = Yuan(source="waiting_fen")
    paid = Yuan(source="paid_fen")
    netted = Yuan(source="netted_fen")
    reddened = Yuan(source="reddened_fen")
    holding = s.CharField()
    hold_reason = s.CharField()
    hold_until = s.DateField(allow_null=True)
    accepted_on = s.DateField()
    arrived_on = s.DateField()
    due_on = s.DateField(allow_null=True)
    due_clause = s.CharField()
    is_late = s.BooleanField(source="is_open")
    days_late = s.IntegerField()
    paid_at = s.DateTimeField(allow_null=True)
    version = s.IntegerField()


class OverpaymentAnswer(s.Serializer):
    """What an issuer owes back to a hospital for its `red_invoice`; `open` may be netted in a run or paid back."""

    id = s.IntegerField()
    red_invoice = s.CharField(source="red.number")
    blue_invoice = s.CharField(source="red.reddens.number")
    buyer = Party()
    payee = Party()
    amount = Yuan(source="amount_fen")
    open = Yuan(source="open_fen")
    refunded = Yuan(source="refunded_fen")
    created_at = s.DateTimeField()

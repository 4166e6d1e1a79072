"""What was shipped and what was accepted."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from procurement.receiving.workflows import AcceptanceState, DeliveryState
from sunlight.scope.fields import acted_by
from sunlight.tenancy.trade import DistributedTradeRow


class Delivery(DistributedTradeRow):
    """Goods of one order sent together. `distributor` is null where the manufacturer delivers itself."""

    number = models.CharField(max_length=20, unique=True)
    order = models.ForeignKey("procurement.Order", models.PROTECT, related_name="deliveries")
    state = models.CharField(max_length=12, choices=DeliveryState.choices())
    note_number = models.CharField(max_length=40, blank=True)
    carrier = models.CharField(max_length=100, blank=True)
    waybill = models.CharField(max_length=60, blank=True)
    dispatched_at = models.DateTimeField()
    dispatched_by = acted_by()
    expected_on = models.DateField(null=True)
    cancelled_at = models.DateTimeField(null=True)
    cancel_reason = models.CharField(max_length=500, blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(state__in=DeliveryState.values()), name="delivery_state_is_known"),
            models.CheckConstraint(
                condition=(~Q(state=DeliveryState.CANCELLED) & Q(cancelled_at=None))
                | (Q(state=DeliveryState.CANCELLED, cancelled_at__isnull=False) & ~Q(cancel_reason="")),
                name="a_cancelled_delivery_has_moment_and_reason",
            ),
        ]
        indexes = DistributedTradeRow.Meta.indexes


class DeliveryLine(models.Model):
    """A lot of one order line in a delivery, with what is printed on the goods."""

    delivery = models.ForeignKey(Delivery, models.PROTECT, related_name="lines")
    order_line = models.ForeignKey("procurement.OrderLine", models.PROTECT, related_name="+")
    line_no = models.PositiveIntegerField()
    quantity = models.DecimalField(max_digits=14, decimal_places=3)
    lot = models.CharField(max_length=60)
    produced_on = models.DateField(null=True)
    expires_on = models.DateField(null=True)
    sterilisation_lot = models.CharField(max_length=60, blank=True)
    serial = models.CharField(max_length=60, blank=True)
    udi_di = models.CharField(max_length=60, blank=True)
    udi_pi = models.CharField(max_length=120, blank=True)
    barcode_type = models.CharField(max_length=12, blank=True)
    traceability_codes = ArrayField(models.CharField(max_length=60), default=list, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(quantity__gt=0), name="a_delivery_line_has_a_quantity"),
            models.UniqueConstraint(fields=["delivery", "line_no"], name="a_delivery_line_number_once"),
        ]


class Acceptance(DistributedTradeRow):
    """What a hospital accepted of a delivery, line by line; corrected only by reversal by a second person."""

    number = models.CharField(max_length=20, unique=True)
    delivery = models.ForeignKey(Delivery, models.PROTECT, related_name="acceptances")
    state = models.CharField(max_length=12, choices=AcceptanceState.choices())
    accepted_on = models.DateField()
    arrived_on = models.DateField()
    accepted_at = models.DateTimeField()
    accepted_by = acted_by()
    note = models.CharField(max_length=500, blank=True)
    reversed_at = models.DateTimeField(null=True)
    reversed_by = acted_by()
    reversal_reason = models.CharField(max_length=500, blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(state__in=AcceptanceState.values()), name="acceptance_state_is_known"),
            models.CheckConstraint(
                condition=Q(state=AcceptanceState.CONFIRMED, reversed_at=None)
                | (Q(state=AcceptanceState.REVERSED, reversed_at__isnull=False) & ~Q(reversal_reason="")),
                name="a_reversal_has_moment_and_reason",
            ),
            models.UniqueConstraint(
                fields=["delivery"], condition=Q(state=AcceptanceState.CONFIRMED), name="a_delivery_is_accepted_once"
            ),
        ]
        indexes = DistributedTradeRow.Meta.indexes


class AcceptanceLine(models.Model):
    acceptance = models.ForeignKey(Acceptance, models.PROTECT, related_name="lines")
    delivery_line = models.ForeignKey(DeliveryLine, models.PROTECT, related_name="+")
    accepted_quantity = models.DecimalField(max_digits=14, decimal_places=3)
    rejected_quantity = models.DecimalField(max_digits=14, decimal_places=3, default=0)
    rejection_reason = models.CharField(max_length=300, blank=True)
    invoiced_quantity = models.DecimalField(max_digits=14, decimal_places=3, default=0)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(accepted_quantity__gte=0, rejected_quantity__gte=0),
                name="acceptance_counts_nothing_negative",
            ),
            models.CheckConstraint(
                condition=Q(rejected_quantity=0) | ~Q(rejection_reason=""), name="a_rejection_has_a_reason"
            ),
            models.CheckConstraint(
                condition=Q(invoiced_quantity__gte=0, invoiced_quantity__lte=models.F("accepted_quantity")),
                name="invoiced_within_accepted_line",
            ),
            models.UniqueConstraint(
                fields=["acceptance", "delivery_line"], name="a_delivery_line_once_in_an_acceptance"
            ),
        ]

"""Clearances: the authority lets a price above the alert line be dealt at, for one hospital and product (A21)."""

from django.db import models
from django.db.models import F, Q

from procurement.bargaining.workflows import ClearanceState
from sunlight.scope.fields import acted_by
from sunlight.tenancy.trade import TradeRow, page_indexes


class Clearance(TradeRow):
    """Up to `price` (CNY a pricing unit) and `quantity` (in the pricing unit), to the end of `valid_to`: proposed by an
    officer with a reason, granted or refused by the chief. What was drawn stands in its uses."""

    number = models.CharField(max_length=20, unique=True)
    price_group = models.ForeignKey("catalog.PriceGroup", models.PROTECT, related_name="+")
    price = models.DecimalField(max_digits=14, decimal_places=4)
    quantity = models.DecimalField(max_digits=14, decimal_places=3)
    valid_to = models.DateField()
    reason = models.CharField(max_length=500)
    state = models.CharField(max_length=12, choices=ClearanceState.choices(), default=ClearanceState.PROPOSED)
    proposed_at = models.DateTimeField()
    proposed_by = acted_by()
    decided_at = models.DateTimeField(null=True)
    decided_by = acted_by()
    decision_note = models.CharField(max_length=500, blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(state__in=ClearanceState.values()), name="clearance_state_is_known"),
            models.CheckConstraint(
                condition=Q(price__gt=0, quantity__gt=0) & ~Q(reason=""), name="a_clearance_states_how_far_and_why"
            ),
            models.CheckConstraint(
                condition=Q(state=ClearanceState.PROPOSED, decided_at=None)
                | (~Q(state=ClearanceState.PROPOSED) & Q(decided_at__isnull=False)),
                name="a_clearance_is_decided_when_it_leaves_proposed",
            ),
            models.UniqueConstraint(
                fields=["platform", "buyer", "price_group"],
                condition=Q(state=ClearanceState.PROPOSED),
                name="one_proposed_clearance_per_price_group",
            ),
        ]
        indexes = [
            # A party does not see what is only proposed.
            *page_indexes("region", parties=("buyer", "seller"), asked=("state",)),
            models.Index(fields=["buyer", "price_group"], name="clearances_of_a_product"),
        ]


class ClearanceUse(models.Model):
    """What an offer or an order line drew of a clearance, and what of it came back when nothing came of it."""

    clearance = models.ForeignKey(Clearance, models.PROTECT, related_name="uses")
    # A row of this room or of one above, which this one does not know.
    source_kind = models.CharField(max_length=12)
    source_id = models.BigIntegerField()
    quantity = models.DecimalField(max_digits=14, decimal_places=3)
    given_back = models.DecimalField(max_digits=14, decimal_places=3, default=0)
    drawn_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(source_kind__in=["OFFER", "ORDER_LINE"]), name="a_clearance_use_is_known"
            ),
            models.CheckConstraint(
                condition=Q(quantity__gt=0, given_back__gte=0, given_back__lte=F("quantity")),
                name="no_more_comes_back_than_was_drawn",
            ),
            models.UniqueConstraint(fields=["source_kind", "source_id"], name="a_source_draws_on_a_clearance_once"),
        ]

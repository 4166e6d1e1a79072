"""Price reviews: what the operator found of the price of a product that nothing compares with (A24)."""

from django.db import models
from django.db.models import Q

from procurement.bargaining.workflows import PriceReviewState
from sunlight.scope.fields import acted_by
from sunlight.tenancy.trade import TradeRow


class PriceReview(TradeRow):
    """A hospital's request that the operator review a price, CNY a pricing unit, before the first deals of a product."""

    number = models.CharField(max_length=20, unique=True)
    listing = models.ForeignKey("catalog.Listing", models.PROTECT, related_name="+")
    price_group = models.ForeignKey("catalog.PriceGroup", models.PROTECT, related_name="+")
    price = models.DecimalField(max_digits=14, decimal_places=4)
    reason = models.CharField(max_length=500)
    state = models.CharField(max_length=12, choices=PriceReviewState.choices(), default=PriceReviewState.WAITING)
    law_date = models.DateField()
    requested_at = models.DateTimeField()
    requested_by = acted_by()
    decided_at = models.DateTimeField(null=True)
    decided_by = acted_by()
    decision_note = models.CharField(max_length=500, blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=PriceReviewState.values()), name="price_review_state_is_known"
            ),
            models.CheckConstraint(
                condition=Q(price__gt=0) & ~Q(reason=""), name="a_price_review_states_price_and_reason"
            ),
            models.CheckConstraint(
                condition=Q(state=PriceReviewState.WAITING, decided_at=None)
                | (~Q(state=PriceReviewState.WAITING) & Q(decided_at__isnull=False) & ~Q(decision_note="")),
                name="a_price_review_is_decided_with_a_reason",
            ),
            models.UniqueConstraint(
                fields=["platform", "buyer", "price_group"],
                condition=Q(state=PriceReviewState.WAITING),
                name="one_waiting_price_review_per_price_group",
            ),
        ]
        indexes = [
            *TradeRow.Meta.indexes,
            models.Index(fields=["price_group", "region"], name="price_reviews_of_a_group"),
        ]

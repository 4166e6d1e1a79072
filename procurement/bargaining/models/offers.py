"""Offers: what a hospital bids, judged by rule, answered or silent until a day."""

from django.db import models
from django.db.models import Q

from procurement.bargaining.workflows import OfferState
from sunlight.scope.fields import acted_by
from sunlight.tenancy.trade import TradeRow


class Offer(TradeRow):
    """A hospital's offer of price and quantity for a price group, judged by rule, answered or silent until a day."""

    number = models.CharField(max_length=20, unique=True)
    # Offers that several hospitals make together share it.
    joint_id = models.BigIntegerField(null=True)
    listing = models.ForeignKey("catalog.Listing", models.PROTECT, related_name="+")
    price_group = models.ForeignKey("catalog.PriceGroup", models.PROTECT, related_name="+")
    price = models.DecimalField(max_digits=14, decimal_places=4)
    quantity = models.DecimalField(max_digits=14, decimal_places=3)
    # The offer's own term in days for the agreement it makes.
    agreement_months = models.PositiveSmallIntegerField(default=12)
    # Within how many days from acceptance the hospital will pay, where it says so.
    payment_days = models.PositiveSmallIntegerField(null=True)
    state = models.CharField(max_length=12, choices=OfferState.choices())
    law_date = models.DateField()
    basis = models.CharField(max_length=10, blank=True)
    on_silence = models.CharField(max_length=14)
    answer_due_on = models.DateField(null=True)
    answer_due_provisional = models.BooleanField(default=False)
    made_at = models.DateTimeField()
    made_by = acted_by()
    client_address = models.CharField(max_length=64, blank=True)
    client_agent = models.CharField(max_length=300, blank=True)
    answered_at = models.DateTimeField(null=True)
    answered_by = acted_by()
    answer_note = models.CharField(max_length=500, blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(state__in=OfferState.values()), name="offer_state_is_known"),
            models.CheckConstraint(condition=Q(price__gt=0, quantity__gt=0), name="an_offer_states_price_and_quantity"),
            models.CheckConstraint(
                condition=Q(on_silence__in=["auto_confirm", "link_price", "withdraw"]),
                name="silence_has_a_known_meaning",
            ),
            models.CheckConstraint(
                condition=Q(state=OfferState.OPEN, answered_at=None)
                | (~Q(state=OfferState.OPEN) & Q(answered_at__isnull=False)),
                name="an_offer_is_answered_when_it_leaves_open",
            ),
            models.UniqueConstraint(
                fields=["platform", "buyer", "price_group"],
                condition=Q(state=OfferState.OPEN),
                name="one_open_offer_per_price_group",
            ),
        ]
        indexes = [
            *TradeRow.Meta.indexes,
            models.Index(fields=["seller", "state", "-id"]),
            models.Index(fields=["answer_due_on"], condition=Q(state=OfferState.OPEN), name="open_offers_by_due_day"),
        ]

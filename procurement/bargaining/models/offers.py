"""Offers, the contracts that hold what was agreed, and the agreed prices orders draw on."""

from django.db import models
from django.db.models import F, Q

from procurement.workflows import ContractState, OfferState
from sunlight.tenancy.trade import TradeRow


class Offer(TradeRow):
    """A hospital's offer of price and quantity for a price group, judged by rule, answered or silent until a day."""

    number = models.CharField(max_length=20, unique=True)
    listing = models.ForeignKey("catalog.Listing", models.PROTECT, related_name="+")
    price_group = models.ForeignKey("catalog.PriceGroup", models.PROTECT, related_name="+")
    price = models.DecimalField(max_digits=14, decimal_places=4)
    quantity = models.DecimalField(max_digits=14, decimal_places=3)
    # The offer's own term in days for the agreement it makes.
    agreement_months = models.PositiveSmallIntegerField(default=12)
    state = models.CharField(max_length=12, choices=OfferState.choices())
    law_date = models.DateField()
    basis = models.CharField(max_length=10, blank=True)
    on_silence = models.CharField(max_length=14)
    answer_due_on = models.DateField(null=True)
    answer_due_provisional = models.BooleanField(default=False)
    made_at = models.DateTimeField()
    made_by_id = models.BigIntegerField(null=True)
    client_address = models.CharField(max_length=64, blank=True)
    client_agent = models.CharField(max_length=300, blank=True)
    answered_at = models.DateTimeField(null=True)
    answered_by_id = models.BigIntegerField(null=True)
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
                condition=Q(state="OPEN", answered_at=None) | (~Q(state="OPEN") & Q(answered_at__isnull=False)),
                name="an_offer_is_answered_when_it_leaves_open",
            ),
            models.UniqueConstraint(
                fields=["platform", "buyer", "price_group"],
                condition=Q(state="OPEN"),
                name="one_open_offer_per_price_group",
            ),
        ]
        indexes = [
            *TradeRow.Meta.indexes,
            models.Index(fields=["seller", "state", "-id"]),
            models.Index(fields=["answer_due_on"], condition=Q(state="OPEN"), name="open_offers_by_due_day"),
        ]


class SupplyContract(TradeRow):
    """A supply contract between a hospital and a manufacturer, made and signed online (SZ20-6.2b, SZ24-3.4c).
    Each signature is on the hash of the text; the hash stands in the journal."""

    number = models.CharField(max_length=20, unique=True)
    state = models.CharField(max_length=12, choices=ContractState.choices())
    valid_from = models.DateField()
    valid_to = models.DateField()
    payment_days = models.PositiveSmallIntegerField(null=True)
    text = models.TextField()
    text_sha256 = models.CharField(max_length=64)
    made_at = models.DateTimeField()
    seller_signed_at = models.DateTimeField(null=True)
    seller_signed_by_id = models.BigIntegerField(null=True)
    buyer_signed_at = models.DateTimeField(null=True)
    buyer_signed_by_id = models.BigIntegerField(null=True)
    ended_at = models.DateTimeField(null=True)
    end_reason = models.CharField(max_length=500, blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(state__in=ContractState.values()), name="contract_state_is_known"),
            models.CheckConstraint(
                condition=~Q(state="IN_FORCE") | Q(seller_signed_at__isnull=False, buyer_signed_at__isnull=False),
                name="a_contract_in_force_is_signed_by_both",
            ),
            models.CheckConstraint(condition=Q(valid_to__gt=F("valid_from")), name="a_contract_ends_after_it_begins"),
        ]
        indexes = TradeRow.Meta.indexes


class PriceAgreement(TradeRow):
    """The agreed price of a price group for a hospital; in force while its contract is, within its days."""

    contract = models.ForeignKey(SupplyContract, models.PROTECT, related_name="agreements")
    offer = models.OneToOneField(Offer, models.PROTECT, related_name="+")
    listing = models.ForeignKey("catalog.Listing", models.PROTECT, related_name="+")
    price_group = models.ForeignKey("catalog.PriceGroup", models.PROTECT, related_name="+")
    price = models.DecimalField(max_digits=14, decimal_places=4)
    quantity = models.DecimalField(max_digits=14, decimal_places=3, null=True)
    valid_from = models.DateField()
    valid_to = models.DateField()
    agreed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(price__gt=0), name="an_agreed_price_is_positive"),
            models.CheckConstraint(condition=Q(valid_to__gt=F("valid_from")), name="an_agreement_ends_after_it_begins"),
        ]
        indexes = [*TradeRow.Meta.indexes, models.Index(fields=["buyer", "price_group", "-id"])]

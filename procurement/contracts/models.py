"""The contracts that hold what was agreed, and the agreed prices orders draw on."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from procurement.contracts.workflows import AgreementSource, ConsentState, ContractState
from sunlight.scope.fields import acted_by
from sunlight.tenancy.trade import TradeRow


class StandingConsent(models.Model):
    """A firm's consent beforehand to contracts at its listed price, which the law confirms by itself (JS20-11A): the system
    signs them for it at once, within products, ceilings, payment term and days. Two of its people give it."""

    number = models.CharField(max_length=20, unique=True)
    platform = models.ForeignKey("tenancy.Platform", models.PROTECT, related_name="+")
    seller = models.ForeignKey("tenancy.Organisation", models.PROTECT, related_name="+")
    state = models.CharField(max_length=12, choices=ConsentState.choices())
    # Ids of price groups; none of them: every product of the firm.
    products = ArrayField(models.BigIntegerField(), default=list, blank=True)
    per_contract_fen = models.BigIntegerField()
    per_day_fen = models.BigIntegerField()
    # The longest payment term it agrees to, and the one that holds where the hospital named none.
    payment_days = models.PositiveSmallIntegerField()
    from_date = models.DateField()
    to_date = models.DateField()
    given_at = models.DateTimeField()
    given_by = acted_by()
    giver_name = models.CharField(max_length=60)
    confirmed_at = models.DateTimeField(null=True)
    confirmed_by = acted_by()
    confirmer_name = models.CharField(max_length=60, blank=True)
    ended_at = models.DateTimeField(null=True)
    ended_by = acted_by()
    end_reason = models.CharField(max_length=300, blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(state__in=ConsentState.values()), name="consent_state_is_known"),
            models.CheckConstraint(
                condition=Q(per_contract_fen__gt=0, per_day_fen__gte=F("per_contract_fen"), payment_days__gt=0),
                name="a_consent_has_its_ceilings",
            ),
            models.CheckConstraint(condition=Q(to_date__gte=F("from_date")), name="a_consent_ends_after_it_begins"),
            models.CheckConstraint(
                condition=~Q(state=ConsentState.IN_FORCE) | Q(confirmed_at__isnull=False),
                name="a_consent_in_force_is_confirmed",
            ),
            models.CheckConstraint(
                condition=Q(state=ConsentState.ENDED, ended_at__isnull=False)
                | (~Q(state=ConsentState.ENDED) & Q(ended_at=None)),
                name="an_ended_consent_has_its_moment",
            ),
        ]
        indexes = [models.Index(fields=["seller", "platform", "-id"])]


class SupplyContract(TradeRow):
    """A supply contract between a hospital and a manufacturer, made and signed online (SZ20-6.2b, SZ24-3.4c).
    Each signature is on the hash of the text; the hash stands in the journal."""

    number = models.CharField(max_length=20, unique=True)
    state = models.CharField(max_length=12, choices=ContractState.choices())
    valid_from = models.DateField()
    valid_to = models.DateField()
    # From acceptance. None: not stated yet; where the law pays by the contract it is then not signed.
    payment_days = models.PositiveSmallIntegerField(null=True)
    term_stated_by = acted_by()
    text = models.TextField()
    text_sha256 = models.CharField(max_length=64)
    made_at = models.DateTimeField()
    seller_signed_at = models.DateTimeField(null=True)
    seller_signed_by = acted_by()
    # Where the system signed for the firm: under which consent, by which clause, over what amount.
    seller_consent = models.ForeignKey(StandingConsent, models.PROTECT, related_name="+", null=True)
    seller_consent_number = models.CharField(max_length=20, blank=True)
    seller_consent_clause = models.CharField(max_length=30, blank=True)
    seller_consent_fen = models.BigIntegerField(null=True)
    buyer_signed_at = models.DateTimeField(null=True)
    buyer_signed_by = acted_by()
    ended_at = models.DateTimeField(null=True)
    end_reason = models.CharField(max_length=500, blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(state__in=ContractState.values()), name="contract_state_is_known"),
            models.CheckConstraint(
                condition=~Q(state=ContractState.IN_FORCE)
                | Q(seller_signed_at__isnull=False, buyer_signed_at__isnull=False),
                name="a_contract_in_force_is_signed_by_both",
            ),
            models.CheckConstraint(condition=Q(valid_to__gt=F("valid_from")), name="a_contract_ends_after_it_begins"),
            models.CheckConstraint(
                condition=Q(
                    seller_consent=None, seller_consent_number="", seller_consent_clause="", seller_consent_fen=None
                )
                | (
                    Q(seller_consent__isnull=False, seller_signed_at__isnull=False, seller_consent_fen__gte=0)
                    & ~Q(seller_consent_number="")
                    & ~Q(seller_consent_clause="")
                ),
                name="a_contract_signed_by_consent_says_which",
            ),
        ]
        indexes = TradeRow.Meta.indexes


class PriceAgreement(TradeRow):
    """The agreed price of a price group for a hospital; in force while its contract is, within its days."""

    contract = models.ForeignKey(SupplyContract, models.PROTECT, related_name="agreements")
    # What was agreed on: a row of a room above, which this one does not know.
    source_kind = models.CharField(max_length=12, choices=AgreementSource.choices())
    source_id = models.BigIntegerField()
    # Who bargained for the hospital, copied from the source: they may not sign for it.
    bargained_by = acted_by()
    listing = models.ForeignKey("catalog.Listing", models.PROTECT, related_name="+")
    price_group = models.ForeignKey("catalog.PriceGroup", models.PROTECT, related_name="+")
    price = models.DecimalField(max_digits=14, decimal_places=4)
    quantity = models.DecimalField(max_digits=14, decimal_places=3, null=True)
    valid_from = models.DateField()
    valid_to = models.DateField()
    agreed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(source_kind__in=AgreementSource.values()), name="agreement_source_is_known"
            ),
            models.UniqueConstraint(fields=["source_kind", "source_id"], name="a_source_is_agreed_on_once"),
            models.CheckConstraint(condition=Q(price__gt=0), name="an_agreed_price_is_positive"),
            models.CheckConstraint(condition=Q(valid_to__gt=F("valid_from")), name="an_agreement_ends_after_it_begins"),
        ]
        indexes = [*TradeRow.Meta.indexes, models.Index(fields=["buyer", "price_group", "-id"])]

"""Orders, where they go, and who may deliver them."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from procurement.ordering.workflows import AuthorisationState, OrderState
from sunlight.scope.branches import BranchQuerySet
from sunlight.scope.fields import acted_by
from sunlight.tenancy.trade import DistributedTradeRow, page_indexes


class DeliveryPoint(models.Model):
    """A place of a hospital where goods arrive."""

    platform = models.ForeignKey("tenancy.Platform", models.PROTECT, related_name="+")
    hospital = models.ForeignKey("tenancy.Organisation", models.PROTECT, related_name="+")
    code = models.CharField(max_length=20)
    name = models.CharField(max_length=100)
    address = models.CharField(max_length=300)
    contact_name = models.CharField(max_length=60)
    contact_phone = models.CharField(max_length=40)
    is_active = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["platform", "hospital", "code"], name="a_delivery_point_code_once")
        ]


class DistributionAuthorisation(models.Model):
    """A manufacturer's standing authorisation of a distributor: which products, for which hospital or area, until when.
    Only the manufacturer makes one (SZ24-3.6, GD25-5.10c)."""

    number = models.CharField(max_length=20, unique=True)
    platform = models.ForeignKey("tenancy.Platform", models.PROTECT, related_name="+")
    manufacturer = models.ForeignKey("tenancy.Organisation", models.PROTECT, related_name="+")
    distributor = models.ForeignKey("tenancy.Organisation", models.PROTECT, related_name="+")
    price_group = models.ForeignKey("catalog.PriceGroup", models.PROTECT, related_name="+", null=True)
    hospital = models.ForeignKey("tenancy.Organisation", models.PROTECT, related_name="+", null=True)
    region = models.ForeignKey("tenancy.Region", models.PROTECT, related_name="+", null=True)
    is_default = models.BooleanField(default=False)
    valid_from = models.DateField()
    valid_to = models.DateField()
    state = models.CharField(max_length=12, choices=AuthorisationState.choices())
    made_at = models.DateTimeField()
    made_by = acted_by()
    revoked_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=1)

    objects = BranchQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=AuthorisationState.values()), name="authorisation_state_is_known"
            ),
            models.CheckConstraint(
                condition=Q(valid_to__gte=F("valid_from")), name="an_authorisation_ends_after_it_begins"
            ),
            models.CheckConstraint(
                condition=Q(state=AuthorisationState.IN_FORCE, revoked_at=None)
                | Q(state=AuthorisationState.REVOKED, revoked_at__isnull=False),
                name="a_revoked_authorisation_has_its_moment",
            ),
        ]
        indexes = [
            models.Index(fields=["manufacturer", "state"]),
            *page_indexes(parties=("manufacturer", "distributor"), name="authorisation"),
        ]


class Order(DistributedTradeRow):
    """An order of one hospital to one manufacturer, delivered by the distributor the manufacturer authorised."""

    number = models.CharField(max_length=20, unique=True)
    state = models.CharField(max_length=12, choices=OrderState.choices())
    plan_number = models.CharField(max_length=40, blank=True)
    delivery_point = models.ForeignKey(DeliveryPoint, models.PROTECT, related_name="+")
    contact_name = models.CharField(max_length=60)
    contact_phone = models.CharField(max_length=40)
    latest_arrival_on = models.DateField(null=True)
    is_urgent = models.BooleanField(default=False)
    several_deliveries = models.BooleanField(default=True)
    note = models.CharField(max_length=500, blank=True)
    amount_fen = models.BigIntegerField()
    law_date = models.DateField()
    placed_at = models.DateTimeField()
    placed_by = acted_by()
    answered_at = models.DateTimeField(null=True)
    answered_by = acted_by()
    answer_note = models.CharField(max_length=500, blank=True)
    delivery_due_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    closed_by = acted_by()
    close_reason = models.CharField(max_length=500, blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(state__in=OrderState.values()), name="order_state_is_known"),
            models.CheckConstraint(condition=Q(amount_fen__gt=0), name="an_order_has_an_amount"),
            models.CheckConstraint(
                condition=Q(state=OrderState.PLACED, answered_at=None)
                | (~Q(state=OrderState.PLACED) & Q(answered_at__isnull=False)),
                name="an_order_is_answered_when_it_leaves_placed",
            ),
            models.CheckConstraint(
                condition=(~Q(state=OrderState.CLOSED) & Q(closed_at=None))
                | (Q(state=OrderState.CLOSED, closed_at__isnull=False) & ~Q(close_reason="")),
                name="a_closed_order_has_moment_and_reason",
            ),
        ]
        indexes = [
            *DistributedTradeRow.Meta.indexes,
            models.Index(fields=["platform", "state", "-id"]),
        ]


class OrderLine(DistributedTradeRow):
    """One specification ordered at an agreed price. Running quantities are kept so that limits can be checked by the
    database: delivered ≤ ordered, accepted + rejected ≤ delivered."""

    order = models.ForeignKey(Order, models.PROTECT, related_name="lines")
    number = models.CharField(max_length=20, unique=True)
    line_no = models.PositiveIntegerField()
    plan_number = models.CharField(max_length=40, blank=True)
    plan_line = models.CharField(max_length=40, blank=True)
    request_numbers = ArrayField(models.CharField(max_length=40), default=list, blank=True)
    national_code = models.ForeignKey("catalog.NationalCode", models.PROTECT, related_name="+")
    own_product_code = models.CharField(max_length=60, blank=True)
    # False once the order was declined or cancelled: the plan line may then be ordered again.
    is_live = models.BooleanField(default=True)
    price_group = models.ForeignKey("catalog.PriceGroup", models.PROTECT, related_name="+")
    agreement = models.ForeignKey("procurement.PriceAgreement", models.PROTECT, related_name="+")
    pack_name = models.CharField(max_length=20, blank=True)
    pack_factor = models.PositiveIntegerField(default=1)
    quantity = models.DecimalField(max_digits=14, decimal_places=3)
    price = models.DecimalField(max_digits=14, decimal_places=4)
    amount_fen = models.BigIntegerField()
    # The contract's own payment days, copied: whoever ships is paid by them but may not read the contract.
    payment_days = models.PositiveSmallIntegerField(null=True)
    delivered_quantity = models.DecimalField(max_digits=14, decimal_places=3, default=0)
    accepted_quantity = models.DecimalField(max_digits=14, decimal_places=3, default=0)
    invoiced_quantity = models.DecimalField(max_digits=14, decimal_places=3, default=0)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(quantity__gt=0, price__gt=0, amount_fen__gt=0), name="an_order_line_is_positive"
            ),
            models.CheckConstraint(
                condition=Q(delivered_quantity__gte=0, delivered_quantity__lte=F("quantity")),
                name="delivered_within_ordered",
            ),
            models.CheckConstraint(
                condition=Q(accepted_quantity__gte=0, accepted_quantity__lte=F("delivered_quantity")),
                name="accepted_within_delivered",
            ),
            models.CheckConstraint(
                condition=Q(invoiced_quantity__gte=0, invoiced_quantity__lte=F("accepted_quantity")),
                name="invoiced_within_accepted",
            ),
            models.UniqueConstraint(fields=["order", "line_no"], name="an_order_line_number_once"),
            models.UniqueConstraint(
                fields=["platform", "buyer", "plan_number", "plan_line"],
                condition=Q(is_live=True) & ~Q(plan_line=""),
                name="a_plan_line_is_ordered_once",
            ),
        ]
        indexes = [
            *DistributedTradeRow.Meta.indexes,
            models.Index(fields=["buyer", "price_group", "-id"]),
            models.Index(fields=["agreement"]),
        ]


class UnreferencedLine(models.Model):
    """An order line of a product that had no reference price on the day of the order: what the hospital's yearly share of
    such products is made of (SZ20-5.2.1d). Written by the platform with the order."""

    order_line = models.OneToOneField(OrderLine, models.PROTECT, related_name="+")
    hospital = models.ForeignKey("tenancy.Organisation", models.PROTECT, related_name="+", db_index=False)
    year = models.PositiveSmallIntegerField()
    amount_fen = models.BigIntegerField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(amount_fen__gt=0), name="an_unreferenced_line_is_positive"),
        ]
        indexes = [models.Index(fields=["hospital", "year"])]

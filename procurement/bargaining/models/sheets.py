"""Sheets for many offers at once: a hospital's drafts, cell by cell, until each line is sent."""

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q

from procurement.bargaining.models.offers import Offer
from procurement.bargaining.rules.pasting import MOST_ROWS
from procurement.bargaining.workflows import OfferSheetState
from sunlight.scope.fields import acted_by


class OfferSheet(models.Model):
    """A hospital's sheet of offers to be. `sending_at`: since when its lines are being sent, None where they are not."""

    platform = models.ForeignKey("tenancy.Platform", models.PROTECT, related_name="+")
    region = models.ForeignKey("tenancy.Region", models.PROTECT, related_name="+")
    buyer = models.ForeignKey("tenancy.Organisation", models.PROTECT, related_name="+")
    number = models.CharField(max_length=20, unique=True)
    name = models.CharField(max_length=60)
    # The term in months of the agreements its offers make.
    months = models.PositiveSmallIntegerField(default=12)
    state = models.CharField(max_length=12, choices=OfferSheetState.choices())
    created_at = models.DateTimeField()
    created_by = acted_by()
    created_by_name = models.CharField(max_length=60, blank=True)
    changed_at = models.DateTimeField()
    sending_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(state__in=OfferSheetState.values()), name="offer_sheet_state_is_known"),
            models.CheckConstraint(
                condition=Q(state=OfferSheetState.OPEN, closed_at=None)
                | Q(state=OfferSheetState.CLOSED, closed_at__isnull=False, sending_at=None),
                name="a_closed_sheet_sends_nothing",
            ),
        ]
        indexes = [models.Index(fields=["platform", "buyer", "-id"])]


class OfferSheetRow(models.Model):
    """One line as typed. `price_group` is the product its text was understood as. `version` rises with each change, so
    that the second of two people learns of it. `answer` is the refusal of its last sending."""

    sheet = models.ForeignKey(OfferSheet, models.PROTECT, related_name="rows")
    position = models.PositiveSmallIntegerField()
    product = models.CharField(max_length=300, blank=True)
    quantity = models.CharField(max_length=300, blank=True)
    price = models.CharField(max_length=300, blank=True)
    remark = models.CharField(max_length=300, blank=True)
    price_group = models.ForeignKey("catalog.PriceGroup", models.PROTECT, related_name="+", null=True)
    offer = models.OneToOneField(Offer, models.PROTECT, related_name="+", null=True)
    tried_at = models.DateTimeField(null=True)
    answer = models.JSONField(encoder=DjangoJSONEncoder, null=True)
    changed_at = models.DateTimeField()
    changed_by = acted_by()
    changed_by_name = models.CharField(max_length=60, blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["sheet", "position"], name="a_position_once_in_a_sheet"),
            models.CheckConstraint(
                condition=Q(position__gte=1, position__lte=MOST_ROWS), name="a_sheet_holds_three_hundred_lines"
            ),
            models.CheckConstraint(condition=Q(offer=None) | Q(answer=None), name="a_sent_line_has_no_refusal"),
        ]

    @property
    def is_blank(self) -> bool:
        return not (self.product or self.quantity or self.price or self.remark)

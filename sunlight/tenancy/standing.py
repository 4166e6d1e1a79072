"""How an organisation stands: the acts of the trade it is barred from for a time, and its credit grade.

Models of this app; `queries/restrictions.py` asks them, `services/restrictions.py` alone writes them.
"""

from datetime import date, timedelta

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q


class TradeAct(models.TextChoices):
    """What an organisation does in the trade; a restriction bars one of them."""

    LIST = "LIST", "申报挂网"
    BID = "BID", "参加集中采购报价"
    BUY = "BUY", "采购"
    SELL = "SELL", "销售"
    DELIVER = "DELIVER", "配送"


class _Measure(models.Model):
    """Said of an organisation from a day on, on one platform or on every platform of a region and of what lies below it.
    `source_kind` and `source_id` name what it comes from (a case, a decision), where that is kept here."""

    organisation = models.ForeignKey("tenancy.Organisation", models.PROTECT, related_name="+")
    platform = models.ForeignKey("tenancy.Platform", models.PROTECT, related_name="+", null=True, blank=True)
    region = models.ForeignKey("tenancy.Region", models.PROTECT, related_name="+", null=True, blank=True)
    from_date = models.DateField()
    source_kind = models.CharField(max_length=40, blank=True)
    source_id = models.BigIntegerField(null=True, blank=True)
    clause = models.CharField(max_length=30)
    recorded_at = models.DateTimeField()

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(
                condition=Q(platform=None, region__isnull=False) | Q(platform__isnull=False, region=None),
                name="a_%(class)s_holds_on_a_platform_or_in_a_region",
            ),
            models.CheckConstraint(
                condition=Q(source_kind="", source_id=None) | (~Q(source_kind="") & Q(source_id__isnull=False)),
                name="a_%(class)s_names_its_source_in_full",
            ),
            models.CheckConstraint(condition=~Q(clause=""), name="a_%(class)s_names_its_clause"),
        ]


class Restriction(_Measure):
    """An act an organisation may not do, for all products or for some price groups. All restrictions in force add up;
    each ends for itself, and the database lets nothing of it change but that it is lifted, once."""

    act = models.CharField(max_length=8, choices=TradeAct.choices)
    # None: all products.
    price_group_ids = ArrayField(models.BigIntegerField(), null=True, blank=True)
    # The last day; None until it is lifted.
    to_date = models.DateField(null=True, blank=True)
    reason = models.CharField(max_length=300)
    # The first day on which it no longer holds, whatever `to_date` says.
    lifted_on = models.DateField(null=True, blank=True)
    lifted_at = models.DateTimeField(null=True, blank=True)
    lift_reason = models.CharField(max_length=300, blank=True)

    class Meta(_Measure.Meta):
        constraints = [
            *_Measure.Meta.constraints,
            models.CheckConstraint(condition=Q(act__in=TradeAct.values), name="a_restriction_bars_a_known_act"),
            models.CheckConstraint(
                condition=Q(to_date=None) | Q(to_date__gte=models.F("from_date")),
                name="a_restriction_does_not_end_before_it_begins",
            ),
            models.CheckConstraint(
                condition=Q(price_group_ids=None) | Q(price_group_ids__len__gt=0),
                name="a_restriction_of_price_groups_names_some",
            ),
            models.CheckConstraint(
                condition=Q(lifted_on=None, lifted_at=None, lift_reason="")
                | (Q(lifted_on__isnull=False, lifted_at__isnull=False) & ~Q(lift_reason="")),
                name="a_restriction_is_lifted_with_a_reason",
            ),
        ]

    @property
    def last_day(self) -> date | None:
        """The last day it holds; None while its end is open."""
        lifted = self.lifted_on - timedelta(days=1) if self.lifted_on else None
        return min((day for day in (self.to_date, lifted) if day), default=None)

    def covers(self, price_group_ids) -> bool:
        """Whether it bars the act for one of these price groups; where none is named, for all products."""
        return self.price_group_ids is None or not set(self.price_group_ids).isdisjoint(price_group_ids)


class Standing(_Measure):
    """An organisation's credit grade from a day on; the latest that has begun holds."""

    grade = models.CharField(max_length=20)

    class Meta(_Measure.Meta):
        constraints = [
            *_Measure.Meta.constraints,
            models.CheckConstraint(condition=~Q(grade=""), name="a_standing_has_a_grade"),
        ]

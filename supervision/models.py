"""What the regulator's overview reads instead of the trade itself."""

from django.db import models
from django.db.models import Q


class DailyFigure(models.Model):
    """One figure of one hospital with one supplier on one business day: how many rows and how much money. Written whole,
    never by difference, from the rows it stands for; a key without rows has no figure."""

    platform = models.ForeignKey("tenancy.Platform", models.PROTECT, related_name="+")
    # The hospital's.
    region = models.ForeignKey("tenancy.Region", models.PROTECT, related_name="+")
    buyer = models.ForeignKey("tenancy.Organisation", models.PROTECT, related_name="+")
    seller = models.ForeignKey("tenancy.Organisation", models.PROTECT, related_name="+")
    day = models.DateField()
    figure = models.CharField(max_length=24)
    count = models.PositiveIntegerField()
    total_fen = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["platform", "region", "buyer", "seller", "day", "figure"], name="a_figure_once_a_day"
            ),
            models.CheckConstraint(condition=Q(count__gt=0), name="a_figure_counts_something"),
        ]
        indexes = [
            models.Index(fields=["platform", "day"]),
            models.Index(fields=["buyer", "day"]),
            models.Index(fields=["seller", "day"]),
        ]

"""Saved views: somebody's own ways of looking at a list."""

from django.db import models
from django.db.models import Q

from sunlight.scope.fields import acted_by


class SavedView(models.Model):
    """A name for a list's filters and order, kept as the words of its address; one may be what the list opens with."""

    platform = models.ForeignKey("tenancy.Platform", models.PROTECT, related_name="+")
    organisation = models.ForeignKey("tenancy.Organisation", models.PROTECT, related_name="+")
    saved_by = acted_by(null=False)
    list_key = models.CharField(max_length=60)
    name = models.CharField(max_length=40)
    query = models.CharField(max_length=1000)
    is_default = models.BooleanField(default=False)
    saved_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["platform", "organisation", "saved_by_kind", "saved_by_id", "list_key", "name"],
                name="a_view_has_one_name",
            ),
            models.UniqueConstraint(
                fields=["platform", "organisation", "saved_by_kind", "saved_by_id", "list_key"],
                condition=Q(is_default=True),
                name="a_list_opens_with_one_view",
            ),
        ]

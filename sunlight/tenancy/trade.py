"""What every row of a trade carries: its platform, the buyer's region and the parties that may see it."""

from django.db import models
from django.db.models import Q

from sunlight.scope.actor import Actor
from sunlight.scope.roles import OrganisationKind


class TradeQuerySet(models.QuerySet):
    def visible_to(self, actor: Actor):
        """The rows `actor` may see, by plain equality so that an index serves them. The wall holds without it."""
        if actor.kind == OrganisationKind.HOSPITAL:
            return self.filter(platform_id=actor.platform_id, buyer_id=actor.organisation_id)
        if actor.kind == OrganisationKind.SUPPLIER:
            mine = Q(seller_id=actor.organisation_id)
            if any(field.name == "distributor" for field in self.model._meta.fields):
                mine |= Q(distributor_id=actor.organisation_id)
            return self.filter(mine, platform_id=actor.platform_id)
        if actor.kind is not None or actor.roles:
            return self.filter(platform_id__in=actor.platform_ids, region_id__in=actor.region_ids)
        return self.none()


class TradeRow(models.Model):
    """`region` is the buyer's; `buyer` the hospital; `seller` the manufacturer it bargains with (seller of record)."""

    platform = models.ForeignKey("tenancy.Platform", models.PROTECT, related_name="+")
    region = models.ForeignKey("tenancy.Region", models.PROTECT, related_name="+")
    buyer = models.ForeignKey("tenancy.Organisation", models.PROTECT, related_name="+")
    seller = models.ForeignKey("tenancy.Organisation", models.PROTECT, related_name="+")

    objects = TradeQuerySet.as_manager()

    class Meta:
        abstract = True


class DistributedTradeRow(TradeRow):
    """A trade row that the distributor sees too, once there is one."""

    distributor = models.ForeignKey("tenancy.Organisation", models.PROTECT, related_name="+", null=True)

    class Meta:
        abstract = True

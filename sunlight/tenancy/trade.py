"""What every row of a trade carries: its platform, the buyer's region and the parties that may see it."""

from django.db import models

from sunlight.scope.actor import Actor
from sunlight.scope.branches import BranchQuerySet, by_party, by_place
from sunlight.scope.roles import OrganisationKind


class TradeQuerySet(BranchQuerySet):
    def visible_to(self, actor: Actor):
        """The rows `actor` may see, each by an index of the model (`page_indexes`). The wall holds without it."""
        if actor.kind == OrganisationKind.HOSPITAL:
            return self.in_branches(by_party(["buyer_id"], actor.organisation_id, actor.platform_id))
        if actor.kind == OrganisationKind.SUPPLIER:
            names = {field.attname for field in self.model._meta.fields}
            columns = [column for column in ("seller_id", "distributor_id") if column in names]
            return self.in_branches(by_party(columns, actor.organisation_id, actor.platform_id))
        if actor.kind is not None or actor.roles:
            within = self.filter(region_id__in=actor.region_ids)
            return within.in_branches(by_place(actor.platform_ids, actor.region_ids))
        return self.none()


def page_indexes(
    *places: str, parties: tuple[str, ...], name: str = "%(class)s", asked: tuple[str, ...] = ()
) -> list[models.Index]:
    """One index for each way to read a platform's rows: all of them, and by each of `places` and `parties`, newest
    first. They serve the foreign keys too. A party's index includes the other parties, and what else the wall reads of
    every row (`asked`), so a count reads the index alone."""
    return [
        models.Index(fields=["platform", "-id"]),
        *(models.Index(fields=["platform", place, "-id"]) for place in places),
        *(
            models.Index(
                fields=["platform", party, "-id"],
                include=[*(other for other in parties if other != party), *asked],
                name=f"{name}_by_{party}",
            )
            for party in parties
        ),
    ]


def _key(to: str, **more):
    """A key whose index is one of `page_indexes`."""
    return models.ForeignKey(to, models.PROTECT, related_name="+", db_index=False, **more)


class TradeRow(models.Model):
    """`region` is the buyer's; `buyer` the hospital; `seller` the manufacturer it bargains with (seller of record)."""

    platform = _key("tenancy.Platform")
    region = _key("tenancy.Region")
    buyer = _key("tenancy.Organisation")
    seller = _key("tenancy.Organisation")

    objects = TradeQuerySet.as_manager()

    class Meta:
        abstract = True
        indexes = page_indexes("region", parties=("buyer", "seller"))


class DistributedTradeRow(TradeRow):
    """A trade row that the distributor sees too, once there is one."""

    distributor = _key("tenancy.Organisation", null=True)

    class Meta:
        abstract = True
        indexes = page_indexes("region", parties=("buyer", "seller", "distributor"))

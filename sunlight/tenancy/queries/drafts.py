"""What drafts do on a platform, and who switched it when."""

from django.db.models import QuerySet

from sunlight import scope
from sunlight.journal.refusals import NotThere
from sunlight.scope import Actor
from sunlight.tenancy.drafts import DraftsSwitch
from sunlight.tenancy.models import Organisation, Platform

# Who leads supervision and answers for the law of a region (SZ20-4.1).
LEADING = "insurance"


def switches_of(actor: Actor) -> QuerySet[DraftsSwitch]:
    """The switches of the actor's platform, newest first."""
    rows = DraftsSwitch.objects.select_related("organisation", "platform")
    return rows.filter(platform_id=actor.platform_id).order_by("-id")


def access_switch(actor: Actor, switch_id: int) -> DraftsSwitch:
    """One of them, locked. Raises NotThere."""
    found = switches_of(actor).select_for_update(of=("self",)).filter(id=switch_id).first()
    if found is None:
        raise NotThere("这项变更")
    return found


def answers_for_the_law(actor: Actor) -> bool:
    """Whether the actor's authority leads in the platform's own region, or in one above it."""
    if actor.authority != LEADING or actor.organisation_id is None:
        return False
    home = Organisation.objects.values_list("region__code", flat=True).get(id=actor.organisation_id)
    own = Platform.objects.values_list("region__code", flat=True).get(id=actor.platform_id)
    return home in scope.policy().path(own)

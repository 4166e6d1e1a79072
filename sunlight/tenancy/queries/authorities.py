"""Who watches a platform."""

from sunlight import scope
from sunlight.scope import Actor
from sunlight.scope.roles import OrganisationKind
from sunlight.tenancy.models import Organisation, Registration


def authorities_of(actor: Actor) -> tuple[int, ...]:
    """Ids of the authorities and of the platform's own administration that are registered on the actor's platform: they get
    its checkpoints and its alarms. Opens the actor's scope."""
    with scope.opened(actor):
        registered = Registration.objects.filter(platform_id=actor.platform_id, approved_at__isnull=False)
        there = Organisation.objects.filter(id__in=registered.values("organisation_id"))
        watching = there.filter(kind__in=[OrganisationKind.REGULATOR, OrganisationKind.PLATFORM])
        return tuple(watching.order_by("id").values_list("id", flat=True))
